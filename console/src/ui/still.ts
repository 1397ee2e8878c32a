/**
 * A list as it stands on the screen. While somebody uses it nothing in it moves: rows are renewed in their places,
 * and what would come in above waits outside.
 */
export interface Still<T> {
  rows: T[];
  arrivals: number;
}

/**
 * `shown`: the ids in the order in which they stand; null: nothing was shown yet. `fresh`: the rows as the server
 * lists them, newest first. `more`: whether rows below the last shown one may be added, as when older ones are asked
 * for. Pure.
 */
export function settle<T>(
  shown: readonly string[] | null,
  fresh: readonly T[],
  idOf: (row: T) => string,
  inUse: boolean,
): Still<T> {
  if (shown === null || !inUse) return { rows: [...fresh], arrivals: 0 };
  const byId = new Map(fresh.map((row) => [idOf(row), row]));
  const here = new Set(shown);
  const kept = shown.flatMap((id) => byId.get(id) ?? []);
  // What stands below everything shown is older and moves nothing; what stands above it has just come.
  const lowest = fresh.findLastIndex((row) => here.has(idOf(row)));
  const older = fresh.slice(lowest + 1).filter((row) => !here.has(idOf(row)));
  const arrivals = fresh.slice(0, lowest + 1).filter((row) => !here.has(idOf(row))).length;
  return { rows: [...kept, ...older], arrivals };
}
