import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { Order } from "@/api/types";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Chips } from "@/ui/fields";
import { useMedia } from "@/ui/media";
import { useNow } from "@/ui/now";
import { RowGrid } from "@/ui/RowGrid";
import { SearchField } from "@/ui/SearchField";
import { Empty, ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";
import { useRowKeys } from "@/ui/useRowKeys";
import { useStill } from "@/ui/useStill";
import { ordersSentence } from "@/words/orders";
import { CARD_HEIGHT, OrderRow, ROW_HEIGHT } from "./OrderRow";
import { type OrdersSearch, SHOWS, type Show } from "./search";
import { words } from "./strings";
import { useOrders } from "./useOrders";

const idOf = (order: Order) => order.order_key;
const { columns } = words;
const COLUMNS = [
  { label: columns.order, className: "w-20 shrink-0" },
  { label: columns.track, className: "w-[118px] shrink-0" },
  { label: columns.standing, className: "min-w-0 flex-1" },
  { label: columns.note, className: "w-48 shrink-0 max-lg:hidden" },
  { label: columns.age, className: "w-24 shrink-0 text-right" },
  { label: columns.total, className: "w-24 shrink-0 text-right" },
  { label: columns.cost, className: "w-20 shrink-0 text-right max-lg:hidden" },
  { label: columns.margin, className: "w-20 shrink-0 text-right" },
];

/** The orders of the shop: how far each is, what is unusual, what it earns. */
export default function OrdersPage() {
  const search = useSearch({ strict: false }) as OrdersSearch;
  const navigate = useNavigate();
  const now = useNow();
  const card = useMedia("(max-width: 47.99rem)");
  const { pages, all, rows: fresh, waiting } = useOrders(search);
  const [pointed, setPointed] = useState(false);
  const using = useRef(false);
  const key = `${search.q ?? ""} ${search.show ?? ""}`;
  const list = useStill(fresh, idOf, pointed || using.current, key);
  const { rows } = list;
  const { active, setActive, at, byKey } = useRowKeys(
    rows,
    idOf,
    words.keys,
    (order) =>
      void navigate({
        to: "/orders/$orderId",
        params: { orderId: order.order_key.replace(/^shopify:/, "") },
      }),
  );
  using.current = active !== null;
  useDocumentTitle(words.title);
  const onSearch = (change: Partial<OrdersSearch>) => {
    setActive(null);
    void navigate({
      to: "/orders",
      search: (old) => ({ ...(old as OrdersSearch), ...change }) as never,
      replace: true,
    });
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="px-6 pt-6 pb-3 max-md:px-4 max-md:pt-5">
        <Sentence>
          {all
            ? search.q
              ? `${all.length}${pages.hasNextPage ? " or more" : ""} orders match “${search.q}”.`
              : ordersSentence(all, waiting.size, now, !pages.hasNextPage)
            : words.title}
        </Sentence>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-6 pb-3 max-md:px-4">
        <Chips
          label={words.filter}
          value={search.show ?? "all"}
          options={[
            { value: "all", label: words.shows.all },
            ...SHOWS.map((show) => ({ value: show, label: words.shows[show] })),
          ]}
          onChange={(show) => onSearch({ show: show === "all" ? undefined : (show as Show) })}
        />
        <div className="ml-auto flex max-md:ml-0 max-md:w-full">
          <SearchField
            value={search.q ?? ""}
            label={words.search}
            onSearch={(q) => onSearch({ q: q || undefined })}
          />
        </div>
      </div>
      {pages.isPending ? <SkeletonRows rows={10} height={ROW_HEIGHT} /> : null}
      {pages.isError && !pages.data ? (
        <div className="px-6 max-md:px-4">
          <ErrorPanel what={words.failed} error={pages.error} retry={() => void pages.refetch()} />
        </div>
      ) : null}
      {fresh?.length === 0 ? (
        search.q || search.show ? (
          <Empty
            icon="search"
            title={words.emptyFilter}
            action={
              <div className="flex gap-2">
                <Button onClick={() => void navigate({ to: "/orders", search: {} })}>
                  {strings.common.clearFilter}
                </Button>
                {pages.hasNextPage ? (
                  <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                    {words.older}
                  </Button>
                ) : null}
              </div>
            }
          >
            {pages.hasNextPage ? words.emptyFilterHint : null}
          </Empty>
        ) : (
          <Empty icon="orders" title={words.empty}>
            {words.emptyHint}
          </Empty>
        )
      ) : null}
      {rows.length > 0 ? (
        <RowGrid
          label={words.title}
          columns={COLUMNS}
          gap="gap-5"
          card={card}
          count={rows.length}
          height={card ? CARD_HEIGHT : ROW_HEIGHT}
          at={at}
          byKey={byKey}
          arrivals={list.arrivals}
          words={words}
          onAdmit={list.admit}
          onUse={setPointed}
          more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
          loading={pages.isFetchingNextPage}
          row={(index, reachable) => {
            const order = rows[index];
            return order ? (
              <OrderRow
                key={order.order_key}
                order={order}
                waits={waiting.has(order.order_key)}
                index={index}
                active={order.order_key === active}
                reachable={reachable}
                card={card}
                onFocus={setActive}
              />
            ) : null;
          }}
        />
      ) : null}
    </div>
  );
}
