import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { runsQuery } from "@/api/queries";
import { useRefetchInterval } from "@/live/live";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { RunMark } from "@/ui/marks";
import { Empty, ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";
import { When } from "@/ui/values";

export default function RunsPage() {
  const search = useSearch({ strict: false });
  const runs = useQuery({ ...runsQuery(search as never), refetchInterval: useRefetchInterval() });
  useDocumentTitle(strings.nav.runs);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="px-6 pt-6 pb-4 max-md:px-4">
        <Sentence>{strings.nav.runs}</Sentence>
      </div>
      {runs.isPending ? <SkeletonRows /> : null}
      {runs.isError ? (
        <ErrorPanel what={strings.nav.runs} error={runs.error} retry={() => void runs.refetch()} />
      ) : null}
      {runs.data?.runs.length === 0 ? <Empty title={strings.common.none} /> : null}
      <ul>
        {runs.data?.runs.map((run) => (
          <li key={run.run_id}>
            <Link
              to="/tower/runs/$runId"
              params={{ runId: run.run_id }}
              className="flex h-9 items-center gap-4 border-b border-line px-6 hover:bg-hover"
            >
              <span className="w-32">
                <RunMark status={run.status} paused={run.paused} />
              </span>
              <span className="min-w-0 flex-1 truncate">{run.run_name ?? run.run_id}</span>
              <When at={run.created_at} className="text-xs text-muted" />
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
