import { describe, expect, it } from "vitest";
import type { Checkpoint, Effect } from "@/api/types";
import { lanes } from "@/plots/lanes";
import type { TraceSpan } from "@/plots/span";
import { diff } from "./diff";
import { effectSteps } from "./effectSteps";
import { conversation } from "./messages";
import { runSearch, runsSearch } from "./search";
import { readInput } from "./startInput";
import { tree } from "./traceTree";

describe("what differs between two states", () => {
  it("is named by its path, with what it was and is", () => {
    expect(diff({ a: 1, b: { c: [1, 2] }, d: 0 }, { a: 1, b: { c: [1, 3, 4] }, e: null })).toEqual([
      { path: "b.c[1]", kind: "changed", before: 2, after: 3 },
      { path: "b.c[2]", kind: "added", before: undefined, after: 4 },
      { path: "d", kind: "removed", before: 0, after: undefined },
      { path: "e", kind: "added", before: undefined, after: null },
    ]);
  });

  it("is nothing between equals, and all of it when the kind changes", () => {
    expect(diff({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toEqual([]);
    expect(diff({ a: [1] }, { a: { 0: 1 } })).toEqual([
      { path: "a", kind: "changed", before: [1], after: { 0: 1 } },
    ]);
  });
});

describe("the way of an effect", () => {
  const effect = (change: Partial<Effect>) =>
    effectSteps({
      created_at: "t0",
      attempted_at: null,
      ticket_id: null,
      error: null,
      ...change,
    } as Effect).map(({ name, state }) => `${name} ${state}`);

  it("is prepared, answered, sent and confirmed", () => {
    expect(effect({ status: "committed", ticket_id: 1, attempted_at: "t1" })).toEqual([
      "prepared done",
      "answered done",
      "sent done",
      "confirmed done",
    ]);
  });

  it("stops where it stopped", () => {
    expect(effect({ status: "prepared", ticket_id: 1 })).toEqual([
      "prepared done",
      "answered needs",
      "sent ahead",
      "confirmed ahead",
    ]);
    expect(effect({ status: "aborted", ticket_id: 1 })[1]).toBe("answered never");
    expect(effect({ status: "failed", attempted_at: "t1" }).at(-1)).toBe("confirmed bad");
    expect(effect({ status: "unknown", attempted_at: "t1" }).at(-1)).toBe("confirmed unclear");
    expect(effect({ status: "not_sent" })).toEqual(["prepared done", "sent never", "confirmed never"]);
  });
});

describe("the conversation of a run", () => {
  const none = lanes([], [], { now: 0 });

  it("is the task alone before anything happened", () => {
    expect(conversation({ messages: [{ type: "human", content: "Look" }] }, [], none)).toEqual([
      { kind: "said", key: "m0", by: "human", text: "Look" },
    ]);
  });

  it("shows the call that waits for a person between task and answer", () => {
    const checkpoint = {
      channel_values: {
        messages: [
          { type: "human", content: "Print" },
          { type: "ai", content: "Printed" },
        ],
      },
      metadata: {
        pending: {
          calls: [{ id: "c2", name: "printful_submit_order", args: { confirm: true }, state: "waiting" }],
        },
      },
    } as unknown as Checkpoint;
    expect(conversation({}, [checkpoint], none).map((turn) => turn.kind)).toEqual(["said", "open", "said"]);
  });
});

describe("the tree of spans", () => {
  const span = (run_id: string, parent_id: string | null, ms: number) =>
    ({ run_id, parent_id, start_time: new Date(ms).toISOString() }) as TraceSpan;
  const spans = [
    span("r", null, 0),
    span("b", "r", 20),
    span("a", "r", 10),
    span("a1", "a", 12),
    span("x", "gone", 5),
  ];

  it("puts each under what it is part of, by begin; an orphan stands by itself", () => {
    expect(tree(spans, new Set()).map((row) => `${row.depth}${row.span.run_id}`)).toEqual([
      "0r",
      "1a",
      "2a1",
      "1b",
      "0x",
    ]);
  });

  it("leaves out the parts of what is folded, and ends on a circle", () => {
    expect(tree(spans, new Set(["a"])).map((row) => row.span.run_id)).toEqual(["r", "a", "b", "x"]);
    expect(tree([span("p", "q", 0), span("q", "p", 1)], new Set())).toEqual([]);
  });
});

describe("what a run is started with", () => {
  it("is a task in words, or a JSON object", () => {
    expect(readInput("task", " Look at #1042 ", "").input).toEqual({
      messages: [{ type: "human", content: "Look at #1042" }],
    });
    expect(readInput("json", "", '{"a":1}').input).toEqual({ a: 1 });
  });

  it("is refused with the reason", () => {
    expect(readInput("task", "  ", "").problem).toMatch(/what is to be done/);
    expect(readInput("json", "", "[1]").problem).toMatch(/JSON object/);
    expect(readInput("json", "", "{").problem).toMatch(/not JSON/);
  });
});

describe("the address of runs", () => {
  it("keeps what is known and drops the rest", () => {
    expect(runsSearch({ status: "canceled", q: 1042, range: "7d", x: 1 })).toEqual({
      status: "cancelled",
      q: "1042",
      range: "7d",
    });
    expect(runsSearch({ status: "odd", range: "1y", q: "" })).toEqual({});
    expect(runSearch({ tab: "events", event: 4, order: "newest", type: "tool.called" })).toEqual({
      tab: "events",
      event: 4,
      order: "newest",
      type: "tool.called",
    });
    expect(runSearch({ tab: "timeline", event: "4" })).toEqual({});
  });
});
