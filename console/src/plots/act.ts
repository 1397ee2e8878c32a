import { record } from "@/words/reading";
import { actOf } from "@/words/tool";
import type { Bar } from "./lanes";

/** What a tool call does, in words of the shop, from what is known of it: its parameters when a span kept them. */
export function actOfBar(bar: Bar, orderName?: string | null): string {
  const params = paramsOf(bar);
  // Where nothing is known of it, a print is called a print: a draft is the rare case.
  const call = Object.keys(params).length === 0 ? { action: "confirm" } : {};
  return actOf({ tool: bar.name, params, call, orderName });
}

function paramsOf(bar: Bar): Record<string, unknown> {
  try {
    return record(JSON.parse(bar.span?.inputs_preview || "{}"));
  } catch {
    return {};
  }
}
