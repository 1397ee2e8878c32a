import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { useCell } from "@/api/cell";
import { api, data } from "@/api/client";
import { type ApiError, asApiError } from "@/api/errors";
import { ticketQuery } from "@/api/queries";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { say, sayFailure } from "@/ui/toast";
import { ticketWords } from "@/words/ticket";
import { type Deferred, DeferredDecisions, UNDO_MS } from "./deferred";

/** What a person decided, about the ticket exactly as it was seen. */
export interface Wish {
  ticket: Ticket;
  decision: "approve" | "reject";
  reason?: string;
  harm?: boolean;
  /** An edit: replaces what the tool was to be given, as a whole. */
  params?: Record<string, unknown>;
}

/** The server said that the ticket is no longer what was decided on. */
export interface Conflict {
  wish: Wish;
  now: Ticket | null;
  error: ApiError;
}

export interface Decisions {
  /** Decisions that can still be taken back. */
  deferred: ReadonlyMap<number, Deferred>;
  /** Being sent right now. */
  sending: ReadonlySet<number>;
  /** Decided here, and the server agreed. */
  gone: ReadonlySet<number>;
  conflicts: ReadonlyMap<number, Conflict>;
  /** Low and medium risk: after the undo window. High risk: at once. */
  decide: (wish: Wish) => void;
  /** At once, and says how it went; for dialogs that show the refusal themselves. */
  decideNow: (wish: Wish) => Promise<void>;
  undo: (id: number) => void;
  /** Takes back what was decided last, as long as it can be. */
  undoLast: () => void;
  dismissConflict: (id: number) => void;
  markGone: (ids: readonly number[]) => void;
}

const deferred = new DeferredDecisions();
const toastId = (id: number) => `decision-${id}`;

export function useDecisions(): Decisions {
  const client = useQueryClient();
  const navigate = useNavigate();
  const waiting = useCell(deferred.cell);
  const [sending, setSending] = useState<ReadonlySet<number>>(new Set());
  const [gone, setGone] = useState<ReadonlySet<number>>(new Set());
  const [conflicts, setConflicts] = useState<ReadonlyMap<number, Conflict>>(new Map());

  // Leaving the page takes back what is not sent yet.
  useEffect(
    () => () => {
      const ids = [...deferred.cell.get().keys()];
      const count = deferred.cancelAll();
      for (const id of ids) toast.dismiss(toastId(id));
      if (count > 0) say(strings.decide.leftUnsent(count));
    },
    [],
  );

  const refresh = (ticket: Ticket) => {
    void client.invalidateQueries({ queryKey: ["inbox"] });
    void client.invalidateQueries({ queryKey: ["ticket", ticket.id] });
    void client.invalidateQueries({ queryKey: ["run", ticket.run_id] });
    void client.invalidateQueries({ queryKey: ["overview"] });
  };

  const send = async (wish: Wish): Promise<void> => {
    const { ticket } = wish;
    setSending((ids) => new Set([...ids, ticket.id]));
    try {
      await postDecision(wish);
      setGone((ids) => new Set([...ids, ticket.id]));
      const said = wish.decision === "approve" ? strings.decide.approved : strings.decide.rejected;
      toast(said(ticketWords(ticket).title), {
        id: toastId(ticket.id),
        duration: 4_000,
        action: {
          label: strings.decide.openRun,
          onClick: () => void navigate({ to: "/tower/runs/$runId", params: { runId: ticket.run_id } }),
        },
      });
    } catch (error) {
      const known = asApiError(error);
      if (known?.status === 409) {
        toast.dismiss(toastId(ticket.id));
        const now = await client.fetchQuery({ ...ticketQuery(ticket.id), staleTime: 0 }).catch(() => null);
        setConflicts((all) => new Map([...all, [ticket.id, { wish, now, error: known }]]));
        sayFailure(strings.decide.failed(ticketWords(ticket).title), strings.decide.conflictTitle, {
          label: strings.decide.show,
          onClick: () =>
            void navigate({ to: "/tower/tickets/$ticketId", params: { ticketId: String(ticket.id) } }),
        });
      } else throw error;
    } finally {
      setSending((ids) => new Set([...ids].filter((id) => id !== ticket.id)));
      refresh(ticket);
    }
  };

  const sendLoud = (wish: Wish) => {
    send(wish).catch((error: unknown) => {
      toast.dismiss(toastId(wish.ticket.id));
      const known = asApiError(error);
      sayFailure(
        strings.decide.failed(ticketWords(wish.ticket).title),
        known?.message ?? strings.error.unexpected,
        {
          label: strings.common.retry,
          onClick: () => sendLoud(wish),
        },
      );
    });
  };

  const undo = (id: number) => {
    if (!deferred.undo(id)) return;
    toast.dismiss(toastId(id));
    say(strings.decide.undone);
  };

  return {
    deferred: waiting,
    sending,
    gone,
    conflicts,
    undo,
    undoLast: () => {
      const last = [...waiting.keys()].at(-1);
      if (last !== undefined) undo(last);
    },
    decide: (wish) => {
      const { ticket, decision } = wish;
      if (sending.has(ticket.id) || gone.has(ticket.id)) return;
      if (ticket.risk_level === "high") {
        sendLoud(wish);
        return;
      }
      if (!deferred.add(ticket.id, decision, () => sendLoud(wish))) return;
      const said = decision === "approve" ? strings.decide.approving : strings.decide.rejecting;
      toast(said(ticketWords(ticket).title), {
        id: toastId(ticket.id),
        duration: UNDO_MS + 500,
        action: { label: strings.decide.undo, onClick: () => undo(ticket.id) },
      });
    },
    decideNow: send,
    dismissConflict: (id) => setConflicts((all) => new Map([...all].filter(([ticketId]) => ticketId !== id))),
    markGone: (ids) => setGone((all) => new Set([...all, ...ids])),
  };
}

/** One decision, bound to the checkpoint that was seen. */
export async function postDecision({ ticket, decision, reason, harm, params }: Wish): Promise<void> {
  const payload = { ...(params ? { params } : {}), ...(reason ? { reason } : {}), ...(harm ? { harm } : {}) };
  await data(
    api.POST("/api/tower/tickets/{ticket_id}/decide", {
      params: { path: { ticket_id: ticket.id } },
      body: {
        decision,
        decision_payload: Object.keys(payload).length > 0 ? payload : null,
        expected_checkpoint_id: ticket.checkpoint_id,
      },
    }),
  );
}
