import { lazy, Suspense } from "react";
import { asApiError } from "@/api/errors";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { say, sayFailure } from "@/ui/toast";
import { ticketWords } from "@/words/ticket";
import { decideMany } from "./bulk";
import { ConfirmDialog } from "./ConfirmDialog";
import { RejectDialog } from "./RejectDialog";
import type { Decisions, Wish } from "./useDecisions";

// Both are opened rarely and hold forms that the first view can do without.
const BulkSheet = lazy(() => import("./BulkSheet"));
const EditDialog = lazy(() => import("./EditDialog"));

/** Which question stands over the page. */
export type Asking =
  | { what: "confirm"; wish: Wish }
  | { what: "reject"; ticket: Ticket }
  | { what: "edit"; ticket: Ticket }
  | { what: "bulk-approve"; tickets: Ticket[] }
  | { what: "bulk-reject"; tickets: Ticket[] }
  | null;

/** The dialogs of the inbox; at most one is open. */
export function Questions({
  asking,
  onAsk,
  decisions,
  onAnswered,
  onBulk,
}: {
  asking: Asking;
  onAsk: (next: Asking) => void;
  decisions: Decisions;
  /** An answer that can still be taken back was given: the page goes on to the next ticket. */
  onAnswered: (id: number) => void;
  /** These were decided together. */
  onBulk: (ids: readonly number[]) => void;
}) {
  const close = () => onAsk(null);
  switch (asking?.what) {
    case "confirm":
      return (
        <ConfirmDialog
          ticket={asking.wish.ticket}
          onClose={close}
          onConfirm={() => {
            close();
            decisions.decide(asking.wish);
          }}
        />
      );
    case "reject":
      return (
        <RejectDialog
          one
          title={strings.decide.rejectTitle}
          about={ticketWords(asking.ticket).title}
          onClose={close}
          onReject={(reason, harm) => {
            close();
            decisions.decide({ ticket: asking.ticket, decision: "reject", reason, harm });
            if (asking.ticket.risk_level !== "high") onAnswered(asking.ticket.id);
          }}
        />
      );
    case "edit":
      return (
        <Suspense>
          <EditDialog
            ticket={asking.ticket}
            onClose={close}
            onApprove={async (params) => {
              const wish: Wish = { ticket: asking.ticket, decision: "approve", params };
              if (asking.ticket.risk_level === "high") {
                onAsk({ what: "confirm", wish });
                return;
              }
              await decisions.decideNow(wish);
              close();
            }}
          />
        </Suspense>
      );
    case "bulk-approve":
      return (
        <Suspense>
          <BulkSheet tickets={asking.tickets} onClose={close} onDecided={onBulk} />
        </Suspense>
      );
    case "bulk-reject":
      return (
        <RejectDialog
          one={false}
          title={strings.bulk.rejectTitle(asking.tickets.length)}
          about={asking.tickets.map((ticket) => ticketWords(ticket).title).join(" · ")}
          onClose={close}
          onReject={(reason) => {
            close();
            void rejectMany(asking.tickets, reason).then(onBulk);
          }}
        />
      );
    default:
      return null;
  }
}

/** Rejects all of them, says how it went, and returns those that were decided. */
async function rejectMany(tickets: readonly Ticket[], reason: string): Promise<number[]> {
  const ok: number[] = [];
  const refused: string[] = [];
  try {
    await decideMany(tickets, "reject", reason, (result) => {
      if (result.ok) ok.push(result.ticket_id);
      else refused.push(`${result.ticket_id}: ${result.error}`);
    });
  } catch (error) {
    refused.push(asApiError(error)?.message ?? strings.error.unexpected);
  }
  if (refused.length === 0) say(strings.bulk.done(ok.length, 0));
  else sayFailure(strings.bulk.done(ok.length, refused.length), refused.join(", "));
  return ok;
}
