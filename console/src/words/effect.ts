import type { Effect } from "@/api/types";
import { record } from "./reading";
import { actOf, detailOf } from "./tool";

/** An effect in words: what it does outside, and where it stands as a sentence. */
export interface EffectWords {
  title: string;
  detail: string | null;
  standing: string;
  machine: string;
}

const STANDING: Record<Effect["status"], string> = {
  prepared: "Ready, not sent yet.",
  executing: "On its way; the answer is not back yet.",
  committed: "It happened.",
  aborted: "Dropped before anything was sent.",
  failed: "The other side refused it.",
  unknown: "Sent, but the answer was lost. It is being looked up and is not repeated by itself.",
  not_sent: "Not sent: nothing leaves while the console only looks.",
};

export function effectWords(effect: Effect, orderName?: string | null): EffectWords {
  const call = {
    tool: effect.tool_name,
    params: record(effect.prepared_payload, "params"),
    call: record(effect.prepared_payload, "call"),
    orderName,
  };
  return {
    title: actOf(call),
    detail: detailOf(call),
    standing: effect.error ? `${STANDING[effect.status]} ${effect.error}` : STANDING[effect.status],
    machine: effect.tool_name,
  };
}
