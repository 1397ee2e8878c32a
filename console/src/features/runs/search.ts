import type { RunStatus } from "@/api/types";

const STATUSES: readonly string[] = [
  "queued",
  "running",
  "waiting_approval",
  "completed",
  "failed",
  "cancelled",
];

/** What of the list of runs stands in the address. */
export interface RunsSearch {
  status?: RunStatus;
  q?: string;
}

export function runsSearch(search: Record<string, unknown>): RunsSearch {
  const { status, q } = search;
  return {
    ...(typeof status === "string" && STATUSES.includes(status) ? { status: status as RunStatus } : {}),
    ...(typeof q === "string" && q !== "" ? { q } : {}),
  };
}

/** What of one run stands in the address. */
export interface RunSearch {
  tab?: string;
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  return typeof search.tab === "string" ? { tab: search.tab } : {};
}
