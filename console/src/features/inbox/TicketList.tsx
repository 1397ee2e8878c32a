import { type RefObject, useEffect, useRef } from "react";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import type { Deferred } from "./deferred";
import type { InboxSearch } from "./search";
import { TicketRow } from "./TicketRow";

export interface ListProps {
  rows: readonly Ticket[];
  search: InboxSearch;
  activeId: number | null;
  /** Set when a key moved to another row: then the focus goes with it. */
  byKey: RefObject<boolean>;
  selection: ReadonlySet<number>;
  deferred: ReadonlyMap<number, Deferred>;
  arrivals: number;
  selectable: boolean;
  onSelect: (ticket: Ticket, event: { shiftKey: boolean }) => void;
  onAdmit: () => void;
  onUse: (inUse: boolean) => void;
}

/** The tickets, one below the other. One of them holds the focus; what arrives waits behind a chip. */
export function TicketList(props: ListProps) {
  const { rows, activeId, byKey, arrivals, onAdmit, onUse } = props;
  const place = useRef<HTMLDivElement>(null);

  // The focus follows the active row, unless it is at work somewhere else on the page.
  useEffect(() => {
    const row = place.current?.querySelector<HTMLElement>(`[data-ticket="${activeId}"]`);
    const focused = document.activeElement;
    if (!row || row.contains(focused)) return;
    if (byKey.current || place.current?.contains(focused)) row.focus({ preventScroll: true });
    byKey.current = false;
    row.scrollIntoView({ block: "nearest" });
  }, [activeId, byKey]);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <p role="status" className="sr-only">
        {arrivals > 0 ? strings.inbox.announce(arrivals) : ""}
      </p>
      {arrivals > 0 ? (
        <div className="absolute inset-x-0 top-2 z-20 flex justify-center">
          <Button size="small" onClick={onAdmit} className="rounded-full bg-raised shadow-float">
            {strings.inbox.arrivals(arrivals)}
          </Button>
        </div>
      ) : null}
      <div
        ref={place}
        role="grid"
        aria-label={strings.inbox.list}
        aria-rowcount={rows.length}
        aria-multiselectable="true"
        onPointerEnter={() => onUse(true)}
        onPointerLeave={() => onUse(false)}
        className="min-h-0 flex-1 overflow-y-auto max-md:flex max-md:flex-col max-md:gap-2.5 max-md:px-4 max-md:pb-4"
      >
        {rows.map((ticket) => (
          <TicketRow
            key={ticket.id}
            ticket={ticket}
            search={props.search}
            active={ticket.id === activeId}
            selected={props.selection.has(ticket.id)}
            deferred={props.deferred.get(ticket.id)}
            selectable={props.selectable}
            onSelect={props.onSelect}
          />
        ))}
      </div>
    </div>
  );
}
