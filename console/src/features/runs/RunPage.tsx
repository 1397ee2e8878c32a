import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { runQuery } from "@/api/queries";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { RawJson } from "@/ui/Json";
import { RunMark } from "@/ui/marks";
import { ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";

export default function RunPage() {
  const { runId } = useParams({ strict: false });
  const run = useQuery(runQuery(runId ?? ""));
  useDocumentTitle(run.data?.run_name ?? strings.nav.runs);
  if (run.isError)
    return <ErrorPanel what={strings.nav.runs} error={run.error} retry={() => void run.refetch()} />;
  if (run.isPending) return <SkeletonRows />;
  return (
    <div className="overflow-y-auto p-6">
      <Sentence>{run.data.run_name ?? run.data.run_id}</Sentence>
      <RunMark status={run.data.status} paused={run.data.paused} />
      <RawJson value={run.data} />
    </div>
  );
}
