import type { UseQueryResult } from "@tanstack/react-query";
import { useOutage } from "@/api/outage";
import type { Job } from "@/api/types";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { type Group, groupOf } from "@/words/jobs";
import { JobRow } from "./JobRow";
import { Plan } from "./Plan";
import { useWhyNotSteer } from "./permission";
import { words } from "./strings";
import { useJobActs } from "./useJobActs";

const GROUPS: readonly Group[] = ["works", "held", "absent"];
/** The places of the columns, for the head and for every row. */
export const GRID =
  "grid grid-cols-[minmax(0,1fr)_7rem_6rem_minmax(11rem,14rem)_12.5rem] items-start gap-x-5 max-xl:grid-cols-[minmax(0,1fr)_6.5rem_5rem_10rem_12.5rem] max-xl:gap-x-3";

/** The jobs: what works, what is held back and by what, and what is not part of this release. */
export function JobsTab({ query }: { query: UseQueryResult<Job[]> }) {
  const { data: jobs } = query;
  const acts = useJobActs();
  const whyNot = useWhyNotSteer();
  const outage = useOutage();
  if (query.isPending) return <SkeletonRows rows={8} height={56} />;
  if (!jobs) {
    return (
      <div className="px-6 pt-4 max-md:px-4">
        <ErrorPanel what={words.jobs.failed} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  if (jobs.length === 0) {
    return (
      <Empty icon="clock" title={words.jobs.empty}>
        {words.jobs.emptyHint}
      </Empty>
    );
  }
  return (
    <div className={outage ? "opacity-60" : ""}>
      <Plan jobs={jobs.filter((job) => groupOf(job) !== "absent")} />
      <div aria-hidden="true" className={`${GRID} px-6 pt-6 text-xs text-muted max-md:hidden`}>
        <span>{words.jobs.columns.job}</span>
        <span>{words.jobs.columns.trigger}</span>
        <span>{words.jobs.columns.next}</span>
        <span>{words.jobs.columns.last}</span>
        <span />
      </div>
      {GROUPS.map((group) => {
        const rows = jobs.filter((job) => groupOf(job) === group);
        if (rows.length === 0) return null;
        return (
          <section key={group} aria-labelledby={`jobs-${group}`}>
            <h2
              id={`jobs-${group}`}
              className="border-b border-line px-6 pt-5 pb-2 text-sm font-medium max-md:px-4"
            >
              {words.jobs.groups[group]} <span className="ml-1 font-normal text-muted">{rows.length}</span>
            </h2>
            <ul>
              {rows.map((job) => (
                <JobRow key={job.id} job={job} group={group} acts={acts} whyNot={whyNot} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
