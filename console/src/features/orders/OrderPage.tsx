import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { asApiError } from "@/api/errors";
import { orderQuery } from "@/api/queries";
import { useRefetchInterval } from "@/live/live";
import { useDocumentTitle } from "@/shell/pending";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { Icon } from "@/ui/Icon";
import { PageSkeleton } from "@/ui/PageSkeleton";
import { Empty, ErrorPanel, Sentence } from "@/ui/states";
import { CopyButton, Id, When } from "@/ui/values";
import { orderSentence, standingOf, unusualOf } from "@/words/orders";
import { history } from "./history";
import { OrderMoney } from "./OrderMoney";
import { OrderStory } from "./OrderStory";
import { words } from "./strings";
import { Track } from "./Track";

/** One order: how far it is, what it earns, everything that was done for it. */
export default function OrderPage() {
  const { orderId = "" } = useParams({ strict: false }) as { orderId?: string };
  const file = useQuery({ ...orderQuery(orderId), refetchInterval: useRefetchInterval() });
  useDocumentTitle(file.data ? `${words.title} ${file.data.order.order_name ?? ""}` : words.title);
  if (!file.data) {
    if (!file.isError) return <PageSkeleton title={words.title} />;
    const status = asApiError(file.error)?.status;
    return (
      <div className="p-6 max-md:p-4">
        <h1 className="sr-only">{words.title}</h1>
        {status === 404 ? (
          <Empty
            icon="search"
            title={words.order.missing}
            action={
              <Link to="/orders" className="text-sm underline underline-offset-2">
                {words.order.back}
              </Link>
            }
          >
            {words.order.missingHint}
          </Empty>
        ) : (
          <ErrorPanel what={words.order.failed} error={file.error} retry={() => void file.refetch()} />
        )}
      </div>
    );
  }
  const { order, runs, effects, tickets } = file.data;
  const waiting = tickets.find((ticket) => ticket.status === "pending");
  const waits = waiting !== undefined;
  const unusual = unusualOf(order);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <header className="px-6 pt-5 pb-6 max-md:px-4">
        <div className="flex items-center gap-3 text-sm text-muted">
          <Link to="/orders" className="inline-flex h-6 items-center gap-1 hover:text-text">
            <Icon name="left" size={14} />
            {words.order.back}
          </Link>
          <span aria-hidden="true">/</span>
          <span>{order.order_name ?? order.order_key}</span>
        </div>
        <div className="mt-2 flex items-start gap-4 max-md:flex-col max-md:gap-3">
          <div className="min-w-0 flex-1">
            <Sentence>{orderSentence(order, waits)}</Sentence>
            <p className="mt-1 text-sm text-muted">
              {standingOf(order, waits)}
              {unusual.length > 0 ? <span className="text-warn"> · {unusual.join(", ")}</span> : null}
            </p>
          </div>
          {waiting ? (
            <Link
              to="/tower/tickets/$ticketId"
              params={{ ticketId: String(waiting.id) }}
              className="inline-flex h-8 items-center justify-center gap-2 rounded-md bg-accent-fill px-3 text-sm font-medium whitespace-nowrap text-on-accent max-md:w-full pointer-coarse:h-11 hover:bg-accent-fill-hover"
            >
              <Icon name="hand" />
              {words.order.answer} {waiting.id}
            </Link>
          ) : null}
        </div>
        <div className="mt-6">
          <Track order={order} waits={waits} wide />
        </div>
      </header>
      <div className="grid border-t border-line lg:grid-cols-[minmax(0,1fr)_340px]">
        <ErrorBoundary what={words.order.story}>
          <OrderStory chapters={history({ order, runs, effects, tickets })} />
        </ErrorBoundary>
        <aside className="flex flex-col gap-8 p-6 max-lg:border-t max-lg:border-line max-md:px-4 lg:border-l lg:border-line">
          <OrderMoney order={order} effects={effects} />
          <section aria-labelledby="note">
            <div className="flex items-center gap-2">
              <h2 id="note" className="text-sm font-medium">
                {words.order.note}
              </h2>
              {order.customer_note ? (
                <CopyButton text={order.customer_note} label={words.order.copyNote} />
              ) : null}
            </div>
            {order.customer_note ? (
              <>
                <p className="mt-2 border-l-2 border-line pl-3 text-base whitespace-pre-wrap break-words">
                  {order.customer_note}
                </p>
                <p className="mt-1 text-xs text-muted">{words.order.noteHint}</p>
              </>
            ) : (
              <p className="mt-1 text-sm text-muted">{words.order.noNote}</p>
            )}
          </section>
          <section aria-labelledby="about">
            <h2 id="about" className="text-sm font-medium">
              {words.order.about}
            </h2>
            <dl className="mt-3 grid grid-cols-[9rem_minmax(0,1fr)] gap-y-1.5 text-sm">
              <dt className="text-muted">{words.order.ordered}</dt>
              <dd>
                <When at={order.ordered_at} />
              </dd>
              <dt className="text-muted">{words.order.items}</dt>
              <dd>{order.item_count ?? "–"}</dd>
              {safeLink(order.tracking_url) ? (
                <>
                  <dt className="sr-only">{words.order.tracking}</dt>
                  <dd className="col-span-2">
                    <a
                      href={safeLink(order.tracking_url) ?? undefined}
                      target="_blank"
                      rel="noreferrer noopener"
                      className="inline-flex min-h-6 items-center gap-1.5 underline decoration-line-strong underline-offset-2"
                    >
                      <Icon name="truck" size={14} className="text-muted" />
                      {words.order.tracking}
                    </a>
                  </dd>
                </>
              ) : null}
              <dt className="text-muted">{words.order.shopify}</dt>
              <dd>
                <Id id={order.order_key.replace(/^shopify:/, "")} />
              </dd>
              {order.print_order_id ? (
                <>
                  <dt className="text-muted">{words.order.printful}</dt>
                  <dd>
                    <Id id={order.print_order_id} />
                  </dd>
                </>
              ) : null}
              <dt className="text-muted">{words.order.changed}</dt>
              <dd>
                <When at={order.last_event_at} />
              </dd>
              <dt className="text-muted">{words.order.looked}</dt>
              <dd>
                <When at={order.polled_at} />
              </dd>
            </dl>
          </section>
        </aside>
      </div>
    </div>
  );
}

/** The link comes from a provider: only a web address is ever followed. */
function safeLink(url: string | null): string | null {
  return url && /^https?:\/\//i.test(url) ? url : null;
}
