import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { Order } from "@/api/types";
import { Money, When } from "@/ui/values";
import { minorToAmount } from "@/words/money";
import { orderMargin } from "@/words/order";
import { standingOf, unusualOf } from "@/words/orders";
import { words } from "./strings";
import { Track } from "./Track";

export const ROW_HEIGHT = 40;
export const CARD_HEIGHT = 104;

export interface OrderRowProps {
  order: Order;
  waits: boolean;
  index: number;
  active: boolean;
  reachable: boolean;
  card: boolean;
  onFocus: (order: string) => void;
}

/** One order: how far it is, what is unusual, what it earns. The whole row is the link. */
export const OrderRow = memo(function OrderRow(props: OrderRowProps) {
  const { order, waits, index, active, reachable, card, onFocus } = props;
  const id = order.order_key.replace(/^shopify:/, "");
  const unusual = unusualOf(order).join(", ");
  const link = (
    <Link
      to="/orders/$orderId"
      params={{ orderId: id }}
      tabIndex={-1}
      className="font-medium outline-none after:absolute after:inset-0"
    >
      {order.order_name ?? id}
    </Link>
  );
  const row = {
    role: "row",
    "aria-rowindex": index + 2,
    tabIndex: reachable ? 0 : -1,
    "data-row": index,
    onFocus: () => onFocus(order.order_key),
  } as const;
  const standing = <span className={waits ? "text-accent" : "text-muted"}>{standingOf(order, waits)}</span>;
  if (card) {
    return (
      <div
        {...row}
        className="relative border-b border-line px-4 py-3 focus-visible:-outline-offset-2"
        style={{ height: CARD_HEIGHT }}
      >
        <div role="gridcell" className="flex items-baseline gap-3 text-letter">
          {link}
          <Total order={order} className="ml-auto text-muted" />
          <Margin order={order} className="min-w-20 text-right" />
        </div>
        <div role="gridcell" className="mt-2 flex items-center gap-3 text-sm">
          <Track order={order} waits={waits} />
          <When at={order.ordered_at ?? order.created_at} className="ml-auto text-muted" />
        </div>
        <div role="gridcell" className="mt-1.5 truncate text-sm">
          {standing}
          {unusual ? <span className="text-warn"> · {unusual}</span> : null}
        </div>
      </div>
    );
  }
  return (
    <div
      {...row}
      className={`relative flex items-center gap-5 border-b border-line px-6 text-sm focus-visible:-outline-offset-2 ${active ? "bg-surface" : ""} hover:bg-surface`}
      style={{ height: ROW_HEIGHT }}
    >
      <div role="gridcell" className="w-20 shrink-0 truncate">
        {link}
      </div>
      <div role="gridcell" className="flex shrink-0 items-center">
        <Track order={order} waits={waits} />
      </div>
      <div role="gridcell" className="min-w-0 flex-1 truncate">
        {standing}
        {unusual ? <span className="text-warn lg:hidden"> · {unusual}</span> : null}
      </div>
      <div
        role="gridcell"
        className="w-48 shrink-0 truncate text-warn max-lg:hidden"
        title={unusual || undefined}
      >
        {unusual}
      </div>
      <div role="gridcell" className="w-24 shrink-0 text-right text-muted">
        <When at={order.ordered_at ?? order.created_at} />
      </div>
      <div role="gridcell" className="w-24 shrink-0 text-right">
        <Total order={order} />
      </div>
      <div role="gridcell" className="w-20 shrink-0 text-right text-muted max-lg:hidden">
        {order.print_cost_minor === null ? (
          "–"
        ) : (
          <Money amount={-minorToAmount(order.print_cost_minor, order.print_cost_currency)} currency={null} />
        )}
      </div>
      <div role="gridcell" className="w-20 shrink-0 text-right">
        <Margin order={order} />
      </div>
    </div>
  );
});

function Total({ order, className }: { order: Order; className?: string }) {
  if (order.total_minor === null) return <span className={className}>–</span>;
  return <Money minor={order.total_minor} currency={order.currency} className={className} />;
}

/** What is left; until the print cost is known nothing is promised. */
function Margin({ order, className }: { order: Order; className?: string }) {
  const margin = orderMargin(order);
  if (margin === null || order.is_test) {
    return (
      <span className={`text-muted ${className ?? ""}`} title={words.notYet}>
        –
      </span>
    );
  }
  return (
    <Money
      amount={minorToAmount(margin, order.currency)}
      currency={null}
      signed
      className={`font-medium ${margin < 0 ? "text-bad" : "text-ok"} ${className ?? ""}`}
    />
  );
}
