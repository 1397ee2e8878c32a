import type { RunStatus } from "@/api/types";

const STATUSES: readonly string[] = [
  "queued",
  "running",
  "waiting_approval",
  "completed",
  "failed",
  "cancelled",
];
export const RANGES = ["1h", "24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];

/** What of the list of runs stands in the address. */
export interface RunsSearch {
  status?: RunStatus;
  q?: string;
  workflow?: string;
  range?: Range;
}

export function runsSearch(search: Record<string, unknown>): RunsSearch {
  const { status, range } = search;
  const known = status === "canceled" ? "cancelled" : status;
  return {
    ...(typeof known === "string" && STATUSES.includes(known) ? { status: known as RunStatus } : {}),
    ...words(search, "q"),
    ...words(search, "workflow"),
    ...(RANGES.includes(range as Range) ? { range: range as Range } : {}),
  };
}

export const TABS = ["timeline", "events", "state", "effects", "messages", "trace"] as const;
export type Tab = (typeof TABS)[number];

/** What of one run stands in the address: the view, what is open in it, the two checkpoints that are compared. */
export interface RunSearch {
  tab?: Exclude<Tab, "timeline">;
  bar?: string;
  event?: number;
  type?: string;
  order?: "newest";
  cp?: string;
  with?: string;
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  const { tab, event, order } = search;
  return {
    ...(tab !== "timeline" && TABS.includes(tab as Tab) ? { tab: tab as RunSearch["tab"] } : {}),
    ...words(search, "bar"),
    ...(typeof event === "number" && Number.isSafeInteger(event) ? { event } : {}),
    ...words(search, "type"),
    ...(order === "newest" ? { order } : {}),
    ...words(search, "cp"),
    ...words(search, "with"),
  };
}

/** A member as text; a number that somebody typed arrives as a number. */
function words<K extends string>(search: Record<string, unknown>, name: K): { [key in K]?: string } {
  const value = search[name];
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? ({ [name]: text } as { [key in K]?: string }) : {};
}
