import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { ordersQuery } from "@/api/queries";
import { useRefetchInterval } from "@/live/live";
import { useDocumentTitle } from "@/shell/pending";
import { strings } from "@/strings";
import { Empty, ErrorPanel, Sentence, SkeletonRows } from "@/ui/states";
import { Money, When } from "@/ui/values";

export default function OrdersPage() {
  const search = useSearch({ strict: false });
  const orders = useQuery({ ...ordersQuery(search as never), refetchInterval: useRefetchInterval() });
  useDocumentTitle(strings.nav.orders);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="px-6 pt-6 pb-4 max-md:px-4">
        <Sentence>{strings.nav.orders}</Sentence>
      </div>
      {orders.isPending ? <SkeletonRows /> : null}
      {orders.isError ? (
        <ErrorPanel what={strings.nav.orders} error={orders.error} retry={() => void orders.refetch()} />
      ) : null}
      {orders.data?.orders.length === 0 ? <Empty title={strings.common.none} /> : null}
      <ul>
        {orders.data?.orders.map((order) => (
          <li key={order.order_key} className="flex h-9 items-center gap-4 border-b border-line px-6">
            <span className="min-w-0 flex-1 truncate">{order.order_name ?? order.order_key}</span>
            {order.total_minor === null ? null : (
              <Money minor={order.total_minor} currency={order.currency} />
            )}
            <When at={order.ordered_at} className="text-xs text-muted" />
          </li>
        ))}
      </ul>
    </div>
  );
}
