import { describe, expect, it } from "vitest";
import type { Effect, RunEvent } from "@/api/types";
import { lanes } from "@/plots/lanes";
import type { TraceSpan } from "@/plots/span";
import { past, story } from "./events";

const T0 = Date.parse("2026-11-25T08:00:00Z");
const iso = (ms: number) => new Date(T0 + ms).toISOString();
const event = (seq: number, ms: number, event_type: string, payload: Record<string, unknown> = {}) =>
  ({ id: seq, seq, run_id: "run_1", event_type, payload, created_at: iso(ms) }) as RunEvent;

const EVENTS = [
  event(1, 0, "run.queued"),
  event(2, 300, "run.started"),
  event(3, 400, "node.started", { node: "operations" }),
  event(4, 700, "ticket.created", { ticket_id: 7 }),
  event(5, 700, "run.waiting_approval", { ticket_id: 7 }),
  event(6, 720_700, "ticket.decided", { decision: "approved", decided_by: "owner@example.com" }),
  event(7, 720_700, "run.resume_queued"),
  event(8, 720_710, "run.resumed"),
  event(9, 721_800, "tool.called", { tool: "printful_submit_order", ok: true, effect_id: "fx" }),
  event(10, 721_900, "node.finished", { node: "operations", duration_ms: 1_490 }),
  event(11, 722_000, "run.completed", { summary: "Order #1042 sent to print" }),
];
const EFFECT = {
  effect_id: "fx",
  tool_name: "printful_submit_order",
  status: "committed",
  provider_ref: "18",
  ticket_id: 7,
  attempted_at: iso(720_800),
  prepared_payload: {
    params: { confirm: true, shopify_order_id: "5830" },
    call: { cost: { currency: "USD", total_minor: 2440 } },
  },
} as unknown as Effect;
const LLM = {
  run_id: "m1",
  name: "gpt-4o-mini",
  run_type: "llm",
  kind: "llm",
  node: "operations",
  model: "gpt-4o-mini",
  status: "success",
  start_time: iso(420),
  end_time: iso(600),
  total_tokens: 812,
  cost: 0.0003,
  error: null,
  outputs_preview: "calls printful_submit_order",
  inputs_preview: "",
} as TraceSpan;

function told(events = EVENTS, spans: TraceSpan[] = [LLM], now = T0) {
  const model = lanes(events, spans, { now, effects: [EFFECT] });
  return story({ model, events, effects: [EFFECT], orderName: "#1042" });
}

describe("the story of a run", () => {
  it("says what was asked, waited for and done, with what it cost", () => {
    const lines = told().filter((line) => !line.quiet);
    expect(lines.map((line) => line.sentence)).toEqual([
      "Asked gpt-4o-mini, 812 tokens, 0.0003 USD",
      "Waited 12 m for a yes; approved by owner@example.com",
      "Printed order #1042 at Printful, order 18, 24.40 USD",
      "Order #1042 sent to print",
    ]);
    expect(lines[0]?.detail).toBe("It wants to: print an order at Printful");
  });

  it("keeps the routine aside", () => {
    expect(told().find((line) => line.quiet)?.sentence).toBe("Started after 300 ms in the queue");
  });

  it("leads from each line to its bar and its events", () => {
    const printed = told().find((line) => line.sentence.startsWith("Printed"));
    expect(printed).toMatchObject({ bar: "e9-tool", seqs: [9], effectId: "fx" });
  });

  it("ends with the open question while a person is waited for", () => {
    const last = told(EVENTS.slice(0, 5), [], T0 + 5_000).at(-1);
    expect(last).toMatchObject({ sentence: "Waits for your yes", tone: "wait", ticketId: 7 });
  });

  it("never takes words of a model or a provider for anything but text", () => {
    const hostile = { ...LLM, outputs_preview: "<img src=x onerror=alert(1)>" };
    expect(told(EVENTS, [hostile])[1]?.detail).toBe("<img src=x onerror=alert(1)>");
  });

  it("puts an act that is over into the past", () => {
    expect(past("Print order #1 at Printful")).toBe("Printed order #1 at Printful");
    expect(past("Something else")).toBe("Something else");
  });
});
