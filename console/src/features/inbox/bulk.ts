import { api } from "@/api/client";
import { ApiError, asApiError } from "@/api/errors";
import type { Ticket } from "@/api/types";
import { callOf } from "@/words/ticket";
import { postDecision } from "./useDecisions";

/** How one ticket of many fared. */
export interface BulkResult {
  ticket_id: number;
  ok: boolean;
  error: string | null;
}

const AT_ONCE = 4;

/**
 * Decides several tickets, each on its own: one that fails never stops the rest. Uses the route made for it; a
 * server without that route gets the same decisions one by one.
 */
export async function decideMany(
  tickets: readonly Ticket[],
  decision: "approve" | "reject",
  reason: string | undefined,
  onResult: (result: BulkResult) => void,
): Promise<void> {
  const body = {
    decision,
    items: tickets.map((ticket) => ({ ticket_id: ticket.id, expected_checkpoint_id: ticket.checkpoint_id })),
    ...(reason ? { reason } : {}),
  };
  const post = api.POST as unknown as (
    path: string,
    init: { body: unknown },
  ) => Promise<{ data?: { results: BulkResult[] }; error?: unknown; response: Response }>;
  const { data, error, response } = await post("/api/tower/tickets/bulk-decide", { body });
  if (response.ok && data) {
    for (const { ticket_id, ok, error: refusal } of data.results)
      onResult({ ticket_id, ok, error: refusal ?? null });
    return;
  }
  if (response.status !== 404 && response.status !== 405) throw new ApiError(response.status, error);
  await oneByOne(tickets, decision, reason, onResult);
}

async function oneByOne(
  tickets: readonly Ticket[],
  decision: "approve" | "reject",
  reason: string | undefined,
  onResult: (result: BulkResult) => void,
): Promise<void> {
  const left = [...tickets];
  const work = async () => {
    for (let ticket = left.shift(); ticket; ticket = left.shift()) {
      try {
        await postDecision({ ticket, decision, reason });
        onResult({ ticket_id: ticket.id, ok: true, error: null });
      } catch (error) {
        onResult({ ticket_id: ticket.id, ok: false, error: asApiError(error)?.message ?? String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
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
