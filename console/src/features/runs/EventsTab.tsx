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
  wait: "text-text",
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
  const bare = Object.keys(event.payload).length === 0;
  return (
    <li ref={row} className={`relative border-b border-line ${open ? "bg-raised" : "hover:bg-surface"}`}>
      <details open={open} className="group">
        <summary className="flex min-h-9 list-none items-center gap-3 py-1.5 pr-8 text-sm max-md:flex-wrap max-md:gap-x-2 max-md:gap-y-0 pointer-coarse:min-h-11">
          <Icon
            name="chevron"
            size={12}
            className={`text-muted transition-transform group-open:rotate-90 ${bare ? "invisible" : ""}`}
          />
          <span className="w-6 shrink-0 text-right text-xs text-muted">{event.seq}</span>
          <span className={`w-44 shrink-0 truncate font-mono text-xs max-md:w-auto ${TONE[said.tone]}`}>
            {event.event_type}
          </span>
          <span className="min-w-0 flex-1 break-words max-md:order-last max-md:basis-full max-md:pl-12">
            {said.sentence}
          </span>
          <When
            at={event.created_at}
            className="w-20 shrink-0 text-right text-xs text-muted max-md:ml-auto"
          />
        </summary>
        {bare ? null : (
          <div className="pb-2 pl-12 max-md:pl-5">
            <RawJson value={event.payload} open />
          </div>
        )}
      </details>
      <Link
        to="/tower/runs/$runId"
        params={{ runId: event.run_id }}
        search={{ event: event.seq }}
        resetScroll={false}
        title={words.events.toBar}
        aria-label={`${words.events.toBar}: ${event.seq}`}
        className="absolute top-1.5 right-0 inline-flex size-6 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text"
      >
        <Icon name="runs" size={12} />
      </Link>
    </li>
  );
}
