import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aTicket } from "@/words/fixtures";
import { differences, differencesInTicket, differencesToLast, lastTime, same } from "./compare";
import { DeferredDecisions, UNDO_MS } from "./deferred";
import { fieldsOf, fromInput, parseObject, toInput } from "./schema";
import { inboxSearch } from "./search";
import { neighbour, settle } from "./still";

const [one, two, three] = [aTicket({ id: 1 }), aTicket({ id: 2 }), aTicket({ id: 3 })];
const ids = (rows: readonly { id: number }[]) => rows.map((row) => row.id);
const none = new Set<number>();

describe("a list that is in use", () => {
  it("keeps its rows where they are; what arrives waits outside", () => {
    const list = settle({
      shown: [two, one],
      waiting: [three, one, two],
      ended: [],
      gone: none,
      inUse: true,
    });
    expect(ids(list.rows)).toEqual([2, 1]);
    expect(list.arrivals).toBe(1);
  });

  it("shows in place that somebody else decided", () => {
    const taken = aTicket({ id: 2, status: "approved" });
    const list = settle({ shown: [two, one], waiting: [one], ended: [taken], gone: none, inUse: true });
    expect(list.rows.map((row) => row.status)).toEqual(["approved", "pending"]);
  });

  it("lets go of what was decided here", () => {
    const list = settle({
      shown: [two, one],
      waiting: [one, two],
      ended: [],
      gone: new Set([2]),
      inUse: true,
    });
    expect(ids(list.rows)).toEqual([1]);
  });

  it("takes everything in as soon as it is not in use", () => {
    const list = settle({ shown: [two], waiting: [three, one], ended: [], gone: none, inUse: false });
    expect(ids(list.rows)).toEqual([3, 1]);
    expect(list.arrivals).toBe(0);
  });

  it("goes to the next row that waits, or back when there is none below", () => {
    expect(neighbour([one, two, three], 2)).toBe(3);
    expect(neighbour([one, two, three], 3)).toBe(2);
    expect(neighbour([one, aTicket({ id: 2, status: "expired" }), three], 1)).toBe(3);
    expect(neighbour([one], 1)).toBeNull();
    expect(neighbour([one, two], 2, -1)).toBe(1);
  });
});

describe("a decision in its undo window", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is sent once, when the time is over", () => {
    const deferred = new DeferredDecisions();
    const send = vi.fn();
    expect(deferred.add(1, "approve", send)).toBe(true);
    expect(deferred.add(1, "approve", send)).toBe(false);
    vi.advanceTimersByTime(UNDO_MS - 1);
    expect(send).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(send).toHaveBeenCalledTimes(1);
    expect(deferred.cell.get().size).toBe(0);
  });

  it("is never sent after it was taken back or the page was left", () => {
    const deferred = new DeferredDecisions();
    const send = vi.fn();
    deferred.add(1, "approve", send);
    deferred.add(2, "reject", send);
    expect(deferred.undo(1)).toBe(true);
    expect(deferred.undo(1)).toBe(false);
    expect(deferred.cancelAll()).toBe(1);
    vi.advanceTimersByTime(UNDO_MS * 2);
    expect(send).not.toHaveBeenCalled();
  });
});

describe("a comparison", () => {
  it("names what differs in words and skips what says nothing", () => {
    const last = aTicket({
      id: 1,
      status: "approved",
      created_at: "2026-11-24T08:00:00Z",
      proposed_action: {
        tool: "printful_submit_order",
        params: { confirm: true },
        call: { external_id: "1", ship_to: "Leeds, GB", cost: { currency: "USD", total_minor: 1694 } },
      },
    });
    const found = differencesToLast(aTicket(), last);
    expect(found.find(({ member }) => member === "cost")).toEqual({
      member: "cost",
      label: "Cost",
      before: "16.94 USD",
      after: "64.44 USD",
    });
    expect(found.map(({ member }) => member)).not.toContain("external_id");
    expect(lastTime(aTicket(), [last])).toBe(last);
    expect(lastTime(aTicket(), [aTicket({ ...last, status: "rejected" })])).toBeNull();
    expect(lastTime(last, [aTicket({ id: 9, status: "approved" })])).toBeNull();
  });

  it("does not care for the order of members", () => {
    expect(same({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
    expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(differences({ a: 1 }, { a: 1 })).toEqual([]);
  });

  it("tells what changed about a ticket while it was read", () => {
    const found = differencesInTicket(aTicket(), aTicket({ status: "rejected", risk_level: "high" }));
    expect(found.map(({ member, after }) => `${member} ${after}`)).toEqual(["status rejected", "risk high"]);
  });
});

describe("a form made from a schema", () => {
  const schema = {
    type: "object",
    required: ["charge_id"],
    properties: {
      charge_id: { type: "string", pattern: "^ch_[a-z0-9]+$" },
      amount_cents: { type: "integer", minimum: 1 },
      reason: { type: "string", enum: ["duplicate", "fraudulent"] },
      confirm: { type: "boolean", default: false },
      extra: { type: "array" },
    },
  };
  const fields = fieldsOf(schema) ?? [];
  const field = (name: string) => {
    const found = fields.find((candidate) => candidate.name === name);
    if (!found) throw new Error(name);
    return found;
  };

  it("has a fitting field for each member", () => {
    expect(fields.map(({ kind }) => kind)).toEqual(["text", "integer", "choice", "boolean", "json"]);
    expect(fieldsOf({ type: "string" })).toBeNull();
    expect(fieldsOf(undefined)).toBeNull();
  });

  it("reads back what it shows", () => {
    for (const [name, value] of Object.entries({
      charge_id: "ch_1",
      amount_cents: 5,
      confirm: true,
      extra: [1],
    })) {
      expect(fromInput(field(name), toInput(field(name), value))).toEqual({ ok: true, value });
    }
  });

  it("refuses what does not fit, and leaves out what is empty", () => {
    expect(fromInput(field("charge_id"), "")).toMatchObject({ ok: false });
    expect(fromInput(field("charge_id"), "pi_1")).toMatchObject({ ok: false });
    expect(fromInput(field("amount_cents"), "1.5")).toMatchObject({ ok: false });
    expect(fromInput(field("amount_cents"), "0")).toMatchObject({ ok: false });
    expect(fromInput(field("extra"), "[1")).toMatchObject({ ok: false });
    expect(fromInput(field("amount_cents"), " ")).toEqual({ ok: true, value: undefined });
  });

  it("takes raw JSON only when it is an object", () => {
    expect(parseObject('{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
    expect(parseObject("[1]")).toMatchObject({ ok: false });
    expect(parseObject("{")).toMatchObject({ ok: false });
  });
});

it("keeps only what it knows of the address", () => {
  expect(inboxSearch({ risk: "high", show: "decided", sort: "x", more: 1 })).toEqual({
    risk: "high",
    show: "decided",
  });
  expect(inboxSearch({ risk: 7 })).toEqual({});
});
