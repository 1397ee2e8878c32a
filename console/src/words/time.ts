const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12 min", "3 h", "2 d": a stretch of time in its largest sensible unit. */
export function formatSpan(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  const span = Math.max(0, ms);
  if (span < 1_000) return "0 s";
  if (span < MINUTE) return `${Math.floor(span / 1_000)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  return `${Math.floor(span / DAY)} d`;
}

/** "3 min ago", "in 23 h", "just now". */
export function formatRelative(at: number, now: number): string {
  const away = at - now;
  if (!Number.isFinite(away)) return "–";
  if (Math.abs(away) < 5_000) return "just now";
  return away > 0 ? `in ${formatSpan(away)}` : `${formatSpan(-away)} ago`;
}

/** How long something took: "180 ms", "2.4 s", "1 m 12 s". */
export function formatDuration(ms: number): string {
  const took = Math.max(0, ms);
  if (took < 1_000) return `${Math.round(took)} ms`;
  if (took < 10_000) return `${(took / 1_000).toFixed(1)} s`;
  if (took < MINUTE) return `${Math.round(took / 1_000)} s`;
  const minutes = Math.floor(took / MINUTE);
  const seconds = Math.round((took % MINUTE) / 1_000);
  if (took < HOUR) return seconds === 0 ? `${minutes} m` : `${minutes} m ${seconds} s`;
  const hours = Math.floor(took / HOUR);
  return `${hours} h ${Math.round((took % HOUR) / MINUTE)} m`;
}

/** A countdown that stays calm: minutes while there are hours, seconds only in the last two minutes. */
export function formatCountdown(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms <= 0) return "expired";
  if (ms < 2 * MINUTE) return `${Math.ceil(ms / 1_000)} s left`;
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min left`;
  return `${Math.floor(ms / HOUR)} h left`;
}

export function formatAbsolute(at: number, utc = false): string {
  if (!Number.isFinite(at)) return "–";
  return new Intl.DateTimeFormat("en-GB", {
    year: "numeric",
    month: "short",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZone: utc ? "UTC" : undefined,
    timeZoneName: "short",
  }).format(at);
}
