import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { Button } from "./Button";
import { useWindow } from "./useWindow";

export interface Column {
  label: string;
  /** Width and alignment, as on the rows. */
  className: string;
}

export interface RowGridProps {
  label: string;
  columns: readonly Column[];
  /** Cards have their labels in themselves: the head is for who cannot see them. */
  card: boolean;
  count: number;
  height: number;
  /** Index of the active row, -1 for none. */
  at: number;
  /** Set when a key moved to another row: then the focus goes with it. */
  byKey: RefObject<boolean>;
  arrivals: number;
  words: {
    arrivals: (count: number) => string;
    announce: (count: number) => string;
    older: string;
    end: (count: number) => string;
  };
  gap?: string;
  onAdmit: () => void;
  onUse: (inUse: boolean) => void;
  /** Asks for older rows; null when there are none. */
  more: (() => void) | null;
  loading: boolean;
  /** The row at an index; `reachable` is the one that the Tab key reaches. */
  row: (index: number, reachable: boolean) => ReactNode;
}

const HEAD = 32;

/** Rows of equal height. One holds the focus; what arrives waits behind a chip; of very many only those in sight exist. */
export function RowGrid(props: RowGridProps) {
  const { count, height, at, byKey, arrivals, card, words } = props;
  const place = useRef<HTMLDivElement>(null);
  const shown = useWindow(place, count, height);

  useEffect(() => {
    const element = place.current;
    if (!element || at < 0 || !byKey.current) return;
    byKey.current = false;
    const top = at * height;
    const room = element.clientHeight - (card ? 0 : HEAD);
    if (top < element.scrollTop) element.scrollTop = Math.max(0, top - height);
    else if (top + height > element.scrollTop + room) element.scrollTop = top + 2 * height - room;
    requestAnimationFrame(() =>
      element.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus({ preventScroll: true }),
    );
  }, [at, byKey, height, card]);

  const indexes = Array.from({ length: Math.max(0, shown.to - shown.from) }, (_, n) => shown.from + n);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <p role="status" className="sr-only">
        {arrivals > 0 ? words.announce(arrivals) : ""}
      </p>
      {arrivals > 0 ? (
        <div className="absolute inset-x-0 top-10 z-20 flex justify-center">
          <Button size="small" onClick={props.onAdmit} className="rounded-full bg-raised shadow-float">
            {words.arrivals(arrivals)}
          </Button>
        </div>
      ) : null}
      <div
        ref={place}
        className="min-h-0 flex-1 overflow-y-auto border-t border-line"
        onPointerEnter={(event) => event.pointerType === "mouse" && props.onUse(true)}
        onPointerLeave={() => props.onUse(false)}
      >
        <div role="grid" aria-label={props.label} aria-rowcount={count + 1}>
          <div
            role="row"
            aria-rowindex={1}
            className={
              card
                ? "sr-only"
                : `sticky top-0 z-10 flex h-8 items-center border-b border-line bg-bg px-6 text-xs text-muted ${props.gap ?? "gap-4"}`
            }
          >
            {props.columns.map((column) => (
              <span key={column.label} role="columnheader" className={card ? "" : column.className}>
                {column.label}
              </span>
            ))}
          </div>
          <div role="rowgroup">
            <div aria-hidden="true" style={{ height: shown.above }} />
            {indexes.map((index) => props.row(index, index === (at < 0 ? shown.from : at)))}
            <div aria-hidden="true" style={{ height: shown.below }} />
          </div>
        </div>
        <div className="flex justify-center py-4 text-xs text-muted">
          {props.more ? (
            <Button look="quiet" icon="down" busy={props.loading} onClick={props.more}>
              {words.older}
            </Button>
          ) : (
            words.end(count)
          )}
        </div>
      </div>
    </div>
  );
}
