import { Cell, useCell } from "./cell";

/** Since when the server cannot answer (epoch ms), and when it last did. Null: all is well. */
export interface Outage {
  since: number;
  lastAnswer: number | null;
}

/** A question that is no longer asked cannot clear itself; after this long it counts no more. */
const FORGET_MS = 20_000;

const outage = new Cell<Outage | null>(null);
/** The questions that cannot be answered, by path, with when they were last asked. */
const failing = new Map<string, number>();
let lastAnswer: number | null = null;

/** A question was answered. The outage is over when none is left without an answer. */
export function noteAnswer(path: string, now: number): void {
  failing.delete(path);
  for (const [other, at] of failing) if (now - at > FORGET_MS) failing.delete(other);
  if (failing.size > 0) return;
  lastAnswer = now;
  outage.set(null);
}

export function noteOutage(path: string, now: number): void {
  failing.set(path, now);
  if (outage.get() === null) outage.set({ since: now, lastAnswer });
}

export const currentOutage = (): Outage | null => outage.get();

/** While the server is out, what is on the screen is old and nothing may be written. */
export function useOutage(): Outage | null {
  return useCell(outage);
}
