import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useRef, useState } from "react";
import type { Run } from "@/api/types";
import { useShortcuts } from "@/keys/keys";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { useMedia } from "@/ui/media";
import { RowGrid } from "@/ui/RowGrid";
import { Empty, ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";
import { useRowKeys } from "@/ui/useRowKeys";
import { useStill } from "@/ui/useStill";
import { runsSentence } from "@/words/runs";
import { PeekDialog } from "./PeekDialog";
import { CARD_HEIGHT, ROW_HEIGHT, RunRow } from "./RunRow";
import { RunsToolbar } from "./RunsToolbar";
import { StartDialog } from "./StartDialog";
import type { RunsSearch } from "./search";
import { words } from "./strings";
import { useLiveNodes, useRunCounts, useRuns } from "./useRuns";

const idOf = (run: Run) => run.run_id;

const { columns } = words.list;
const COLUMNS = [
  { label: columns.status, className: "w-32 shrink-0" },
  { label: columns.name, className: "min-w-0 flex-1" },
  { label: columns.node, className: "w-40 shrink-0 max-lg:hidden" },
  { label: columns.trigger, className: "w-20 shrink-0" },
  { label: columns.age, className: "w-24 shrink-0 text-right" },
  { label: columns.took, className: "w-20 shrink-0 text-right" },
  { label: columns.cost, className: "w-20 shrink-0 text-right" },
];

/** All runs: what goes on, what waits, what went wrong, in that order of haste. */
export default function RunsPage() {
  const search = useSearch({ strict: false }) as RunsSearch;
  const navigate = useNavigate();
  const card = useMedia("(max-width: 47.99rem)");
  const { pages, rows: fresh, key } = useRuns(search);
  const { counts, today, capped } = useRunCounts();
  const nodes = useLiveNodes();
  const [pointed, setPointed] = useState(false);
  const [open, setOpen] = useState<"start" | Run | null>(null);
  const using = useRef(false);
  const list = useStill(fresh, idOf, pointed || open !== null || using.current, key);
  const { rows } = list;
  const { active, setActive, at, current, byKey } = useRowKeys(
    rows,
    idOf,
    words.list.keys,
    (run) => void navigate({ to: "/tower/runs/$runId", params: { runId: run.run_id } }),
  );
  using.current = active !== null;
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
    [navigate, setActive],
  );
  const group = strings.keys.groups.list;
  useShortcuts([
    { keys: "Space", label: words.list.keys.peek, group, run: () => current && setOpen(current) },
    { keys: "n", label: words.list.keys.start, group, run: () => setOpen("start") },
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
        workflows={[...new Set(rows.map((run) => run.workflow_id))]}
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
      {rows.length > 0 ? (
        <RowGrid
          label={words.list.title}
          columns={COLUMNS}
          card={card}
          count={rows.length}
          height={card ? CARD_HEIGHT : ROW_HEIGHT}
          at={at}
          byKey={byKey}
          arrivals={list.arrivals}
          words={words.list}
          onAdmit={list.admit}
          onUse={setPointed}
          more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
          loading={pages.isFetchingNextPage}
          row={(index, reachable) => {
            const run = rows[index];
            return run ? (
              <RunRow
                key={run.run_id}
                run={run}
                index={index}
                node={nodes.get(run.run_id)}
                active={run.run_id === active}
                reachable={reachable}
                card={card}
                onFocus={setActive}
              />
            ) : null;
          }}
        />
      ) : null}
      {open === "start" ? <StartDialog onClose={() => setOpen(null)} /> : null}
      {open !== null && open !== "start" ? <PeekDialog run={open} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}
