import { type KeyboardEvent, useRef, useState } from "react";
import type { Job } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { useNow } from "@/ui/now";
import { dueWords, firesOf, intervalOf, jobTitle, planSentence, triggerWords } from "@/words/jobs";
import { words } from "./strings";

const DAY = 24 * 60;
/** Fires this close together (minutes) are drawn as one bar: their marks could not be told apart. */
const DENSE = 10;
const HOURS = [0, 6, 12, 18, 24];

/** The next 24 hours: a line per job with a mark per fire. Each line leads to its job; the table is its twin. */
export function Plan({ jobs }: { jobs: readonly Job[] }) {
  const now = useNow();
  const [table, setTable] = useState(false);
  const [at, setAt] = useState(0);
  const lanes = useRef<HTMLDivElement>(null);
  if (jobs.length === 0) return null;
  const until = now + DAY * 60_000;
  const rows = jobs.map((job) => ({ job, fires: firesOf(job, until) }));
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const to = Math.min(rows.length - 1, Math.max(0, at + step));
    setAt(to);
    lanes.current?.querySelectorAll<HTMLElement>("[data-lane]")[to]?.focus();
  };
  return (
    <figure className="m-0 px-6 pt-4 max-md:px-4">
      <figcaption className="flex items-center gap-3 pb-2 text-sm">
        <span className="min-w-0 flex-1 font-medium text-pretty">{planSentence(jobs, until)}</span>
        <Button size="small" look="quiet" icon={table ? "runs" : "table"} onClick={() => setTable(!table)}>
          {table ? words.plan.asPlot : words.plan.asTable}
        </Button>
      </figcaption>
      {table ? (
        <PlanTable rows={rows} now={now} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the arrows walk between the buttons in it
        <div ref={lanes} onKeyDown={walk}>
          {rows.map(({ job, fires }, lane) => {
            const next = dueWords(job.next_run, now);
            return (
              <button
                key={job.id}
                type="button"
                data-lane
                tabIndex={lane === at ? 0 : -1}
                onFocus={() => setAt(lane)}
                onClick={() => show(job.id)}
                aria-label={words.plan.lane(jobTitle(job.id), triggerWords(job.trigger), fires.length, next)}
                className="flex w-full items-center gap-3 rounded-sm text-left text-xs text-muted pointer-coarse:min-h-7 hover:text-text max-md:gap-2"
              >
                <span className="w-40 shrink-0 truncate max-md:w-28">{jobTitle(job.id)}</span>
                <span className="relative flex min-w-0 flex-1">
                  <Lane job={job} fires={fires} now={now} />
                  {fires.length === 0 ? (
                    <span className="absolute inset-y-0 left-2 flex items-center">
                      <span className="bg-bg px-1.5">{job.paused ? strings.run.paused : next}</span>
                    </span>
                  ) : null}
                </span>
              </button>
            );
          })}
          <div aria-hidden="true" className="flex gap-3 text-xs text-muted max-md:gap-2">
            <span className="w-40 shrink-0 max-md:w-28" />
            <span className="flex flex-1 justify-between pt-1">
              {HOURS.map((hour) => (
                <span key={hour}>{hour === 0 ? words.plan.now : words.plan.hours(hour)}</span>
              ))}
            </span>
          </div>
        </div>
      )}
    </figure>
  );
}

function Lane({ job, fires, now }: { job: Job; fires: readonly number[]; now: number }) {
  const x = (moment: number) => Math.max(0, (moment - now) / 60_000);
  const minutes = intervalOf(job.trigger);
  const first = fires[0];
  const mark = { stroke: "currentColor", vectorEffect: "non-scaling-stroke", strokeWidth: 2 } as const;
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${DAY} 20`}
      preserveAspectRatio="none"
      className="h-5 min-w-0 flex-1 overflow-visible"
    >
      {HOURS.map((hour) => (
        <line
          key={hour}
          x1={hour * 60}
          x2={hour * 60}
          y1={0}
          y2={20}
          stroke="var(--line)"
          vectorEffect="non-scaling-stroke"
        />
      ))}
      <line x1={0} x2={DAY} y1={10} y2={10} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
      {first !== undefined && minutes !== null && minutes <= DENSE ? (
        <rect x={x(first)} y={7} width={DAY - x(first)} height={6} fill="currentColor" opacity={0.6} />
      ) : (
        fires.map((fire) => (
          <line
            key={fire}
            x1={x(fire)}
            x2={x(fire)}
            y1={minutes === null ? 2 : 6}
            y2={minutes === null ? 18 : 14}
            {...mark}
            strokeWidth={minutes === null ? 3 : 1.5}
          />
        ))
      )}
    </svg>
  );
}

function PlanTable({ rows, now }: { rows: readonly { job: Job; fires: readonly number[] }[]; now: number }) {
  const { columns } = words.plan;
  return (
    <table className="w-full max-w-2xl text-left text-sm">
      <thead className="text-xs text-muted">
        <tr>
          <th className="py-1 font-normal">{columns.job}</th>
          <th className="py-1 font-normal">{columns.trigger}</th>
          <th className="py-1 font-normal">{columns.next}</th>
          <th className="py-1 text-right font-normal">{columns.count}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ job, fires }) => (
          <tr key={job.id} className="border-t border-line">
            <th scope="row" className="py-1.5 font-normal">
              {jobTitle(job.id)}
            </th>
            <td className="py-1.5 text-muted">{triggerWords(job.trigger)}</td>
            <td className="py-1.5">{job.paused ? "–" : dueWords(job.next_run, now)}</td>
            <td className="py-1.5 text-right">{fires.length}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Leads to the row of a job. */
function show(id: string): void {
  const row = document.getElementById(`job-${id}`);
  row?.scrollIntoView({ block: "center" });
  row?.focus({ preventScroll: true });
}
