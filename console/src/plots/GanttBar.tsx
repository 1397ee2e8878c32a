import { memo } from "react";
import { type Box, barWords } from "./geometry";
import type { Bar } from "./lanes";

/** Colour by kind; the shape and the label say the same. The accent is kept for waiting that goes on. */
function toneOf(bar: Bar): string {
  if (bar.state === "failed") return "var(--bad)";
  if (bar.kind === "wait") return bar.state === "open" ? "var(--accent)" : "var(--warn)";
  if (bar.kind === "llm") return "var(--plot-4)";
  if (bar.kind === "tool") return "var(--plot-3)";
  if (bar.kind === "node") return "var(--plot-1)";
  return "var(--text-muted)";
}

export function GanttPatterns({ id }: { id: string }) {
  return (
    <>
      {(["warn", "accent", "bad"] as const).map((tone) => (
        <pattern
          key={tone}
          id={`${id}-${tone}`}
          width="7"
          height="7"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="3" height="7" fill={`var(--${tone})`} fillOpacity={0.42} />
        </pattern>
      ))}
    </>
  );
}

export const GanttBar = memo(function GanttBar({
  id,
  box,
  reachable,
  selected,
  onFocus,
  onSelect,
}: {
  id: string;
  box: Box;
  reachable: boolean;
  selected: boolean;
  onFocus: (bar: string) => void;
  onSelect: (bar: string) => void;
}) {
  const { bar, x, y, width, height } = box;
  const tone = toneOf(bar);
  const idle = bar.kind === "queue" || bar.kind === "hold";
  const hatch = bar.state === "failed" ? "bad" : bar.state === "open" ? "accent" : "warn";
  const fill = bar.kind === "wait" || bar.state === "lost" ? `url(#${id}-${hatch})` : tone;
  return (
    <g
      role="button"
      tabIndex={reachable ? 0 : -1}
      aria-pressed={selected}
      aria-label={barWords(bar)}
      data-bar={bar.id}
      onFocus={() => onFocus(bar.id)}
      onClick={(event) => {
        // Only what assistive technology sends: a pointer is answered by the plot, which also finds near misses.
        if (event.detail === 0) onSelect(bar.id);
      }}
      className="group cursor-pointer outline-none"
    >
      <title>{barWords(bar)}</title>
      {bar.instant ? (
        <path
          d={`M${x} ${y + height / 2 - 6}l6 6l-6 6l-6 -6z`}
          fill={tone}
          fillOpacity={0.4}
          stroke={tone}
          strokeWidth={1.25}
        />
      ) : idle ? (
        <path
          d={`M${x + 0.5} ${y + 2}v${height - 4}M${x} ${y + height / 2}h${width}M${x + width - 0.5} ${y + 2}v${height - 4}`}
          stroke={tone}
          strokeWidth={1.25}
          strokeDasharray={bar.kind === "hold" ? "2 3" : undefined}
          fill="none"
        />
      ) : (
        <rect
          x={x + 0.5}
          y={y + 0.5}
          width={Math.max(3, width - 1)}
          height={height - 1}
          rx={3}
          fill={fill}
          fillOpacity={bar.kind === "wait" || bar.state === "lost" ? 1 : bar.kind === "node" ? 0.2 : 0.34}
          stroke={tone}
          strokeWidth={1}
          strokeDasharray={bar.state === "lost" ? "3 2" : undefined}
        />
      )}
      <rect
        x={x - (bar.instant ? 9 : 2)}
        y={y - 2}
        width={(bar.instant ? 14 : width) + 4}
        height={height + 4}
        rx={5}
        fill="none"
        strokeWidth={2}
        className={`${selected ? "stroke-text" : "stroke-transparent"} group-focus-visible:stroke-focus`}
      />
      {box.label ? (
        <text
          x={box.labelX + (bar.instant ? 4 : 0)}
          y={y + height / 2 + 4}
          className={`pointer-events-none text-xs ${idle ? "fill-text stroke-bg [stroke-width:9px]" : bar.kind === "wait" ? "fill-text stroke-bg [stroke-width:3px]" : "fill-text"} [paint-order:stroke] [stroke-linejoin:round]`}
        >
          {box.label}
        </text>
      ) : null}
    </g>
  );
});
