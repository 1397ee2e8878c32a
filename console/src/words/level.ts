/** The seven goal levels, from the one that may least be broken up to the one that may most. */
const LEVELS: readonly string[] = [
  "what the owner holds sacred",
  "conscience",
  "harming nobody",
  "promises to paying customers",
  "keeping the shop alive",
  "profit",
  "tone",
];

export function levelName(level: number): string {
  return LEVELS[level] ?? `level ${level}`;
}

/** "It serves level 3, promises to paying customers. That level is open." */
export function levelSentence(level: number, closed: readonly number[] | null): string {
  const serves = `It serves level ${level}, ${levelName(level)}.`;
  if (closed === null) return serves;
  const first = closed.length === 0 ? null : Math.min(...closed);
  if (first === null || first > level) return `${serves} That level is open.`;
  return `${serves} Level ${first}, ${levelName(first)}, is closed.`;
}
