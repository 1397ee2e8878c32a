import type { Ticket } from "@/api/types";
import { formatAmount } from "./money";
import { plural } from "./reading";
import { ticketMoney } from "./ticket";
import { formatRelative, formatSpan } from "./time";

/**
 * The first line of the inbox: "3 tickets wait for you. Oldest 12 min, 48.80 USD to spend, none risky."
 * Amounts of several currencies are never added up.
 */
export function inboxSentence(waiting: readonly Ticket[], now: number): string {
  if (waiting.length === 0) return "Nothing waits for you.";
  const head = waiting.length === 1 ? "1 ticket waits for you." : `${waiting.length} tickets wait for you.`;
  const oldest = Math.min(...waiting.map((ticket) => Date.parse(ticket.created_at)));
  const parts = [`${waiting.length === 1 ? "Since" : "Oldest"} ${formatSpan(now - oldest)}`];
  const spend = toSpend(waiting);
  if (spend) parts.push(`${spend} to spend`);
  const risky = waiting.filter((ticket) => ticket.risk_level === "high").length;
  parts.push(risky === 0 ? "none risky" : `${risky === waiting.length && risky > 1 ? "all" : risky} risky`);
  return `${head} ${parts.join(", ")}.`;
}

/** "48.80 USD", "48.80 USD and 12.00 EUR"; null when nothing costs anything. */
export function toSpend(tickets: readonly Ticket[]): string | null {
  const sums = new Map<string, number>();
  for (const ticket of tickets) {
    const { cost, currency } = ticketMoney(ticket);
    if (cost) sums.set(currency, (sums.get(currency) ?? 0) + cost);
  }
  if (sums.size === 0) return null;
  return [...sums].map(([currency, sum]) => formatAmount(sum, currency)).join(" and ");
}

/** What an empty inbox says below its first line. */
export function lastDecision(decided: readonly Ticket[], now: number): string | null {
  const times = decided.flatMap((ticket) => (ticket.decided_at ? [Date.parse(ticket.decided_at)] : []));
  if (times.length === 0) return null;
  return `The last decision was ${formatRelative(Math.max(...times), now)}.`;
}

export function newcomers(count: number): string {
  return `${count} new`;
}

export function countTickets(count: number): string {
  return plural(count, "ticket");
}
