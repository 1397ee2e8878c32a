import type { Order } from "@/api/types";

/** The five steps of an order, which it takes in this order and never backwards. */
export const ORDER_STEPS = ["paid", "approved", "printing", "shipped", "delivered"] as const;

/** How many of the five steps an order has taken (0–5). */
export function stepsTaken(order: Order): number {
  const printed = {
    none: 0,
    submitted: 2,
    in_production: 3,
    partly_shipped: 3,
    shipped: 4,
    delivered: 5,
    returned: 5,
  };
  const paid =
    order.payment === "none" || order.payment === "pending" || order.payment === "authorised" ? 0 : 1;
  return Math.max(paid, printed[order.fulfilment]);
}

/** What is unusual about an order, in words; empty when nothing is. */
export function orderNotes(order: Order): string[] {
  const notes: string[] = [];
  if (order.is_test) notes.push("test order, never printed");
  if (order.cancelled) notes.push("cancelled");
  if (order.payment === "refunded") notes.push("refunded");
  if (order.payment === "partly_refunded") notes.push("partly refunded");
  if (order.payment === "pending" || order.payment === "none") notes.push("not paid yet");
  if (order.payment === "authorised") notes.push("authorised, not paid yet");
  if (order.print_cancelled) notes.push("print cancelled");
  if (order.fulfilment === "returned") notes.push("came back");
  if (order.fulfilment === "partly_shipped") notes.push("partly shipped");
  return notes;
}

/** What is left of an order after print and payment fee, minor units; null while the print cost is not known. */
export function orderMargin(order: Order): number | null {
  if (order.total_minor === null || order.print_cost_minor === null) return null;
  if (order.print_cost_currency && order.currency && order.print_cost_currency !== order.currency)
    return null;
  return order.total_minor - order.refunded_minor - order.print_cost_minor - (order.payment_fee_minor ?? 0);
}
