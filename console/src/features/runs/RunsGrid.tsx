import { type RefObject, useEffect, useRef } from "react";
import type { Run } from "@/api/types";
import { Button } from "@/ui/Button";
import { CARD_HEIGHT, ROW_HEIGHT, RunRow } from "./RunRow";
import { words } from "./strings";
import { useWindow } from "./useWindow";

export interface RunsGridProps {
  rows: readonly Run[];
  nodes: ReadonlyMap<string, string>;
  card: boolean;
  active: string | null;
  byKey: RefObject<boolean>;
  arrivals: number;
  onAdmit: () => void;
  onActive: (run: string | null) => void;
  onUse: (inUse: boolean) => void;
  /** Asks for older ones; null when there are none. */
  more: (() => void) | null;
  loading: boolean;
}

/** The rows. One holds the focus; what arrives waits behind a chip; of very many only those in sight are drawn. */
export function RunsGrid(props: RunsGridProps) {
  const { rows, card, active, byKey, arrivals } = props;
  const place = useRef<HTMLDivElement>(null);
  const height = card ? CARD_HEIGHT : ROW_HEIGHT;
  const shown = useWindow(place, rows.length, height);
  const at = rows.findIndex((run) => run.run_id === active);

  useEffect(() => {
    const element = place.current;
    if (!element || at < 0 || !byKey.current) return;
    byKey.current = false;
    const top = at * height + (card ? 0 : 32);
    if (top < element.scrollTop + 40) element.scrollTop = top - 80;
    else if (top + height > element.scrollTop + element.clientHeight - 8)
      element.scrollTop = top + height - element.clientHeight + 80;
    requestAnimationFrame(() =>
      element.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus({ preventScroll: true }),
    );
  }, [at, byKey, height, card]);

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <p role="status" className="sr-only">
        {arrivals > 0 ? words.list.announce(arrivals) : ""}
      </p>
      {arrivals > 0 ? (
        <div className="absolute inset-x-0 top-10 z-20 flex justify-center">
          <Button size="small" onClick={props.onAdmit} className="rounded-full bg-raised shadow-float">
            {words.list.arrivals(arrivals)}
          </Button>
        </div>
      ) : null}
      <div
        ref={place}
        className="min-h-0 flex-1 overflow-y-auto border-t border-line"
        onPointerEnter={(event) => event.pointerType === "mouse" && props.onUse(true)}
        onPointerLeave={() => props.onUse(false)}
      >
        <div role="grid" aria-label={words.list.title} aria-rowcount={rows.length + 1}>
          <Head card={card} />
          <div role="rowgroup">
            <div aria-hidden="true" style={{ height: shown.above }} />
            {rows.slice(shown.from, shown.to).map((run, index) => (
              <RunRow
                key={run.run_id}
                run={run}
                index={shown.from + index}
                node={props.nodes.get(run.run_id)}
                active={active === null ? shown.from + index === 0 : run.run_id === active}
                card={card}
                onFocus={() => props.onActive(run.run_id)}
              />
            ))}
            <div aria-hidden="true" style={{ height: shown.below }} />
          </div>
        </div>
        <div className="flex justify-center py-4 text-xs text-muted">
          {props.more ? (
            <Button look="quiet" icon="down" busy={props.loading} onClick={props.more}>
              {words.list.older}
            </Button>
          ) : (
            words.list.end(rows.length)
          )}
        </div>
      </div>
    </div>
  );
}

function Head({ card }: { card: boolean }) {
  const { columns } = words.list;
  return (
    <div
      role="row"
      aria-rowindex={1}
      className={
        card
          ? "sr-only"
          : "sticky top-0 z-10 flex h-8 items-center gap-4 border-b border-line bg-bg px-6 text-xs text-muted"
      }
    >
      <span role="columnheader" className="w-32 shrink-0">
        {columns.status}
      </span>
      <span role="columnheader" className="min-w-0 flex-1">
        {columns.name}
      </span>
      {card ? null : (
        <>
          <span role="columnheader" className="w-40 shrink-0 max-lg:hidden">
            {columns.node}
          </span>
          <span role="columnheader" className="w-20 shrink-0">
            {columns.trigger}
          </span>
          <span role="columnheader" className="w-24 shrink-0 text-right">
            {columns.age}
          </span>
          <span role="columnheader" className="w-20 shrink-0 text-right">
            {columns.took}
          </span>
          <span role="columnheader" className="w-20 shrink-0 text-right">
            {columns.cost}
          </span>
        </>
      )}
    </div>
  );
}
