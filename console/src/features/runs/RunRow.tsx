import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Run } from "@/api/types";
import { RunMark } from "@/ui/marks";
import { useNow } from "@/ui/now";
import { Money, When } from "@/ui/values";
import { nodeName } from "@/words/event";
import { runTitle } from "@/words/run";
import { tookMs, triggerOf } from "@/words/runs";
import { formatDuration, formatSpan } from "@/words/time";
import { words } from "./strings";

export const ROW_HEIGHT = 36;
export const CARD_HEIGHT = 76;

export interface RunRowProps {
  run: Run;
  index: number;
  node: string | undefined;
  active: boolean;
  /** The one row that the Tab key reaches. */
  reachable: boolean;
  card: boolean;
  onFocus: (run: string) => void;
}

/** One run: the same things in the same places on every row. The whole row is the link. */
export const RunRow = memo(function RunRow({
  run,
  index,
  node,
  active,
  reachable,
  card,
  onFocus,
}: RunRowProps) {
  const link = (
    <Link
      to="/tower/runs/$runId"
      params={{ runId: run.run_id }}
      tabIndex={-1}
      className="block truncate outline-none after:absolute after:inset-0"
    >
      {runTitle(run)}
    </Link>
  );
  const row = {
    role: "row",
    "aria-rowindex": index + 2,
    tabIndex: reachable ? 0 : -1,
    "data-row": index,
    onFocus: () => onFocus(run.run_id),
  } as const;
  const cost = run.cost_usd > 0 ? <Money amount={run.cost_usd} currency={null} /> : <span>–</span>;
  if (card) {
    return (
      <div
        {...row}
        className="relative border-b border-line px-4 py-3 focus-visible:-outline-offset-2"
        style={{ height: CARD_HEIGHT }}
      >
        <div role="gridcell" className="flex items-baseline gap-3">
          <span className="min-w-0 flex-1 text-letter font-medium">{link}</span>
          <When at={run.created_at} className="shrink-0 text-sm text-muted" />
        </div>
        <div role="gridcell" className="mt-1 flex items-center gap-3 text-sm text-muted">
          <RunMark status={run.status} paused={run.paused} />
          <span className="min-w-0 flex-1 truncate">
            <Where run={run} node={node} />
          </span>
          <Took run={run} />
          {run.cost_usd > 0 ? <Money amount={run.cost_usd} /> : null}
        </div>
      </div>
    );
  }
  return (
    <div
      {...row}
      className={`relative flex items-center gap-4 border-b border-line px-6 text-sm focus-visible:-outline-offset-2 ${
        active ? "bg-surface" : ""
      } hover:bg-surface`}
      style={{ height: ROW_HEIGHT }}
    >
      <div role="gridcell" className="flex w-32 shrink-0 items-center">
        <RunMark status={run.status} paused={run.paused} />
      </div>
      <div role="gridcell" className="min-w-0 flex-1">
        {link}
      </div>
      <div role="gridcell" className="w-40 shrink-0 truncate text-muted max-lg:hidden">
        <Where run={run} node={node} />
      </div>
      <div role="gridcell" className="w-20 shrink-0 truncate text-muted">
        {triggerOf(run)}
      </div>
      <div role="gridcell" className="w-24 shrink-0 text-right text-muted">
        <When at={run.created_at} />
      </div>
      <div role="gridcell" className="w-20 shrink-0 text-right">
        <Took run={run} />
      </div>
      <div role="gridcell" className="w-20 shrink-0 text-right">
        {cost}
      </div>
    </div>
  );
});

/** Where it stands within its work: the step, the ticket it waits for, the next try. */
function Where({ run, node }: { run: Run; node: string | undefined }) {
  const now = useNow();
  if (run.status === "running") return node ? nodeName(node) : null;
  if (run.status === "waiting_approval" && run.last_ticket_id !== null)
    return words.list.waits(run.last_ticket_id);
  if (run.status === "queued" && run.available_at && Date.parse(run.available_at) > now)
    return `next try in ${formatSpan(Date.parse(run.available_at) - now)}`;
  if (run.status === "failed") return run.last_error;
  return null;
}

function Took({ run }: { run: Run }) {
  const now = useNow();
  const took = tookMs(run, now);
  return <span className="whitespace-nowrap">{took === null ? "–" : formatDuration(took)}</span>;
}
