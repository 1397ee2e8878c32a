import { useSyncExternalStore } from "react";
import { Cell, useCell } from "@/api/cell";

/** One clock for the whole page: every relative time ticks together, once a second. */
const now = new Cell(Date.now());
let watchers = 0;
let timer: ReturnType<typeof setInterval> | null = null;

function watch(watcher: () => void): () => void {
  const leave = now.watch(watcher);
  watchers += 1;
  if (timer === null) {
    now.set(Date.now());
    timer = setInterval(() => now.set(Date.now()), 1_000);
  }
  return () => {
    leave();
    watchers -= 1;
    if (watchers === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

export function useNow(): number {
  return useSyncExternalStore(watch, now.get);
}

export type TimeShown = "relative" | "local" | "utc";

const KEY = "holly-time";
const stored = localStorage.getItem(KEY);
const shown = new Cell<TimeShown>(stored === "local" || stored === "utc" ? stored : "relative");

export const useTimeShown = (): TimeShown => useCell(shown);

export function setTimeShown(value: TimeShown): void {
  localStorage.setItem(KEY, value);
  shown.set(value);
}
