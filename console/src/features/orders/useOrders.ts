import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, data } from "@/api/client";
import { holding, inboxQuery } from "@/api/queries";
import type { Order, Ticket } from "@/api/types";
import { useRefetchInterval } from "@/live/live";
import { stepsTaken } from "@/words/order";
import { unusualOf } from "@/words/orders";
import { text } from "@/words/reading";
import type { OrdersSearch } from "./search";

const PAGE = 100;

/** The orders, page by page, newest change first, and which of them wait for a person. */
export function useOrders({ q, show }: OrdersSearch) {
  const every = useRefetchInterval();
  const pages = useInfiniteQuery({
    queryKey: ["orders", "pages", q ?? ""],
    queryFn: ({ pageParam, signal }) =>
      holding(
        "orders",
        data(
          api.GET("/api/orders", {
            params: {
              query: {
                limit: PAGE,
                ...(q ? { q: q.replace(/^#/, "") } : {}),
                ...(pageParam ? { cursor: pageParam } : {}),
              } as never,
            },
            signal,
          }),
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: every,
  });
  const inbox = useQuery({ ...inboxQuery({ status: "pending" }), refetchInterval: every });
  const waiting = useMemo(() => waitingOrders(inbox.data?.tickets ?? []), [inbox.data]);
  const all = useMemo(() => {
    if (!pages.data) return undefined;
    const seen = new Map<string, Order>();
    for (const order of pages.data.pages.flatMap((page) => page.orders)) {
      if (!seen.has(order.order_key)) seen.set(order.order_key, order);
    }
    return [...seen.values()].toSorted((a, b) => time(b) - time(a));
  }, [pages.data]);
  const rows = useMemo(() => all?.filter((order) => belongs(order, show)), [all, show]);
  return { pages, all, rows, waiting };
}

const time = (order: Order) => Date.parse(order.ordered_at ?? order.created_at);

function belongs(order: Order, show: OrdersSearch["show"]): boolean {
  const ended =
    order.cancelled || order.is_test || order.payment === "refunded" || order.fulfilment === "returned";
  if (show === "open") return !ended && stepsTaken(order) < 5;
  if (show === "unusual") return unusualOf(order).length > 0;
  if (show === "done") return stepsTaken(order) === 5;
  return true;
}

/** The ticket that each order waits for, by the order's key. Pure. */
export function waitingOrders(tickets: readonly Ticket[]): Map<string, Ticket> {
  const found = new Map<string, Ticket>();
  for (const ticket of tickets) {
    const key = text(ticket.context_pack, "subject", "order_key");
    if (key && ticket.status === "pending") found.set(key, ticket);
  }
  return found;
}
