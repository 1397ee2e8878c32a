import type { Effect } from "@/api/types";

export interface EffectStep {
  name: "prepared" | "answered" | "sent" | "confirmed";
  word: string;
  state: "done" | "now" | "needs" | "ahead" | "bad" | "unclear" | "never";
  at: string | null;
  note: string | null;
}

/** The way of an effect, from prepared to confirmed, as far as it came. Pure. */
export function effectSteps(effect: Effect): EffectStep[] {
  const { status } = effect;
  const sent = effect.attempted_at !== null;
  const steps: EffectStep[] = [
    { name: "prepared", word: "Prepared", state: "done", at: effect.created_at, note: null },
  ];
  if (effect.ticket_id !== null) {
    const waits = status === "prepared" && !sent;
    const dropped = status === "aborted" && !sent;
    steps.push({
      name: "answered",
      word: waits ? "Waits for a yes" : dropped ? "No yes" : "A person said yes",
      state: waits ? "needs" : dropped ? "never" : "done",
      at: null,
      note: `ticket ${effect.ticket_id}`,
    });
  }
  steps.push({
    name: "sent",
    word: status === "not_sent" ? "Not sent" : sent ? "Sent, once" : "Sent",
    state: status === "not_sent" || (status === "aborted" && !sent) ? "never" : sent ? "done" : "ahead",
    at: effect.attempted_at,
    note: status === "not_sent" ? "the console only looks" : null,
  });
  steps.push(last(effect));
  return steps;
}

function last(effect: Effect): EffectStep {
  const base = { name: "confirmed" as const, at: null, note: null };
  switch (effect.status) {
    case "committed":
      return {
        ...base,
        word: effect.reconciled_at ? "Confirmed by looking it up" : "Confirmed",
        state: "done",
        at: effect.committed_at,
      };
    case "failed":
      return { ...base, word: "Refused", state: "bad", note: effect.error };
    case "unknown":
      return { ...base, word: "Unclear", state: "unclear", note: "being looked up" };
    case "executing":
      return { ...base, word: "On its way", state: "now" };
    case "aborted":
    case "not_sent":
      return { ...base, word: "Dropped", state: "never" };
    default:
      return { ...base, word: "Confirmed", state: "ahead" };
  }
}
