import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { api, data } from "@/api/client";
import { holding, overviewQuery, type RunsFilter, runsQuery } from "@/api/queries";
import type { Run } from "@/api/types";
import { useLiveEvents, useRefetchInterval } from "@/live/live";
import type { LiveEvent } from "@/live/protocol";
import type { RunCounts } from "@/words/runs";
import type { Range, RunsSearch } from "./search";

const PAGE = 50;
const MOST = 200;
const HOURS: Record<Range, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };

/** The begin of a range, to the minute, so that the same question is asked for a while. */
function since(range: Range | undefined, now: number): string | undefined {
  if (!range) return undefined;
  const minute = 60_000;
  return new Date(Math.floor((now - HOURS[range] * 3_600_000) / minute) * minute).toISOString();
}

/** The runs that the filters ask for, page by page, newest change first. */
export function useRuns(search: RunsSearch) {
  const from = useMemo(() => since(search.range, Date.now()), [search.range]);
  const filter: RunsFilter = {
    ...(search.status ? { status: search.status } : {}),
    ...(search.q ? { q: search.q } : {}),
    ...(search.workflow ? { workflow_id: search.workflow } : {}),
    ...(from ? { since: from } : {}),
    limit: PAGE,
  };
  const pages = useInfiniteQuery({
    queryKey: ["runs", "pages", filter],
    queryFn: ({ pageParam, signal }) =>
      holding(
        "runs",
        data(
          api.GET("/api/tower/runs", {
            params: { query: { ...filter, ...(pageParam ? { cursor: pageParam } : {}) } as never },
            signal,
          }),
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: useRefetchInterval(),
  });
  const rows = useMemo(() => {
    if (!pages.data) return undefined;
    // A run that changed while older pages were read may stand on two of them: the newer word counts.
    const seen = new Map<string, Run>();
    for (const run of pages.data.pages.flatMap((page) => page.runs)) {
      if (!seen.has(run.run_id)) seen.set(run.run_id, run);
    }
    return [...seen.values()];
  }, [pages.data]);
  return { pages, rows, key: JSON.stringify(filter) };
}

/** How many runs stand where: counted from the newest rows, and beyond what one page holds by the server's overview. */
export function useRunCounts(): { counts: RunCounts; today: Map<string, number>; capped: boolean } {
  const every = useRefetchInterval();
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  const overview = useQuery({ ...overviewQuery(), refetchInterval: every });
  const today = useCounted({ since: day.toISOString() });
  const queued = useCounted({ status: "queued" });
  const running = useCounted({ status: "running" });
  const waiting = useCounted({ status: "waiting_approval" });
  const runs = overview.data?.runs ?? null;
  const of = new Map<string, number>();
  for (const run of today ?? []) of.set(run.status, (of.get(run.status) ?? 0) + 1);
  const count = (rows: readonly Run[] | undefined, more?: number) =>
    rows === undefined ? null : rows.length < MOST ? rows.length : Math.max(more ?? 0, MOST);
  const counts = {
    running: count(running, runs?.running),
    waiting: count(waiting, runs?.waiting_approval),
    queued: count(queued),
    failedToday: today ? (of.get("failed") ?? 0) : null,
  };
  if (counts.running !== null) of.set("running", counts.running);
  if (counts.waiting !== null) of.set("waiting_approval", counts.waiting);
  if (counts.queued !== null) of.set("queued", counts.queued);
  return { counts, today: of, capped: (today?.length ?? 0) >= MOST };
}

function useCounted(filter: RunsFilter): readonly Run[] | undefined {
  const every = useRefetchInterval();
  return useQuery({ ...runsQuery({ ...filter, limit: MOST }), refetchInterval: every }).data?.runs;
}

/** The step that each run is in, as far as live events have told. */
export function useLiveNodes(): ReadonlyMap<string, string> {
  const [nodes, setNodes] = useState<ReadonlyMap<string, string>>(new Map());
  useLiveEvents(
    useCallback((event: LiveEvent) => {
      const run = event.thread_id;
      const node = event.node;
      if (typeof run !== "string" || !/^node_/.test(event.type)) return;
      setNodes((old) => {
        const next = new Map(old);
        next.delete(run);
        if (event.type === "node_entered" && typeof node === "string") next.set(run, node);
        // Bounded: the oldest of very many is forgotten.
        const first = next.keys().next().value;
        if (next.size > 500 && first !== undefined) next.delete(first);
        return next;
      });
    }, []),
  );
  return nodes;
}
