import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import type { Run } from "@/api/types";
import { useShortcuts } from "@/keys/keys";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { useMedia } from "@/ui/media";
import { Empty, ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";
import { runsSentence } from "@/words/runs";
import { PeekDialog } from "./PeekDialog";
import { RunsGrid } from "./RunsGrid";
import { RunsToolbar } from "./RunsToolbar";
import { StartDialog } from "./StartDialog";
import type { RunsSearch } from "./search";
import { words } from "./strings";
import { useLiveNodes, useRunCounts, useRuns } from "./useRuns";
import { useStill } from "./useStill";

const idOf = (run: Run) => run.run_id;

/** All runs: what goes on, what waits, what went wrong, in that order of haste. */
export default function RunsPage() {
  const search = useSearch({ strict: false }) as RunsSearch;
  const navigate = useNavigate();
  const card = useMedia("(max-width: 47.99rem)");
  const { pages, rows: fresh, key } = useRuns(search);
  const { counts, today, capped } = useRunCounts();
  const nodes = useLiveNodes();
  const [inUse, setInUse] = useState(false);
  const [active, setActive] = useState<string | null>(null);
  const [open, setOpen] = useState<"start" | Run | null>(null);
  const byKey = useRef(false);
  const list = useStill(fresh, idOf, inUse || active !== null || open !== null, key);
  useDocumentTitle(words.list.title);

  const onSearch = useCallback(
    (change: Partial<RunsSearch>) => {
      setActive(null);
      void navigate({
        to: "/tower/runs",
        search: (old) => ({ ...(old as RunsSearch), ...change }) as never,
        replace: true,
      });
    },
    [navigate],
  );
  const at = list.rows.findIndex((run) => run.run_id === active);
  const current = list.rows[at];
  const step = (by: 1 | -1) => {
    const next = list.rows[at < 0 ? (by > 0 ? 0 : list.rows.length - 1) : at + by];
    if (!next) return;
    byKey.current = true;
    setActive(next.run_id);
  };
  const group = strings.keys.groups.list;
  const keys = words.list.keys;
  useShortcuts([
    { keys: "j", label: keys.next, group, run: () => step(1) },
    { keys: "k", label: keys.previous, group, run: () => step(-1) },
    { keys: "ArrowDown", label: keys.next, group, run: () => step(1) },
    { keys: "ArrowUp", label: keys.previous, group, run: () => step(-1) },
    {
      keys: "Enter",
      label: keys.open,
      group,
      run: () => current && void navigate({ to: "/tower/runs/$runId", params: { runId: current.run_id } }),
    },
    { keys: "Space", label: keys.peek, group, run: () => current && setOpen(current) },
    { keys: "Escape", label: keys.close, group, run: () => setActive(null) },
    { keys: "n", label: keys.start, group, run: () => setOpen("start") },
    {
      keys: "y",
      label: keys.copy,
      group,
      run: () => void (current && navigator.clipboard?.writeText(current.run_id)),
    },
  ]);
  const filtered = Object.keys(search).length > 0;
  const clear = () => void navigate({ to: "/tower/runs", search: {} });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="px-6 pt-6 pb-3 max-md:px-4 max-md:pt-5">
        <Sentence>{runsSentence(counts)}</Sentence>
      </div>
      <RunsToolbar
        search={search}
        onSearch={onSearch}
        counts={today}
        capped={capped}
        workflows={[...new Set(list.rows.map((run) => run.workflow_id))]}
        onStart={() => setOpen("start")}
      />
      {pages.isPending ? <SkeletonRows rows={10} /> : null}
      {pages.isError && !pages.data ? (
        <div className="px-6 max-md:px-4">
          <ErrorPanel what={words.list.failed} error={pages.error} retry={() => void pages.refetch()} />
        </div>
      ) : null}
      {fresh?.length === 0 ? (
        filtered ? (
          <Empty
            icon="search"
            title={words.list.emptyFilter}
            action={<Button onClick={clear}>{strings.common.clearFilter}</Button>}
          >
            {words.list.emptyFilterHint}
          </Empty>
        ) : (
          <Empty icon="runs" title={words.list.empty}>
            {words.list.emptyHint}
          </Empty>
        )
      ) : null}
      {list.rows.length > 0 ? (
        <RunsGrid
          rows={list.rows}
          nodes={nodes}
          card={card}
          active={active}
          byKey={byKey}
          arrivals={list.arrivals}
          onAdmit={list.admit}
          onActive={setActive}
          onUse={setInUse}
          more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
          loading={pages.isFetchingNextPage}
        />
      ) : null}
      {open === "start" ? <StartDialog onClose={() => setOpen(null)} /> : null}
      {open !== null && open !== "start" ? <PeekDialog run={open} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}
