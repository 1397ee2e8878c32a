import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { orderQuery, runEffectsQuery, runEventsQuery, runQuery } from "@/api/queries";
import { useRefetchInterval } from "@/live/live";
import { lanes } from "@/plots/lanes";
import type { TraceSpan } from "@/plots/span";
import { useNow } from "@/ui/now";
import { orderOf } from "@/words/runs";
import { traceQuery } from "./queries";

const NO_SPANS: readonly TraceSpan[] = [];

/** Everything that the page of a run shows, read together and kept fresh by its events. */
export function useRun(id: string) {
  const run = useQuery({
    ...runQuery(id),
    refetchInterval: useRefetchInterval(),
  });
  const open = run.data ? run.data.finished_at === null : true;
  const every = useRefetchInterval();
  const refetchInterval = open ? every : false;
  const events = useQuery({ ...runEventsQuery(id), refetchInterval });
  const effects = useQuery({ ...runEffectsQuery(id), refetchInterval });
  const trace = useQuery({ ...traceQuery(id), refetchInterval });
  const now = useNow();

  const eventRows = events.data?.events;
  const effectRows = effects.data?.effects;
  const spans = trace.data?.steps ?? NO_SPANS;
  // A run that is over does not change with the clock: then the plot is made once.
  const edge = open ? now : 0;
  const model = useMemo(
    () => lanes(eventRows ?? [], spans, { now: edge, effects: effectRows ?? [] }),
    [eventRows, spans, edge, effectRows],
  );
  // News of a payment name no order, only its number: then the order itself is asked what it is called.
  const found = run.data ? orderOf(run.data) : null;
  const order = useQuery({
    ...orderQuery(found?.id ?? ""),
    enabled: found !== null && found.name === found.id,
    staleTime: 5 * 60_000,
  });
  return {
    run,
    events,
    effects,
    trace,
    model,
    now,
    rows: { events: eventRows ?? [], effects: effectRows ?? [] },
    order: found ? { ...found, name: order.data?.order.order_name ?? found.name } : null,
  };
}

export type RunData = ReturnType<typeof useRun>;
