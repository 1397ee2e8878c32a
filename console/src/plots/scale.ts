import { type PlotModel, union } from "./lanes";

/**
 * The time axis. While nothing works for long (a person is waited for, the run stands in the queue), the axis is
 * folded: that stretch keeps its place and its label but not its length, so that seconds of work stay legible
 * beside hours of waiting. Positions run from 0 to 1.
 */
export interface Piece {
  from: number;
  to: number;
  u0: number;
  u1: number;
  folded: boolean;
}

export interface Axis {
  pieces: Piece[];
  start: number;
  end: number;
}

export type View = readonly [number, number];
export const WHOLE: View = [0, 1];

/** A folded stretch is as wide as this part of all work. */
const FOLD_WIDTH = 0.2;
/** An idle stretch longer than this part of all work is folded. */
const FOLD_FROM = 0.35;
/** Work is never cut off at its very edge. */
const MARGIN = 0.02;

export function makeAxis(model: PlotModel, fold: boolean): Axis {
  const { start } = model;
  const end = Math.max(model.end, start + 1);
  const work = union(
    model.lanes.flatMap((lane) => lane.bars.filter((bar) => bar.kind !== "wait" && lane.kind === "node")),
  );
  const busy = work.reduce((sum, [from, to]) => sum + (to - from), 0);
  const cuts: { from: number; to: number; weight: number; folded: boolean }[] = [];
  const add = (from: number, to: number, idle: boolean) => {
    if (to <= from) return;
    const folded = fold && idle && busy > 0 && to - from > busy * FOLD_FROM;
    if (!folded) {
      cuts.push({ from, to, weight: to - from, folded });
      return;
    }
    const margin = Math.min(busy * MARGIN, (to - from) / 4);
    cuts.push({ from, to: from + margin, weight: margin, folded: false });
    cuts.push({ from: from + margin, to: to - margin, weight: busy * FOLD_WIDTH, folded });
    cuts.push({ from: to - margin, to, weight: margin, folded: false });
  };
  let at = start;
  for (const [from, to] of work) {
    add(at, from, true);
    add(Math.max(at, from), to, false);
    at = Math.max(at, to);
  }
  add(at, end, true);
  const total = cuts.reduce((sum, cut) => sum + cut.weight, 0) || 1;
  let u = 0;
  const pieces = cuts.map((cut) => {
    const piece = { from: cut.from, to: cut.to, u0: u, u1: u + cut.weight / total, folded: cut.folded };
    u = piece.u1;
    return piece;
  });
  return { pieces, start, end };
}

/** Where a moment stands, 0 to 1. */
export function place(axis: Axis, at: number): number {
  for (const piece of axis.pieces) {
    if (at <= piece.to) {
      return (
        piece.u0 + ((Math.max(at, piece.from) - piece.from) / (piece.to - piece.from)) * (piece.u1 - piece.u0)
      );
    }
  }
  return 1;
}

/** The moment at a place. */
export function moment(axis: Axis, u: number): number {
  for (const piece of axis.pieces) {
    if (u <= piece.u1) {
      return (
        piece.from +
        ((Math.max(u, piece.u0) - piece.u0) / (piece.u1 - piece.u0 || 1)) * (piece.to - piece.from)
      );
    }
  }
  return axis.end;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5,
  72e5, 216e5, 432e5, 864e5, 1728e5, 6048e5,
];

export interface Tick {
  at: number;
  /** Milliseconds since the begin of the run. */
  elapsed: number;
  /** Pixels from the left edge of the plot. */
  x: number;
}

/** Round moments, about `gap` pixels apart, none inside a folded stretch. */
export function ticks(axis: Axis, view: View, width: number, gap = 88): Tick[] {
  const found: Tick[] = [];
  const toX = (u: number) => ((u - view[0]) / (view[1] - view[0])) * width;
  let free = Number.NEGATIVE_INFINITY;
  for (const [index, piece] of axis.pieces.entries()) {
    if (piece.folded) continue;
    const beforeFold =
      axis.pieces[index + 1]?.folded ||
      (axis.pieces[index + 1]?.to === axis.pieces[index + 2]?.from && axis.pieces[index + 2]?.folded);
    const x0 = toX(piece.u0);
    const x1 = toX(piece.u1);
    const perPixel = (piece.to - piece.from) / (x1 - x0);
    if (!Number.isFinite(perPixel) || perPixel <= 0) continue;
    const step = STEPS.find((candidate) => candidate / perPixel >= gap) ?? STEPS.at(-1) ?? 1;
    const from = Math.max(piece.from, moment(axis, view[0]));
    const to = Math.min(piece.to, moment(axis, view[1]));
    for (let n = Math.ceil((from - axis.start) / step); axis.start + n * step <= to; n += 1) {
      const at = axis.start + n * step;
      const x = x0 + (at - piece.from) / perPixel;
      // What is written beside a tick stays clear of the fold and of the edge.
      if (x < free || x > width - gap * 0.75 || (beforeFold && x > x1 - gap * 0.8)) continue;
      found.push({ at, elapsed: at - axis.start, x });
      free = x + gap * 0.8;
    }
  }
  return found;
}

/** A narrower or wider view around a place, kept inside the whole. */
export function zoom(view: View, by: number, around = (view[0] + view[1]) / 2): View {
  const span = Math.min(1, Math.max(0.002, (view[1] - view[0]) * by));
  const share = (around - view[0]) / (view[1] - view[0]);
  return shift([around - span * share, around - span * share + span], 0);
}

/** The same width, moved; never beyond an end. */
export function shift(view: View, by: number): View {
  const span = view[1] - view[0];
  const from = Math.min(1 - span, Math.max(0, view[0] + by));
  return [from, from + span];
}
