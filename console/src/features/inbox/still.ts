import type { Ticket } from "@/api/types";

/**
 * The list as it stands on the screen. While somebody uses it, nothing in it moves: what arrives waits outside,
 * what others decided stays in its place and says so.
 */
export interface StillList {
  rows: Ticket[];
  /** How many wait outside. */
  arrivals: number;
}

export interface StillInput {
  /** What is shown now, in the order in which it is shown. Null: nothing was shown yet. */
  shown: readonly Ticket[] | null;
  /** What waits according to the server, sorted and filtered as wished. */
  waiting: readonly Ticket[];
  /** Newer states of tickets that no longer wait. */
  ended: readonly Ticket[];
  /** Decided here and confirmed: these leave at once, it was the reader's own doing. */
  gone: ReadonlySet<number>;
  /** Somebody is reading, pointing or selecting. */
  inUse: boolean;
}

/** Pure. */
export function settle({ shown, waiting, ended, gone, inUse }: StillInput): StillList {
  const open = waiting.filter((ticket) => !gone.has(ticket.id));
  if (shown === null || !inUse) return { rows: open, arrivals: 0 };
  const now = new Map(open.map((ticket) => [ticket.id, ticket]));
  const over = new Map(ended.map((ticket) => [ticket.id, ticket]));
  const rows = shown
    .filter((ticket) => !gone.has(ticket.id))
    .map((ticket) => now.get(ticket.id) ?? over.get(ticket.id) ?? ticket);
  const here = new Set(rows.map((ticket) => ticket.id));
  return { rows, arrivals: open.filter((ticket) => !here.has(ticket.id)).length };
}

/** The row to go to when `id` leaves: the next that still waits below it, else the nearest above. */
export function neighbour(rows: readonly Ticket[], id: number, step: 1 | -1 = 1): number | null {
  const index = rows.findIndex((ticket) => ticket.id === id);
  const waits = (ticket: Ticket) => ticket.status === "pending" && ticket.id !== id;
  const after = step === 1 ? rows.slice(index + 1) : rows.slice(0, Math.max(0, index)).toReversed();
  const before = step === 1 ? rows.slice(0, Math.max(0, index)).toReversed() : rows.slice(index + 1);
  return (after.find(waits) ?? before.find(waits))?.id ?? null;
}
