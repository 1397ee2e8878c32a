import { type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTimeShown } from "@/ui/now";
import { GanttAxis, Marks } from "./GanttAxis";
import { GanttBar, GanttPatterns } from "./GanttBar";
import { AXIS_TOP, type Box, boxAt, layOut } from "./geometry";
import { type Bar, inOrder, type PlotModel } from "./lanes";
import { makeAxis, place as positionOf, shift, type View, WHOLE, zoom } from "./scale";
import { useWidth } from "./useWidth";

export interface GanttProps {
  model: PlotModel;
  /** One sentence that says what the plot shows. */
  summary: string;
  fold: boolean;
  view: View;
  onView: (view: View) => void;
  selected: string | null;
  onSelect: (bar: string | null) => void;
}

const DRAG = 5;

/**
 * The time of a run, drawn: a lane per step, bars for the step, its model calls and its tool calls, waiting for a
 * person hatched. Drag to look closer, arrows to walk along the bars, plus and minus to zoom, 0 to see all again.
 */
export function Gantt({ model, summary, fold, view, onView, selected, onSelect }: GanttProps) {
  const place = useRef<HTMLDivElement>(null);
  const full = useWidth(place);
  const id = useId().replaceAll(/[^\w-]/g, "");
  const utc = useTimeShown() === "utc";
  const narrow = full < 620;
  const axis = useMemo(() => makeAxis(model, fold), [model, fold]);
  const layout = useMemo(
    () => layOut(model, axis, { width: full, narrow, view }),
    [model, axis, full, narrow, view],
  );
  const order = useMemo(() => inOrder(model), [model]);
  const [focus, setFocus] = useState<string | null>(null);
  const reachable = order.some((bar) => bar.id === focus) ? focus : (selected ?? order[0]?.id ?? null);
  const [brush, setBrush] = useState<{ from: number; to: number } | null>(null);
  const down = useRef<{ x: number; mouse: boolean } | null>(null);

  const toU = (x: number) => view[0] + ((x - layout.left) / layout.width) * (view[1] - view[0]);
  const local = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const inside = (x: number) => Math.min(layout.left + layout.width, Math.max(layout.left, x));

  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    if (event.button !== 0) return;
    down.current = { x: local(event).x, mouse: event.pointerType === "mouse" };
    if (down.current.mouse) event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    if (!down.current?.mouse) return;
    const { x } = local(event);
    if (brush || Math.abs(x - down.current.x) > DRAG) {
      setBrush({ from: inside(down.current.x), to: inside(x) });
    }
  };
  const onPointerUp = (event: PointerEvent<SVGSVGElement>) => {
    const started = down.current;
    down.current = null;
    setBrush(null);
    if (!started) return;
    const { x, y } = local(event);
    if (brush) {
      const from = toU(Math.min(brush.from, brush.to));
      const to = toU(Math.max(brush.from, brush.to));
      if (to - from > 0.001) onView([Math.max(0, from), Math.min(1, to)]);
      return;
    }
    if (Math.abs(x - started.x) > DRAG) return;
    const hit = boxAt(layout, x, y);
    onSelect(hit?.bar.id ?? null);
    if (hit) setFocus(hit.bar.id);
  };

  // The wheel moves a zoomed view sideways and, with Ctrl, zooms; React cannot listen to it without being passive.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey) {
        event.preventDefault();
        const x = event.clientX - element.getBoundingClientRect().left;
        const at = view[0] + ((x - layout.left) / layout.width) * (view[1] - view[0]);
        onView(zoom(view, event.deltaY > 0 ? 1.25 : 0.8, at));
      } else if (sideways !== 0 && view[1] - view[0] < 1) {
        event.preventDefault();
        onView(shift(view, (sideways / layout.width) * (view[1] - view[0])));
      }
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [view, onView, layout]);

  // The focus goes with the keys, also to a bar that was out of sight: the view follows first.
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null || wanted.current !== focus) return;
    wanted.current = null;
    place.current?.querySelector<SVGGElement>(`[data-bar="${CSS.escape(focus)}"]`)?.focus();
  });
  const centreOf = (bar: Bar | undefined) =>
    bar ? positionOf(axis, (bar.start + Math.max(bar.end, bar.start)) / 2) : undefined;
  const goTo = (id: string | undefined) => {
    if (!id) return;
    const at = centreOf(order.find((bar) => bar.id === id)) ?? 0;
    if (at < view[0] || at > view[1]) onView(shift(view, at - (view[0] + view[1]) / 2));
    wanted.current = id;
    setFocus(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = order.findIndex((bar) => bar.id === focus);
    const span = view[1] - view[0];
    const here = centreOf(order[at]);
    const centre = here !== undefined && here >= view[0] && here <= view[1] ? here : undefined;
    const act = (): boolean => {
      switch (event.key) {
        case "ArrowRight":
          if (event.shiftKey) onView(shift(view, span / 4));
          else goTo(order[at + 1]?.id);
          return true;
        case "ArrowLeft":
          if (event.shiftKey) onView(shift(view, -span / 4));
          else goTo(order[Math.max(0, at - 1)]?.id);
          return true;
        case "ArrowDown":
          goTo(otherLane(layout.lanes, focus, 1));
          return true;
        case "ArrowUp":
          goTo(otherLane(layout.lanes, focus, -1));
          return true;
        case "Home":
          goTo(order[0]?.id);
          return true;
        case "End":
          goTo(order.at(-1)?.id);
          return true;
        case "+":
        case "=":
          onView(zoom(view, 0.6, centre));
          return true;
        case "-":
          onView(zoom(view, 1 / 0.6, centre));
          return true;
        case "0":
          onView(WHOLE);
          return true;
        case "Enter":
        case " ":
          onSelect(focus);
          return true;
        default:
          return false;
      }
    };
    if (!act()) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={place} className="relative w-full overflow-hidden">
      {full > 0 ? (
        <svg
          width={full}
          height={layout.height}
          role="group"
          aria-label={summary}
          className={`block touch-pan-y select-none ${brush ? "cursor-col-resize" : "cursor-crosshair"}`}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => {
            down.current = null;
            setBrush(null);
          }}
          onDoubleClick={() => onView(WHOLE)}
          onKeyDown={onKeyDown}
        >
          <defs>
            <GanttPatterns id={id} />
            <clipPath id={`${id}-clip`}>
              <rect x={layout.left} y={0} width={layout.width + 12} height={layout.height} />
            </clipPath>
          </defs>
          {layout.lanes.map((lane, index) => (
            <g key={lane.lane.id} aria-hidden="true">
              {index % 2 === 1 ? (
                <rect x={0} y={lane.y} width={full} height={lane.height} fill="var(--surface)" />
              ) : null}
              <text x={narrow ? 8 : 0} y={lane.y + (narrow ? 17 : 22)} className="fill-muted text-xs">
                {lane.name}
              </text>
            </g>
          ))}
          <g clipPath={`url(#${id}-clip)`}>
            <GanttAxis axis={axis} layout={layout} view={view} utc={utc} />
            {layout.lanes.flatMap((lane) =>
              lane.boxes.map((box) =>
                box.bar.id === reachable || visible(box, layout.left, layout.width) ? (
                  <GanttBar
                    key={box.bar.id}
                    id={id}
                    box={box}
                    reachable={box.bar.id === reachable}
                    selected={box.bar.id === selected}
                    onFocus={setFocus}
                    onSelect={onSelect}
                  />
                ) : null,
              ),
            )}
            <Marks model={model} axis={axis} layout={layout} view={view} />
          </g>
          {brush ? (
            <rect
              aria-hidden="true"
              x={Math.min(brush.from, brush.to)}
              y={AXIS_TOP}
              width={Math.abs(brush.to - brush.from)}
              height={layout.height - AXIS_TOP}
              fill="var(--focus)"
              fillOpacity={0.14}
              stroke="var(--focus)"
            />
          ) : null}
        </svg>
      ) : null}
    </div>
  );
}

function visible(box: Box, left: number, width: number): boolean {
  return box.x + box.width >= left - 40 && box.x <= left + width + 4;
}

/** The bar of the next lane that lies nearest in time. */
function otherLane(lanes: ReturnType<typeof layOut>["lanes"], bar: string | null, by: 1 | -1) {
  const from = lanes.findIndex((lane) => lane.boxes.some((box) => box.bar.id === bar));
  const start = lanes[from]?.boxes.find((box) => box.bar.id === bar)?.bar.start ?? 0;
  const next = lanes[from + by];
  return next?.boxes.toSorted((a, b) => Math.abs(a.bar.start - start) - Math.abs(b.bar.start - start))[0]?.bar
    .id;
}
