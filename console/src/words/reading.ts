/** Reads members of JSON that nobody promised: the member when it is of that kind, else null. */
export function text(from: unknown, ...path: string[]): string | null {
  const value = at(from, path);
  return typeof value === "string" && value !== "" ? value : null;
}

export function number(from: unknown, ...path: string[]): number | null {
  const value = at(from, path);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function list(from: unknown, ...path: string[]): unknown[] {
  const value = at(from, path);
  return Array.isArray(value) ? value : [];
}

export function record(from: unknown, ...path: string[]): Record<string, unknown> {
  const value = at(from, path);
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(from: unknown, path: string[]): unknown {
  let value: unknown = from;
  for (const name of path) value = isRecord(value) ? value[name] : undefined;
  return value;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** First letter large, the rest as it is. */
export function sentenceCase(words: string): string {
  return words === "" ? words : words[0]?.toUpperCase() + words.slice(1);
}
