import { describe, expect, it } from "vitest";
import type { RunEvent } from "@/api/types";
import { lanes } from "@/plots/lanes";
import { aRun } from "./fixtures";
import { failureOf, orderOf, plotFinding, plotSummary, runSentence, runsSentence, triggerOf } from "./runs";

const T0 = Date.parse("2026-11-25T08:00:00Z");
const event = (seq: number, ms: number, event_type: string, payload: Record<string, unknown> = {}) =>
  ({
    id: seq,
    seq,
    run_id: "run_1",
    event_type,
    payload,
    created_at: new Date(T0 + ms).toISOString(),
  }) as RunEvent;

describe("the first line of the runs", () => {
  it("answers what runs, what waits and what failed", () => {
    expect(runsSentence({ running: 2, waiting: 1, queued: 0, failedToday: 0 })).toBe(
      "2 run now, 1 waits for you, nothing failed today.",
    );
    expect(runsSentence({ running: 0, waiting: 0, queued: 3, failedToday: 2 })).toBe(
      "Nothing runs now, 3 in the queue, 2 failed today.",
    );
  });

  it("claims nothing that could not be asked", () => {
    expect(runsSentence({ running: null, waiting: null, queued: null, failedToday: null })).toBe("Runs");
  });
});

describe("a run in words", () => {
  const events = [
    event(1, 0, "run.queued"),
    event(2, 10, "run.started"),
    event(3, 20, "node.started", { node: "operations" }),
  ];
  const none = lanes([], [], { now: T0 });

  it("is what came of it, once it is over", () => {
    const done = [event(1, 0, "run.completed", { summary: "Order #1002 sent to print, 73.44 USD" })];
    expect(runSentence(aRun(), done, none, T0)).toBe("Order #1002 sent to print, 73.44 USD.");
    expect(runSentence(aRun(), [], none, T0)).toBe("Order #1002 paid: done.");
  });

  it("names the step in which it failed and what to try", () => {
    const failed = [...events, event(4, 900, "run.failed", { error: "no stock", reason: "tool_error" })];
    const run = aRun({ status: "failed", last_error: "no stock", finished_at: "2026-11-25T08:00:01Z" });
    expect(runSentence(run, failed, lanes(failed, [], { now: T0 }), T0)).toBe(
      "Order #1002 paid failed in operations: no stock.",
    );
    expect(failureOf(failed)?.kind).toBe("a tool did not work");
    expect(failureOf([event(1, 0, "run.failed", { reason: "something new" })])?.advice).toContain(
      "start it again",
    );
    expect(failureOf(events)).toBeNull();
  });

  it("says where it is at work", () => {
    const model = lanes(events, [], { now: T0 + 500 });
    expect(runSentence(aRun({ status: "running" }), events, model, T0)).toBe(
      "Order #1002 paid is at work in operations.",
    );
  });

  it("knows who set it going and which order it is about", () => {
    expect(triggerOf(aRun({ metadata: { provider: "shopify" } }))).toBe("Shopify");
    expect(triggerOf(aRun({ created_by: "api" }))).toBe("API");
    expect(orderOf(aRun({ serial_key: "order:5830" }))).toEqual({ id: "5830", name: "#1002" });
    expect(orderOf(aRun({ run_name: "Look around" }))).toBeNull();
  });
});

describe("the finding over the plot", () => {
  const waited = [
    event(1, 0, "run.queued"),
    event(2, 0, "run.started"),
    event(3, 0, "node.started", { node: "operations" }),
    event(4, 1_000, "run.waiting_approval", { ticket_id: 1 }),
    event(5, 4_000, "ticket.decided", { decision: "approved" }),
    event(6, 4_000, "run.resumed"),
    event(7, 5_000, "node.finished", { node: "operations", duration_ms: 2_000 }),
    event(8, 5_000, "run.completed"),
  ];

  it("says where the time went", () => {
    expect(plotFinding(lanes(waited, [], { now: T0 }))).toBe(
      "60 % of the time it waited for a person; the work took 2.0 s",
    );
    expect(plotFinding(lanes(waited.slice(0, 4), [], { now: T0 + 121_000 }))).toBe(
      "It has waited for a person for 2 min; the work has taken 1.0 s",
    );
    expect(plotFinding(lanes([], [], { now: T0 }))).toBe("Nothing has happened yet");
  });

  it("is told in full to who cannot see the plot", () => {
    expect(plotSummary(lanes(waited, [], { now: T0 }))).toBe(
      "1 step, 0 model calls, 0 tool calls: 2.0 s of work, 3.0 s waited for a person.",
    );
  });
});
