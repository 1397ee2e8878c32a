import { type RefObject, useEffect, useState } from "react";

/** From this many rows on only those near the window are in the page. */
export const WINDOWED_FROM = 100;
const AROUND = 12;

export interface Shown {
  from: number;
  to: number;
  /** Pixels that stand for the rows left out above and below. */
  above: number;
  below: number;
}

/** Which rows of a long list have to be drawn. Pure. */
export function windowOf(count: number, height: number, scrolled: number, room: number): Shown {
  if (count <= WINDOWED_FROM) return { from: 0, to: count, above: 0, below: 0 };
  const from = Math.max(0, Math.min(count, Math.floor(scrolled / height) - AROUND));
  const to = Math.min(count, Math.ceil((scrolled + room) / height) + AROUND);
  return { from, to, above: from * height, below: (count - to) * height };
}

/** The same, following how far `place` is scrolled. */
export function useWindow(place: RefObject<HTMLElement | null>, count: number, height: number): Shown {
  const [at, setAt] = useState({ scrolled: 0, room: 900 });
  useEffect(() => {
    const element = place.current;
    if (!element || count <= WINDOWED_FROM) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      setAt({ scrolled: element.scrollTop, room: element.clientHeight });
    };
    const soon = () => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    element.addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  }, [place, count]);
  return windowOf(count, height, at.scrolled, at.room);
}
