import { formatDuration } from "@/words/time";
import { AXIS_BOTTOM, AXIS_TOP, type Layout } from "./geometry";
import type { PlotMark, PlotModel } from "./lanes";
import { type Axis, place, ticks, type View } from "./scale";

const toX = (layout: Layout, view: View) => (u: number) =>
  layout.left + ((u - view[0]) / (view[1] - view[0])) * layout.width;

/** Elapsed time above, the clock below, hairlines between; where the axis is folded, how long that was. */
export function GanttAxis({
  axis,
  layout,
  view,
  utc,
}: {
  axis: Axis;
  layout: Layout;
  view: View;
  utc: boolean;
}) {
  const x = toX(layout, view);
  const bottom = layout.height - AXIS_BOTTOM;
  const found = ticks(axis, view, layout.width);
  return (
    <g aria-hidden="true">
      <line
        x1={layout.left}
        x2={layout.left + layout.width}
        y1={AXIS_TOP}
        y2={AXIS_TOP}
        stroke="var(--line)"
      />
      <line x1={layout.left} x2={layout.left + layout.width} y1={bottom} y2={bottom} stroke="var(--line)" />
      {found.map((tick) => {
        const at = layout.left + tick.x;
        return (
          <g key={tick.at}>
            <line x1={at} x2={at} y1={AXIS_TOP} y2={bottom} stroke="var(--line)" />
            <text x={at + 4} y={AXIS_TOP - 9} className="fill-muted text-xs">
              {elapsed(tick.elapsed)}
            </text>
            <text x={at + 4} y={layout.height - 7} className="fill-muted text-xs">
              {clock(tick.at, utc)}
            </text>
          </g>
        );
      })}
      {axis.pieces.map((piece) => {
        if (!piece.folded) return null;
        const x0 = x(piece.u0);
        const x1 = x(piece.u1);
        if (x1 < layout.left || x0 > layout.left + layout.width) return null;
        const words = formatDuration(piece.to - piece.from);
        return (
          <g key={piece.from}>
            {[x0, x1].map((edge) => (
              <path
                key={edge}
                d={`M${edge - 3} ${AXIS_TOP + 4}l6 -8M${edge + 1} ${AXIS_TOP + 4}l6 -8M${edge - 3} ${bottom + 4}l6 -8M${edge + 1} ${bottom + 4}l6 -8`}
                stroke="var(--line-strong)"
                fill="none"
              />
            ))}
            {x1 - x0 > words.length * 7 ? (
              <text x={(x0 + x1) / 2} y={layout.height - 7} textAnchor="middle" className="fill-text text-xs">
                {words}
              </text>
            ) : null}
          </g>
        );
      })}
    </g>
  );
}

const MARK: Record<PlotMark["kind"], { word: string; tone: string }> = {
  recovered: { word: "worker lost", tone: "var(--warn)" },
  failed: { word: "failed", tone: "var(--bad)" },
  cancelled: { word: "cancelled", tone: "var(--text-muted)" },
  blocked: { word: "stopped", tone: "var(--warn)" },
  unknown: { word: "answer lost", tone: "var(--warn)" },
};

/** Moments worth a line across all lanes, and now while the run goes on. */
export function Marks({
  model,
  axis,
  layout,
  view,
}: {
  model: PlotModel;
  axis: Axis;
  layout: Layout;
  view: View;
}) {
  const x = toX(layout, view);
  const bottom = layout.height - AXIS_BOTTOM;
  return (
    <g aria-hidden="true" className="pointer-events-none">
      {model.marks.map((mark) => {
        const at = Math.min(x(place(axis, mark.at)), layout.left + layout.width - 1);
        const { word, tone } = MARK[mark.kind];
        const right = at > layout.left + layout.width - 90;
        return (
          <g key={`${mark.seq}-${mark.kind}`}>
            <line
              x1={at}
              x2={at}
              y1={AXIS_TOP - 4}
              y2={bottom}
              stroke={tone}
              strokeWidth={1.5}
              strokeDasharray="4 3"
            />
            <text
              x={at + (right ? -5 : 5)}
              y={AXIS_TOP - 9}
              textAnchor={right ? "end" : "start"}
              fill={tone}
              className="stroke-bg text-xs [paint-order:stroke] [stroke-width:6px]"
            >
              {word}
            </text>
          </g>
        );
      })}
      {model.live ? (
        <g>
          <line x1={x(1)} x2={x(1)} y1={AXIS_TOP - 6} y2={bottom} stroke="var(--run)" strokeWidth={1.5} />
          <circle cx={x(1)} cy={AXIS_TOP - 6} r={3} fill="var(--run)" />
          <text
            x={x(1) - 8}
            y={AXIS_TOP - 9}
            textAnchor="end"
            fill="var(--run)"
            className="stroke-bg text-xs [paint-order:stroke] [stroke-width:6px]"
          >
            now
          </text>
        </g>
      ) : null}
    </g>
  );
}

function elapsed(ms: number): string {
  return ms === 0 ? "0 s" : `+${formatDuration(ms)}`;
}

function clock(at: number, utc: boolean): string {
  const whole = at % 1_000 === 0;
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: whole ? undefined : 3,
    timeZone: utc ? "UTC" : undefined,
  }).format(at);
}
