import { describe, expect, it } from "vitest";
import type { DeadLetter, Job, Tool } from "@/api/types";
import {
  dueWords,
  firesOf,
  groupOf,
  jobsSentence,
  jobTitle,
  letterState,
  lettersSentence,
  planSentence,
  reasonOf,
  triggerWords,
} from "./jobs";
import { byCategory, inputsOf, toolsSentence } from "./tools";

const NOW = Date.parse("2026-11-25T09:26:00Z");

const job = (fields: Partial<Job> = {}): Job => ({
  id: "order_check",
  about: "looks for orders",
  enabled: true,
  gate: "none",
  last_error: null,
  last_run: null,
  last_run_id: null,
  last_status: null,
  misfire: "run_once",
  next_run: "2026-11-25T09:30:00Z",
  path: "tower",
  paused: false,
  running: false,
  skip_reason: null,
  trigger: "interval[0:30:00]",
  unavailable: null,
  ...fields,
});

const letter = (fields: Partial<DeadLetter> = {}): DeadLetter => ({
  id: 1,
  job_id: "order_check",
  error: "no answer",
  attempts: 1,
  max_attempts: 5,
  created_at: "2026-11-25T09:00:00Z",
  next_retry_at: null,
  payload: {},
  resolved_at: null,
  retry_run_id: null,
  ...fields,
});

const tool = (fields: Partial<Tool> = {}): Tool => ({
  tool_id: "shopify_query_orders",
  display_name: "Query orders",
  function_name: "shopify_query_orders",
  description: "Lists orders.",
  category: "shopify",
  provider: "native",
  risk_level: "low",
  mutating: false,
  input_schema: {},
  mcp_tool_name: null,
  module_path: "shopify",
  server_id: null,
  transport: null,
  ...fields,
});

describe("when a job fires, in words", () => {
  it.each([
    ["interval[0:30:00]", "every 30 min"],
    ["interval[0:05:00]", "every 5 min"],
    ["interval[6:00:00]", "every 6 h"],
    ["interval[1:30:00]", "every 90 min"],
    ["cron[hour='9', minute='0']", "daily 09:00"],
    ["cron[day_of_week='mon', hour='9', minute='0']", "Mondays 09:00"],
    ["interval[0:00:00]", "interval[0:00:00]"],
    ["date[soon]", "date[soon]"],
    ["cron[day_of_week='1-5', hour='9']", "cron[day_of_week='1-5', hour='9']"],
  ])("%s is “%s”", (trigger, said) => expect(triggerWords(trigger)).toBe(said));

  it("a moment that has come is now, and none is a dash", () => {
    expect(dueWords("2026-11-25T09:25:00Z", NOW)).toBe("now");
    expect(dueWords("2026-11-25T09:30:00Z", NOW)).toBe("in 4 min");
    expect(dueWords(null, NOW)).toBe("–");
  });
});

describe("where a job stands", () => {
  it("a job that is not part of the release is absent, even when paused, with the reason", () => {
    const absent = job({ unavailable: "mail is not part of this release", paused: true });
    expect(groupOf(absent)).toBe("absent");
    expect(reasonOf(absent)).toBe("Mail is not part of this release");
  });

  it("a pause and a gate hold back, a skip because of a slow fire does not", () => {
    expect(groupOf(job({ paused: true }))).toBe("held");
    const gated = job({ last_status: "skipped", skip_reason: "gate: nobody knows the margin" });
    expect(groupOf(gated)).toBe("held");
    expect(reasonOf(gated)).toBe("Nobody knows the margin");
    const slow = job({ last_status: "skipped", skip_reason: "still_running" });
    expect(groupOf(slow)).toBe("works");
    expect(reasonOf(slow)).toBe("The fire before had not ended");
  });

  it("a job that nobody named reads as its id", () => {
    expect(jobTitle("count_the_boxes")).toBe("Count the boxes");
  });
});

