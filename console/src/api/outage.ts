import { Cell, useCell } from "./cell";

/** Since when the server cannot answer (epoch ms), and when it last did. Null: all is well. */
export interface Outage {
  since: number;
  lastAnswer: number | null;
}

const outage = new Cell<Outage | null>(null);
let lastAnswer: number | null = null;

export function noteAnswer(now: number): void {
  lastAnswer = now;
  outage.set(null);
}

export function noteOutage(now: number): void {
  if (outage.get() === null) outage.set({ since: now, lastAnswer });
}

/** While the server is out, what is on the screen is old and nothing may be written. */
export function useOutage(): Outage | null {
  return useCell(outage);
}
