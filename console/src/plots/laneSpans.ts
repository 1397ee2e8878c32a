import type { Bar, BarKind } from "./lanes";
import { kindOf, type TraceSpan } from "./span";

/**
 * The bars of the events, with what the spans know better: the exact begin and end of nodes and calls, and the
 * model calls, which no event tells. A bar that no span stands for is kept. Pure.
 */
export function addSpans(bars: readonly Bar[], spans: readonly TraceSpan[], edge: number): Bar[] {
  if (spans.length === 0) return [...bars];
  const nodes = nodesOf(spans);
  const fromSpans: Bar[] = [];
  for (const span of spans) {
    const kind = kindOf(span);
    if (kind === "run") continue;
    if (kind === "wait" && bars.some((bar) => bar.kind === "wait")) continue;
    fromSpans.push(toBar(span, kind, nodes.get(span.run_id) ?? null, edge));
  }
  const kept: Bar[] = [];
  for (const bar of bars) {
    const same = fromSpans.filter((other) => matches(bar, other));
    if (same.length === 0) kept.push(bar);
    else handOver(bar, same);
  }
  return [...kept, ...fromSpans];
}

/** The node that each span belongs to: its own word, else its nearest ancestor that is a node. */
function nodesOf(spans: readonly TraceSpan[]): Map<string, string> {
  const byId = new Map(spans.map((span) => [span.run_id, span]));
  const found = new Map<string, string>();
  for (const span of spans) {
    let at: TraceSpan | undefined = span;
    for (let depth = 0; at && depth < 32; depth += 1) {
      const node: string | null = at.node ?? (kindOf(at) === "node" ? at.name : null);
      if (node) {
        found.set(span.run_id, node);
        break;
      }
      at = at.parent_id ? byId.get(at.parent_id) : undefined;
    }
  }
  return found;
}

function toBar(span: TraceSpan, kind: BarKind, node: string | null, edge: number): Bar {
  const start = Date.parse(span.start_time);
  const end = span.end_time ? Date.parse(span.end_time) : Math.max(edge, start);
  const effect = span.attributes?.effect_id;
  const lost = span.attributes?.outcome === "broken off" || span.error === "worker lost";
  return {
    id: `s-${span.run_id}`,
    kind,
    name: kind === "llm" && span.model !== "unknown" ? span.model : span.name,
    node,
    start,
    end: Math.max(start, end),
    state: span.status === "pending" ? "open" : lost ? "lost" : span.status === "error" ? "failed" : "done",
    instant: false,
    attempt: 1,
    row: kind === "llm" || kind === "tool" ? 1 : 0,
    seqs: [],
    span,
    effectId: typeof effect === "string" ? effect : null,
    ticketId: span.ticket_id ?? null,
    outcome: null,
    by: null,
  };
}

/** An event is written some time after what it tells of, within this. */
const SLACK_MS = 400;

function matches(bar: Bar, other: Bar): boolean {
  if (bar.kind !== other.kind) return false;
  if (bar.kind === "tool") {
    return bar.name === other.name && Math.abs(bar.end - other.end) <= SLACK_MS;
  }
  if (bar.kind !== "node" || bar.node !== other.node) return false;
  return bar.start <= other.end + SLACK_MS && other.start <= bar.end + SLACK_MS;
}

/** The events of a bar go to the span that ended nearest to it. */
function handOver(bar: Bar, same: readonly Bar[]): void {
  const nearest = same.toSorted((a, b) => Math.abs(a.end - bar.end) - Math.abs(b.end - bar.end))[0];
  if (!nearest) return;
  nearest.seqs = [...new Set([...nearest.seqs, ...bar.seqs])].toSorted((a, b) => a - b);
  nearest.effectId ??= bar.effectId;
  nearest.ticketId ??= bar.ticketId;
}