describe("the first line about the jobs", () => {
  it("tells how many work, what is next and that nothing failed", () => {
    const jobs = [
      job({ last_status: "ok", last_run: "2026-11-25T09:00:00Z" }),
      job({ id: "dlq_retry", next_run: "2026-11-25T09:40:00Z" }),
      job({ id: "signal_generator", unavailable: "not here" }),
    ];
    expect(jobsSentence(jobs, NOW)).toBe(
      "3 jobs: 2 work in this release. Next is order check in 4 min; no job failed at its last fire.",
    );
  });

  it("names what failed, and does not promise the fire of a paused job", () => {
    const jobs = [job({ paused: true, last_status: "failed", last_run: "2026-11-25T09:00:00Z" })];
    expect(jobsSentence(jobs, NOW)).toBe(
      "1 job: 1 works in this release, 1 of them held back. The last fire of order check failed.",
    );
  });

  it("does not call it well when nothing has fired", () => {
    expect(jobsSentence([job()], NOW)).toContain("none has fired yet");
  });
});

describe("the plan of a day", () => {
  const until = NOW + 24 * 3_600_000;

  it("an even interval fires from its next moment to the end of the day", () => {
    expect(firesOf(job(), until)).toHaveLength(48);
  });

  it("a fixed hour fires once, beyond the day not at all, paused never", () => {
    const daily = { trigger: "cron[hour='8', minute='0']", next_run: "2026-11-26T08:00:00Z" };
    expect(firesOf(job(daily), until)).toHaveLength(1);
    expect(firesOf(job({ ...daily, next_run: "2026-11-30T09:00:00Z" }), until)).toEqual([]);
    expect(firesOf(job({ paused: true }), until)).toEqual([]);
    expect(planSentence([job(), job({ ...daily, id: "daily_revenue" })], until)).toBe(
      "Next 24 h: daily revenue at 08:00; 1 more at even intervals",
    );
  });
});

describe("work that failed", () => {
  it("is done, being tried, tried later or left to a person", () => {
    expect(letterState(letter({ resolved_at: "2026-11-25T09:10:00Z", retry_run_id: "run_1" }))).toBe(
      "resolved",
    );
    expect(letterState(letter({ retry_run_id: "run_1" }))).toBe("trying");
    expect(letterState(letter({ next_retry_at: "2026-11-25T09:40:00Z" }))).toBe("later");
    expect(letterState(letter())).toBe("byHand");
  });

  it("what needs a person is said first", () => {
    const letters = [
      letter({ next_retry_at: "2026-11-25T10:30:00Z" }),
      letter({ id: 2, next_retry_at: "2026-11-25T09:40:00Z" }),
      letter({ id: 3 }),
    ];
    expect(lettersSentence(letters, NOW)).toBe(
      "3 pieces of scheduled work left undone: 1 needs you, 2 tried again by themselves, next in 14 min.",
    );
  });

  it("what came right is not counted as undone", () => {
    expect(lettersSentence([], NOW)).toBe("No scheduled work is left undone.");
    expect(lettersSentence([letter({ resolved_at: "2026-11-25T09:10:00Z" })], NOW)).toBe(
      "No scheduled work is left undone; 1 failed before and came right.",
    );
  });
});

describe("the tools", () => {
  it("the first line tells looking from changing, and how many are of high risk", () => {
    const tools = [tool(), tool({ mutating: true, risk_level: "high" }), tool({ mutating: true })];
    expect(toolsSentence(tools)).toBe("3 tools: 1 only looks, 2 change something outside. 1 of high risk.");
  });

  it("categories keep the order in which they came", () => {
    const tools = [tool({ category: "b" }), tool({ category: "a" }), tool({ category: "b" })];
    expect(byCategory(tools).map(([name, rows]) => [name, rows.length])).toEqual([
      ["b", 2],
      ["a", 1],
    ]);
  });

  it("a schema reads as a list of members, and one that is no schema as none", () => {
    const schema = {
      required: ["order_id"],
      properties: {
        order_id: { type: "string", maxLength: 20 },
        limit: { type: "integer", minimum: 1, maximum: 50, description: "How many." },
        status: { enum: ["open", "closed"] },
      },
    };
    expect(inputsOf(schema)).toMatchObject([
      { label: "Order number", kind: "text, at most 20 characters", needed: true },
      { kind: "whole number, 1 to 50", needed: false, note: "How many." },
      { kind: "one of open, closed" },
    ]);
    expect(inputsOf("no schema")).toEqual([]);
  });
});
