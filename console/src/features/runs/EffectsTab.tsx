import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Effect } from "@/api/types";
import { Icon } from "@/ui/Icon";
import { RawJson } from "@/ui/Json";
import { EffectMark } from "@/ui/marks";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { Id, Money, When } from "@/ui/values";
import { effectWords } from "@/words/effect";
import { effectSteps } from "./effectSteps";
import { words } from "./strings";
import type { TabProps } from "./TimelineTab";

/** What the run changed outside, each with the proof that it happened once. */
export default function EffectsTab({ data }: TabProps) {
  const { effects } = data;
  if (!effects.data) {
    if (!effects.isError) return <SkeletonRows />;
    return (
      <div className="p-6 max-md:p-4">
        <ErrorPanel what={words.effects.failed} error={effects.error} retry={() => void effects.refetch()} />
      </div>
    );
  }
  if (effects.data.effects.length === 0) {
    return (
      <Empty icon="info" title={words.effects.empty}>
        {words.effects.emptyHint}
      </Empty>
    );
  }
  return (
    <div className="flex flex-col gap-8 px-6 py-5 max-md:px-4">
      {effects.data.effects.map((effect) => (
        <EffectCard key={effect.effect_id} effect={effect} orderName={data.order?.name ?? null} />
      ))}
    </div>
  );
}

export function EffectCard({ effect, orderName }: { effect: Effect; orderName: string | null }) {
  const said = effectWords(effect, orderName);
  const labels = words.effects;
  return (
    <section aria-labelledby={effect.effect_id} className="max-w-[880px]">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h2 id={effect.effect_id} className="text-base font-medium">
          {said.title}
        </h2>
        <span className="text-sm">
          <EffectMark status={effect.status} />
        </span>
        <span className="text-sm text-muted">{said.detail}</span>
      </div>
      <p className="text-sm text-muted">
        {said.standing} <span className="font-mono text-xs">{said.machine}</span>
      </p>
      <EffectSteps effect={effect} />
      <dl className="mt-4 grid grid-cols-[12rem_minmax(0,1fr)] gap-y-1.5 text-sm max-md:grid-cols-1 max-md:gap-y-0.5">
        {effect.provider_ref ? (
          <Row label={labels.reference}>
            <Id id={effect.provider_ref} />
          </Row>
        ) : null}
        {effect.business_key ? (
          <Row label={labels.business}>
            <Id id={effect.business_key} />
          </Row>
        ) : null}
        <Row label={labels.key}>
          <Id id={effect.provider_key} />
        </Row>
        <Row label={labels.recovery}>{labels.recoveries[effect.recovery]}</Row>
        {effect.margin_minor === null ? null : (
          <Row label={labels.margin}>
            <Money minor={effect.margin_minor} signed />
          </Row>
        )}
        {effect.goal_level === null ? null : <Row label={labels.level}>{effect.goal_level}</Row>}
        {effect.ticket_id === null ? null : (
          <Row label={labels.ticket}>
            <Link
              to="/tower/tickets/$ticketId"
              params={{ ticketId: String(effect.ticket_id) }}
              className="underline decoration-line-strong underline-offset-2"
            >
              {effect.ticket_id}
            </Link>
          </Row>
        )}
        <Row label={labels.id}>
          <Id id={effect.effect_id} short />
        </Row>
      </dl>
      <div className="mt-2 flex flex-col">
        <RawJson value={effect.prepared_payload} label={labels.payload} />
        {effect.result_payload === null ? null : (
          <RawJson value={effect.result_payload} label={labels.result} />
        )}
      </div>
    </section>
  );
}

/** The two phases as steps: prepared and answered before anything leaves, sent and confirmed after. */
export function EffectSteps({ effect }: { effect: Effect }) {
  return (
    <ol className="mt-3 flex max-md:flex-col">
      {effectSteps(effect).map((step, index) => (
        <li key={step.name} className="relative min-w-0 flex-1 pr-4 max-md:pb-3 max-md:pl-7">
          <span
            aria-hidden="true"
            className={`absolute top-2 h-px max-md:hidden ${index === 0 ? "left-0 w-0" : "-left-full right-full ml-4 w-[calc(100%-1rem)]"} ${step.state === "done" ? "bg-ok" : "bg-line"}`}
          />
          <span
            className={`relative z-10 flex size-4 items-center justify-center rounded-full border bg-bg max-md:absolute max-md:left-0 ${
              {
                done: "border-ok text-ok",
                now: "border-run text-run",
                needs: "border-accent text-accent",
                ahead: "border-line-strong text-transparent",
                bad: "border-bad text-bad",
                unclear: "border-warn text-warn",
                never: "border-line-strong text-muted",
              }[step.state]
            }`}
          >
            <Icon
              name={
                step.state === "done"
                  ? "check"
                  : step.state === "bad" || step.state === "never"
                    ? "cross"
                    : step.state === "unclear"
                      ? "half"
                      : "dot"
              }
              size={10}
            />
          </span>
          <p
            className={`mt-1 text-sm max-md:mt-0 ${step.state === "ahead" || step.state === "never" ? "text-muted" : ""}`}
          >
            {step.word}
          </p>
          <p className="text-xs text-muted">{step.at ? <When at={step.at} /> : step.note}</p>
        </li>
      ))}
    </ol>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted max-md:mt-1">{label}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
