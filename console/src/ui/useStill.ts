import { useRef, useState } from "react";
import { settle } from "./still";

/** Keeps the rows of a list in their places while it is in use. Another `key` starts it anew. */
export function useStill<T>(
  fresh: readonly T[] | undefined,
  idOf: (row: T) => string,
  inUse: boolean,
  key: string,
) {
  const [admitted, setAdmitted] = useState(0);
  const shown = useRef<{ key: string; ids: string[] } | null>(null);
  const whole = `${key} ${admitted}`;
  const list = settle(shown.current?.key === whole ? shown.current.ids : null, fresh ?? [], idOf, inUse);
  if (fresh) shown.current = { key: whole, ids: list.rows.map(idOf) };
  return { ...list, admit: () => setAdmitted((count) => count + 1) };
}
