import type { Checkpoint } from "@/api/types";
import { type Bar, inOrder, type PlotModel } from "@/plots/lanes";
import { isRecord, list, text } from "@/words/reading";

/** One turn of the conversation, or a call folded into one line. */
export type Turn =
  | { kind: "said"; key: string; by: "human" | "ai" | "system"; text: string }
  | { kind: "call"; key: string; bar: Bar }
  | { kind: "open"; key: string; tool: string; args: unknown; result: unknown; state: string };

/**
 * The conversation of a run: what it was asked, what its models called, what they answered. Finished calls come
 * from the plot, those of a step that still works from its newest checkpoint. Pure.
 */
export function conversation(
  input: Record<string, unknown>,
  checkpoints: readonly Checkpoint[],
  model: PlotModel,
): Turn[] {
  const newest = checkpoints.at(-1);
  const messages = newest ? list(newest.channel_values, "messages") : list(input, "messages");
  const said = messages.flatMap((message, index): Turn[] => {
    const content = contentOf(message);
    if (content === null) return [];
    return [{ kind: "said", key: `m${index}`, by: roleOf(message), text: content }];
  });
  const calls = inOrder(model)
    .filter((bar) => bar.kind === "tool" && bar.span?.attributes?.outcome !== "waiting")
    .map((bar): Turn => ({ kind: "call", key: bar.id, bar }));
  const known = new Set(inOrder(model).map((bar) => bar.span?.attributes?.tool_call_id));
  const pending = newest ? list(newest.metadata, "pending", "calls") : [];
  const open = pending.flatMap((call, index): Turn[] => {
    const id = text(call, "id");
    if (text(call, "state") === "done" || (id && known.has(id) && text(call, "state") !== "waiting"))
      return [];
    return [
      {
        kind: "open",
        key: id ?? `p${index}`,
        tool: text(call, "name") ?? "?",
        args: isRecord(call) ? call.args : null,
        result: isRecord(call) ? call.result : null,
        state: text(call, "state") ?? "",
      },
    ];
  });
  // The task stands first, the answers last; what was done to find them stands between.
  const first = said.findIndex((turn) => turn.kind === "said" && turn.by === "ai");
  const split = first < 0 ? said.length : first;
  return [...said.slice(0, split), ...calls, ...open, ...said.slice(split)];
}

function roleOf(message: unknown): "human" | "ai" | "system" {
  const role = text(message, "type") ?? text(message, "role") ?? "human";
  if (role === "ai" || role === "assistant") return "ai";
  return role === "system" ? "system" : "human";
}

function contentOf(message: unknown): string | null {
  if (typeof message === "string") return message;
  return text(message, "content");
}
