import { useCallback, useState } from "react";
import type { Run } from "@/api/types";
import { Gantt } from "@/plots/Gantt";
import { inOrder } from "@/plots/lanes";
import { type View, WHOLE, zoom } from "@/plots/scale";
import { IconButton } from "@/ui/Button";
import { useMedia } from "@/ui/media";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { plotFinding, plotSummary } from "@/words/runs";
import { BarDetails } from "./BarDetails";
import { PlotTable } from "./PlotTable";
import { RunFacts } from "./RunFacts";
import { Story } from "./Story";
import type { RunSearch } from "./search";
import { words } from "./strings";
import type { RunData } from "./useRun";

export interface TabProps {
  data: RunData;
  search: RunSearch;
  setSearch: (change: Partial<RunSearch>) => void;
}

/** Where the time went, drawn and told; beside it whatever is pointed at. */
export function TimelineTab({ data, search, setSearch, run }: TabProps & { run: Run }) {
  const { model, events, trace } = data;
  const [view, setView] = useState<View>(WHOLE);
  const [fold, setFold] = useState(true);
  const [table, setTable] = useState(false);
  const roomy = useMedia("(min-width: 80rem)");
  const bars = inOrder(model);
  const bar =
    bars.find((one) => one.id === search.bar) ??
    bars.find((one) => search.event !== undefined && one.seqs.includes(search.event)) ??
    null;
  const select = useCallback(
    (id: string | null) => setSearch({ bar: id ?? undefined, event: undefined }),
    [setSearch],
  );

  if (events.isError && !events.data) {
    return (
      <div className="p-6 max-md:p-4">
        <ErrorPanel what={words.plot.failed} error={events.error} retry={() => void events.refetch()} />
      </div>
    );
  }
  if (!events.data) return <SkeletonRows />;
  const details = bar ? <BarDetails bar={bar} data={data} onClose={() => select(null)} /> : null;
  const whole = view[1] - view[0] > 0.999;
  return (
    <div className="xl:grid xl:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0">
        <section aria-labelledby="plot" className="px-6 pt-5 max-md:px-4">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <h2 id="plot" className="min-w-0 text-sm font-medium">
              {plotFinding(model)}
            </h2>
            <div className="ml-auto flex items-center gap-1">
              <button
                type="button"
                aria-pressed={fold}
                title={words.plot.foldHint}
                onClick={() => setFold(!fold)}
                className={`h-7 rounded-md px-2 text-xs pointer-coarse:h-11 ${fold ? "bg-hover text-text" : "text-muted hover:text-text"}`}
              >
                {words.plot.fold}
              </button>
              <IconButton
                name="minus"
                label={words.plot.zoomOut}
                disabled={whole}
                onClick={() => setView(zoom(view, 1 / 0.6))}
                className="disabled:opacity-40"
              />
              <IconButton name="plus" label={words.plot.zoomIn} onClick={() => setView(zoom(view, 0.6))} />
              <IconButton
                name="whole"
                label={words.plot.reset}
                disabled={whole}
                onClick={() => setView(WHOLE)}
                className="disabled:opacity-40"
              />
              <IconButton
                name={table ? "runs" : "table"}
                label={table ? words.plot.drawing : words.plot.table}
                aria-pressed={table}
                onClick={() => setTable(!table)}
              />
            </div>
          </div>
          <p className="sr-only">
            {plotSummary(model)} {words.plot.help}
          </p>
          <div className="mt-2">
            {model.lanes.length === 0 ? (
              <Empty icon="clock" title={words.plot.storyEmpty} />
            ) : table ? (
              <PlotTable model={model} selected={bar?.id ?? null} onSelect={select} />
            ) : (
              <Gantt
                model={model}
                summary={plotSummary(model)}
                fold={fold}
                view={view}
                onView={setView}
                selected={bar?.id ?? null}
                onSelect={select}
              />
            )}
          </div>
          <Legend
            model={model}
            traced={trace.data !== null && trace.data !== undefined}
            pending={trace.isPending}
          />
        </section>
        {!roomy && details ? <div className="mt-4 border-y border-line bg-surface">{details}</div> : null}
        <Story data={data} selected={bar?.id ?? null} onSelect={select} />
        {roomy ? null : <RunFacts run={run} data={data} />}
      </div>
      {roomy ? (
        <aside aria-label={words.bar.title} className="border-l border-line">
          <div className="sticky top-10 max-h-[calc(100dvh-8rem)] overflow-y-auto">
            {details ?? <RunFacts run={run} data={data} />}
          </div>
        </aside>
      ) : null}
    </div>
  );
}

/** Shape and word of each kind that is drawn. */
function Legend({ model, traced, pending }: { model: RunData["model"]; traced: boolean; pending: boolean }) {
  const kinds = new Set(model.lanes.flatMap((lane) => lane.bars.map((bar) => bar.kind)));
  const looks = {
    node: "border-[var(--plot-1)] bg-[oklch(from_var(--plot-1)_l_c_h/0.2)]",
    llm: "border-[var(--plot-4)] bg-[oklch(from_var(--plot-4)_l_c_h/0.34)]",
    tool: "border-[var(--plot-3)] bg-[oklch(from_var(--plot-3)_l_c_h/0.34)]",
    wait: "border-warn hatched",
  } as const;
  return (
    <div className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {(["node", "llm", "tool", "wait"] as const)
        .filter((kind) => kinds.has(kind))
        .map((kind) => (
          <span key={kind} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className={`h-2.5 w-4 rounded-[3px] border ${looks[kind]}`} />
            {words.plot.legend[kind]}
          </span>
        ))}
      {traced || pending || model.lanes.length === 0 ? null : <span>{words.plot.eventsOnly}</span>}
    </div>
  );
}
