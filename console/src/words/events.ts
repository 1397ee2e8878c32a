import type { Effect, RunEvent } from "@/api/types";
import { actOfBar } from "@/plots/act";
import { type Bar, inOrder, type PlotModel } from "@/plots/lanes";
import { type EventWords, eventWords, nodeName } from "./event";
import { formatAmount, formatMinor } from "./money";
import { number, plural, record, sentenceCase, text } from "./reading";
import { formatDuration } from "./time";
import { actOf } from "./tool";

/** One line of the story of a run. */
export interface StoryLine {
  id: string;
  at: number;
  sentence: string;
  /** What was said or found, on a second line. */
  detail: string | null;
  tone: EventWords["tone"];
  /** Routine that a reader may skip. */
  quiet: boolean;
  machine: string;
  /** The bar that it speaks of, and the events it was told from. */
  bar: string | null;
  seqs: number[];
  ticketId: number | null;
  effectId: string | null;
}

export interface StoryInput {
  model: PlotModel;
  events: readonly RunEvent[];
  effects: readonly Effect[];
  /** The order it is about, as the shop calls it. */
  orderName: string | null;
}

/** Events that no bar stands for. Everything else is told by its bar. */
const TOLD = new Set([
  "run.started",
  "run.yielded",
  "run.recovered",
  "run.paused",
  "run.unpaused",
  "run.completed",
  "run.failed",
  "run.cancelled",
  "run.forked",
  "effect.blocked",
  "effect.unknown",
  "effect.reconciled",
  "guardrail.blocked",
  "budget.exhausted",
]);

/** The story of a run, oldest first: what was asked, looked at, waited for and done, with what it cost. Pure. */
export function story({ model, events, effects, orderName }: StoryInput): StoryLine[] {
  const byId = new Map(effects.map((effect) => [effect.effect_id, effect]));
  const bars = inOrder(model);
  const busy = new Set(bars.flatMap((bar) => (bar.row > 0 && bar.node ? [bar.node] : [])));
  const lines: StoryLine[] = [];
  for (const bar of bars) {
    const line = tell(bar, byId, busy, orderName);
    if (line) lines.push(line);
  }
  for (const event of events) {
    if (!TOLD.has(event.event_type)) continue;
    const words = eventWords(event);
    const started = event.event_type === "run.started";
    const queue = bars.find((bar) => bar.kind === "queue" && bar.seqs.includes(event.seq));
    lines.push({
      id: `e${event.seq}`,
      at: Date.parse(event.created_at),
      sentence:
        started && queue
          ? `Started after ${formatDuration(queue.end - queue.start)} in the queue`
          : words.sentence,
      detail: null,
      tone: words.tone,
      quiet: started,
      machine: words.machine,
      bar: queue?.id ?? null,
      seqs: [event.seq],
      ticketId: null,
      effectId: text(event.payload, "effect_id"),
    });
  }
  return lines.toSorted((a, b) => a.at - b.at || (a.seqs[0] ?? 0) - (b.seqs[0] ?? 0));
}

function tell(
  bar: Bar,
  effects: ReadonlyMap<string, Effect>,
  busy: ReadonlySet<string>,
  orderName: string | null,
): StoryLine | null {
  const line = (words: Partial<StoryLine> & Pick<StoryLine, "sentence">): StoryLine => ({
    id: bar.id,
    at: toldAt(bar),
    detail: bar.span?.error ?? null,
    tone: bar.state === "failed" ? "bad" : bar.state === "open" ? "run" : "plain",
    quiet: false,
    machine: bar.name,
    bar: bar.id,
    seqs: bar.seqs,
    ticketId: bar.ticketId,
    effectId: bar.effectId,
    ...words,
  });
  switch (bar.kind) {
    case "llm":
      return line({
        sentence: askedModel(bar),
        detail: bar.span?.error ?? answered(bar.span?.outputs_preview ?? ""),
      });
    case "tool": {
      if (bar.span?.attributes?.outcome === "waiting") return null;
      const effect = bar.effectId ? effects.get(bar.effectId) : undefined;
      return line({
        sentence: toolDone(bar, effect, orderName),
        tone:
          bar.state === "failed"
            ? "warn"
            : effect?.status === "committed"
              ? "ok"
              : bar.state === "open"
                ? "run"
                : "plain",
      });
    }
    case "wait":
      return line({ ...waited(bar), machine: bar.ticketId === null ? "wait" : `ticket ${bar.ticketId}` });
    case "node":
      if (bar.node !== null && busy.has(bar.node) && bar.state !== "failed" && bar.state !== "lost")
        return null;
      return line({
        sentence: nodeDone(bar),
        quiet: bar.state === "done",
        tone:
          bar.state === "lost"
            ? "warn"
            : bar.state === "failed"
              ? "bad"
              : bar.state === "open"
                ? "run"
                : "plain",
      });
    default:
      return null;
  }
}

