import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { asApiError } from "@/api/errors";
import { ticketQuery } from "@/api/queries";
import type { Ticket } from "@/api/types";
import { useKeysHeld } from "@/keys/keys";
import { useRefetchInterval } from "@/live/live";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { Icon } from "@/ui/Icon";
import { useWide } from "@/ui/media";
import { useNow } from "@/ui/now";
import { Empty, ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";
import { inboxSentence, lastDecision } from "@/words/inbox";
import { approvable } from "./bulk";
import { useInboxKeys } from "./inboxKeys";
import { useWhyNot } from "./permission";
import { type Asking, Questions } from "./Questions";
import type { InboxSearch } from "./search";
import { neighbour } from "./still";
import { TicketDetail } from "./TicketDetail";
import { TicketList } from "./TicketList";
import { Toolbar } from "./Toolbar";
import { useDecisions } from "./useDecisions";
import { useInbox } from "./useInbox";
import { useSelection } from "./useSelection";

/** A press that lands just after the next ticket slid under it was meant for the one before. */
const SETTLE_MS = 600;

/** The inbox: what waits for a person, and everything needed to answer. */
export default function InboxPage() {
  const search = useSearch({ strict: false }) as InboxSearch;
  const { ticketId } = useParams({ strict: false }) as { ticketId?: string };
  const openId = ticketId === undefined ? null : Number(ticketId);
  const navigate = useNavigate();
  const now = useNow();
  const wide = useWide();
  const [pointed, setPointed] = useState(false);
  const [remembered, setRemembered] = useState<number | null>(null);
  const [asking, setAsking] = useState<Asking>(null);
  const movedAt = useRef(Number.NEGATIVE_INFINITY);
  const byKey = useRef(false);
  const decisions = useDecisions();
  const [selecting, setSelecting] = useState(false);
  const inUse = pointed || selecting || openId !== null || asking !== null || decisions.deferred.size > 0;
  const inbox = useInbox(search, decisions.gone, inUse);
  const decided = search.show === "decided";
  const rows = decided ? inbox.decided : inbox.rows;
  const selection = useSelection(decided ? [] : rows);
  if (selection.chosen.length > 0 !== selecting) setSelecting(selection.chosen.length > 0);
  const whyNot = useWhyNot();
  useDocumentTitle(strings.inbox.title);

  // Wide: some ticket is always open, and it stays the same one whatever arrives above it.
  const first = rows.find((ticket) => !decisions.deferred.has(ticket.id)) ?? rows[0];
  const kept = rows.find((ticket) => ticket.id === remembered)?.id ?? null;
  const activeId = openId ?? kept ?? (wide ? (first?.id ?? null) : null);
  if (wide && openId === null && activeId !== remembered && activeId !== null) setRemembered(activeId);
  const inList = rows.find((ticket) => ticket.id === activeId) ?? null;
  const own = useQuery({
    ...ticketQuery(activeId ?? 0),
    enabled: activeId !== null && Number.isSafeInteger(activeId) && (openId !== null || inList === null),
    refetchInterval: useRefetchInterval(),
  });
  const ticket = freshest(inList, own.data ?? null, activeId);

  const go = (id: number | null, replace = true) => {
    setRemembered(id);
    if (id === null) void navigate({ to: "/tower", search, replace });
    else void navigate({ to: "/tower/tickets/$ticketId", params: { ticketId: String(id) }, search, replace });
  };
  /** Goes on to the next ticket that waits. */
  const goOn = (from: number) => {
    movedAt.current = performance.now();
    const next = neighbour(
      rows.filter((row) => !decisions.deferred.has(row.id)),
      from,
    );
    if (openId === null) setRemembered(next);
    else go(next);
  };
  const settled = () => performance.now() - movedAt.current > SETTLE_MS;

  const approve = (seen: Ticket) => {
    if (!settled() || seen.status !== "pending" || whyNot(seen) || decisions.deferred.has(seen.id)) return;
    if (seen.risk_level === "high") {
      setAsking({ what: "confirm", wish: { ticket: seen, decision: "approve" } });
      return;
    }
    decisions.decide({ ticket: seen, decision: "approve" });
    goOn(seen.id);
  };
  const ask = (what: "reject" | "edit", seen: Ticket) => {
    if (!settled() || seen.status !== "pending" || whyNot(seen) || decisions.deferred.has(seen.id)) return;
    if (what === "edit" && seen.ticket_type !== "tool_call") return;
    setAsking({ what, ticket: seen });
  };
  const step = (by: 1 | -1) => {
    const index = rows.findIndex((row) => row.id === activeId);
    const next = rows[index < 0 ? 0 : index + by];
    if (!next) return;
    byKey.current = wide;
    go(next.id);
  };

  useKeysHeld(asking !== null);
  useInboxKeys({
    step,
    rows,
    ticket,
    wide,
    selecting,
    open: () => activeId !== null && go(activeId, false),
    close: () => (selecting ? selection.clear() : openId !== null && go(null)),
    select: (range) => activeId !== null && !decided && selection.toggle(activeId, range),
    selectAll: selection.all,
    approve: () => ticket && approve(ticket),
    reject: () => ticket && ask("reject", ticket),
    edit: () => ticket && ask("edit", ticket),
    undo: decisions.undoLast,
  });

  const setSearch = (change: Partial<InboxSearch>) => {
    setRemembered(null);
    void navigate({ to: "/tower", search: (old) => ({ ...(old as InboxSearch), ...change }) as never });
  };
  const nothing = inbox.pending.isSuccess && rows.length === 0;
  const pushed = openId !== null;

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className={pushed && !wide ? "hidden" : ""}>
        <div className="px-6 pt-6 pb-3 max-md:px-4 max-md:pt-5">
          {inbox.pending.isPending ? (
            <Sentence>
              <span className="after-150 text-muted">{strings.common.loading}</span>
            </Sentence>
          ) : (
            <Sentence>
              {decided
                ? strings.inbox.decidedSentence(rows.length)
                : inbox.pending.isError && !inbox.pending.data
                  ? strings.inbox.failed
                  : inboxSentence(inbox.all, now)}
            </Sentence>
          )}
        </div>
        <Toolbar
          search={search}
          onSearch={setSearch}
          waiting={inbox.all}
          chosen={selection.chosen}
          now={now}
          onSelectLow={selection.set}
          onClear={selection.clear}
          onApprove={() =>
            setAsking({ what: "bulk-approve", tickets: approvable(selection.chosen, Date.now()) })
          }
          onReject={() => setAsking({ what: "bulk-reject", tickets: selection.chosen })}
        />
      </div>
      <div className={`flex min-h-0 flex-1 ${pushed && !wide ? "" : "border-t border-line max-md:border-0"}`}>
        <section
          aria-label={strings.inbox.list}
          className={`flex min-h-0 min-w-0 flex-col ${pushed && !wide ? "hidden" : "flex-1"} ${
            nothing && !pushed
              ? ""
              : "lg:max-w-[44%] lg:min-w-[420px] lg:flex-[0_0_44%] lg:border-r lg:border-line xl:max-w-[560px]"
          }`}
        >
          {inbox.pending.isPending ? <SkeletonRows height={60} /> : null}
          {inbox.pending.isError && !inbox.pending.data ? (
            <div className="p-6 max-md:px-4">
              <ErrorPanel
                what={strings.inbox.failedWhy}
                error={inbox.pending.error}
                retry={() => void inbox.pending.refetch()}
              />
            </div>
          ) : null}
          {nothing ? (
            <Nothing
              search={search}
              decided={decided}
              last={lastDecision(inbox.ended, now)}
              onClear={() => setSearch({ risk: undefined })}
            />
          ) : null}
          {rows.length > 0 ? (
            <TicketList
              rows={rows}
              search={search}
              activeId={activeId}
              byKey={byKey}
              selection={selection.ids}
              deferred={decisions.deferred}
              arrivals={decided ? 0 : inbox.arrivals}
              selectable={!decided}
              onSelect={(row, event) => selection.toggle(row.id, event.shiftKey)}
              onAdmit={inbox.admit}
              onUse={setPointed}
            />
          ) : null}
        </section>
        {activeId !== null ? (
          <section
            aria-label={strings.detail.ticket}
            className={`flex min-h-0 min-w-0 flex-1 flex-col ${pushed || wide ? "" : "hidden"}`}
          >
            {pushed && !wide ? <PushedBar search={search} onStep={step} /> : null}
            <ErrorBoundary key={activeId} what={strings.detail.ticket}>
              {ticket ? (
                <TicketDetail
                  ticket={ticket}
                  earlier={inbox.ended}
                  decisions={decisions}
                  alone={!wide}
                  onApprove={approve}
                  onEdit={(seen) => ask("edit", seen)}
                  onReject={(seen) => ask("reject", seen)}
                />
              ) : own.isError ? (
                <div className="p-6">
                  {asApiError(own.error)?.status === 404 ? (
                    <Empty icon="search" title={strings.detail.missing}>
                      {strings.detail.missingHint}
                    </Empty>
                  ) : (
                    <ErrorPanel
                      what={strings.detail.failed}
                      error={own.error}
                      retry={() => void own.refetch()}
                    />
                  )}
                </div>
              ) : Number.isSafeInteger(activeId) ? (
                <SkeletonRows />
              ) : (
                <Empty icon="search" title={strings.detail.missing}>
                  {strings.detail.missingHint}
                </Empty>
              )}
            </ErrorBoundary>
          </section>
        ) : null}
      </div>

      <Questions
        asking={asking}
        onAsk={setAsking}
        decisions={decisions}
        onAnswered={goOn}
        onBulk={(ids) => {
          selection.clear();
          decisions.markGone(ids);
          void inbox.pending.refetch();
        }}
      />
    </div>
  );
}

