import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { outcomeOf } from "@/words/ticket";
import { DifferenceList } from "./Comparison";
import { differencesInTicket } from "./compare";

/** What became of a ticket while somebody was deciding it: nothing was sent, and this is why. */
export function ConflictNotice({
  before,
  now,
  message,
  onAgain,
  onReload,
}: {
  before: Ticket;
  now: Ticket | null;
  message: string;
  onAgain: (() => void) | null;
  onReload: () => void;
}) {
  const still = now?.status === "pending";
  return (
    <section role="alert" className="border-l-2 border-warn py-1 pl-4">
      <p className="flex items-center gap-2 font-medium">
        <Icon name="warn" className="text-warn" />
        {strings.decide.conflictTitle}
      </p>
      <p className="mt-1 mb-2 text-sm">
        {still
          ? strings.decide.conflictStill
          : `${strings.decide.conflictOver} ${(now && outcomeOf(now)) ?? message}.`}
      </p>
      {still && now ? (
        <DifferenceList found={differencesInTicket(before, now)} none={strings.decide.conflictNothing} />
      ) : null}
      <div className="mt-3 flex gap-2">
        {still && onAgain ? (
          <Button look="needed" onClick={onAgain}>
            {strings.decide.approveAgain}
          </Button>
        ) : null}
        <Button onClick={onReload}>{strings.decide.reloadTicket}</Button>
      </div>
    </section>
  );
}
