import type { Run, RunEvent } from "@/api/types";
import type { PlotModel } from "@/plots/lanes";
import { nodeName } from "./event";
import { plural, sentenceCase, text } from "./reading";
import { runTitle } from "./run";
import { formatDuration, formatSpan } from "./time";

/** How many runs stand where, as far as known; null where nobody could say. */
export interface RunCounts {
  running: number | null;
  waiting: number | null;
  queued: number | null;
  failedToday: number | null;
}

/** The first line of the list of runs: "2 run now, 1 waits for you, nothing failed today." */
export function runsSentence({ running, waiting, queued, failedToday }: RunCounts): string {
  const parts: string[] = [];
  if (running !== null)
    parts.push(running === 0 ? "Nothing runs now" : `${running} ${running === 1 ? "runs" : "run"} now`);
  if (waiting) parts.push(`${waiting} ${waiting === 1 ? "waits" : "wait"} for you`);
  if (queued) parts.push(`${queued} in the queue`);
  if (failedToday !== null)
    parts.push(failedToday === 0 ? "nothing failed today" : `${failedToday} failed today`);
  return parts.length === 0 ? "Runs" : `${parts.join(", ")}.`;
}

/** Who or what set a run going, in a word or two. */
export function triggerOf(run: Pick<Run, "created_by" | "metadata" | "input_state">): string {
  const source = text(run.metadata, "trigger_source") ?? text(run.input_state, "trigger_source") ?? "";
  const provider = text(run.metadata, "provider") ?? /^webhook:(\w+)/.exec(source)?.[1];
  if (provider) return PROVIDERS[provider] ?? provider;
  if (text(run.metadata, "job_id")) return "schedule";
  return BY[run.created_by ?? ""] ?? run.created_by ?? "unknown";
}

const PROVIDERS: Record<string, string> = {
  shopify: "Shopify",
  stripe: "Stripe",
  printful: "Printful",
  instagram: "Instagram",
};
const BY: Record<string, string> = {
  webhook: "webhook",
  scheduler: "schedule",
  api: "API",
  holly_grace: "Holly",
  autonomy: "Holly",
  console: "console",
  holly_console: "console",
};

/** How long a run has taken or takes, begin to end with waiting in it; null before it began. */
export function tookMs(run: Pick<Run, "started_at" | "finished_at">, now: number): number | null {
  if (!run.started_at) return null;
  return Math.max(0, (run.finished_at ? Date.parse(run.finished_at) : now) - Date.parse(run.started_at));
}

/** The order that a run is about: its key from the serial key, its name from what triggered it. */
export function orderOf(
  run: Pick<Run, "serial_key" | "input_state" | "run_name">,
): { id: string; name: string } | null {
  const id =
    /^order:(\d+)$/.exec(run.serial_key ?? "")?.[1] ??
    text(run.input_state, "trigger_payload", "summary", "shopify_order_id");
  if (!id) return null;
  const name =
    text(run.input_state, "trigger_payload", "summary", "order_name") ?? /#\d+/.exec(run.run_name ?? "")?.[0];
  return { id, name: name ?? id };
}

/** The first line of a run: what came of it, or where it stands. */
export function runSentence(run: Run, events: readonly RunEvent[], model: PlotModel, now: number): string {
  const title = runTitle(run);
  if (run.paused && !run.finished_at) return `${title}: paused. Nothing happens until it is continued.`;
  switch (run.status) {
    case "completed":
      return asSentence(lastText(events, "run.completed", "summary") ?? `${title}: done`);
    case "failed": {
      const node = model.lanes
        .flatMap((lane) => lane.bars)
        .findLast((bar) => bar.kind === "node" && bar.state === "failed");
      const why = run.last_error ?? lastText(events, "run.failed", "error") ?? "no reason was recorded";
      return asSentence(`${title} failed${node?.node ? ` in ${nodeName(node.node)}` : ""}: ${why}`);
    }
    case "cancelled":
      return `${title}: cancelled.`;
    case "waiting_approval":
      return `${title} waits for your answer.`;
    case "queued":
      return run.available_at && Date.parse(run.available_at) > now
        ? `${title}: next try in ${formatSpan(Date.parse(run.available_at) - now)}.`
        : `${title} is in the queue.`;
    case "running": {
      const at = model.lanes
        .flatMap((lane) => lane.bars)
        .findLast((bar) => bar.kind === "node" && bar.state === "open");
      return at?.node ? `${title} is at work in ${nodeName(at.node)}.` : `${title} is at work.`;
    }
  }
}

