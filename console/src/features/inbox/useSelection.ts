import { useRef, useState } from "react";
import type { Ticket } from "@/api/types";

/** The tickets that are chosen; a choice of a ticket that no longer waits falls away by itself. */
export function useSelection(rows: readonly Ticket[]) {
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const anchor = useRef<number | null>(null);
  const chosen = rows.filter((ticket) => ids.has(ticket.id) && ticket.status === "pending");
  return {
    chosen,
    ids: new Set(chosen.map((ticket) => ticket.id)) as ReadonlySet<number>,
    set: (wanted: readonly number[]) => setIds(new Set(wanted)),
    clear: () => setIds(new Set()),
    all: () => setIds(new Set(rows.map((ticket) => ticket.id))),
    /** One more or one less; with `range`, everything from the last choice to this one. */
    toggle: (id: number, range: boolean) => {
      const from = rows.findIndex((ticket) => ticket.id === anchor.current);
      const to = rows.findIndex((ticket) => ticket.id === id);
      anchor.current = id;
      if (range && from >= 0 && to >= 0) {
        const between = rows.slice(Math.min(from, to), Math.max(from, to) + 1);
        setIds((old) => new Set([...old, ...between.map((ticket) => ticket.id)]));
        return;
      }
      setIds((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    },
  };
}
