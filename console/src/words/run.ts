import type { Run } from "@/api/types";
import { text } from "./reading";
import { formatSpan } from "./time";

/** A run in words: its name as the shop would say it, and how it stands as one sentence. */
export interface RunWords {
  title: string;
  standing: string;
  machine: string;
}

export function runWords(run: Run, now: number): RunWords {
  return { title: runTitle(run), standing: standing(run, now), machine: run.run_id };
}

export function runTitle(run: Pick<Run, "run_name" | "input_state" | "run_id">): string {
  const name = run.run_name ?? "";
  const stripe = /^Stripe ([a-z_.]+) (\S+)$/.exec(name);
  if (stripe) return STRIPE[stripe[1] ?? ""] ?? `News from Stripe: ${stripe[1]?.replaceAll(/[._]/g, " ")}`;
  if (name) return name;
  return text(run.input_state, "trigger_payload", "goal") ?? "A run without a name";
}

const STRIPE: Record<string, string> = {
  "payment_intent.succeeded": "Payment received",
  "payment_intent.payment_failed": "Payment failed",
  "charge.refunded": "Payment given back",
  "charge.dispute.created": "Payment disputed",
  "checkout.session.completed": "Checkout completed",
};

function standing(run: Run, now: number): string {
  const since = (at: string | null) => (at ? formatSpan(now - Date.parse(at)) : "");
  if (run.paused && !run.finished_at) return "Paused; nothing happens until it is continued.";
  switch (run.status) {
    case "queued":
      return run.available_at && Date.parse(run.available_at) > now
        ? `Waits ${formatSpan(Date.parse(run.available_at) - now)} before the next try.`
        : `In the queue for ${since(run.updated_at)}.`;
    case "running":
      return `Running for ${since(run.started_at ?? run.created_at)}.`;
    case "waiting_approval":
      return `Waits for you since ${since(run.updated_at)}.`;
    case "completed":
      return "Done.";
    case "failed":
      return `Failed: ${run.last_error ?? "no reason was recorded"}`;
    case "cancelled":
      return "Cancelled.";
  }
}
