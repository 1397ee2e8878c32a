import { Link } from "@tanstack/react-router";
import { Icon, type IconName } from "@/ui/Icon";
import { EffectMark, RunMark, TicketMark } from "@/ui/marks";
import { When } from "@/ui/values";
import { isWithdrawn } from "@/words/ticket";
import type { Chapter } from "./history";
import { words } from "./strings";

const ICON: Record<Chapter["kind"], IconName> = {
  came: "orders",
  run: "runs",
  ticket: "hand",
  effect: "out",
};

/** What happened to the order, oldest first; each line leads to where it is told in full. */
export function OrderStory({ chapters }: { chapters: readonly Chapter[] }) {
  return (
    <section aria-labelledby="order-story" className="min-w-0 p-6 max-md:px-4">
      <h2 id="order-story" className="text-sm font-medium">
        {words.order.story}
      </h2>
      {chapters.length <= 1 ? <p className="mt-2 text-sm text-muted">{words.order.storyEmpty}</p> : null}
      <ol className="mt-3">
        {chapters.map((chapter) => (
          <li
            key={chapter.key}
            className="relative -mx-2 flex gap-3 rounded-md px-2 py-2 text-sm hover:bg-surface"
          >
            <Icon name={ICON[chapter.kind]} size={14} className="mt-[3px] text-muted" />
            <div className="min-w-0 flex-1">
              <div className="flex flex-wrap items-center gap-x-3">
                <Lead chapter={chapter} />
                <span className="inline-flex text-sm empty:hidden">
                  {chapter.run ? <RunMark status={chapter.run.status} paused={chapter.run.paused} /> : null}
                  {chapter.effect && chapter.effect.status !== "committed" ? (
                    <EffectMark status={chapter.effect.status} />
                  ) : null}
                  {chapter.ticket?.status === "pending" ? (
                    <TicketMark status="pending" withdrawn={isWithdrawn(chapter.ticket)} />
                  ) : null}
                </span>
              </div>
              {chapter.detail ? <p className="truncate text-xs text-muted">{chapter.detail}</p> : null}
            </div>
            <When at={chapter.at} className="shrink-0 text-xs leading-5 text-muted" />
          </li>
        ))}
      </ol>
    </section>
  );
}

const WHOLE = "min-w-0 break-words after:absolute after:inset-0";

function Lead({ chapter }: { chapter: Chapter }) {
  if (chapter.ticket) {
    return (
      <Link
        to="/tower/tickets/$ticketId"
        params={{ ticketId: String(chapter.ticket.id) }}
        className={`${WHOLE} ${chapter.ticket.status === "pending" ? "font-medium text-accent" : ""}`}
      >
        {chapter.sentence}
      </Link>
    );
  }
  if (chapter.run || chapter.effect) {
    return (
      <Link
        to="/tower/runs/$runId"
        params={{ runId: chapter.run?.run_id ?? chapter.effect?.run_id ?? "" }}
        search={chapter.effect ? { tab: "effects" } : {}}
        className={WHOLE}
      >
        {chapter.sentence}
      </Link>
    );
  }
  return <span>{chapter.sentence}</span>;
}
