import { useEffect, useRef, useState } from "react";
import { Button, type ButtonProps } from "./Button";

const HOLD_MS = 900;

/**
 * A button that a finger has to hold, so that nothing grave happens by a slip. Mouse and keyboard press it as
 * usual: they reached it through a question already.
 */
export function HoldButton({
  onDone,
  holding,
  children,
  ...rest
}: Omit<ButtonProps, "onClick"> & { onDone: () => void; holding: string }) {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const byFinger = useRef(false);
  const release = () => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
    setHeld(false);
  };
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  return (
    <Button
      {...rest}
      className={`relative touch-none overflow-hidden ${rest.className ?? ""}`}
      onPointerDown={(event) => {
        byFinger.current = event.pointerType === "touch";
        if (!byFinger.current) return;
        setHeld(true);
        timer.current = setTimeout(() => {
          release();
          onDone();
        }, HOLD_MS);
      }}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onContextMenu={(event) => event.preventDefault()}
      onClick={() => {
        if (!byFinger.current) onDone();
        byFinger.current = false;
      }}
    >
      <span
        aria-hidden="true"
        className={`absolute inset-0 origin-left bg-text/25 ${held ? "scale-x-100 transition-transform duration-[900ms] ease-linear" : "scale-x-0"}`}
      />
      <span className="relative">{held ? holding : children}</span>
    </Button>
  );
}
