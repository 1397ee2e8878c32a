import { describe, expect, it } from "vitest";
import { eventWords } from "./event";
import { anOrder, aRun, aTicket } from "./fixtures";
import { inboxSentence, lastDecision } from "./inbox";
import { levelSentence } from "./level";
import { orderMargin, orderNotes, stepsTaken } from "./order";
import { runTitle, runWords } from "./run";
import { byOrder, outcomeOf, ticketMoney, ticketWords } from "./ticket";
import { actOf, labelOf, memberValue } from "./tool";

const at = Date.parse("2026-11-25T08:12:00Z");

describe("a ticket", () => {
  it("is named in words of the shop, the machine word comes second", () => {
    const words = ticketWords(aTicket());
    expect(words.title).toBe("Print order #1002 at Printful");
    expect(words.detail).toBe("3 pieces to Hamburg, DE");
    expect(words.machine).toBe("printful_submit_order");
  });

  it("of a tool nobody has words for says what the server said of it", () => {
    const action = { tool: "mcp_weather_alert", params: {} };
    const ticket = aTicket({ proposed_action: action, context_pack: { tldr: "Warn Leeds of snow" } });
    expect(ticketWords(ticket).title).toBe("Warn Leeds of snow");
    expect(ticketWords(aTicket({ proposed_action: action, context_pack: {} })).title).toBe(
      "Mcp weather alert",
    );
  });

  it("survives members that are missing or of another kind", () => {
    const ticket = aTicket({
      proposed_action: { params: 7 as never },
      context_pack: { risk_flags: "x" as never },
    });
    expect(ticketWords(ticket).title).not.toBe("");
    expect(ticketMoney(ticket)).toEqual({ currency: "USD", cost: null, revenue: null, margin: null });
  });

  it("keeps only unusual flags, in words", () => {
    const context_pack = { risk_flags: ["risk:high", "tool:x", "gate:closed", "address:odd_one"] };
    expect(ticketWords(aTicket({ context_pack })).flags).toEqual([
      "a goal level is closed",
      "address: odd one",
    ]);
  });

  it("asks what happened when an answer was lost", () => {
    const words = ticketWords(aTicket({ ticket_type: "effect_reconcile" }));
    expect(words.title).toBe("Did this happen? Print order #1002 at Printful");
    expect(words.afterNo).toMatch(/treated as done/);
  });

  it("tells how it ended, and a withdrawal from a no", () => {
    const no = { status: "rejected", decided_by: "jo@example.com" } as const;
    expect(outcomeOf(aTicket({ ...no, decision_payload: { reason: "too late" } }))).toBe(
      "Rejected by jo@example.com: too late",
    );
    const withdrawn = { reason: "order_cancelled", withdrawn: true };
    expect(outcomeOf(aTicket({ ...no, decided_by: "system", decision_payload: withdrawn }))).toBe(
      "Withdrawn: the order was cancelled",
    );
    expect(
      outcomeOf(aTicket({ status: "approved", decided_by: "jo", decision_payload: { params: {} } })),
    ).toBe("Approved with changes by jo");
    expect(outcomeOf(aTicket())).toBeNull();
  });

  it("is sorted by risk, then by how long it has waited", () => {
    const low = aTicket({ id: 1, risk_level: "low", created_at: "2026-11-25T07:00:00Z" });
    const late = aTicket({ id: 2, created_at: "2026-11-25T08:10:00Z" });
    const early = aTicket({ id: 3, created_at: "2026-11-25T08:01:00Z" });
    const high = aTicket({ id: 4, risk_level: "high", created_at: "2026-11-25T08:11:00Z" });
    expect([low, late, early, high].sort(byOrder("risk")).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    expect([low, late, early, high].sort(byOrder("newest")).map(({ id }) => id)).toEqual([4, 2, 3, 1]);
  });
});

describe("the first line of the inbox", () => {
  it("answers how many, how long, how much, how risky", () => {
    const two = [aTicket(), aTicket({ id: 4, created_at: "2026-11-25T08:08:00Z" })];
    expect(inboxSentence(two, at)).toBe(
      "2 tickets wait for you. Oldest 12 min, 128.88 USD to spend, none risky.",
    );
    const one = [aTicket({ risk_level: "high", context_pack: {} })];
    expect(inboxSentence(one, at)).toBe("1 ticket waits for you. Since 12 min, 1 risky.");
  });

  it("never adds up two currencies", () => {
    const euro = aTicket({ context_pack: { money: { currency: "EUR", cost_minor: 1200 } } });
    expect(inboxSentence([aTicket(), euro], at)).toContain("64.44 USD and 12.00 EUR to spend");
  });

  it("says that nothing waits and when the last decision was", () => {
    expect(inboxSentence([], at)).toBe("Nothing waits for you.");
    expect(lastDecision([aTicket({ decided_at: "2026-11-25T08:02:00Z" })], at)).toBe(
      "The last decision was 10 min ago.",
    );
    expect(lastDecision([], at)).toBeNull();
  });
});

describe("a call", () => {
  it("is an act of the shop", () => {
    const params = { amount_cents: 1250 };
    expect(actOf({ tool: "stripe_refund", params, call: { currency: "eur", amount_cents: 1250 } })).toBe(
      "Refund 12.50 EUR",
    );
    expect(actOf({ tool: "printful_submit_order", params: { shopify_order_id: "77" }, call: {} })).toBe(
      "Draft the print of order 77 at Printful",
    );
  });

  it("has labels and values a person can read", () => {
    expect(labelOf("ship_to")).toBe("Ships to");
    expect(labelOf("some_thing")).toBe("Some thing");
    expect(memberValue("confirm", true)).toBe("yes");
    expect(memberValue("cost", { currency: "USD", total_minor: 1694 })).toBe("16.94 USD");
    expect(memberValue("items", [{ quantity: 2, sync_variant_id: 9 }])).toBe("2 × 9");
    expect(memberValue("nested", { a: { b: 1 } })).toBeNull();
  });
});

describe("a run", () => {
  it("is named as the shop would say it", () => {
    expect(runTitle(aRun({ run_name: "Stripe payment_intent.succeeded pi_1" }))).toBe("Payment received");
    expect(runTitle(aRun({ run_name: null }))).toBe("A run without a name");
    expect(runTitle(aRun())).toBe("Order #1002 paid");
  });

  it("says how it stands", () => {
    expect(runWords(aRun({ status: "waiting_approval" }), at).standing).toBe("Waits for you since 12 min.");
    expect(runWords(aRun({ status: "failed", last_error: "no stock" }), at).standing).toBe(
      "Failed: no stock",
    );
  });
});

describe("an event", () => {
  it("reads as a sentence", () => {
    const say = (event_type: string, payload = {}) => eventWords({ event_type, payload }).sentence;
    expect(say("node.finished", { node: "orchestrator", duration_ms: 12 })).toBe(
      "Finished: choice of who does it (12 ms)",
    );
    expect(say("tool.called", { tool: "shopify_query_orders", ok: true })).toBe("Look at the newest orders");
    expect(say("effect.blocked", { reason: "order" })).toBe("Stopped before sending: the order changed");
    expect(say("some.thing_new")).toBe("some thing new");
  });
});

describe("a goal level", () => {
  it("is named, and says what stands in its way", () => {
    expect(levelSentence(3, [])).toBe("It serves level 3, promises to paying customers. That level is open.");
    expect(levelSentence(3, [5])).toContain("That level is open.");
    expect(levelSentence(3, [4, 2])).toContain("Level 2, harming nobody, is closed.");
    expect(levelSentence(3, null)).toBe("It serves level 3, promises to paying customers.");
  });
});

describe("an order", () => {
  it("moves along its track and never backwards", () => {
    expect(stepsTaken(anOrder({ payment: "pending" }))).toBe(0);
    expect(stepsTaken(anOrder())).toBe(1);
    expect(stepsTaken(anOrder({ fulfilment: "in_production" }))).toBe(3);
    expect(stepsTaken(anOrder({ fulfilment: "delivered", payment: "refunded" }))).toBe(5);
  });

  it("says what is unusual about it", () => {
    expect(orderNotes(anOrder())).toEqual([]);
    expect(orderNotes(anOrder({ cancelled: true, payment: "refunded" }))).toEqual(["cancelled", "refunded"]);
  });

  it("has a margin only when the cost of the print is known", () => {
    expect(orderMargin(anOrder())).toBeNull();
    expect(orderMargin(anOrder({ print_cost_minor: 6444, print_cost_currency: "USD" }))).toBe(2215);
    expect(orderMargin(anOrder({ print_cost_minor: 6444, print_cost_currency: "EUR" }))).toBeNull();
  });
});
