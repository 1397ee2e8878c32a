import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useRef, useState } from "react";
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
import { say, sayFailure } from "@/ui/toast";
import { inboxSentence, lastDecision } from "@/words/inbox";
import { ticketWords } from "@/words/ticket";
import { approvable, decideMany } from "./bulk";
import { ConfirmDialog } from "./ConfirmDialog";
import { useInboxKeys } from "./inboxKeys";
import { useWhyNot } from "./permission";
import { RejectDialog } from "./RejectDialog";
import type { InboxSearch } from "./search";
import { neighbour } from "./still";
import { TicketDetail } from "./TicketDetail";
import { TicketList } from "./TicketList";
import { Toolbar } from "./Toolbar";
import { useDecisions, type Wish } from "./useDecisions";
import { useInbox } from "./useInbox";
import { useSelection } from "./useSelection";

// Both are opened rarely and hold forms that the first view can do without.
const BulkSheet = lazy(() => import("./BulkSheet"));
const EditDialog = lazy(() => import("./EditDialog"));

/** Which question stands over the page. */
type Asking =
  | { what: "confirm"; wish: Wish }
  | { what: "reject"; ticket: Ticket }
  | { what: "edit"; ticket: Ticket }
  | { what: "bulk-approve"; tickets: Ticket[] }
  | { what: "bulk-reject"; tickets: Ticket[] }
  | null;

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
                what={strings.inbox.failed}
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

      {asking?.what === "confirm" ? (
        <ConfirmDialog
          ticket={asking.wish.ticket}
          onClose={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            decisions.decide(asking.wish);
          }}
        />
      ) : null}
      {asking?.what === "reject" ? (
        <RejectDialog
          one
          title={strings.decide.rejectTitle}
          about={ticketWords(asking.ticket).title}
          onClose={() => setAsking(null)}
          onReject={(reason, harm) => {
            setAsking(null);
            decisions.decide({ ticket: asking.ticket, decision: "reject", reason, harm });
            if (asking.ticket.risk_level !== "high") goOn(asking.ticket.id);
          }}
        />
      ) : null}
      <Suspense>
        {asking?.what === "edit" ? (
          <EditDialog
            ticket={asking.ticket}
            onClose={() => setAsking(null)}
            onApprove={async (params) => {
              const wish: Wish = { ticket: asking.ticket, decision: "approve", params };
              if (asking.ticket.risk_level === "high") {
                setAsking({ what: "confirm", wish });
                return;
              }
              await decisions.decideNow(wish);
              setAsking(null);
            }}
          />
        ) : null}
        {asking?.what === "bulk-approve" ? (
          <BulkSheet
            tickets={asking.tickets}
            onClose={() => {
              setAsking(null);
              selection.clear();
            }}
            onDecided={(ids) => {
              decisions.markGone(ids);
              void inbox.pending.refetch();
            }}
          />
        ) : null}
      </Suspense>
      {asking?.what === "bulk-reject" ? (
        <RejectDialog
          one={false}
          title={strings.bulk.rejectTitle(asking.tickets.length)}
          about={asking.tickets.map((one) => ticketWords(one).title).join(" · ")}
          onClose={() => setAsking(null)}
          onReject={(reason) => {
            setAsking(null);
            selection.clear();
            void rejectMany(asking.tickets, reason, decisions.markGone).then(() => inbox.pending.refetch());
          }}
        />
      ) : null}
    </div>
  );
}

/** The newest of what the list and the ticket's own question say; the list is asked more often. */
function freshest(listed: Ticket | null, own: Ticket | null, id: number | null): Ticket | null {
  if (own?.id !== id) return listed;
  if (!listed) return own;
  return own.status !== "pending" ? own : listed;
}

async function rejectMany(tickets: readonly Ticket[], reason: string, gone: (ids: number[]) => void) {
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
  gone(ok);
  if (refused.length === 0) say(strings.bulk.done(ok.length, 0));
  else sayFailure(strings.bulk.done(ok.length, refused.length), refused.join(", "));
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
