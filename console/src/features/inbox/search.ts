import type { Risk } from "@/api/types";

/** What of the inbox stands in the address: which risk, which side (waiting or decided), which order. */
export interface InboxSearch {
  risk?: Risk;
  show?: "decided";
  sort?: "expiry" | "newest";
}

export function inboxSearch(search: Record<string, unknown>): InboxSearch {
  const { risk, show, sort } = search;
  return {
    ...(risk === "low" || risk === "medium" || risk === "high" ? { risk } : {}),
    ...(show === "decided" ? { show } : {}),
    ...(sort === "expiry" || sort === "newest" ? { sort } : {}),
  };
}
