import { isRecord } from "@/words/reading";

export interface Change {
  /** Where in the state: `agent_results.operations.status`. */
  path: string;
  kind: "added" | "removed" | "changed";
  before: unknown;
  after: unknown;
}

/** What differs between two states, deepest members first named by their path. Pure. */
export function diff(before: unknown, after: unknown, path = ""): Change[] {
  if (same(before, after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return names.flatMap((name) => member(before, after, name, path ? `${path}.${name}` : name));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      member(before, after, index, `${path}[${index}]`),
    );
  }
  return [{ path: path || "(all)", kind: "changed", before, after }];
}

function member(before: object, after: object, name: string | number, path: string): Change[] {
  const had = Object.hasOwn(before, name);
  const has = Object.hasOwn(after, name);
  const old = (before as Record<string | number, unknown>)[name];
  const now = (after as Record<string | number, unknown>)[name];
  if (!had) return [{ path, kind: "added", before: undefined, after: now }];
  if (!has) return [{ path, kind: "removed", before: old, after: undefined }];
  return diff(old, now, path);
}

function same(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b);
}
