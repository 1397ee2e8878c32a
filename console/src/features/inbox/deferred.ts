import { Cell } from "@/api/cell";

/** A decision that is made but not yet sent: it can still be taken back. */
export interface Deferred {
  id: number;
  decision: "approve" | "reject";
  /** When it will be sent, epoch ms. */
  due: number;
}

export const UNDO_MS = 5_000;

/**
 * Decisions in their undo window. Each is sent once its time is over; leaving the page cancels all of them, so
 * the tickets stay as they were.
 */
export class DeferredDecisions {
  readonly cell = new Cell<ReadonlyMap<number, Deferred>>(new Map());
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** False when this ticket already has a decision on its way: a second press decides nothing. */
  add(id: number, decision: Deferred["decision"], send: () => void, now = Date.now()): boolean {
    if (this.#timers.has(id)) return false;
    const timer = setTimeout(() => {
      this.#drop(id);
      send();
    }, UNDO_MS);
    this.#timers.set(id, timer);
    this.cell.set(new Map([...this.cell.get(), [id, { id, decision, due: now + UNDO_MS }]]));
    return true;
  }

  /** True when there was something to take back. */
  undo(id: number): boolean {
    const timer = this.#timers.get(id);
    if (timer === undefined) return false;
    clearTimeout(timer);
    this.#drop(id);
    return true;
  }

  /** Takes all of them back; returns how many there were. */
  cancelAll(): number {
    const ids = [...this.#timers.keys()];
    for (const id of ids) this.undo(id);
    return ids.length;
  }

  #drop(id: number): void {
    this.#timers.delete(id);
    const rest = new Map(this.cell.get());
    rest.delete(id);
    this.cell.set(rest);
  }
}
