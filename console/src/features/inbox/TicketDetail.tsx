import { type ReactNode, useState } from "react";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { RiskMark, TicketMark } from "@/ui/marks";
import { Countdown, Id, When } from "@/ui/values";
import { isWithdrawn, outcomeOf, ticketMoney, ticketWords } from "@/words/ticket";
import { Comparison } from "./Comparison";
import { ConflictNotice } from "./ConflictNotice";
import { DecideBar } from "./DecideBar";
import { Figures } from "./Figures";
import { LastSteps } from "./LastSteps";
import { Level } from "./Level";
import { Part, PartLevel } from "./Part";
import { Payload } from "./Payload";
import type { Decisions } from "./useDecisions";

export interface DetailProps {
  ticket: Ticket;
  earlier: readonly Ticket[];
  decisions: Decisions;
  /** Whether the title is the first heading of the page. */
  alone: boolean;
  onApprove: (seen: Ticket) => void;
  onEdit: (seen: Ticket) => void;
  onReject: (seen: Ticket) => void;
}

/** Everything a person needs to say yes or no, in the order in which it is asked. */
export function TicketDetail({
  ticket,
  earlier,
  decisions,
  alone,
  onApprove,
  onEdit,
  onReject,
}: DetailProps) {
  // What the reader has before them. A newer proposal under the same number is shown as a change, not slipped in.
  const [seen, setSeen] = useState(ticket);
  const fresh = seen.id !== ticket.id;
  if (fresh) setSeen(ticket);
  const shown = fresh ? ticket : seen;
  const changed = ticket.status === "pending" && ticket.payload_hash !== shown.payload_hash;
  const conflict = decisions.conflicts.get(ticket.id);
  const words = ticketWords(shown);
  const outcome = outcomeOf(ticket);
  const Title = alone ? "h1" : "h2";
  const reload = () => {
    decisions.dismissConflict(ticket.id);
    setSeen(ticket);
  };
  return (
    <PartLevel value={alone ? 2 : 3}>
      <article aria-labelledby="ticket-title" className="flex min-h-0 flex-1 flex-col">
        <div key={ticket.id} className="min-h-0 flex-1 overflow-y-auto">
          <div className="flex max-w-[760px] flex-col gap-7 px-6 pt-5 pb-8 max-md:px-4">
            <header>
              <p className="mb-2 flex items-center gap-4 text-xs">
                <RiskMark risk={shown.risk_level} />
                {ticket.status === "pending" ? null : (
                  <TicketMark status={ticket.status} withdrawn={isWithdrawn(ticket)} />
                )}
                <span className="text-muted">
                  {strings.detail.asksSince} <When at={shown.created_at} />
                </span>
                {ticket.status === "pending" ? (
                  <Countdown to={ticket.expires_at} className="text-muted md:hidden" />
                ) : null}
              </p>
              <Title id="ticket-title" className="text-lg font-semibold tracking-[-0.01em] text-pretty">
                {words.title}
              </Title>
              {words.detail ? <p className="mt-0.5 text-pretty">{words.detail}</p> : null}
              <p className="mt-1 font-mono text-xs text-muted">{words.machine}</p>
            </header>

            {conflict ? (
              <ConflictNotice
                before={conflict.wish.ticket}
                now={conflict.now}
                message={conflict.error.message}
                onReload={reload}
                onAgain={
                  conflict.now && conflict.wish.decision === "approve" && !conflict.wish.params
                    ? () => {
                        reload();
                        onApprove(conflict.now ?? ticket);
                      }
                    : null
                }
              />
            ) : changed ? (
              <ConflictNotice before={shown} now={ticket} message="" onReload={reload} onAgain={null} />
            ) : outcome ? (
              <p className="border-l-2 border-line-strong py-1 pl-4">
                {outcome}, <When at={ticket.decided_at ?? ticket.expires_at} />.
              </p>
            ) : null}

            <Figures money={ticketMoney(shown)} />

            <Part title={strings.detail.why}>
              <p className="max-w-[66ch] text-pretty">{words.whyStopped}</p>
              <Level ticket={shown} />
              {words.flags.length > 0 ? (
                <p className="mt-1 text-warn">
                  {strings.detail.unusual}: {words.flags.join(", ")}
                </p>
              ) : null}
            </Part>

            <Payload ticket={shown} />
            <Comparison ticket={shown} earlier={earlier} />

            {ticket.status === "pending" ? (
              <div className="grid gap-x-8 gap-y-5 md:grid-cols-2">
                <Part title={strings.detail.yes}>
                  <p className="text-sm text-pretty">{words.afterYes}</p>
                </Part>
                <Part title={strings.detail.no}>
                  <p className="text-sm text-pretty">{words.afterNo}</p>
                </Part>
              </div>
            ) : null}

            <LastSteps runId={shown.run_id} />

            <dl className="flex flex-wrap gap-x-8 gap-y-1 text-xs text-muted">
              <Fact label={strings.detail.ticket}>
                <Id id={String(ticket.id)} />
              </Fact>
              {shown.checkpoint_id ? (
                <Fact label={strings.detail.checkpoint}>
                  <Id id={shown.checkpoint_id} />
                </Fact>
              ) : null}
              <Fact label={strings.detail.run}>
                <Id
                  id={shown.run_id}
                  to={shown.run_id.startsWith("run_") ? `/tower/runs/${shown.run_id}` : undefined}
                />
              </Fact>
              {ticket.status === "pending" ? (
                <Fact label={strings.detail.expires}>
                  <When at={ticket.expires_at} />
                </Fact>
              ) : null}
            </dl>
          </div>
        </div>
        {ticket.status === "pending" && !changed && !conflict ? (
          <DecideBar
            ticket={shown}
            deferred={decisions.deferred.get(ticket.id)}
            sending={decisions.sending.has(ticket.id)}
            onApprove={() => onApprove(shown)}
            onEdit={() => onEdit(shown)}
            onReject={() => onReject(shown)}
            onUndo={() => decisions.undo(ticket.id)}
          />
        ) : null}
      </article>
    </PartLevel>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex items-center gap-1.5">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