function lastText(events: readonly RunEvent[], type: string, member: string): string | null {
  return text(events.findLast((event) => event.event_type === type)?.payload, member);
}

function asSentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

/** What kind of failure it was and what a person can try. */
export interface Failure {
  kind: string;
  advice: string;
}

export function failureOf(events: readonly RunEvent[]): Failure | null {
  const failed = events.findLast((event) => event.event_type === "run.failed");
  if (!failed) return null;
  return FAILURES[text(failed.payload, "reason") ?? "error"] ?? (FAILURES.error as Failure);
}

const FAILURES: Record<string, Failure> = {
  error: {
    kind: "fault in the engine or in a step",
    advice:
      "Look at the last events, then start it again with the same input. What was done outside is not repeated.",
  },
  api_error: {
    kind: "another service refused or did not answer",
    advice:
      "See under Effects whether anything was sent. Once the service is back, start it again with the same input.",
  },
  tool_error: {
    kind: "a tool did not work",
    advice: "The last call says why. Correct what it names, then start it again with the same input.",
  },
  timeout: {
    kind: "it took too long",
    advice:
      "The longest bar shows where the time went. Start it again; if it happens twice, raise its time limit.",
  },
  budget: {
    kind: "the budget is used up",
    advice: "Look at the cost of its model calls. A run may be started again with a smaller task.",
  },
  loop: {
    kind: "it went in circles",
    advice: "Its messages show what it kept trying. Start it again with a clearer task.",
  },
  ticket_expired: {
    kind: "nobody answered in time",
    advice:
      "Nothing was sent. If it still makes sense, start it again and answer its ticket within 24 hours.",
  },
  recovery_exhausted: {
    kind: "its worker was lost again and again",
    advice: "Look at the health of the workers and their logs before you start it again.",
  },
};

/** "1.2 s of work, 17 s waited for a person, 0.3 s in the queue"; what took no time is left out. */
export function splitWords(model: Pick<PlotModel, "machineMs" | "humanMs" | "queueMs">): string {
  const parts = [`${formatDuration(model.machineMs)} of work`];
  if (model.humanMs >= 1) parts.push(`${formatDuration(model.humanMs)} waited for a person`);
  if (model.queueMs >= 1) parts.push(`${formatDuration(model.queueMs)} in the queue`);
  return parts.join(", ");
}

/** The plot in one sentence, for who cannot see it. */
export function plotSummary(model: PlotModel): string {
  const bars = model.lanes.flatMap((lane) => lane.bars);
  const count = (kind: string) =>
    bars.filter((bar) => bar.kind === kind && bar.span?.attributes?.outcome !== "waiting").length;
  const steps = plural(model.lanes.filter((lane) => lane.kind === "node").length, "step");
  const calls = `${plural(count("llm"), "model call")}, ${plural(count("tool"), "tool call")}`;
  return `${steps}, ${calls}: ${splitWords(model)}.`;
}

/** The finding that stands over the plot: where the time went. */
export function plotFinding(model: PlotModel): string {
  const all = model.machineMs + model.humanMs + model.queueMs;
  if (all === 0) return "Nothing has happened yet";
  const share = (part: number) => (part / all > 0.99 ? "Nearly all" : `${Math.round((part / all) * 100)} %`);
  const work = `the work ${model.live ? "has taken" : "took"} ${formatDuration(model.machineMs)}`;
  const bars = model.lanes.flatMap((lane) => lane.bars);
  const waits = bars.find((bar) => bar.kind === "wait" && bar.state === "open");
  if (waits) return `It has waited for a person for ${formatSpan(waits.end - waits.start)}; ${work}`;
  if (model.humanMs > model.machineMs && model.humanMs >= model.queueMs)
    return `${share(model.humanMs)} of the time it waited for a person; ${work}`;
  if (model.queueMs > model.machineMs)
    return `${share(model.queueMs)} of the time it stood in the queue; ${work}`;
  const longest = bars
    .filter((bar) => bar.row > 0 && !bar.instant)
    .toSorted((one, other) => other.end - other.start - (one.end - one.start))[0];
  if (!longest || longest.end - longest.start <= model.machineMs * 0.3) return sentenceCase(work);
  const doing = longest.kind === "llm" ? `asking ${longest.name}` : `in ${longest.name.replaceAll("_", " ")}`;
  return `${sentenceCase(work)}, ${formatDuration(longest.end - longest.start)} of it ${doing}`;
}
