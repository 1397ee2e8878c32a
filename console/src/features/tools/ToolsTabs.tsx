import { Link } from "@tanstack/react-router";
import { TABS, type Tab } from "./search";
import { words } from "./strings";

/** The views of the page. They are links, so that each can be opened beside another and sent to somebody. */
export function ToolsTabs({ now, unresolved }: { now: Tab; unresolved: number }) {
  return (
    <nav
      aria-label={words.views}
      className="flex shrink-0 gap-1 overflow-x-auto border-b border-line bg-bg px-4 [scrollbar-width:none] max-md:px-2"
    >
      {TABS.map((tab) => (
        <Link
          key={tab}
          to="/tools"
          search={tab === "jobs" ? {} : { tab }}
          aria-current={tab === now ? "page" : undefined}
          className={`-mb-px flex h-10 shrink-0 items-center gap-1.5 border-b-2 px-2 text-sm pointer-coarse:h-11 pointer-coarse:px-3 ${
            tab === now ? "border-text font-medium" : "border-transparent text-muted hover:text-text"
          }`}
        >
          {words.tabs[tab]}
          {tab === "dlq" && unresolved > 0 ? <span className="text-xs text-muted">{unresolved}</span> : null}
        </Link>
      ))}
    </nav>
  );
}
