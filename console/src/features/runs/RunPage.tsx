import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { asApiError } from "@/api/errors";
import { useDocumentTitle } from "@/shell/pending";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { PageSkeleton } from "@/ui/PageSkeleton";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { runTitle } from "@/words/run";
import { RunHeader } from "./RunHeader";
import { RunTabs } from "./RunTabs";
import type { RunSearch } from "./search";
import { words } from "./strings";
import { TimelineTab } from "./TimelineTab";
import { useRun } from "./useRun";

const EventsTab = lazy(() => import("./EventsTab"));
const StateTab = lazy(() => import("./StateTab"));
const EffectsTab = lazy(() => import("./EffectsTab"));
const MessagesTab = lazy(() => import("./MessagesTab"));
const TraceTab = lazy(() => import("./TraceTab"));

/** One run: what came of it, where its time and money went, and everything it did. */
export default function RunPage() {
  const { runId = "" } = useParams({ strict: false }) as { runId?: string };
  const search = useSearch({ strict: false }) as RunSearch;
  const navigate = useNavigate();
  const data = useRun(runId);
  const { run } = data;
  useDocumentTitle(run.data ? runTitle(run.data) : words.run.title);

  const setSearch = (change: Partial<RunSearch>) =>
    void navigate({
      to: "/tower/runs/$runId",
      params: { runId },
      search: (old) => ({ ...(old as RunSearch), ...change }) as never,
      replace: true,
      resetScroll: false,
    });

  if (!run.data) {
    if (!run.isError) return <PageSkeleton title={words.run.title} />;
    const missing = asApiError(run.error)?.status === 404;
    return (
      <div className="p-6 max-md:p-4">
        <h1 className="sr-only">{words.run.title}</h1>
        {missing ? (
          <Empty icon="search" title={words.run.missing}>
            {words.run.missingHint}
          </Empty>
        ) : (
          <ErrorPanel what={words.run.failed} error={run.error} retry={() => void run.refetch()} />
        )}
      </div>
    );
  }
  const tab = search.tab ?? "timeline";
  const shared = { data, search, setSearch };
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" data-scroll>
      <RunHeader data={data} run={run.data} />
      <RunTabs runId={runId} search={search} data={data} />
      <ErrorBoundary key={tab} what={words.run.tabs[tab]}>
        <Suspense fallback={<SkeletonRows />}>
          {tab === "timeline" ? <TimelineTab {...shared} run={run.data} /> : null}
          {tab === "events" ? <EventsTab {...shared} /> : null}
          {tab === "state" ? <StateTab {...shared} runId={runId} /> : null}
          {tab === "effects" ? <EffectsTab {...shared} /> : null}
          {tab === "messages" ? <MessagesTab {...shared} runId={runId} run={run.data} /> : null}
          {tab === "trace" ? <TraceTab {...shared} /> : null}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
