/**
 * The frames of `/ws/execution`, one JSON object each. Only the members that the console uses are named; the
 * rest is carried along.
 */
export interface LiveEvent {
  type: string;
  seq: number | null;
  epoch: string | null;
  run_id?: string;
  thread_id?: string;
  ticket_id?: number;
  status?: string;
  [key: string]: unknown;
}

/** Where this browser stands in the stream of one server process. */
export interface Position {
  epoch: string | null;
  seq: number;
}

export type Reading =
  /** Something happened. */
  | { kind: "event"; event: LiveEvent; position: Position }
  /** Something may have been missed: read everything again. */
  | { kind: "resync"; event: LiveEvent | null; position: Position }
  /** The link itself speaks: alive, or the event source behind it came or went. */
  | { kind: "link"; source: "connected" | "disconnected" | null; position: Position }
  /** Not a frame, or one that was seen already. */
  | { kind: "nothing"; position: Position };

export const START: Position = { epoch: null, seq: 0 };

/** Reads one frame, given where we stood. Pure. */
export function read(text: string, at: Position): Reading {
  const event = parse(text);
  if (event === null) return { kind: "nothing", position: at };
  // Every frame names its process. Another one than before counts anew, and what lay between is not known.
  if (at.epoch !== null && event.epoch !== null && event.epoch !== at.epoch) {
    return {
      kind: "resync",
      event: event.seq === null ? null : event,
      position: { epoch: event.epoch, seq: event.seq ?? 0 },
    };
  }
  if (event.type === "heartbeat") return { kind: "link", source: null, position: at };
  if (event.type === "bridge_status") {
    const source = event.status === "disconnected" ? "disconnected" : "connected";
    return { kind: "link", source, position: { epoch: event.epoch ?? at.epoch, seq: at.seq } };
  }
  if (event.type === "resync" || event.type === "events_dropped") {
    return { kind: "resync", event: null, position: forward(at, event) };
  }
  if (event.seq === null) return { kind: "event", event, position: at };
  if (at.epoch !== null && event.seq <= at.seq) return { kind: "nothing", position: at };
  return { kind: "event", event, position: forward(at, event) };
}

function forward(at: Position, event: LiveEvent): Position {
  if (event.seq === null || event.epoch === null) return at;
  if (event.epoch === at.epoch && event.seq <= at.seq) return at;
  return { epoch: event.epoch, seq: event.seq };
}

function parse(text: string): LiveEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const fields = value as Record<string, unknown>;
  if (typeof fields.type !== "string") return null;
  return {
    ...fields,
    type: fields.type,
    seq: typeof fields.seq === "number" ? fields.seq : null,
    epoch: typeof fields.epoch === "string" || typeof fields.epoch === "number" ? String(fields.epoch) : null,
  };
}

/** How long to wait before the n-th try (n from 0): 1 s doubling to 30 s, a fifth more or less by chance. */
export function backoff(tries: number, chance: number): number {
  const base = Math.min(30_000, 1_000 * 2 ** Math.min(tries, 5));
  return Math.round(base * (0.8 + 0.4 * chance));
}
