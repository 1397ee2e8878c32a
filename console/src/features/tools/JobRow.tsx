import { Link } from "@tanstack/react-router";
import type { Job } from "@/api/types";
import { Button } from "@/ui/Button";
import { Mark } from "@/ui/marks";
import { useNow } from "@/ui/now";
import { When } from "@/ui/values";
import { type Group, jobTitle, reasonOf, triggerWords } from "@/words/jobs";
import { sentenceCase } from "@/words/reading";
import { GRID } from "./JobsTab";
import { words } from "./strings";
import type { JobActs } from "./useJobActs";

/** One job: what it does, when, how its last fire ended, and what can be done about it. A card on a phone. */
export function JobRow({
  job,
  group,
  acts,
  whyNot,
}: {
  job: Job;
  group: Group;
  acts: JobActs;
  whyNot: string | null;
}) {
  const reason = reasonOf(job);
  const absent = group === "absent";
  return (
    <li
      id={`job-${job.id}`}
      tabIndex={-1}
      className={`${GRID} border-b border-line px-6 py-2.5 text-sm focus-visible:-outline-offset-2 max-md:flex max-md:flex-col max-md:gap-1 max-md:px-4 max-md:py-3`}
    >
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2.5">
          <span className={absent ? "text-muted" : "font-medium"}>{jobTitle(job.id)}</span>
          <span className="font-mono text-xs text-muted max-md:hidden">{job.id}</span>
        </p>
        <p className="text-muted text-pretty">{sentenceCase(job.about)}</p>
        {reason && !absent ? (
          <Reason icon={job.paused ? "pause" : "stop"}>{reason}</Reason>
        ) : job.last_status === "failed" && job.last_error ? (
          <p className="mt-0.5 break-words text-bad">{sentenceCase(job.last_error)}</p>
        ) : null}
      </div>
      {absent ? (
        <p className="col-span-4 text-muted text-pretty">{reason}</p>
      ) : (
        <>
          <p className="text-muted max-md:hidden">{triggerWords(job.trigger)}</p>
          <p className="max-md:hidden">
            <Next job={job} />
          </p>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5 max-md:gap-x-2">
            <span className="text-muted md:hidden">
              {triggerWords(job.trigger)}, {words.jobs.next} <Next job={job} /> ·
            </span>
            <Last job={job} />
          </p>
          <Actions job={job} acts={acts} whyNot={whyNot} />
        </>
      )}
    </li>
  );
}

function Reason({ icon, children }: { icon: "pause" | "stop"; children: string }) {
  return (
    <Mark icon={icon} tone="warn" className="mt-0.5 whitespace-normal!">
      {children}
    </Mark>
  );
}

function Next({ job }: { job: Job }) {
  const now = useNow();
  if (job.paused || job.next_run === null) return <span className="text-muted">–</span>;
  if (Date.parse(job.next_run) - now < 5_000) return <span>{words.jobs.due}</span>;
  return <When at={job.next_run} />;
}

const STATUS = {
  ok: { icon: "check", tone: "ok" },
  failed: { icon: "warn", tone: "bad" },
  skipped: { icon: "out", tone: "muted" },
} as const;

/** How the last fire ended and when, with its run. */
function Last({ job }: { job: Job }) {
  if (!job.running && job.last_run === null) return <span className="text-muted">{words.jobs.never}</span>;
  return (
    <>
      {job.running ? (
        <Mark icon="play" tone="run">
          {words.jobs.running}
        </Mark>
      ) : job.last_status ? (
        <Mark {...STATUS[job.last_status]}>{words.jobs.status[job.last_status]}</Mark>
      ) : null}
      <When at={job.last_run} className="text-muted" />
      {job.last_run_id ? (
        <Link
          to="/tower/runs/$runId"
          params={{ runId: job.last_run_id }}
          className="underline decoration-line-strong underline-offset-2 pointer-coarse:-my-3 pointer-coarse:py-3"
          aria-label={`${words.jobs.run} ${jobTitle(job.id)}`}
        >
          {words.jobs.run}
        </Link>
      ) : null}
    </>
  );
}

function Actions({ job, acts, whyNot }: { job: Job; acts: JobActs; whyNot: string | null }) {
  const title = jobTitle(job.id);
  const toggle = job.paused ? "resume" : "pause";
  return (
    <div className="flex justify-end gap-1.5 max-md:mt-1.5 max-md:justify-start">
      <Button
        size="small"
        icon="play"
        aria-label={words.jobs.runNowOf(title)}
        busy={acts.busy === `run ${job.id}`}
        reason={whyNot ?? (job.running ? words.jobs.isRunning : null)}
        onClick={() => acts.act(job, "run")}
      >
        {words.jobs.runNow}
      </Button>
      <Button
        size="small"
        look="quiet"
        icon={job.paused ? "retry" : "pause"}
        data-toggle={job.id}
        className="w-24"
        aria-label={job.paused ? words.jobs.resumeOf(title) : words.jobs.pauseOf(title)}
        busy={acts.busy === `${toggle} ${job.id}`}
        reason={whyNot}
        onClick={() => acts.act(job, toggle)}
      >
        {job.paused ? words.jobs.resume : words.jobs.pause}
      </Button>
    </div>
  );
}
