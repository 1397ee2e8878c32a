import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { jobsQuery, lettersQuery, overviewQuery, toolsQuery } from "@/api/queries";
import { useRefetchInterval } from "@/live/live";
import { useDocumentTitle } from "@/shell/pending";
import { useNow } from "@/ui/now";
import { Sentence } from "@/ui/states";
import { jobsSentence, lettersSentence } from "@/words/jobs";
import { toolsSentence } from "@/words/tools";
import { JobsTab } from "./JobsTab";
import { LettersTab } from "./LettersTab";
import type { ToolsSearch } from "./search";
import { words } from "./strings";
import { ToolsTab } from "./ToolsTab";
import { ToolsTabs } from "./ToolsTabs";

/** Fires of the server's own jobs are told by no event, so the page looks by itself. */
const LOOK_MS = 15_000;

/** What runs by the clock, what of it failed, and the tools that agents are given. */
export default function ToolsPage() {
  const search = useSearch({ strict: false }) as ToolsSearch;
  const tab = search.tab ?? "jobs";
  const every = Math.min(useRefetchInterval(), LOOK_MS);
  const unresolved = search.unresolved === true;
  const jobs = useQuery({ ...jobsQuery(), enabled: tab === "jobs", refetchInterval: every });
  const letters = useQuery({ ...lettersQuery(unresolved), enabled: tab === "dlq", refetchInterval: every });
  const tools = useQuery({ ...toolsQuery(), enabled: tab === "tools" });
  const { data: overview } = useQuery(overviewQuery());
  const now = useNow();
  useDocumentTitle(words.title);
  const sentence = {
    jobs: jobs.data && jobsSentence(jobs.data, now),
    dlq: letters.data && lettersSentence(letters.data, now),
    tools: tools.data && toolsSentence(tools.data),
  }[tab];
  return (
    <div className="flex min-h-0 flex-1 flex-col short:overflow-y-auto">
      <div className="px-6 pt-6 pb-3 max-md:px-4 max-md:pt-5">
        <Sentence>{sentence ?? words.title}</Sentence>
      </div>
      <ToolsTabs now={tab} unresolved={overview?.dlq?.unresolved ?? 0} />
      <div className="min-h-0 flex-1 overflow-y-auto pb-8 short:overflow-visible">
        {tab === "jobs" ? <JobsTab query={jobs} /> : null}
        {tab === "dlq" ? <LettersTab query={letters} unresolved={unresolved} /> : null}
        {tab === "tools" ? <ToolsTab query={tools} /> : null}
      </div>
    </div>
  );
}
