import { api, data } from "@/api/client";
import type { Ticket } from "@/api/types";
import { callOf } from "@/words/ticket";

/** How one ticket of many fared. */
export interface BulkResult {
  ticket_id: number;
  ok: boolean;
  error: string | null;
}

/** As many as the server takes at once. */
const MOST = 100;

/**
 * Decides several tickets, each on its own: one that fails never stops the rest, and asking again with the same
 * tickets is safe.
 */
export async function decideMany(
  tickets: readonly Ticket[],
  decision: "approve" | "reject",
  reason: string | undefined,
  onResult: (result: BulkResult) => void,
): Promise<void> {
  for (let from = 0; from < tickets.length; from += MOST) {
    const items = tickets
      .slice(from, from + MOST)
      .map((ticket) => ({ ticket_id: ticket.id, expected_checkpoint_id: ticket.checkpoint_id }));
    const answer = api.POST("/api/tower/tickets/bulk-decide", {
      body: { decision, items, ...(reason ? { reason } : {}) },
    });
    for (const { ticket_id, ok, error } of (await data(answer)).results) onResult({ ticket_id, ok, error });
  }
}

/** Only what is low risk and still waits may be approved together with others. */
export function approvable(tickets: readonly Ticket[], now: number): Ticket[] {
  return tickets.filter(
    (ticket) =>
      ticket.risk_level === "low" && ticket.status === "pending" && Date.parse(ticket.expires_at) > now,
  );
}

/** Grouped by what they do, for the review. */
export function byTool(tickets: readonly Ticket[]): { tool: string; tickets: Ticket[] }[] {
  const groups = new Map<string, Ticket[]>();
  for (const ticket of tickets) {
    const { tool } = callOf(ticket);
    groups.set(tool, [...(groups.get(tool) ?? []), ticket]);
  }
  return [...groups].map(([tool, members]) => ({ tool, tickets: members }));
}
