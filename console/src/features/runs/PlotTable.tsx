import { barWords, laneName } from "@/plots/geometry";
import { inOrder, type PlotModel } from "@/plots/lanes";
import { Money } from "@/ui/values";
import { formatDuration } from "@/words/time";
import { words } from "./strings";

/** The plot as a table: the same bars, in the same order. */
export function PlotTable({
  model,
  selected,
  onSelect,
}: {
  model: PlotModel;
  selected: string | null;
  onSelect: (bar: string) => void;
}) {
  const { columns } = words.plot;
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={words.plot.table}>
      <table className="w-full min-w-[560px] text-sm">
        <thead className="text-left text-xs text-muted">
          <tr className="h-8 border-b border-line">
            <th className="font-normal">{columns.what}</th>
            <th className="font-normal">{columns.lane}</th>
            <th className="w-20 text-right font-normal">{columns.begin}</th>
            <th className="w-20 text-right font-normal">{columns.took}</th>
            <th className="w-20 text-right font-normal">{columns.tokens}</th>
            <th className="w-24 text-right font-normal">{columns.cost}</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(model).map((bar) => (
            <tr key={bar.id} className={`h-9 border-b border-line ${bar.id === selected ? "bg-raised" : ""}`}>
              <td>
                <button
                  type="button"
                  onClick={() => onSelect(bar.id)}
                  className="max-w-full truncate text-left underline decoration-line-strong underline-offset-2"
                >
                  {barWords(bar).split(",")[0]}
                </button>
                {bar.state === "done" ? null : (
                  <span className="text-muted">, {words.bar.states[bar.state]}</span>
                )}
              </td>
              <td className="text-muted">{bar.node ? laneName(bar.node) : "–"}</td>
              <td className="text-right">+{formatDuration(bar.start - model.start)}</td>
              <td className="text-right">{bar.instant ? "–" : formatDuration(bar.end - bar.start)}</td>
              <td className="text-right">{bar.span?.total_tokens ? bar.span.total_tokens : "–"}</td>
              <td className="text-right">{bar.span?.cost ? <Money amount={bar.span.cost} /> : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
