import { useState } from "react";
import { asApiError } from "@/api/errors";
import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Busy, Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Mark } from "@/ui/marks";
import { Money } from "@/ui/values";
import { countTickets, toSpend } from "@/words/inbox";
import { ticketMoney, ticketWords } from "@/words/ticket";
import { actOf } from "@/words/tool";
import { type BulkResult, byTool, decideMany } from "./bulk";

/** Each action that is about to be approved, by kind, with what it comes to; then how each one fared. */
export default function BulkSheet({
  tickets,
  onClose,
  onDecided,
}: {
  tickets: readonly Ticket[];
  onClose: () => void;
  onDecided: (ids: readonly number[]) => void;
}) {
  // Fixed when the sheet opens: what arrives later is never added silently.
  const [set] = useState(tickets);
  const [results, setResults] = useState<ReadonlyMap<number, BulkResult>>(new Map());
  const [stage, setStage] = useState<"review" | "working" | "done">("review");
  const [refusal, setRefusal] = useState<string | null>(null);
  const spend = toSpend(set);

  const run = async () => {
    setStage("working");
    const ok: number[] = [];
    try {
      await decideMany(set, "approve", undefined, (result) => {
        if (result.ok) ok.push(result.ticket_id);
        setResults((all) => new Map([...all, [result.ticket_id, result]]));
      });
    } catch (error) {
      setRefusal(asApiError(error)?.message ?? strings.error.unexpected);
    }
    setStage("done");
    onDecided(ok);
  };
  const failed = [...results.values()].filter((result) => !result.ok).length;

  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => open || stage === "working" || onClose()}
      title={strings.bulk.reviewTitle(set.length)}
      description={strings.bulk.reviewHint}
    >
      {byTool(set).map((group) => (
        <section key={group.tool} className="mb-4">
          <h3 className="flex items-baseline justify-between border-b border-line pb-1 text-xs text-muted">
            <span>{actOf({ tool: group.tool, params: {}, call: {} })}</span>
            <span>{countTickets(group.tickets.length)}</span>
          </h3>
          <ul>
            {group.tickets.map((ticket) => (
              <BulkRow
                key={ticket.id}
                ticket={ticket}
                result={results.get(ticket.id)}
                working={stage === "working"}
              />
            ))}
          </ul>
        </section>
      ))}
      <p className="flex justify-between text-sm">
        <span className="text-muted">{strings.bulk.total}</span>
        <span>{spend ?? "0.00"}</span>
      </p>
      <div role="status" className="mt-2 text-sm">
        {stage === "done" && !refusal ? strings.bulk.done(results.size - failed, failed) : null}
      </div>
      {refusal ? (
        <p role="alert" className="mt-2 text-sm text-bad">
          {refusal}
        </p>
      ) : null}
      <DialogActions>
        {stage === "done" ? (
          <Button size="large" onClick={onClose}>
            {strings.common.close}
          </Button>
        ) : (
          <>
            <Button size="large" onClick={onClose} disabled={stage === "working"}>
              {strings.common.cancel}
            </Button>
            <Button look="needed" size="large" busy={stage === "working"} onClick={() => void run()}>
              {strings.bulk.confirm(set.length)}
            </Button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}

function BulkRow({ ticket, result, working }: { ticket: Ticket; result?: BulkResult; working: boolean }) {
  const words = ticketWords(ticket);
  const { cost, currency } = ticketMoney(ticket);
  return (
    <li className="flex items-center gap-4 border-b border-line py-1.5 text-sm">
      <span className="min-w-0 flex-1">
        <span className="block truncate">{words.title}</span>
        {result?.error ? (
          <span className="block text-xs text-bad">{result.error}</span>
        ) : words.detail ? (
          <span className="block truncate text-xs text-muted">{words.detail}</span>
        ) : null}
      </span>
      {cost === null ? null : <Money amount={-cost} currency={currency} signed className="text-muted" />}
      <span className="w-20 text-right text-xs">
        {result ? (
          <Mark icon={result.ok ? "check" : "warn"} tone={result.ok ? "ok" : "bad"}>
            {result.ok ? strings.bulk.ok : strings.ticket.status.pending}
          </Mark>
        ) : working ? (
          <Busy />
        ) : null}
      </span>
    </li>
  );
}
