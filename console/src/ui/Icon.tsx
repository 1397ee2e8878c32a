/** Line icons of our own on a 16-unit grid, one stroke weight. Always beside a word, so never announced. */
const PATHS = {
  inbox: "M2 9.5 4 3h8l2 6.5V13H2zM2 9.5h3.4l1 1.8h3.2l1-1.8H14",
  runs: "M3 3.5h6M3 8h10M6 12.5h7",
  orders: "M2.5 5 8 2.2 13.5 5v6L8 13.8 2.5 11zM2.5 5 8 7.8 13.5 5M8 7.8v6",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4 14 14",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6",
  warn: "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3v3.6M8 5v.1",
  play: "M5 3.2 12.5 8 5 12.8z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  stop: "M4 4h8v8H4z",
  hand: "M5 8V4.2a1 1 0 0 1 2 0V7.5 3a1 1 0 0 1 2 0v4.5-3.8a1 1 0 0 1 2 0V9c0 3-1.4 5-3.8 5C5 14 4 12.6 2.8 9.6c-.4-1 .8-1.6 1.4-.8z",
  dot: "M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  ring: "M8 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  half: "M8 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM8 4v8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  chevron: "M6 3.5 10.5 8 6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  left: "M10 3.5 5.5 8l4.5 4.5",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1",
  moon: "M13 9.6A5.6 5.6 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
  screen: "M2 3h12v8H2zM6 14h4M8 11v3",
  panel: "M2 3h12v10H2zM6 3v10",
  keyboard: "M1.8 4h12.4v8H1.8zM4.5 6.7h.1M7 6.7h.1M9.5 6.7h.1M12 6.7h.1M5 9.5h6",
  out: "M9.5 2.5h-6v11h6M6.5 8H14M11.5 5.5 14 8l-2.5 2.5",
  user: "M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM3 13.6c.4-2.6 2.4-4 5-4s4.6 1.4 5 4",
  link: "M7 9a2.6 2.6 0 0 0 3.8.2l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9 7a2.6 2.6 0 0 0-3.8-.2l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  truck:
    "M1.5 4h8v7h-8zM9.5 6.5h3l2 2.3V11h-5M4.5 13a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8zM11.5 13a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8z",
  retry: "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  arrow: "M3 8h10M9 4l4 4-4 4",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  whole: "M2 5V2.5h3M11 2.5h3V5M14 11v2.5h-3M5 13.5H2V11M5 8h6",
  table: "M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 3v10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16, className }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className ?? ""}`}
    >
      <path d={PATHS[name]} fill={name === "dot" ? "currentColor" : undefined} />
    </svg>
  );
}
