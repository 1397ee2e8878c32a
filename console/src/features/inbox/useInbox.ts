import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { inboxQuery } from "@/api/queries";
import type { Ticket } from "@/api/types";
import { useRefetchInterval } from "@/live/live";
import { byOrder } from "@/words/ticket";
import type { InboxSearch } from "./search";
import { settle } from "./still";

/** The tickets of the inbox as they stand on the screen. */
export function useInbox(search: InboxSearch, gone: ReadonlySet<number>, inUse: boolean) {
  const every = useRefetchInterval();
  const pending = useQuery({ ...inboxQuery({ status: "pending" }), refetchInterval: every });
  const recent = useQuery({ ...inboxQuery({ status: "all" }), refetchInterval: useRefetchInterval(15_000) });
  const [admitted, admit] = useState(0);
  const shown = useRef<{ key: string; rows: readonly Ticket[] } | null>(null);

  const all = pending.data?.tickets ?? [];
  const ended = useMemo(
    () => (recent.data?.tickets ?? []).filter((ticket) => ticket.status !== "pending"),
    [recent.data],
  );
  const order = byOrder(search.sort ?? "risk");
  const waiting = all.filter((ticket) => !search.risk || ticket.risk_level === search.risk).toSorted(order);
  const decided = ended
    .filter((ticket) => !search.risk || ticket.risk_level === search.risk)
    .toSorted((a, b) => Date.parse(b.decided_at ?? b.expires_at) - Date.parse(a.decided_at ?? a.expires_at));

  // Another filter, another order, or a wish to see what arrived: the list starts anew.
  const key = `${search.risk} ${search.sort} ${admitted}`;
  const list = settle({
    shown: shown.current?.key === key ? shown.current.rows : null,
    waiting,
    ended,
    gone,
    inUse,
  });
  if (pending.data) shown.current = { key, rows: list.rows };

  return {
    pending,
    recent,
    /** Everything that waits, whatever the filter: what the first line speaks of. */
    all: all.filter((ticket) => !gone.has(ticket.id)),
    rows: list.rows,
    arrivals: list.arrivals,
    decided,
    ended,
    admit: () => admit((count) => count + 1),
  };
}
