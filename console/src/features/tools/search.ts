export const TABS = ["jobs", "dlq", "tools"] as const;
export type Tab = (typeof TABS)[number];

/** What of the page stands in the address: the view, and whether only what is not resolved is listed. */
export interface ToolsSearch {
  tab?: Exclude<Tab, "jobs">;
  unresolved?: true;
}

export function toolsSearch(search: Record<string, unknown>): ToolsSearch {
  const { tab, unresolved } = search;
  return {
    ...(tab === "dlq" || tab === "tools" ? { tab } : {}),
    ...(tab === "dlq" && (unresolved === true || unresolved === "true") ? { unresolved: true } : {}),
  };
}
