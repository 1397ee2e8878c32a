import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Icon, type IconName } from "@/ui/Icon";
import { useTimeShown } from "@/ui/now";
import { type StoryLine, story } from "@/words/events";
import { formatAbsolute, formatDuration } from "@/words/time";
import { words } from "./strings";
import type { RunData } from "./useRun";

const TONE: Record<StoryLine["tone"], { icon: IconName; colour: string }> = {
  plain: { icon: "dot", colour: "text-muted" },
  ok: { icon: "check", colour: "text-ok" },
  warn: { icon: "warn", colour: "text-warn" },
  bad: { icon: "warn", colour: "text-bad" },
  run: { icon: "play", colour: "text-run" },
  wait: { icon: "hand", colour: "text-accent" },
};

/** The run told in sentences, oldest first, so that what comes is added below and nothing moves. */
export function Story({
  data,
  selected,
  onSelect,
}: {
  data: RunData;
  selected: string | null;
  onSelect: (bar: string | null) => void;
}) {
  const [all, setAll] = useState(false);
  const lines = story({
    model: data.model,
    events: data.rows.events,
    effects: data.rows.effects,
    orderName: data.order?.name ?? null,
  });
  const routine = lines.filter((line) => line.quiet).length;
  const shown = all ? lines : lines.filter((line) => !line.quiet);
  return (
    <section aria-labelledby="story" className="px-6 pt-6 pb-8 max-md:px-4">
      <div className="flex items-baseline gap-4">
        <h2 id="story" className="text-sm font-medium">
          {words.plot.story}
        </h2>
        {routine > 0 ? (
          <button
            type="button"
            aria-expanded={all}
            onClick={() => setAll(!all)}
            className="ml-auto h-6 text-xs text-muted underline decoration-line-strong underline-offset-2 pointer-coarse:h-11 hover:text-text"
          >
            {all ? words.plot.hideRoutine : words.plot.routine(routine)}
          </button>
        ) : null}
      </div>
      {shown.length === 0 ? <p className="mt-3 text-sm text-muted">{words.plot.storyEmpty}</p> : null}
      <ol className="mt-3">
        {shown.map((line) => (
          <Line
            key={line.id}
            line={line}
            since={data.model.start}
            selected={line.bar !== null && line.bar === selected}
            onSelect={onSelect}
          />
        ))}
      </ol>
    </section>
  );
}

function Line({
  line,
  since,
  selected,
  onSelect,
}: {
  line: StoryLine;
  since: number;
  selected: boolean;
  onSelect: (bar: string | null) => void;
}) {
  const { icon, colour } = TONE[line.tone];
  return (
    <li
      className={`relative -mx-2 flex gap-3 rounded-md px-2 py-1.5 text-sm ${selected ? "bg-raised" : "hover:bg-surface"}`}
    >
      <Icon name={icon} size={14} className={`mt-[3px] ${colour}`} />
      <span className="min-w-0 flex-1">
        {line.bar ? (
          <button
            type="button"
            aria-pressed={selected}
            title={line.machine}
            onClick={() => onSelect(selected ? null : line.bar)}
            className={`text-left break-words after:absolute after:inset-0 ${line.quiet ? "text-muted" : ""}`}
          >
            {line.sentence}
          </button>
        ) : (
          <span className={`break-words ${line.quiet ? "text-muted" : ""}`} title={line.machine}>
            {line.sentence}
          </span>
        )}
        {line.ticketId === null ? null : (
          <>
            {" "}
            <Link
              to="/tower/tickets/$ticketId"
              params={{ ticketId: String(line.ticketId) }}
              className="relative z-10 text-xs whitespace-nowrap text-muted underline decoration-line-strong underline-offset-2 hover:text-text"
            >
              {words.plot.ticket(line.ticketId)}
            </Link>
          </>
        )}
        {line.detail ? <span className="block truncate text-xs text-muted">{line.detail}</span> : null}
      </span>
      <span className="shrink-0 text-right text-xs leading-5 text-muted">
        <Clock at={line.at} since={since} />
      </span>
    </li>
  );
}

/** How far into the run, and the clock; all of it on hover. */
function Clock({ at, since }: { at: number; since: number }) {
  const utc = useTimeShown() === "utc";
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: utc ? "UTC" : undefined });
  return (
    <time dateTime={new Date(at).toISOString()} title={formatAbsolute(at, utc)} className="whitespace-nowrap">
      <span className="max-md:hidden">+{formatDuration(Math.max(0, at - since))}</span>
      <span className="ml-3">{clock.format(at)}</span>
    </time>
  );
}
