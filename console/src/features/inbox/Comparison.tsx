import type { Ticket } from "@/api/types";
import { strings } from "@/strings";
import { useNow } from "@/ui/now";
import { callOf, ticketWords } from "@/words/ticket";
import { formatRelative } from "@/words/time";
import { type Difference, differencesToLast, lastTime } from "./compare";
import { Part } from "./Part";

/** What differs from the last time the same was approved. */
export function Comparison({ ticket, earlier }: { ticket: Ticket; earlier: readonly Ticket[] }) {
  const now = useNow();
  const last = lastTime(ticket, earlier);
  return (
    <Part
      title={
        last
          ? `${strings.detail.lastTime} · ${strings.detail.lastTimeWas(
              callOf(last).orderName ?? ticketWords(last).title,
              formatRelative(Date.parse(last.decided_at ?? last.created_at), now),
            )}`
          : strings.detail.lastTime
      }
    >
      {last ? (
        <DifferenceList found={differencesToLast(ticket, last)} none={strings.detail.sameAsLast} />
      ) : (
        <p className="text-sm">{strings.detail.firstTime}</p>
      )}
    </Part>
  );
}

export function DifferenceList({ found, none }: { found: readonly Difference[]; none: string }) {
  if (found.length === 0) return <p className="text-sm">{none}</p>;
  return (
    <dl className="text-sm">
      {found.map((one) => (
        <div key={one.member} className="flex gap-4 py-0.5 max-md:flex-col max-md:gap-0">
          <dt className="w-48 shrink-0 text-muted">{one.label}</dt>
          <dd className="min-w-0 flex-1 break-words">
            {one.after ?? strings.detail.notThere}{" "}
            <span className="text-muted">
              ({strings.detail.was} {one.before ?? strings.detail.notThere})
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
