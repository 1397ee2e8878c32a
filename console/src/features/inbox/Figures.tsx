import type { ReactNode } from "react";
import { strings } from "@/strings";
import { formatAmount } from "@/words/money";
import type { TicketMoney } from "@/words/ticket";

/** What it costs, what the order brings, what is left: the same three figures on every ticket. */
export function Figures({ money }: { money: TicketMoney }) {
  const { cost, revenue, margin, currency } = money;
  if (cost === null && revenue === null && margin === null) return null;
  const share = margin !== null && revenue ? Math.round((margin / revenue) * 100) : null;
  const loss = margin !== null && margin < 0;
  return (
    <dl className="flex flex-wrap gap-x-10 max-md:gap-x-6 gap-y-3">
      <Figure label={strings.detail.cost}>{cost === null ? null : formatAmount(cost)}</Figure>
      {revenue === null ? null : <Figure label={strings.detail.revenue}>{formatAmount(revenue)}</Figure>}
      <Figure
        label={loss ? strings.detail.loses : strings.detail.margin}
        note={[currency, share === null ? null : `${share < 0 ? "−" : ""}${Math.abs(share)} %`]
          .filter(Boolean)
          .join(", ")}
        bad={loss}
      >
        {margin === null ? null : formatAmount(Math.abs(margin))}
      </Figure>
    </dl>
  );
}

function Figure({
  label,
  note,
  bad,
  children,
}: {
  label: string;
  note?: string;
  bad?: boolean;
  children: ReactNode;
}) {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className={`text-lg tabular-nums ${bad ? "text-bad" : ""}`}>
        {children ?? <span className="text-base text-muted">{strings.detail.unknown}</span>}
        {note ? <span className="ml-1.5 text-xs text-muted">{note}</span> : null}
      </dd>
    </div>
  );
}
