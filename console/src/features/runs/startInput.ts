import { isRecord } from "@/words/reading";
import { words } from "./strings";

/** What a run is started with, or why it cannot be. Pure. */
export function readInput(
  mode: "task" | "json",
  task: string,
  json: string,
): { input: Record<string, unknown> | null; problem: string | null } {
  if (mode === "task") {
    const content = task.trim();
    if (!content) return { input: null, problem: words.start.needTask };
    return { input: { messages: [{ type: "human", content }] }, problem: null };
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { input: null, problem: words.start.notJson(error instanceof Error ? error.message : "") };
  }
  if (!isRecord(value) || Object.keys(value).length === 0) {
    return { input: null, problem: words.start.notObject };
  }
  return { input: value, problem: null };
}
