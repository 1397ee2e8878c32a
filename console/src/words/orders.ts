import type { Order } from "@/api/types";
import { formatMinor } from "./money";
import { orderMargin, orderNotes, stepsTaken } from "./order";
import { plural } from "./reading";

const WEEK_MS = 7 * 24 * 3_600_000;

/** "14 orders this week, 212.40 USD earned, 1 waits for a yes." Amounts of several currencies are never added up. */
export function ordersSentence(
  orders: readonly Order[],
  waiting: number,
  now: number,
  complete = true,
): string {
  const week = orders.filter((order) => now - Date.parse(order.ordered_at ?? order.created_at) < WEEK_MS);
  if (week.length === 0) {
    return waiting > 0 ? `No orders this week. ${waits(waiting)}.` : "No orders this week.";
  }
  const parts = [`${complete ? "" : "More than "}${plural(week.length, "order")} this week`];
  const earned = earnedOf(week);
  if (earned) parts.push(`${earned} earned`);
  if (waiting > 0) parts.push(waits(waiting));
  return `${parts.join(", ")}.`;
}

function waits(count: number): string {
  return count === 1 ? "1 waits for a yes" : `${count} wait for a yes`;
}

/** What is left of the orders whose print cost is known; null when none is. */
export function earnedOf(orders: readonly Order[]): string | null {
  const sums = new Map<string, number>();
  for (const order of orders) {
    const margin = orderMargin(order);
    if (margin === null || order.is_test) continue;
    sums.set(order.currency ?? "", (sums.get(order.currency ?? "") ?? 0) + margin);
  }
  if (sums.size === 0) return null;
  return [...sums].map(([currency, minor]) => formatMinor(minor, currency || null)).join(" and ");
}

export type StepState = "done" | "now" | "needs" | "ahead" | "never";

/** The five steps of the track, each as it stands. A step taken is never taken back. */
export function trackOf(order: Order, waits: boolean): StepState[] {
  const taken = stepsTaken(order);
  const over = isOver(order);
  return [0, 1, 2, 3, 4].map((step) => {
    if (step < taken) return "done";
    if (over) return "never";
    if (step === taken) return step === 1 && waits ? "needs" : "now";
    return "ahead";
  });
}

/** It was called off before it went to print, or taken back from there: what is left of its way will not happen. */
function isOver(order: Order): boolean {
  const early = stepsTaken(order) < 2;
  return (
    order.is_test || order.print_cancelled || (early && (order.cancelled || order.payment === "refunded"))
  );
}

const WORDS = [
  "Not paid yet",
  "Paid",
  "Approved, sent to the printer",
  "In print",
  "Shipped",
  "Delivered",
] as const;

/** Where the order stands, in words: the name of the last step taken, what is unusual before it. */
export function standingOf(order: Order, waits: boolean): string {
  if (order.fulfilment === "returned") return "Came back";
  if (isOver(order)) return "Ended, nothing more will happen";
  if (waits && stepsTaken(order) <= 1) return "Paid, its print waits for your yes";
  return WORDS[stepsTaken(order)] ?? "Unknown";
}

/** What is unusual, without what the track says anyway. */
export function unusualOf(order: Order): string[] {
  const margin = orderMargin(order);
  const notes = orderNotes(order).filter(
    (note) => !/not paid yet/.test(note) || order.payment === "authorised",
  );
  if (margin !== null && margin < 0 && !order.is_test)
    notes.push(`loses ${formatMinor(-margin, order.currency)}`);
  return notes;
}

/** The first line of an order: "Order #1042 is in print; you earn 7.18 USD." */
export function orderSentence(order: Order, waits: boolean): string {
  const name = `Order ${order.order_name ?? order.order_key}`;
  const margin = orderMargin(order);
  const money =
    margin === null
      ? ""
      : margin < 0
        ? `; you lose ${formatMinor(-margin, order.currency)}`
        : `; you earn ${formatMinor(margin, order.currency)}`;
  if (order.is_test) return `${name} is a test and will never be printed.`;
  if (order.cancelled)
    return `${name} was cancelled${stepsTaken(order) >= 2 ? " after it went to print" : ""}${money}.`;
  if (order.fulfilment === "returned") return `${name} came back${money}.`;
  if (order.payment === "refunded") return `${name} was refunded${money}.`;
  if (waits && stepsTaken(order) <= 1) return `${name} is paid; its print waits for your yes.`;
  const is = [
    "is not paid yet",
    "is paid, nothing was printed yet",
    "is with the printer",
    "is in print",
    "is on its way",
    "was delivered",
  ];
  return `${name} ${is[stepsTaken(order)]}${money}.`;
}
