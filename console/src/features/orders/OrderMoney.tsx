import type { Effect, Order } from "@/api/types";
import { Money } from "@/ui/values";
import { orderMargin } from "@/words/order";
import { words } from "./strings";

/** What came in, what went out, what is left: as on a receipt, figures under each other. */
export function OrderMoney({ order, effects }: { order: Order; effects: readonly Effect[] }) {
  const margin = orderMargin(order);
  const { currency } = order;
  const expected = margin === null ? expectedMargin(effects) : null;
  return (
    <section aria-labelledby="money">
      <h2 id="money" className="text-sm font-medium">
        {words.order.money}
      </h2>
      <dl className="mt-3 grid grid-cols-[minmax(0,1fr)_auto] gap-y-1.5 text-sm">
        <dt className="text-muted">{words.order.total}</dt>
        <dd className="text-right">
          {order.total_minor === null ? "–" : <Money minor={order.total_minor} currency={currency} />}
        </dd>
        {order.refunded_minor > 0 ? (
          <>
            <dt className="text-muted">{words.order.refunds}</dt>
            <dd className="text-right">
              <Money minor={-order.refunded_minor} currency={currency} />
            </dd>
          </>
        ) : null}
        <dt className="text-muted">{words.order.print}</dt>
        <dd className="text-right">
          {order.print_cost_minor === null ? (
            <span className="text-muted">{words.notYet}</span>
          ) : (
            <Money minor={-order.print_cost_minor} currency={order.print_cost_currency ?? currency} />
          )}
        </dd>
        <dt className="text-muted">{words.order.fee}</dt>
        <dd className="text-right">
          {order.payment_fee_minor === null ? (
            <span className="text-muted">{words.order.feeUnknown}</span>
          ) : (
            <Money minor={-order.payment_fee_minor} currency={currency} />
          )}
        </dd>
        <dt className="border-t border-line pt-2 font-medium">
          {margin !== null && margin < 0 ? words.order.loss : words.order.margin}
        </dt>
        <dd
          className={`border-t border-line pt-2 text-right font-medium ${margin === null ? "" : margin < 0 ? "text-bad" : "text-ok"}`}
        >
          {margin !== null ? (
            <Money minor={Math.abs(margin)} currency={currency} />
          ) : expected !== null ? (
            <span className="font-normal text-muted">
              about <Money minor={expected} currency={currency} />
            </span>
          ) : (
            <span className="font-normal text-muted">{words.notYet}</span>
          )}
        </dd>
      </dl>
    </section>
  );
}

/** What a print that is prepared and not sent yet would leave. */
function expectedMargin(effects: readonly Effect[]): number | null {
  const prepared = effects.find(
    (effect) => effect.status === "prepared" && effect.tool_name === "printful_submit_order",
  );
  return prepared?.margin_minor ?? null;
}