/** The newest of what the list and the ticket's own question say; the list is asked more often. */
function freshest(listed: Ticket | null, own: Ticket | null, id: number | null): Ticket | null {
  if (own?.id !== id) return listed;
  if (!listed) return own;
  return own.status !== "pending" ? own : listed;
}

function Nothing({
  search,
  decided,
  last,
  onClear,
}: {
  search: InboxSearch;
  decided: boolean;
  last: string | null;
  onClear: () => void;
}) {
  if (search.risk) {
    return (
      <Empty
        title={strings.inbox.emptyFilter(search.risk)}
        action={<Button onClick={onClear}>{strings.common.clearFilter}</Button>}
      />
    );
  }
  if (decided) return <Empty title={strings.inbox.emptyDecided}>{strings.inbox.emptyDecidedHint}</Empty>;
  return <Empty title={last ?? strings.inbox.emptyDecided}>{strings.inbox.emptyHint}</Empty>;
}

/** Above a ticket that fills a small screen: back, and on to its neighbours. */
function PushedBar({ search, onStep }: { search: InboxSearch; onStep: (by: 1 | -1) => void }) {
  return (
    <div className="flex h-11 shrink-0 items-center border-b border-line px-2">
      <Link
        to="/tower"
        search={search}
        className="flex h-11 items-center gap-1 px-2 text-sm text-muted hover:text-text"
      >
        <Icon name="left" />
        {strings.detail.back}
      </Link>
      <div className="ml-auto flex">
        <Button
          look="quiet"
          icon="chevron"
          aria-label={strings.detail.previous}
          onClick={() => onStep(-1)}
          className="rotate-180"
        />
        <Button look="quiet" icon="chevron" aria-label={strings.detail.next} onClick={() => onStep(1)} />
      </div>
    </div>
  );
}
