import { nodeName } from "@/words/event";
import { plural } from "@/words/reading";
import { formatDuration } from "@/words/time";
import { actOfBar } from "./act";
import { type Bar, type Lane, type PlotModel, QUEUE_LANE } from "./lanes";
import { type Axis, place, type View } from "./scale";

/** Sizes in pixels. */
export const AXIS_TOP = 26;
export const AXIS_BOTTOM = 24;
const NODE_ROW = 22;
const CALL_ROW = 20;
const ROW_GAP = 3;
const LANE_PAD = 7;
const LANE_LABEL = 18;
/** A bar is never thinner than this, however short it was. */
const LEAST = 4;
const CHAR = 6.3;

export interface Box {
  bar: Bar;
  x: number;
  y: number;
  width: number;
  height: number;
  /** The label and where it begins; null when there is no room for it. */
  label: string | null;
  labelX: number;
}

export interface LaneBox {
  lane: Lane;
  y: number;
  height: number;
  name: string;
  boxes: Box[];
}

export interface Layout {
  lanes: LaneBox[];
  height: number;
  /** Left edge and width of the part where time runs. */
  left: number;
  width: number;
}

export interface Frame {
  width: number;
  /** Lane names stand left of the lanes, or above them when there is little room. */
  narrow: boolean;
  view: View;
}

/** Where everything stands. Pure. */
export function layOut(model: PlotModel, axis: Axis, { width: full, narrow, view }: Frame): Layout {
  const left = narrow ? 8 : 168;
  const width = Math.max(80, full - left - 12);
  const toX = (at: number) => left + ((place(axis, at) - view[0]) / (view[1] - view[0])) * width;
  let y = AXIS_TOP;
  const lanes = model.lanes.map((lane): LaneBox => {
    const top = y + LANE_PAD + (narrow ? LANE_LABEL : 0);
    const rowY = (row: number) =>
      top + (row === 0 ? 0 : NODE_ROW + ROW_GAP + (row - 1) * (CALL_ROW + ROW_GAP));
    const boxes = lane.bars.map((bar): Box => {
      const x0 = toX(bar.start);
      const x1 = Math.max(toX(bar.end), x0 + LEAST);
      return {
        bar,
        x: x0,
        y: rowY(bar.row),
        width: x1 - x0,
        height: bar.row === 0 ? (lane.kind === "queue" ? CALL_ROW - 6 : NODE_ROW) : CALL_ROW,
        label: null,
        labelX: 0,
      };
    });
    label(boxes, left + width);
    const height = rowY(lane.rows - 1) + (lane.rows > 1 ? CALL_ROW : NODE_ROW) + LANE_PAD - y;
    const laneBox = { lane, y, height, name: laneName(lane.id), boxes };
    y += height;
    return laneBox;
  });
  return { lanes, height: y + AXIS_BOTTOM, left, width };
}

/** A label stands inside its bar, else right of it up to the next bar, else nowhere. */
function label(boxes: Box[], edge: number): void {
  for (const box of boxes) {
    const words = barLabel(box.bar);
    const needed = words.length * CHAR + 12;
    const next = boxes
      .filter((other) => other !== box && other.y === box.y && other.x >= box.x + box.width - 1)
      .reduce((least, other) => Math.min(least, other.x), edge);
    const from = Math.max(box.x, 0);
    if (box.width >= needed) {
      box.label = words;
      box.labelX = from + 6;
    } else if (next - (box.x + box.width) >= needed) {
      box.label = words;
      box.labelX = box.x + box.width + 6;
    } else if (box.width >= 44) {
      box.label = `${words.slice(0, Math.floor((box.width - 16) / CHAR))}…`;
      box.labelX = from + 6;
    }
  }
}

export function laneName(id: string): string {
  if (id === QUEUE_LANE) return "queue";
  return nodeName(id);
}

/** What stands in or beside a bar. */
export function barLabel(bar: Bar): string {
  const ms = bar.end - bar.start;
  const took = bar.instant ? "" : ms < 1 ? " under 1 ms" : ` ${formatDuration(ms)}`;
  switch (bar.kind) {
    case "wait":
      return bar.state === "open" ? `waits for you${took}` : `waited${took}`;
    case "queue":
      return `queue${took}`;
    case "hold":
      return `paused${took}`;
    case "llm":
      return `${bar.name}${took}`;
    case "tool":
      return `${shortAct(bar)}${took}`;
    case "node":
      return bar.attempt > 1 ? `try ${bar.attempt},${took}` : took.trim();
  }
}

/** The act of a tool without its object: "Look at the order". */
function shortAct(bar: Bar): string {
  return actOfBar(bar)
    .replace("the newest orders", "orders")
    .replace(/ (an? )?order( \d+)?\b/, " the order")
    .replace(/ at Printful$| in the shop$/, "");
}

/** What is spoken when a bar has the focus. */
export function barWords(bar: Bar): string {
  const took = bar.instant ? "" : `, ${formatDuration(bar.end - bar.start)}`;
  const state = { done: "", failed: ", failed", lost: ", broken off", open: ", under way" }[bar.state];
  const tokens = bar.span && bar.span.total_tokens > 0 ? `, ${plural(bar.span.total_tokens, "token")}` : "";
  const what = {
    node: `Step ${nodeName(bar.name)}${bar.attempt > 1 ? `, try ${bar.attempt}` : ""}`,
    llm: `Model call to ${bar.name}`,
    tool: actOfBar(bar),
    wait: "Waiting for a person",
    queue: "In the queue",
    hold: "Paused",
  }[bar.kind];
  return `${what}${took}${tokens}${state}`;
}

/** The box at a point, or the nearest of that row within reach of a finger. */
export function boxAt(layout: Layout, x: number, y: number, reach = 14): Box | null {
  const lane = layout.lanes.find((candidate) => y >= candidate.y && y < candidate.y + candidate.height);
  let best: Box | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const box of lane?.boxes ?? []) {
    const dx = Math.max(box.x - x, 0, x - (box.x + box.width));
    const dy = Math.max(box.y - y, 0, y - (box.y + box.height));
    const away = dx + dy * 2;
    if (away < least) {
      least = away;
      best = box;
    }
  }
  return least <= reach ? best : null;
}
