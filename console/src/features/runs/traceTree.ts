import type { TraceSpan } from "@/plots/span";

export interface TreeRow {
  span: TraceSpan;
  depth: number;
  /** How many spans it is made of, directly. */
  parts: number;
}

/** The spans as rows of a tree, each under what it is part of, siblings by begin; parts of a folded one left out. Pure. */
export function tree(spans: readonly TraceSpan[], folded: ReadonlySet<string>): TreeRow[] {
  const known = new Set(spans.map((span) => span.run_id));
  const parts = new Map<string, TraceSpan[]>();
  const roots: TraceSpan[] = [];
  for (const span of spans.toSorted((a, b) => Date.parse(a.start_time) - Date.parse(b.start_time))) {
    const parent = span.parent_id;
    if (!parent || parent === span.run_id || !known.has(parent)) roots.push(span);
    else parts.set(parent, [...(parts.get(parent) ?? []), span]);
  }
  const rows: TreeRow[] = [];
  const seen = new Set<string>();
  const add = (span: TraceSpan, depth: number) => {
    if (seen.has(span.run_id)) return;
    seen.add(span.run_id);
    const own = parts.get(span.run_id) ?? [];
    rows.push({ span, depth, parts: own.length });
    if (!folded.has(span.run_id)) for (const part of own) add(part, depth + 1);
  };
  for (const root of roots) add(root, 0);
  return rows;
}
