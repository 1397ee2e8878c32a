export const SHOWS = ["open", "unusual", "done"] as const;
export type Show = (typeof SHOWS)[number];

/** What of the orders stands in the address. A number typed as `q` arrives as a number. */
export interface OrdersSearch {
  q?: string;
  show?: Show;
}

export function ordersSearch(search: Record<string, unknown>): OrdersSearch {
  const q = typeof search.q === "number" ? String(search.q) : search.q;
  return {
    ...(typeof q === "string" && q !== "" ? { q } : {}),
    ...(SHOWS.includes(search.show as Show) ? { show: search.show as Show } : {}),
  };
}
