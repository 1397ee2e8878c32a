import { describe, expect, it } from "vitest";
import type { Effect, RunEvent } from "@/api/types";
import { type Bar, inOrder, lanes, QUEUE_LANE } from "./lanes";
import { makeAxis, moment, place, shift, ticks, WHOLE, zoom } from "./scale";
import type { TraceSpan } from "./span";

const T0 = Date.parse("2026-11-25T08:00:00Z");
const iso = (ms: number) => new Date(T0 + ms).toISOString();

function events(...rows: [ms: number, type: string, payload?: Record<string, unknown>][]): RunEvent[] {
  return rows.map(([ms, event_type, payload = {}], index) => ({
    id: index + 100,
    run_id: "run_0123456789abcdef",
    seq: index + 1,
    event_type,
    payload,
    created_at: iso(ms),
  })) as RunEvent[];
}

const span = (change: Partial<TraceSpan>): TraceSpan => ({
  run_id: "s1",
  name: "operations",
  run_type: "chain",
  status: "success",
  start_time: iso(0),
  end_time: iso(1),
  duration_ms: 1,
  model: "unknown",
  prompt_tokens: 0,
  completion_tokens: 0,
  total_tokens: 0,
  cost: 0,
  error: null,
  inputs_preview: "",
  outputs_preview: "",
  ...change,
});

/** A paid order: printed after a person said yes. */
const PRINTED = events(
  [0, "run.queued"],
  [50, "run.started", { attempt: 0 }],
  [110, "node.started", { node: "input_guardrail" }],
  [110, "node.finished", { node: "input_guardrail", duration_ms: 40 }],
  [120, "node.started", { node: "operations" }],
  [180, "tool.called", { tool: "shopify_query_orders", ok: true }],
  [300, "ticket.created", { ticket_id: 7, risk_level: "medium" }],
  [300, "run.waiting_approval", { ticket_id: 7 }],
  [60_300, "ticket.decided", { decision: "approved", decided_by: "owner@example.com" }],
  [60_300, "run.resume_queued", { ticket_id: 7 }],
  [60_350, "run.resumed", { attempt: 0 }],
  [61_350, "tool.called", { tool: "printful_submit_order", ok: true, effect_id: "fx" }],
  [61_400, "node.finished", { node: "operations", duration_ms: 1_230 }],
  [61_450, "run.completed"],
);
const FX = [{ effect_id: "fx", attempted_at: iso(60_400), ticket_id: 7 }] as Effect[];
const brief = (bars: readonly Bar[]) =>
  bars.map((bar) => [bar.kind, bar.name, bar.start - T0, bar.end - T0, bar.state]);

