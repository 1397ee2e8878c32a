import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { RunEvent } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Select } from "@/ui/fields";
import { Icon } from "@/ui/Icon";
import { RawJson } from "@/ui/Json";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { When } from "@/ui/values";
import { eventWords } from "@/words/event";
import { words } from "./strings";
import type { TabProps } from "./TimelineTab";

const TONE = {
  plain: "text-text",
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  run: "text-run",
  wait: "text-accent",
} as const;

/** Every event as it was written, with its JSON; each leads to its bar. */
export default function EventsTab({ data, search, setSearch }: TabProps) {
  const { events } = data;
  const [follow, setFollow] = useState(false);
  const end = useRef<HTMLDivElement>(null);
  const all = data.rows.events;
  const kinds = [...new Set(all.map((event) => event.event_type))].toSorted();
  const wanted = all.filter((event) => !search.type || event.event_type === search.type);
  const newest = search.order === "newest";
  const shown = newest ? wanted.toReversed() : wanted;
  const count = wanted.length;

  // Following: the newest is kept in sight. Off by itself nothing scrolls.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new event is followed
  useEffect(() => {
    if (follow && !newest) end.current?.scrollIntoView({ block: "end" });
  }, [follow, newest, count]);

  if (!events.data) {
    if (!events.isError) return <SkeletonRows />;
    return (
      <div className="p-6 max-md:p-4">
        <ErrorPanel what={words.events.failed} error={events.error} retry={() => void events.refetch()} />
      </div>
    );
  }
  if (all.length === 0) {
    return (
      <Empty icon="clock" title={words.events.empty}>
        {words.events.emptyHint}
      </Empty>
    );
  }
  return (
    <div className="px-6 py-4 max-md:px-4">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          aria-label={words.events.type}
          value={search.type ?? ""}
          onChange={(event) => setSearch({ type: event.target.value || undefined })}
          className="!h-8 !w-auto text-sm"
        >
          <option value="">{words.events.anyType}</option>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </Select>
        <Button onClick={() => setSearch({ order: newest ? undefined : "newest" })}>
          {newest ? words.events.newest : words.events.oldest}
        </Button>
        {data.model.live && !newest ? (
          <Button aria-pressed={follow} icon={follow ? "pause" : "play"} onClick={() => setFollow(!follow)}>
            {words.events.follow}
          </Button>
        ) : null}
        <span className="ml-auto text-xs text-muted">{words.events.count(count, all.length)}</span>
      </div>
      {count === 0 ? (
        <Empty
          title={words.events.none}
          action={
            <Button onClick={() => setSearch({ type: undefined })}>{strings.common.clearFilter}</Button>
          }
        />
      ) : null}
      <ol>
        {shown.map((event) => (
          <EventRow key={event.seq} event={event} open={search.event === event.seq} />
        ))}
      </ol>
      <div ref={end} />
    </div>
  );
}

function EventRow({ event, open }: { event: RunEvent; open: boolean }) {
  const row = useRef<HTMLLIElement>(null);
  const said = eventWords(event);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: "center" });
  }, [open]);
  return (
    <li ref={row} className={`-mx-2 rounded-md border-b border-line px-2 py-2 ${open ? "bg-raised" : ""}`}>
      <div className="flex items-baseline gap-3 text-sm max-md:flex-wrap max-md:gap-x-2 max-md:gap-y-0">
        <span className="w-7 shrink-0 text-right text-xs text-muted">{event.seq}</span>
        <span className={`w-44 shrink-0 truncate font-mono text-xs max-md:w-auto ${TONE[said.tone]}`}>
          {event.event_type}
        </span>
        <span className="min-w-0 flex-1 break-words max-md:basis-full max-md:pl-9">{said.sentence}</span>
        <Link
          to="/tower/runs/$runId"
          params={{ runId: event.run_id }}
          search={{ event: event.seq }}
          resetScroll={false}
          title={words.events.toBar}
          className="inline-flex shrink-0 items-center gap-1 text-xs text-muted hover:text-text max-md:ml-9"
        >
          <Icon name="runs" size={12} />
          <span className="sr-only">{words.events.toBar}</span>
        </Link>
        <When at={event.created_at} className="w-20 shrink-0 text-right text-xs text-muted" />
      </div>
      {Object.keys(event.payload).length > 0 ? (
        <div className="pl-10">
          <RawJson value={event.payload} open={open} />
        </div>
      ) : null}
    </li>
  );
}
