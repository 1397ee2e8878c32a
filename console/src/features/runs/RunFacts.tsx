import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Run } from "@/api/types";
import { RawJson } from "@/ui/Json";
import { Id, Money, When } from "@/ui/values";
import { triggerOf } from "@/words/runs";
import { words } from "./strings";
import type { RunData } from "./useRun";

/** What the run is, beside what it did. */
export function RunFacts({ run, data }: { run: Run; data: RunData }) {
  const facts = words.run.facts;
  const link = "underline decoration-line-strong underline-offset-2 hover:decoration-text";
  return (
    <section
      aria-labelledby="facts"
      className="p-5 max-xl:border-t max-xl:border-line max-xl:px-6 max-md:px-4"
    >
      <h2 id="facts" className="text-sm font-medium">
        {facts.title}
      </h2>
      <dl className="mt-3 grid grid-cols-[8rem_minmax(0,1fr)] gap-y-1.5 text-sm">
        <Fact label={facts.by}>{triggerOf(run)}</Fact>
        <Fact label={facts.workflow}>
          {run.workflow_id}
          {run.workflow_version === null ? "" : `, ${facts.version(run.workflow_version)}`}
        </Fact>
        <Fact label={facts.created}>
          <When at={run.created_at} />
        </Fact>
        <Fact label={facts.began}>
          <When at={run.started_at} />
        </Fact>
        {run.finished_at ? (
          <Fact label={facts.ended}>
            <When at={run.finished_at} />
          </Fact>
        ) : null}
        <Fact label={facts.attempts}>{run.attempt === 0 ? facts.none : run.attempt}</Fact>
        <Fact label={facts.cost}>
          <Money amount={run.cost_usd} />
        </Fact>
        <Fact label={facts.tokens}>{run.tokens}</Fact>
        <Fact label={facts.priority}>{run.priority}</Fact>
        {data.order ? (
          <Fact label={facts.order}>
            <Link to="/orders/$orderId" params={{ orderId: data.order.id }} className={link}>
              {data.order.name}
            </Link>
          </Fact>
        ) : null}
        {run.last_ticket_id === null ? null : (
          <Fact label={facts.ticket}>
            <Link
              to="/tower/tickets/$ticketId"
              params={{ ticketId: String(run.last_ticket_id) }}
              className={link}
            >
              {run.last_ticket_id}
            </Link>
          </Fact>
        )}
        {run.serial_key ? (
          <Fact label={facts.key}>
            <span className="font-mono text-xs break-all">{run.serial_key}</span>
          </Fact>
        ) : null}
        <Fact label={facts.id}>
          <Id id={run.run_id} />
        </Fact>
      </dl>
      <div className="mt-3">
        <RawJson value={run.input_state} label={facts.input} />
      </div>
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
