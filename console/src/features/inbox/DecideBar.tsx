import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { useNow } from "@/ui/now";
import { Countdown } from "@/ui/values";
import type { Deferred } from "./deferred";
import { useWhyNot } from "./permission";

export interface DecideBarProps {
  ticket: Ticket;
  deferred: Deferred | undefined;
  sending: boolean;
  onApprove: () => void;
  onEdit: () => void;
  onReject: () => void;
  onUndo: () => void;
}

/** Yes, yes with changes, no. Always in the same place, within reach of a thumb on a phone. */
export function DecideBar({
  ticket,
  deferred,
  sending,
  onApprove,
  onEdit,
  onReject,
  onUndo,
}: DecideBarProps) {
  const now = useNow();
  const whyNot = useWhyNot()(ticket, now);
  if (deferred) {
    const said =
      deferred.decision === "approve" ? strings.ticket.status.approved : strings.ticket.status.rejected;
    return (
      <Bar>
        <p className="flex-1 text-sm" role="status">
          <span className="font-medium">{said[0]?.toUpperCase() + said.slice(1)}.</span>{" "}
          <span className="text-muted">
            {strings.decide.sendsIn(Math.max(1, Math.ceil((deferred.due - now) / 1_000)))}
          </span>
        </p>
        <Button size="large" onClick={onUndo}>
          {strings.decide.undo}
        </Button>
      </Bar>
    );
  }
  const editable = ticket.ticket_type === "tool_call";
  return (
    <Bar>
      <Button
        look="needed"
        size="large"
        icon="check"
        keys="a"
        busy={sending}
        reason={whyNot}
        onClick={onApprove}
        className="max-md:order-3 max-md:flex-1 md:min-w-40"
      >
        {strings.decide.approve}
      </Button>
      {editable ? (
        <Button size="large" keys="e" busy={sending} reason={whyNot} onClick={onEdit}>
          {strings.decide.edit}
        </Button>
      ) : null}
      <Button size="large" keys="r" busy={sending} reason={whyNot} onClick={onReject}>
        {strings.decide.reject}
      </Button>
      <p className="ml-auto text-right text-xs text-muted max-md:hidden">
        <Countdown to={ticket.expires_at} />
        {whyNot ? <span className="block">{whyNot}</span> : null}
      </p>
      {whyNot ? <p className="order-first w-full text-xs text-muted md:hidden">{whyNot}</p> : null}
    </Bar>
  );
}

function Bar({ children }: { children: React.ReactNode }) {
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-bg px-6 py-3 max-md:px-4 max-md:pb-[calc(12px+env(safe-area-inset-bottom))]">
      {children}
    </div>
  );
}
