import { Link, type LinkProps } from "@tanstack/react-router";
import { type MouseEvent, memo } from "react";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Icon } from "@/ui/Icon";
import { RiskMark } from "@/ui/marks";
import { useNow } from "@/ui/now";
import { Money } from "@/ui/values";
import { formatAmount } from "@/words/money";
import { isWithdrawn, outcomeOf, ticketMoney, ticketWords } from "@/words/ticket";
import { formatCountdown, formatSpan } from "@/words/time";
import type { Deferred } from "./deferred";

/** From this much time left on, a row shows what is left instead of what has passed. */
const PRESSING_MS = 2 * 60 * 60_000;

export interface RowProps {
  ticket: Ticket;
  search: LinkProps["search"];
  active: boolean;
  selected: boolean;
  deferred: Deferred | undefined;
  selectable: boolean;
  onSelect: (ticket: Ticket, event: { shiftKey: boolean }) => void;
}

/** One ticket of the list: what, money, how long it waits, how risky. Always in the same places. */
export const TicketRow = memo(function TicketRow(props: RowProps) {
  const { ticket, search, active, selected, deferred, selectable, onSelect } = props;
  const words = ticketWords(ticket);
  const money = ticketMoney(ticket);
  const over = ticket.status !== "pending" || deferred !== undefined;
  const pick = (event: MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onSelect(ticket, event);
  };
  return (
    <div
      role="row"
      aria-selected={selected}
      tabIndex={active ? 0 : -1}
      data-ticket={ticket.id}
      className={`group relative flex gap-3 px-4 py-2.5 max-md:flex-wrap max-md:gap-y-1 max-md:rounded-md max-md:border max-md:border-line max-md:bg-surface max-md:p-4 max-md:pb-3 md:border-b md:border-line ${
        active ? "md:bg-raised" : "hover:bg-surface"
      } ${selected ? "md:bg-raised" : ""} focus-visible:-outline-offset-2`}
    >
      {active ? (
        <span aria-hidden="true" className="absolute inset-y-0 left-0 hidden w-0.5 bg-text md:block" />
      ) : null}
      {selectable ? (
        <div role="gridcell" className="z-10 -my-1 -ml-1.5 flex max-md:hidden">
          <button
            type="button"
            tabIndex={-1}
            aria-pressed={selected}
            aria-label={strings.inbox.select(words.title)}
            onClick={pick}
            className="flex size-7 items-center justify-center rounded-sm"
          >
            <span
              className={`flex size-4 items-center justify-center rounded-sm border ${
                selected ? "border-text bg-text text-bg" : "border-line-strong group-hover:border-text"
              }`}
            >
              {selected ? <Icon name="check" size={12} /> : null}
            </span>
          </button>
        </div>
      ) : null}
      <div role="gridcell" className="min-w-0 flex-1">
        <Link
          to="/tower/tickets/$ticketId"
          params={{ ticketId: String(ticket.id) }}
          search={search}
          tabIndex={-1}
          className={`block truncate outline-none after:absolute after:inset-0 max-md:text-letter max-md:whitespace-normal ${
            over ? "text-muted" : "font-medium"
          }`}
        >
          {words.title}
        </Link>
        <p className="truncate text-xs text-muted max-md:mt-1 max-md:text-sm max-md:whitespace-normal">
          <Outcome ticket={ticket} deferred={deferred} />
          {ticket.status === "pending" && !deferred ? (
            <>
              {words.detail}
              {words.detail && money.margin !== null ? " · " : null}
              {money.margin === null ? null : money.margin < 0 ? (
                <span className="text-bad">{strings.inbox.loses(formatAmount(-money.margin))}</span>
              ) : (
                strings.inbox.earns(formatAmount(money.margin))
              )}
            </>
          ) : null}
        </p>
      </div>
      <div role="gridcell" className="w-16 shrink-0 text-right">
        {money.cost !== null ? (
          <Money amount={-money.cost} currency={null} signed className={over ? "text-muted" : ""} />
        ) : (
          <span className="text-muted">–</span>
        )}
        <p className="text-xs text-muted">{money.cost !== null ? money.currency : ""}</p>
      </div>
      <div
        role="gridcell"
        className="w-20 shrink-0 text-right text-xs lg:max-xl:w-12 max-md:mt-2 max-md:flex max-md:w-full max-md:justify-between max-md:text-sm"
      >
        <p className="leading-5">
          <span className="lg:max-xl:hidden">
            <RiskMark risk={ticket.risk_level} />
          </span>
          <span className="hidden lg:max-xl:inline">
            <RiskMark risk={ticket.risk_level} short />
          </span>
        </p>
        <Age ticket={ticket} />
      </div>
    </div>
  );
});

/** How long it waits already; how long it still can, once that becomes pressing. */
function Age({ ticket }: { ticket: Ticket }) {
  const now = useNow();
  const left = Date.parse(ticket.expires_at) - now;
  if (ticket.status === "pending" && left < PRESSING_MS) {
    return <span className="text-warn">{formatCountdown(left)}</span>;
  }
  const from = Date.parse(
    ticket.status === "pending" ? ticket.created_at : (ticket.decided_at ?? ticket.expires_at),
  );
  return <span className="text-muted">{formatSpan(now - from)}</span>;
}

function Outcome({ ticket, deferred }: { ticket: Ticket; deferred: Deferred | undefined }) {
  const now = useNow();
  if (deferred) {
    const seconds = Math.max(1, Math.ceil((deferred.due - now) / 1_000));
    return <span>{strings.decide.sendsIn(seconds)}</span>;
  }
  const outcome = outcomeOf(ticket);
  if (!outcome) return null;
  const icon = isWithdrawn(ticket)
    ? "out"
    : ({ approved: "check", rejected: "cross", expired: "clock" } as const)[ticket.status as "approved"];
  return (
    <span className="inline-flex items-center gap-1">
      <Icon name={icon} size={12} />
      {outcome}
    </span>
  );
}
