import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { barWords, laneName } from "@/plots/geometry";
import type { Bar } from "@/plots/lanes";
import { IconButton } from "@/ui/Button";
import { EffectMark } from "@/ui/marks";
import { Id, Money, When } from "@/ui/values";
import { waited } from "@/words/events";
import { sentenceCase } from "@/words/reading";
import { formatDuration } from "@/words/time";
import { words } from "./strings";
import type { RunData } from "./useRun";

/** Everything known of one bar: what it was, what it cost, what went in and came out, and where to read on. */
export function BarDetails({ bar, data, onClose }: { bar: Bar; data: RunData; onClose: () => void }) {
  const { span } = bar;
  const effect = data.rows.effects.find((one) => one.effect_id === bar.effectId);
  const runId = data.run.data?.run_id ?? "";
  return (
    <div className="p-5 max-md:p-4">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 text-sm font-medium text-pretty">
          {bar.kind === "wait" ? waited(bar).sentence : (barWords(bar).split(",")[0] ?? "")}
        </h2>
        <IconButton name="cross" label={words.bar.close} onClick={onClose} className="-mt-1.5 -mr-1.5" />
      </div>
      <p className="font-mono text-xs text-muted">
        {bar.name}
        {bar.node && bar.node !== bar.name ? ` · ${laneName(bar.node)}` : ""}
      </p>
      <dl className="mt-3 grid grid-cols-[7rem_minmax(0,1fr)] gap-y-1.5 text-sm">
        <Row label={words.bar.took}>
          {bar.instant ? words.bar.onlyEnd : formatDuration(bar.end - bar.start)}
          {bar.state === "done" ? "" : `, ${words.bar.states[bar.state]}`}
        </Row>
        <Row label={bar.instant ? words.bar.ended : words.bar.began}>
          <When at={new Date(bar.instant ? bar.end : bar.start).toISOString()} />
        </Row>
        {bar.attempt > 1 ? <Row label={words.bar.attempt}>{bar.attempt}</Row> : null}
        {span && bar.kind === "llm" ? (
          <>
            <Row label={words.bar.model}>{span.model}</Row>
            <Row label={words.bar.tokens}>
              {words.bar.tokensOf(span.prompt_tokens, span.completion_tokens)}
              {span.cache_read_tokens ? words.bar.cached(span.cache_read_tokens) : ""}
            </Row>
            <Row label={words.bar.cost}>
              {span.cost_complete === false ? words.bar.priceUnknown : <Money amount={span.cost} />}
            </Row>
            {span.ttft_ms ? <Row label={words.bar.first}>{formatDuration(span.ttft_ms)}</Row> : null}
          </>
        ) : null}
        {span?.agent_id ? <Row label={words.bar.agent}>{span.agent_id}</Row> : null}
        {bar.by ? <Row label={words.bar.answered}>{bar.by}</Row> : null}
        {bar.ticketId !== null ? (
          <Row label={words.bar.ticket}>
            <Link
              to="/tower/tickets/$ticketId"
              params={{ ticketId: String(bar.ticketId) }}
              className="underline decoration-line-strong underline-offset-2"
            >
              {bar.ticketId}
            </Link>
          </Row>
        ) : null}
        {effect ? (
          <>
            <Row label={words.bar.effect}>
              <EffectMark status={effect.status} />
            </Row>
            {effect.provider_ref ? (
              <Row label={words.bar.reference}>
                <Id id={effect.provider_ref} />
              </Row>
            ) : null}
          </>
        ) : null}
        {span?.error ? (
          <Row label={words.bar.error}>
            <span className="break-words text-bad">{span.error}</span>
          </Row>
        ) : null}
        {bar.seqs.length > 0 ? (
          <Row label={words.bar.events}>
            <span className="flex flex-wrap gap-x-2">
              {bar.seqs.map((seq) => (
                <Link
                  key={seq}
                  to="/tower/runs/$runId"
                  params={{ runId }}
                  search={{ tab: "events", event: seq }}
                  className="underline decoration-line-strong underline-offset-2"
                >
                  {seq}
                </Link>
              ))}
            </span>
          </Row>
        ) : null}
      </dl>
      {span && (bar.kind === "llm" || bar.kind === "tool" || span.inputs_preview || span.outputs_preview) ? (
        <div className="mt-4 flex flex-col gap-3">
          <Preview label={words.bar.input} text={span.inputs_preview} />
          <Preview label={words.bar.output} text={span.outputs_preview} />
        </div>
      ) : null}
    </div>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{sentenceCase(label)}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

/** The begin of a text, laid out when it is JSON. */
function Preview({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <h3 className="text-xs text-muted">{label}</h3>
      {text ? (
        <pre
          className="mt-1 max-h-56 overflow-auto font-mono text-xs leading-5 whitespace-pre-wrap break-words"
          tabIndex={0}
        >
          {pretty(text)}
        </pre>
      ) : (
        <p className="mt-1 text-sm text-muted">{words.bar.noPreview}</p>
      )}
    </div>
  );
}

function pretty(text: string): string {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
