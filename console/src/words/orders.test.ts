import { describe, expect, it } from "vitest";
import { anOrder } from "./fixtures";
import { earnedOf, orderSentence, ordersSentence, standingOf, trackOf, unusualOf } from "./orders";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const printed = anOrder({ fulfilment: "submitted", print_cost_minor: 6444, print_cost_currency: "USD" });

describe("the first line of the orders", () => {
  it("says how many, what they earned and what waits", () => {
    expect(ordersSentence([printed, anOrder()], 1, NOW)).toBe(
      "2 orders this week, 22.15 USD earned, 1 waits for a yes.",
    );
  });

  it("counts only this week, and says when there may be more", () => {
    const old = anOrder({ ordered_at: "2026-11-01T08:00:00Z" });
    expect(ordersSentence([old], 0, NOW)).toBe("No orders this week.");
    expect(ordersSentence([printed], 0, NOW, false)).toBe("More than 1 order this week, 22.15 USD earned.");
  });

  it("never adds up two currencies, nor counts a test", () => {
    const euro = anOrder({ currency: "EUR", print_cost_minor: 659, print_cost_currency: "EUR" });
    expect(earnedOf([printed, euro])).toBe("22.15 USD and 80.00 EUR");
    expect(earnedOf([{ ...printed, is_test: true }])).toBeNull();
    expect(earnedOf([anOrder()])).toBeNull();
  });
});

describe("the track", () => {
  it("fills up from the left, and lights the step that needs a person", () => {
    expect(trackOf(anOrder({ payment: "pending" }), false)).toEqual([
      "now",
      "ahead",
      "ahead",
      "ahead",
      "ahead",
    ]);
    expect(trackOf(anOrder(), true)).toEqual(["done", "needs", "ahead", "ahead", "ahead"]);
    expect(trackOf(printed, false)).toEqual(["done", "done", "now", "ahead", "ahead"]);
    expect(trackOf(anOrder({ fulfilment: "delivered" }), false)).toEqual([
      "done",
      "done",
      "done",
      "done",
      "done",
    ]);
  });

  it("never moves left: what was reached before a cancellation stays reached", () => {
    const way = [
      "none",
      "submitted",
      "in_production",
      "partly_shipped",
      "shipped",
      "delivered",
      "returned",
    ] as const;
    let reached = 0;
    for (const fulfilment of way) {
      for (const change of [{}, { cancelled: true }, { payment: "refunded" as const }]) {
        const done = trackOf(anOrder({ fulfilment, ...change }), false).filter(
          (step) => step === "done",
        ).length;
        expect(done).toBeGreaterThanOrEqual(reached);
      }
      reached = trackOf(anOrder({ fulfilment }), false).filter((step) => step === "done").length;
    }
  });

  it("crosses out what will not happen", () => {
    expect(trackOf(anOrder({ cancelled: true }), false)).toEqual([
      "done",
      "never",
      "never",
      "never",
      "never",
    ]);
    expect(trackOf(anOrder({ is_test: true, payment: "none" }), false)).toEqual(Array(5).fill("never"));
  });
});

describe("an order in words", () => {
  it("says where it is and what it leaves", () => {
    expect(orderSentence(printed, false)).toBe("Order #1002 is with the printer; you earn 22.15 USD.");
    expect(orderSentence(anOrder(), true)).toBe("Order #1002 is paid; its print waits for your yes.");
    expect(orderSentence(anOrder({ is_test: true }), false)).toBe(
      "Order #1002 is a test and will never be printed.",
    );
    expect(standingOf(anOrder({ fulfilment: "shipped" }), false)).toBe("Shipped");
  });

  it("names what is unusual, a loss among it", () => {
    expect(unusualOf(anOrder())).toEqual([]);
    expect(unusualOf({ ...printed, refunded_minor: 8659, payment: "refunded" })).toEqual([
      "refunded",
      "loses 64.44 USD",
    ]);
  });
});
