import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { HoldButton } from "@/ui/HoldButton";
import { RiskMark } from "@/ui/marks";
import { useCoarse } from "@/ui/media";
import { ticketMoney, ticketWords } from "@/words/ticket";
import { Figures } from "./Figures";

/** High risk is never decided by one key or one tap: what will happen is named once more. */
export function ConfirmDialog({
  ticket,
  onClose,
  onConfirm,
}: {
  ticket: Ticket;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const words = ticketWords(ticket);
  const coarse = useCoarse();
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={strings.decide.confirmTitle}
      description={strings.decide.confirm(words.title)}
    >
      <div className="flex flex-col gap-4 pt-1">
        <p className="flex items-center gap-3 text-sm">
          <RiskMark risk={ticket.risk_level} />
          {words.flags.length > 0 ? <span className="text-muted">{words.flags.join(", ")}</span> : null}
        </p>
        <Figures money={ticketMoney(ticket)} />
        <p className="text-sm text-pretty">{words.afterYes}</p>
      </div>
      <DialogActions>
        <Button size="large" onClick={onClose}>
          {strings.common.cancel}
        </Button>
        <HoldButton look="needed" size="large" holding={strings.decide.holding} onDone={onConfirm}>
          {coarse ? strings.decide.holdToApprove : strings.decide.confirmYes}
        </HoldButton>
      </DialogActions>
    </Dialog>
  );
}
