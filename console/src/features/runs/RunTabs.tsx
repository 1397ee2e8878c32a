import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { type RunSearch, TABS, type Tab } from "./search";
import { words } from "./strings";
import type { RunData } from "./useRun";

/** The views of a run. They are links, so that each can be opened beside another and sent to somebody. */
export function RunTabs({ runId, search, data }: { runId: string; search: RunSearch; data: RunData }) {
  const now = search.tab ?? "timeline";
  const counts: Partial<Record<Tab, number>> = {
    events: data.rows.events.length,
    effects: data.rows.effects.length,
  };
  const bar = useRef<HTMLElement>(null);
  // On a phone the strip is wider than the screen: the open view is brought into sight, nothing else moves.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view, another place
  useEffect(() => {
    const strip = bar.current;
    const open = strip?.querySelector<HTMLElement>('[aria-current="page"]');
    if (strip && open) strip.scrollLeft = open.offsetLeft - (strip.clientWidth - open.offsetWidth) / 2;
  }, [now]);
  return (
    <nav
      ref={bar}
      aria-label={words.run.views}
      className="sticky top-0 z-10 flex gap-1 overflow-x-auto border-b border-line bg-bg px-4 [scrollbar-width:none] max-md:px-2"
    >
      {TABS.map((tab) => (
        <Link
          key={tab}
          to="/tower/runs/$runId"
          params={{ runId }}
          search={tab === "timeline" ? {} : { tab }}
          resetScroll={false}
          aria-current={tab === now ? "page" : undefined}
          className={`-mb-px flex h-10 shrink-0 items-center gap-1.5 border-b-2 px-2 text-sm pointer-coarse:h-11 pointer-coarse:px-3 ${
            tab === now ? "border-text font-medium" : "border-transparent text-muted hover:text-text"
          }`}
        >
          {words.run.tabs[tab]}
          {counts[tab] ? <span className="text-xs text-muted">{counts[tab]}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
