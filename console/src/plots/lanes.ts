import type { Effect, RunEvent } from "@/api/types";
import { addSpans } from "./laneSpans";
import type { TraceSpan } from "./span";
import { walk } from "./walk";

export type BarKind = "node" | "llm" | "tool" | "wait" | "queue" | "hold";
export type BarState = "done" | "failed" | "lost" | "open";

/** One stretch of time of a run. Times are epoch milliseconds. */
export interface Bar {
  id: string;
  kind: BarKind;
  /** The machine's word: a node, a model or a tool. */
  name: string;
  node: string | null;
  start: number;
  end: number;
  state: BarState;
  /** Only its end is recorded; it is drawn as a point. */
  instant: boolean;
  /** 1 for the first try of a node, one more after each restart. */
  attempt: number;
  /** Row inside the lane: 0 the node itself, from 1 on what it called. */
  row: number;
  /** Sequence numbers of the events that it stands for. */
  seqs: number[];
  span: TraceSpan | null;
  effectId: string | null;
  ticketId: number | null;
  /** What ended a wait: approved, rejected, expired or withdrawn, and by whom. */
  outcome: string | null;
  by: string | null;
}

export interface Lane {
  id: string;
  kind: "queue" | "node";
  bars: Bar[];
  rows: number;
}

/** A moment worth a line across the plot. */
export interface PlotMark {
  at: number;
  kind: "recovered" | "failed" | "cancelled" | "blocked" | "unknown";
  seq: number;
}

export interface PlotModel {
  lanes: Lane[];
  marks: PlotMark[];
  start: number;
  end: number;
  /** The run goes on: the right edge is now. */
  live: boolean;
  /** Milliseconds in which nodes worked, in which a person was waited for, and in which it stood in the queue. */
  machineMs: number;
  humanMs: number;
  queueMs: number;
}

export interface LaneOptions {
  now: number;
  /** Give the begin of calls that the events name only at their end. */
  effects?: readonly Effect[];
}

/** The lane of time spent in no node at all. */
export const QUEUE_LANE = "__queue__";

/**
 * The plot of a run. Events alone are enough: they tell nodes, waits, queue and restarts, and calls by their end.
 * Spans add the model calls and the exact begin of everything. Pure.
 */
export function lanes(
  events: readonly RunEvent[],
  spans: readonly TraceSpan[],
  { now, effects = [] }: LaneOptions,
): PlotModel {
  const walked = walk(events, now, effects);
  const bars = addSpans(walked.bars, spans, walked.live ? now : walked.end);
  countTries(bars);
  const starts = bars.map((bar) => bar.start);
  const ends = bars.map((bar) => bar.end);
  const start = Math.min(walked.start, ...starts);
  const end = Math.max(walked.end, ...ends);
  return {
    lanes: group(bars),
    marks: walked.marks,
    start: Number.isFinite(start) ? start : now,
    end: Number.isFinite(end) ? Math.max(end, start) : now,
    live: walked.live,
    machineMs: covered(bars.filter((bar) => bar.kind === "node")),
    humanMs: covered(bars.filter((bar) => bar.kind === "wait")),
    queueMs: covered(bars.filter((bar) => bar.kind === "queue")),
  };
}

/** A node that failed or lost its worker is tried again; going on after a wait is no new try. */
function countTries(bars: readonly Bar[]): void {
  const before = new Map<string, Bar>();
  const waits = bars.filter((bar) => bar.kind === "wait");
  for (const bar of bars.toSorted((a, b) => a.start - b.start)) {
    if (bar.kind !== "node") continue;
    const last = before.get(bar.name);
    const parked =
      last && waits.some((wait) => wait.start >= last.start && wait.end <= bar.end && wait.start < bar.start);
    if (last && (last.state === "failed" || last.state === "lost")) bar.attempt = last.attempt + 1;
    else bar.attempt = parked ? last.attempt : 1;
    before.set(bar.name, bar);
  }
}

function group(bars: readonly Bar[]): Lane[] {
  const found = new Map<string, Bar[]>();
  for (const bar of bars.toSorted((a, b) => a.start - b.start || a.row - b.row)) {
    const id = bar.kind === "queue" || bar.kind === "hold" ? QUEUE_LANE : (bar.node ?? bar.name);
    const lane = found.get(id);
    if (lane) lane.push(bar);
    else found.set(id, [bar]);
  }
  return [...found]
    .map(([id, own]): Lane => {
      const placed = place(own);
      return {
        id,
        kind: id === QUEUE_LANE ? "queue" : "node",
        bars: placed,
        rows: Math.max(...placed.map((bar) => bar.row)) + 1,
      };
    })
    .toSorted((a, b) => Number(b.kind === "queue") - Number(a.kind === "queue"));
}

/** Calls that overlap stand below each other; others share a row. */
function place(bars: readonly Bar[]): Bar[] {
  const free: number[] = [];
  return bars.map((bar) => {
    if (bar.kind !== "llm" && bar.kind !== "tool") return { ...bar, row: 0 };
    let row = free.findIndex((until) => until <= bar.start);
    if (row < 0) row = free.length;
    free[row] = Math.max(bar.end, bar.start);
    return { ...bar, row: row + 1 };
  });
}

/** Milliseconds that the bars cover, counted once where they overlap. */
export function covered(bars: readonly { start: number; end: number }[]): number {
  return union(bars).reduce((sum, [from, to]) => sum + (to - from), 0);
}

/** The stretches that the bars cover, ascending and apart. */
export function union(bars: readonly { start: number; end: number }[]): [number, number][] {
  const merged: [number, number][] = [];
  for (const { start, end } of bars.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

/** All bars in the order in which they are read: by begin, the node before what it calls. */
export function inOrder(model: PlotModel): Bar[] {
  return model.lanes.flatMap((lane) => lane.bars).toSorted((a, b) => a.start - b.start || a.row - b.row);
}
