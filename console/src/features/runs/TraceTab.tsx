import { useState } from "react";
import { kindOf, type TraceSpan } from "@/plots/span";
import { Icon } from "@/ui/Icon";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { Money } from "@/ui/values";
import { nodeName } from "@/words/event";
import { formatDuration } from "@/words/time";
import { words } from "./strings";
import type { TabProps } from "./TimelineTab";
import { tree } from "./traceTree";

const COLOUR = {
  run: "var(--text-muted)",
  node: "var(--plot-1)",
  llm: "var(--plot-4)",
  tool: "var(--plot-3)",
  wait: "var(--warn)",
} as const;

/** The spans of the run as a tree with a waterfall beside it, straight in time. */
export default function TraceTab({ data, search, setSearch }: TabProps) {
  const { trace } = data;
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  if (!trace.data) {
    if (trace.isPending) return <SkeletonRows />;
    if (trace.isError) {
      return (
        <div className="p-6 max-md:p-4">
          <ErrorPanel what={words.trace.failed} error={trace.error} retry={() => void trace.refetch()} />
        </div>
      );
    }
    return (
      <Empty icon="info" title={words.trace.empty}>
        {words.trace.emptyHint}
      </Empty>
    );
  }
  const { start, end } = data.model;
  const rows = tree([trace.data, ...trace.data.steps], folded);
  const toggle = (id: string) =>
    setFolded((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <div className="px-6 py-4 max-md:px-4">
      <p className="mb-2 text-xs text-muted">
        {words.trace.total(trace.data.steps.length + 1)}
        {trace.data.steps_truncated ? ` · ${words.trace.truncated}` : ""}
      </p>
      <div className="overflow-x-auto">
        <table className="w-full min-w-[720px] table-fixed text-sm">
          <thead className="text-left text-xs text-muted">
            <tr className="h-8 border-b border-line">
              <th className="w-72 font-normal">{words.trace.columns.span}</th>
              <th className="font-normal">
                <span className="sr-only">{words.trace.tree}</span>
              </th>
              <th className="w-20 text-right font-normal">{words.trace.columns.took}</th>
              <th className="w-20 text-right font-normal">{words.trace.columns.tokens}</th>
              <th className="w-24 text-right font-normal">{words.trace.columns.cost}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ span, depth, parts }) => {
              const bar = `s-${span.run_id}`;
              return (
                <tr
                  key={span.run_id}
                  className={`h-9 border-b border-line ${search.bar === bar ? "bg-raised" : "hover:bg-surface"}`}
                >
                  <td style={{ paddingLeft: depth * 16 }}>
                    <span className="flex items-center gap-1">
                      {parts > 0 ? (
                        <button
                          type="button"
                          aria-expanded={!folded.has(span.run_id)}
                          aria-label={`${folded.has(span.run_id) ? words.trace.unfold : words.trace.fold} ${span.name}`}
                          onClick={() => toggle(span.run_id)}
                          className="inline-flex size-6 shrink-0 items-center justify-center text-muted"
                        >
                          <Icon
                            name="chevron"
                            size={12}
                            className={folded.has(span.run_id) ? "" : "rotate-90"}
                          />
                        </button>
                      ) : (
                        <span className="size-6 shrink-0" />
                      )}
                      <button
                        type="button"
                        onClick={() => setSearch({ tab: undefined, bar })}
                        disabled={depth === 0}
                        className="truncate text-left enabled:hover:underline"
                        title={span.name}
                      >
                        {nameOf(span)}
                      </button>
                      {span.status === "error" ? <Icon name="warn" size={12} className="text-bad" /> : null}
                    </span>
                  </td>
                  <td aria-hidden="true">
                    <Waterfall span={span} start={start} end={end} />
                  </td>
                  <td className="text-right">{formatDuration(took(span, end))}</td>
                  <td className="text-right">{span.total_tokens > 0 ? span.total_tokens : "–"}</td>
                  <td className="text-right">{span.cost > 0 ? <Money amount={span.cost} /> : "–"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function nameOf(span: TraceSpan): string {
  const kind = kindOf(span);
  if (kind === "node") return nodeName(span.name);
  if (kind === "llm") return span.model === "unknown" ? span.name : span.model;
  return span.name;
}

function took(span: TraceSpan, end: number): number {
  return (span.end_time ? Date.parse(span.end_time) : end) - Date.parse(span.start_time);
}

function Waterfall({ span, start, end }: { span: TraceSpan; start: number; end: number }) {
  const whole = Math.max(1, end - start);
  const from = (Math.max(0, Date.parse(span.start_time) - start) / whole) * 100;
  const width = (took(span, end) / whole) * 100;
  const kind = kindOf(span);
  return (
    <span className="relative block h-4">
      <span
        className={`absolute inset-y-0.5 min-w-[3px] rounded-[3px] ${kind === "wait" ? "hatched" : ""}`}
        style={{
          left: `${Math.min(from, 99.5)}%`,
          width: `${Math.max(0.4, Math.min(width, 100 - from))}%`,
          background: kind === "wait" ? undefined : span.status === "error" ? "var(--bad)" : COLOUR[kind],
          opacity: kind === "wait" || kind === "llm" || kind === "tool" ? 1 : 0.45,
        }}
      />
    </span>
  );
}
