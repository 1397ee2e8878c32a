import type { Order } from "@/api/types";
import { stepsTaken } from "@/words/order";
import { type StepState, standingOf, trackOf } from "@/words/orders";
import { words } from "./strings";

const DOT: Record<StepState, string> = {
  done: "fill-text stroke-text",
  now: "fill-bg stroke-text",
  needs: "fill-accent stroke-accent",
  ahead: "fill-bg stroke-line-strong",
  never: "fill-transparent stroke-transparent",
};

/** The five steps as a line with stops: filled is done, a ring is next, lit needs a person. It never moves left. */
export function Track({ order, waits, wide }: { order: Order; waits: boolean; wide?: boolean }) {
  const states = trackOf(order, waits);
  const standing = standingOf(order, waits);
  const gap = 26;
  const width = gap * 4 + 14;
  if (wide) return <WideTrack states={states} />;
  return (
    <svg
      role="img"
      aria-label={words.track(stepsTaken(order), standing)}
      width={width}
      height={14}
      viewBox={`0 0 ${width} 14`}
      className="shrink-0"
    >
      {states.slice(1).map((state, index) => (
        <line
          // biome-ignore lint/suspicious/noArrayIndexKey: five steps that never change places
          key={index}
          x1={7 + gap * index}
          x2={7 + gap * (index + 1)}
          y1={7}
          y2={7}
          strokeWidth={state === "done" ? 2 : 1}
          strokeDasharray={state === "never" ? "1 4" : undefined}
          className={state === "done" ? "stroke-text" : "stroke-line-strong"}
        />
      ))}
      {states.map((state, index) => (
        <g
          // biome-ignore lint/suspicious/noArrayIndexKey: five steps that never change places
          key={index}
          transform={`translate(${7 + gap * index} 7)`}
        >
          {state === "never" ? (
            <path d="M-2.5 -2.5l5 5M2.5 -2.5l-5 5" className="stroke-muted" strokeWidth={1.25} />
          ) : (
            <circle
              r={state === "ahead" ? 3 : state === "needs" ? 5.5 : 4}
              strokeWidth={1.5}
              className={DOT[state]}
            />
          )}
        </g>
      ))}
    </svg>
  );
}

/** The same with its words, for the page of one order. */
function WideTrack({ states }: { states: readonly StepState[] }) {
  return (
    <ol className="flex max-w-[680px]">
      {states.map((state, index) => {
        const next = states[index + 1];
        return (
          <li
            key={words.steps[index]}
            className={`relative min-w-0 ${next ? "flex-1" : ""}`}
            aria-current={state === "now" || state === "needs" ? "step" : undefined}
          >
            {next ? (
              <span
                aria-hidden="true"
                className={`absolute top-[7px] right-1.5 left-[22px] ${next === "done" ? "h-0.5 bg-text" : "h-px bg-line-strong"} ${next === "never" ? "opacity-40" : ""}`}
              />
            ) : null}
            <svg aria-hidden="true" width={16} height={16} viewBox="-8 -8 16 16" className="block">
              {state === "never" ? (
                <path d="M-3 -3l6 6M3 -3l-6 6" className="stroke-muted" strokeWidth={1.5} />
              ) : (
                <circle r={state === "needs" ? 7 : 5.5} strokeWidth={1.75} className={DOT[state]} />
              )}
            </svg>
            <span
              className={`mt-1.5 block pr-2 text-xs ${
                state === "needs"
                  ? "font-medium text-accent"
                  : state === "done" || state === "now"
                    ? "text-text"
                    : "text-muted"
              } ${state === "never" ? "line-through" : ""}`}
            >
              {words.steps[index]}
              <span className="sr-only">{SPOKEN[state]}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

const SPOKEN: Record<StepState, string> = {
  done: ", done",
  now: ", next",
  needs: ", needs your yes",
  ahead: "",
  never: ", will not happen",
};
