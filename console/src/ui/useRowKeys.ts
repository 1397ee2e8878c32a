import { useRef, useState } from "react";
import { useShortcuts } from "@/keys/keys";
import { strings } from "@/strings";

export interface RowKeyWords {
  next: string;
  previous: string;
  open: string;
  close: string;
  copy: string;
}

/** Walking along a list with the keys: which row is active, by its id, and what the keys do with it. */
export function useRowKeys<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  words: RowKeyWords,
  open: (row: T) => void,
) {
  const [active, setActive] = useState<string | null>(null);
  const byKey = useRef(false);
  const at = active === null ? -1 : rows.findIndex((row) => idOf(row) === active);
  const current = rows[at];
  const step = (by: 1 | -1) => {
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
    if (!next) return;
    byKey.current = true;
    setActive(idOf(next));
  };
  const group = strings.keys.groups.list;
  useShortcuts([
    { keys: "j", label: words.next, group, run: () => step(1) },
    { keys: "k", label: words.previous, group, run: () => step(-1) },
    { keys: "ArrowDown", label: words.next, group, run: () => step(1) },
    { keys: "ArrowUp", label: words.previous, group, run: () => step(-1) },
    { keys: "Enter", label: words.open, group, run: () => current && open(current) },
    { keys: "Escape", label: words.close, group, run: () => setActive(null) },
    {
      keys: "y",
      label: words.copy,
      group,
      run: () => void (current && navigator.clipboard?.writeText(idOf(current))),
    },
  ]);
  return { active, setActive, at, current, byKey };
}