/** What ended is told when it ended; what was asked, when it was asked. */
function toldAt(bar: Bar): number {
  if (bar.state === "open" || bar.kind === "llm") return bar.start;
  return bar.kind === "node" && bar.state === "done" ? bar.start : bar.end;
}

function askedModel(bar: Bar): string {
  const parts = [bar.state === "open" ? `Asking ${bar.name}` : `Asked ${bar.name}`];
  const span = bar.span;
  if (span && span.total_tokens > 0) {
    parts.push(plural(span.total_tokens, "token"));
    parts.push(span.cost_complete === false ? "price unknown" : formatAmount(span.cost, "USD"));
  }
  if (bar.state === "failed") parts.push("no answer");
  return parts.join(", ");
}

/** What a model said, in a line: what it wants to do next, or its summary. */
function answered(preview: string): string | null {
  const calls = /^calls (.+)$/.exec(preview)?.[1];
  if (calls) {
    const acts = calls.split(/,\s*/).map((tool) => actOf({ tool, params: {}, call: { action: "confirm" } }));
    return `It wants to: ${acts.map((act) => act[0]?.toLowerCase() + act.slice(1)).join(", ")}`;
  }
  if (!/^[[{]/.test(preview)) return preview || null;
  return /"summary":"((?:[^"\\\\]|\\\\.)*)"/.exec(preview)?.[1] ?? null;
}

function nodeDone(bar: Bar): string {
  const name = nodeName(bar.name);
  if (bar.state === "open") return `At work: ${name}`;
  if (bar.state === "lost") return `Broken off: ${name}`;
  if (bar.state === "failed") return `Failed: ${name}${bar.attempt > 1 ? `, try ${bar.attempt}` : ""}`;
  return DONE[bar.name] ?? `Done: ${name}`;
}

const DONE: Record<string, string> = {
  input_guardrail: "Checked what came in",
  output_guardrail: "Checked what goes out",
  orchestrator: "Chose who does it",
};

/** "Waited 12 min for a yes; approved by owner@…" */
export function waited(bar: Bar): { sentence: string; tone: EventWords["tone"] } {
  const long = formatDuration(bar.end - bar.start);
  const by = bar.by ? ` by ${bar.by}` : "";
  switch (bar.state === "open" ? "open" : bar.outcome) {
    case "open":
      return { sentence: "Waits for your yes", tone: "wait" };
    case "approved":
      return { sentence: `Waited ${long} for a yes; approved${by}`, tone: "ok" };
    case "rejected":
      return { sentence: `Waited ${long} for an answer; rejected${by}`, tone: "plain" };
    case "withdrawn":
      return {
        sentence: `Waited ${long}; the question was withdrawn, because it no longer made sense`,
        tone: "plain",
      };
    case "expired":
      return { sentence: `Waited ${long}; nobody answered in time`, tone: "warn" };
    default:
      return { sentence: `Waited ${long} for a person`, tone: "plain" };
  }
}

/** What a call came to: "Printed order #1042 at Printful, order 114000001, 24.40 USD". */
export function toolDone(bar: Bar, effect: Effect | undefined, orderName: string | null): string {
  const name = effect || /order/.test(bar.name) ? orderName : null;
  const act = effect
    ? actOf({
        tool: bar.name,
        params: record(effect.prepared_payload, "params"),
        call: record(effect.prepared_payload, "call"),
        orderName: name,
      })
    : actOfBar(bar, name);
  if (bar.state === "failed") return `${act}: it did not work`;
  if (bar.state === "open") return `${act}: under way`;
  if (!effect) return past(act);
  if (effect.status === "not_sent") return `${act}: not sent, nothing leaves while the console only looks`;
  if (effect.status !== "committed") return act;
  return [past(act), referenceOf(effect), costOf(effect)].filter(Boolean).join(", ");
}

/** Where it stands at the other side. */
export function referenceOf(effect: Effect): string | null {
  if (!effect.provider_ref) return null;
  return /print|order/.test(effect.tool_name) ? `order ${effect.provider_ref}` : effect.provider_ref;
}

export function costOf(effect: Effect): string | null {
  const call = record(effect.prepared_payload, "call");
  const minor = number(call, "cost", "total_minor");
  return minor === null ? null : formatMinor(minor, text(call, "cost", "currency"));
}

const PAST: [RegExp, string][] = [
  [/^Print\b/, "Printed"],
  [/^Draft\b/, "Drafted"],
  [/^Cancel\b/, "Cancelled"],
  [/^Refund\b/, "Refunded"],
  [/^Set up\b/, "Set up"],
  [/^Create\b/, "Created"],
  [/^List\b/, "Listed"],
  [/^Publish\b/, "Published"],
  [/^Send\b/, "Sent"],
  [/^Look at\b/, "Looked at"],
  [/^Add up\b/, "Added up"],
  [/^Ask\b/, "Asked"],
];

/** An act that is over: "Print order #1042" becomes "Printed order #1042". */
export function past(act: string): string {
  for (const [pattern, done] of PAST) if (pattern.test(act)) return sentenceCase(act.replace(pattern, done));
  return act;
}
