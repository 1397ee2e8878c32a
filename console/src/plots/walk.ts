import type { Effect, RunEvent } from "@/api/types";
import { number, text } from "@/words/reading";
import type { Bar, BarKind, BarState, PlotMark } from "./lanes";

export interface Walked {
  bars: Bar[];
  marks: PlotMark[];
  start: number;
  end: number;
  live: boolean;
}

interface OpenNode {
  start: number;
  seqs: number[];
  /** Stands still: parked or lost, until the run goes on. */
  still: boolean;
}

/** Reads the events of a run in their order and gives the stretches of time that they tell of. Pure. */
export function walk(events: readonly RunEvent[], now: number, effects: readonly Effect[]): Walked {
  const walker = new Walker(effects);
  for (const event of events.toSorted((a, b) => a.seq - b.seq)) walker.step(event);
  return walker.finish(now);
}

class Walker {
  readonly #bars: Bar[] = [];
  readonly #marks: PlotMark[] = [];
  readonly #nodes = new Map<string, OpenNode>();
  readonly #effects: Map<string, Effect>;
  #queue: { start: number; seqs: number[] } | null = null;
  #hold: { start: number; seqs: number[] } | null = null;
  #wait: { start: number; seqs: number[]; ticketId: number | null; node: string | null } | null = null;
  #asked: number[] = [];
  #wentOn = Number.NEGATIVE_INFINITY;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(effects: readonly Effect[]) {
    this.#effects = new Map(effects.map((effect) => [effect.effect_id, effect]));
  }

  step({ event_type: type, payload, created_at, seq }: RunEvent): void {
    const at = Date.parse(created_at);
    if (!Number.isFinite(at)) return;
    this.#first = Math.min(this.#first, at);
    this.#last = Math.max(this.#last, at);
    switch (type) {
      case "run.queued":
      case "run.yielded":
        this.#suspend(at, seq, "done");
        this.#queue = { start: at, seqs: [seq] };
        break;
      case "run.resume_queued":
        this.#queue = { start: at, seqs: [seq] };
        break;
      case "run.recovered":
        this.#marks.push({ at, kind: "recovered", seq });
        this.#suspend(at, seq, "lost");
        this.#queue = { start: at, seqs: [seq] };
        break;
      case "run.started":
      case "run.resumed":
        this.#goOn(at, seq);
        break;
      case "run.paused":
        this.#hold = { start: at, seqs: [seq] };
        break;
      case "run.unpaused":
        this.#endHold(at, seq);
        break;
      case "ticket.created":
        this.#asked = [seq];
        break;
      case "run.waiting_approval": {
        const node = [...this.#nodes.keys()].at(-1) ?? null;
        this.#suspend(at, seq, "done");
        this.#wait = {
          start: at,
          seqs: [...this.#asked, seq],
          ticketId: number(payload, "ticket_id"),
          node,
        };
        break;
      }
      case "ticket.decided":
        this.#endWait(at, seq, decision(payload), text(payload, "decided_by"));
        break;
      case "ticket.expired":
        this.#endWait(at, seq, "expired", null);
        break;
      case "node.started":
        this.#start(text(payload, "node") ?? "?", at, seq);
        break;
      case "node.finished":
        this.#finish(text(payload, "node") ?? "?", at, seq, payload);
        break;
      case "tool.called":
        this.#called(payload, at, seq);
        break;
      case "effect.blocked":
        this.#marks.push({ at, kind: "blocked", seq });
        break;
      case "effect.unknown":
        this.#marks.push({ at, kind: "unknown", seq });
        break;
      case "run.failed":
      case "run.cancelled":
        this.#marks.push({ at, kind: type === "run.failed" ? "failed" : "cancelled", seq });
        this.#end(at, seq, type === "run.failed" ? "failed" : "lost");
        break;
      case "run.completed":
        this.#end(at, seq, "done");
        break;
    }
  }

  finish(now: number): Walked {
    const started = this.#last > Number.NEGATIVE_INFINITY;
    const live = started && !this.#over;
    const edge = Math.max(now, this.#last);
    if (live) {
      for (const [name, node] of this.#nodes) if (!node.still) this.#node(name, node, edge, "open");
      if (this.#wait) this.#waitBar(edge, "open", null, null);
      if (this.#queue) this.#idle("queue", this.#queue, edge, "open");
      if (this.#hold) this.#idle("hold", this.#hold, edge, "open");
    }
    return {
      bars: this.#bars,
      marks: this.#marks,
      start: this.#first,
      end: live ? edge : this.#last,
      live,
    };
  }

  #bar(kind: BarKind, name: string, start: number, end: number, state: BarState, seqs: number[]): Bar {
    const bar: Bar = {
      id: `e${seqs[0] ?? 0}-${kind}`,
      kind,
      name,
      node: null,
      start: Math.min(start, end),
      end,
      state,
      instant: false,
      attempt: 1,
      row: 0,
      seqs,
      span: null,
      effectId: null,
      ticketId: null,
      outcome: null,
      by: null,
    };
    this.#bars.push(bar);
    return bar;
  }

  #idle(kind: "queue" | "hold", from: { start: number; seqs: number[] }, end: number, state: BarState) {
    if (end - from.start >= 1) this.#bar(kind, kind, from.start, end, state, from.seqs);
  }

  #node(name: string, node: OpenNode, end: number, state: BarState) {
    const bar = this.#bar("node", name, node.start, end, state, node.seqs);
    bar.node = name;
  }

  #start(name: string, at: number, seq: number) {
    this.#nodes.delete(name);
    this.#nodes.set(name, { start: at, seqs: [seq], still: false });
  }

  #finish(name: string, at: number, seq: number, payload: Record<string, unknown>) {
    const took = number(payload, "duration_ms") ?? 0;
    const open = this.#nodes.get(name);
    // Both events of a short node are written when it ends: its begin is told by how long it took.
    const told = Math.max(this.#wentOn, at - took);
    const start = open && !open.still ? Math.min(open.start, Math.max(told, this.#wentOn)) : told;
    const node = { start, seqs: [...(open?.seqs ?? []), seq], still: false };
    this.#node(name, node, at, text(payload, "error") ? "failed" : "done");
    this.#nodes.delete(name);
  }

  /** The nodes at work stop here; they go on when the run does. */
  #suspend(at: number, seq: number, state: BarState) {
    for (const [name, node] of this.#nodes) {
      if (node.still) continue;
      this.#node(name, { ...node, seqs: [...node.seqs, seq] }, at, state);
      node.still = true;
    }
  }

  #goOn(at: number, seq: number) {
    if (this.#queue) this.#idle("queue", { ...this.#queue, seqs: [...this.#queue.seqs, seq] }, at, "done");
    this.#queue = null;
    this.#wentOn = at;
    for (const node of this.#nodes.values()) {
      if (!node.still) continue;
      node.still = false;
      node.start = at;
      node.seqs = [seq];
    }
  }

  #endHold(at: number, seq: number) {
    if (this.#hold) this.#idle("hold", { ...this.#hold, seqs: [...this.#hold.seqs, seq] }, at, "done");
    this.#hold = null;
  }

  #endWait(at: number, seq: number, outcome: string, by: string | null) {
    this.#wait?.seqs.push(seq);
    this.#waitBar(at, outcome === "expired" ? "failed" : "done", outcome, by);
    this.#wait = null;
  }

  #waitBar(end: number, state: BarState, outcome: string | null, by: string | null) {
    if (!this.#wait) return;
    const bar = this.#bar("wait", "wait", this.#wait.start, end, state, this.#wait.seqs);
    bar.node = this.#wait.node;
    bar.ticketId = this.#wait.ticketId;
    bar.outcome = outcome;
    bar.by = by;
  }

  #called(payload: Record<string, unknown>, at: number, seq: number) {
    const effectId = text(payload, "effect_id");
    const effect = effectId ? this.#effects.get(effectId) : undefined;
    const sent = effect?.attempted_at ? Date.parse(effect.attempted_at) : null;
    const bar = this.#bar(
      "tool",
      text(payload, "tool") ?? "?",
      sent ?? at,
      at,
      payload.ok === false ? "failed" : "done",
      [seq],
    );
    bar.node = [...this.#nodes].filter(([, node]) => !node.still).at(-1)?.[0] ?? null;
    bar.row = 1;
    bar.instant = sent === null;
    bar.effectId = effectId;
    bar.ticketId = effect?.ticket_id ?? null;
  }

  #end(at: number, seq: number, state: BarState) {
    this.#endHold(at, seq);
    if (this.#wait) this.#endWait(at, seq, state === "failed" ? "expired" : "withdrawn", null);
    if (this.#queue) this.#idle("queue", this.#queue, at, "done");
    this.#queue = null;
    for (const [name, node] of this.#nodes) {
      if (!node.still) this.#node(name, { ...node, seqs: [...node.seqs, seq] }, at, state);
    }
    this.#nodes.clear();
    this.#over = true;
  }
}

function decision(payload: Record<string, unknown>): string {
  if (text(payload, "decided_by") === "system") return "withdrawn";
  return text(payload, "decision") ?? "decided";
}
