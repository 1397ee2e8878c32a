import type { RunEvent } from "@/api/types";
import { number, text } from "./reading";
import { formatDuration } from "./time";
import { actOf } from "./tool";

/** How an event reads in a timeline. `tone` picks the shape and colour; `machine` is the grey second line. */
export interface EventWords {
  sentence: string;
  tone: "plain" | "ok" | "warn" | "bad" | "run" | "wait";
  machine: string;
}

/** The steps of the standard workflows, as a person would call them. */
const NODES: Record<string, string> = {
  input_guardrail: "check of what came in",
  output_guardrail: "check of what goes out",
  orchestrator: "choice of who does it",
  operations: "operations",
  revenue: "revenue",
  error_handler: "error handling",
};

export function nodeName(node: string): string {
  return NODES[node] ?? node.replaceAll("_", " ");
}

const BLOCKED: Record<string, string> = {
  gate: "a goal level is closed",
  budget: "the budget is used up",
  hash: "the call would no longer be the one that was approved",
  order: "the order changed",
  policy: "the rules changed",
  breaker: "the other side is not answering",
};

export function eventWords(event: Pick<RunEvent, "event_type" | "payload">): EventWords {
  const { event_type: type, payload } = event;
  const [sentence, tone] = say(type, payload);
  return { sentence, tone, machine: type };
}

function say(type: string, payload: Record<string, unknown>): [string, EventWords["tone"]] {
  const by = text(payload, "by");
  const reason = text(payload, "reason");
  const node = nodeName(text(payload, "node") ?? "a step");
  const tool = text(payload, "tool");
  const act = tool ? actOf({ tool, params: {}, call: {} }) : "A call";
  const because = reason ? `: ${reason.replaceAll("_", " ")}` : "";
  switch (type) {
    case "run.queued":
      return ["Queued", "plain"];
    case "run.started":
      return ["Started", "run"];
    case "run.resumed":
      return ["Went on", "run"];
    case "run.yielded":
      return ["Stepped aside for other work", "plain"];
    case "run.recovered":
      return ["Taken up again after its worker was lost", "warn"];
    case "run.paused":
      return [`Paused${by ? ` by ${by}` : ""}`, "warn"];
    case "run.unpaused":
      return [`Continued${by ? ` by ${by}` : ""}`, "plain"];
    case "run.waiting_approval":
      return ["Waits for a person", "wait"];
    case "run.resume_queued":
      return ["Queued again with the answer", "plain"];
    case "run.completed":
      return [text(payload, "summary") ?? "Done", "ok"];
    case "run.failed":
      return [`Failed: ${text(payload, "error") ?? reason ?? "no reason was recorded"}`, "bad"];
    case "run.cancelled":
      return [`Cancelled${by ? ` by ${by}` : ""}${because}`, "plain"];
    case "run.forked":
      return ["A copy was started from here", "plain"];
    case "ticket.created":
      return [
        `Asked a person (ticket ${number(payload, "ticket_id") ?? "?"}, ${text(payload, "risk_level") ?? "unknown"} risk)`,
        "wait",
      ];
    case "ticket.decided": {
      const yes = text(payload, "decision") === "approved";
      const who = text(payload, "decided_by");
      if (who === "system") return ["The question was withdrawn", "plain"];
      return [`${yes ? "Approved" : "Rejected"}${who ? ` by ${who}` : ""}`, yes ? "ok" : "plain"];
    }
    case "ticket.expired":
      return ["Nobody answered in time", "warn"];
    case "node.started":
      return [`Began: ${node}`, "plain"];
    case "node.finished": {
      const took = number(payload, "duration_ms");
      const error = text(payload, "error");
      if (error) return [`Failed in ${node}: ${error}`, "bad"];
      return [`Finished: ${node}${took === null ? "" : ` (${formatDuration(took)})`}`, "plain"];
    }
    case "tool.called":
      return payload.ok === false
        ? [`${act}: did not work`, "warn"]
        : [act, payload.effect_id ? "ok" : "plain"];
    case "effect.blocked":
      return [`Stopped before sending: ${BLOCKED[reason ?? ""] ?? reason ?? "a check failed"}`, "warn"];
    case "effect.unknown":
      return [`${act}: sent, but the answer was lost`, "warn"];
    case "effect.reconciled": {
      const outcome = text(payload, "outcome");
      const found = { committed: "it happened", failed: "it was refused", absent: "it did not happen" }[
        outcome ?? ""
      ];
      return [
        `Looked up what became of it: ${found ?? outcome ?? "unclear"}`,
        outcome === "committed" ? "ok" : "plain",
      ];
    }
    case "guardrail.blocked":
      return ["A guardrail stopped it", "warn"];
    case "budget.exhausted":
      return ["The budget of the run is used up", "bad"];
    default:
      return [type.replaceAll(/[._]/g, " "), "plain"];
  }
}