describe("the lanes of a run", () => {
  it("tell work, waiting and queue apart from the events alone", () => {
    const model = lanes(PRINTED, [], { now: T0 + 99_999, effects: FX });
    expect(model.lanes.map((lane) => [lane.id, lane.rows])).toEqual([
      [QUEUE_LANE, 1],
      ["input_guardrail", 1],
      ["operations", 2],
    ]);
    expect(brief(model.lanes[2]?.bars ?? [])).toEqual([
      ["node", "operations", 120, 300, "done"],
      ["tool", "shopify_query_orders", 180, 180, "done"],
      ["wait", "wait", 300, 60_300, "done"],
      ["node", "operations", 60_350, 61_400, "done"],
      ["tool", "printful_submit_order", 60_400, 61_350, "done"],
    ]);
    expect([model.machineMs, model.humanMs, model.queueMs]).toEqual([40 + 180 + 1_050, 60_000, 100]);
    expect(model.live).toBe(false);
  });

  it("name the ticket, the answer and who gave it", () => {
    const wait = inOrder(lanes(PRINTED, [], { now: T0 })).find((bar) => bar.kind === "wait");
    expect(wait).toMatchObject({
      ticketId: 7,
      outcome: "approved",
      by: "owner@example.com",
      seqs: [7, 8, 9],
    });
  });

  it("draw a short node by how long it took, for both its events are written at its end", () => {
    const node = lanes(PRINTED, [], { now: T0 }).lanes[1]?.bars[0];
    expect([(node?.start ?? 0) - T0, (node?.end ?? 0) - T0, node?.seqs]).toEqual([70, 110, [3, 4]]);
  });

  it("grow at the right edge while a person is waited for", () => {
    const waiting = PRINTED.slice(0, 8);
    const model = lanes(waiting, [], { now: T0 + 5_000 });
    expect(model.live).toBe(true);
    expect(model.end - T0).toBe(5_000);
    expect(inOrder(model).at(-1)).toMatchObject({ kind: "wait", state: "open", end: T0 + 5_000 });
    expect(model.humanMs).toBe(4_700);
  });

  it("show a lost worker: the broken piece, the mark, the wait for another, the second try", () => {
    const model = lanes(
      events(
        [0, "run.queued"],
        [10, "run.started"],
        [20, "node.started", { node: "operations" }],
        [5_000, "run.recovered", { attempt: 1 }],
        [5_200, "run.resumed", { attempt: 1 }],
        [5_900, "node.finished", { node: "operations", duration_ms: 600 }],
        [6_000, "run.completed"],
      ),
      [],
      { now: T0 },
    );
    const own = model.lanes.find((lane) => lane.id === "operations")?.bars ?? [];
    expect(own.map((bar) => [bar.start - T0, bar.end - T0, bar.state, bar.attempt])).toEqual([
      [20, 5_000, "lost", 1],
      [5_200, 5_900, "done", 2],
    ]);
    expect(model.marks).toEqual([{ at: T0 + 5_000, kind: "recovered", seq: 4 }]);
  });

  it("count a try after a failure, not after a wait", () => {
    const tries = (rows: RunEvent[]) =>
      inOrder(lanes(rows, [], { now: T0 }))
        .filter((bar) => bar.name === "operations")
        .map((bar) => bar.attempt);
    expect(tries(PRINTED)).toEqual([1, 1]);
    const failing = events(
      [0, "run.started"],
      [10, "node.started", { node: "operations" }],
      [20, "node.finished", { node: "operations", error: "no model" }],
      [1_000, "node.started", { node: "operations" }],
      [1_010, "node.finished", { node: "operations", error: "no model" }],
      [3_000, "node.started", { node: "operations" }],
      [3_010, "node.finished", { node: "operations" }],
      [4_000, "node.started", { node: "operations" }],
    );
    expect(tries(failing)).toEqual([1, 2, 3, 1]);
  });

  it("end with the run, whatever was still open", () => {
    const model = lanes(
      events(
        [0, "run.queued"],
        [10, "run.started"],
        [20, "node.started", { node: "operations" }],
        [900, "run.failed", { reason: "timeout" }],
      ),
      [],
      { now: T0 + 90_000 },
    );
    expect(model.live).toBe(false);
    expect(model.end - T0).toBe(900);
    expect(inOrder(model).at(-1)).toMatchObject({ name: "operations", state: "failed" });
    expect(model.marks[0]?.kind).toBe("failed");
  });

  it("take model calls and exact times from spans, and keep what only events tell", () => {
    const spans = [
      span({
        run_id: "n1",
        name: "operations",
        kind: "node",
        parent_id: "run_x",
        start_time: iso(118),
        end_time: iso(299),
      }),
      span({
        run_id: "m1",
        kind: "llm",
        run_type: "llm",
        name: "gpt-4o-mini",
        model: "gpt-4o-mini",
        parent_id: "n1",
        start_time: iso(121),
        end_time: iso(160),
        total_tokens: 812,
      }),
      span({
        run_id: "t1",
        kind: "tool",
        run_type: "tool",
        name: "shopify_query_orders",
        parent_id: "n1",
        start_time: iso(162),
        end_time: iso(178),
      }),
      span({
        run_id: "n2",
        name: "operations",
        kind: "node",
        parent_id: "run_x",
        attempt: 2,
        start_time: iso(60_351),
        end_time: iso(61_399),
      }),
    ];
    const model = lanes(PRINTED, spans, { now: T0, effects: FX });
    expect(model.lanes.map((lane) => lane.id)).toEqual([QUEUE_LANE, "input_guardrail", "operations"]);
    expect(brief(model.lanes[2]?.bars ?? [])).toEqual([
      ["node", "operations", 118, 299, "done"],
      ["llm", "gpt-4o-mini", 121, 160, "done"],
      ["tool", "shopify_query_orders", 162, 178, "done"],
      ["wait", "wait", 300, 60_300, "done"],
      ["node", "operations", 60_351, 61_399, "done"],
      ["tool", "printful_submit_order", 60_400, 61_350, "done"],
    ]);
    const looked = inOrder(model).find((bar) => bar.name === "shopify_query_orders");
    expect(looked).toMatchObject({ seqs: [6], instant: false });
  });

  it("put calls that overlap below each other, and others into one row", () => {
    const call = (id: string, from: number, to: number) =>
      span({
        run_id: id,
        kind: "tool",
        run_type: "tool",
        name: id,
        node: "operations",
        start_time: iso(from),
        end_time: iso(to),
      });
    const model = lanes([], [call("a", 0, 50), call("b", 20, 60), call("c", 55, 80)], { now: T0 });
    expect(model.lanes[0]?.bars.map((bar) => [bar.name, bar.row])).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 1],
    ]);
  });

  it("are none for a run that nothing is known of", () => {
    expect(lanes([], [], { now: T0 })).toMatchObject({ lanes: [], start: T0, end: T0, live: false });
  });
});

describe("the time axis", () => {
  const model = lanes(PRINTED, [], { now: T0, effects: FX });

  it("folds long waiting, so that the work keeps most of the width", () => {
    const axis = makeAxis(model, true);
    const wait = place(axis, T0 + 60_300) - place(axis, T0 + 300);
    expect(wait).toBeLessThan(0.25);
    expect(axis.pieces.some((piece) => piece.folded)).toBe(true);
    const straight = makeAxis(model, false);
    expect(place(straight, T0 + 60_300) - place(straight, T0 + 300)).toBeGreaterThan(0.95);
  });

  it("never goes backwards, and place and moment undo each other", () => {
    const axis = makeAxis(model, true);
    let last = -1;
    for (let at = model.start; at <= model.end; at += 251) {
      const u = place(axis, at);
      expect(u).toBeGreaterThanOrEqual(last);
      expect(moment(axis, u)).toBeCloseTo(at, 0);
      last = u;
    }
    expect(place(axis, model.end)).toBeCloseTo(1);
  });

  it("has round ticks that do not touch, none inside a fold", () => {
    const axis = makeAxis(model, true);
    const found = ticks(axis, WHOLE, 900);
    expect(found.length).toBeGreaterThan(3);
    found.slice(1).forEach((tick, index) => {
      expect(tick.x - (found[index]?.x ?? 0)).toBeGreaterThan(60);
    });
    const fold = axis.pieces.find((piece) => piece.folded);
    expect(found.filter((tick) => tick.at > (fold?.from ?? 0) && tick.at < (fold?.to ?? 0))).toEqual([]);
  });

  it("keeps a zoomed view inside the whole", () => {
    expect(zoom([0, 1], 0.5, 0)).toEqual([0, 0.5]);
    expect(zoom([0, 0.5], 4)).toEqual([0, 1]);
    expect(shift([0.6, 0.9], 0.5)[1]).toBeCloseTo(1);
  });
});
