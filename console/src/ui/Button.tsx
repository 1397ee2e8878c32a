import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { Icon, type IconName } from "./Icon";

export type ButtonLook = "needed" | "plain" | "quiet" | "bad";

const LOOK: Record<ButtonLook, string> = {
  // The one lit control of a page: it does what a person is asked for.
  needed: "bg-accent-fill text-on-accent font-medium hover:not-disabled:bg-accent-fill-hover",
  plain: "border border-line-strong text-text hover:not-disabled:bg-hover",
  quiet: "text-muted hover:not-disabled:bg-hover hover:not-disabled:text-text",
  bad: "border border-bad text-bad hover:not-disabled:bg-hover",
};

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  look?: ButtonLook;
  icon?: IconName;
  /** Work is under way: the button cannot be pressed again. */
  busy?: boolean;
  disabled?: boolean;
  /** Why the button cannot be pressed. A button that is off without a reason is a dead end. */
  reason?: string | null;
  size?: "normal" | "large" | "small";
  keys?: string;
  children?: ReactNode;
}

export function Button({
  look = "plain",
  icon,
  busy,
  disabled,
  reason,
  size = "normal",
  keys,
  children,
  className,
  ...rest
}: ButtonProps) {
  const describe = useId();
  const off = busy || disabled || Boolean(reason);
  const height = { small: "h-7 px-2 text-xs", normal: "h-8 px-3 text-sm", large: "h-11 px-4 text-base" }[
    size
  ];
  return (
    <>
      <button
        type="button"
        {...rest}
        disabled={off && !reason}
        aria-disabled={off || undefined}
        aria-busy={busy || undefined}
        aria-describedby={reason ? describe : rest["aria-describedby"]}
        aria-keyshortcuts={keys}
        title={reason ?? rest.title}
        onClick={off ? (event) => event.preventDefault() : rest.onClick}
        onPointerDown={off ? undefined : rest.onPointerDown}
        // A key that is held down presses once.
        onKeyDown={(event) => (event.repeat ? event.preventDefault() : rest.onKeyDown?.(event))}
        className={`inline-flex select-none items-center justify-center gap-2 whitespace-nowrap rounded-md pointer-coarse:min-h-11 ${height} ${LOOK[look]} ${off ? "cursor-not-allowed opacity-55" : ""} ${className ?? ""}`}
      >
        {busy ? <Busy /> : icon ? <Icon name={icon} /> : null}
        {children}
        {keys ? <Kbd className="max-md:hidden pointer-coarse:hidden">{keys}</Kbd> : null}
      </button>
      {reason ? (
        <span id={describe} className="sr-only">
          {reason}
        </span>
      ) : null}
    </>
  );
}

export function Busy() {
  return (
    <svg aria-hidden="true" viewBox="0 0 16 16" width={16} height={16} className="shrink-0 animate-spin">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeOpacity="0.3" strokeWidth="2" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}

export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <kbd
      aria-hidden="true"
      className={`rounded-sm border border-current/25 px-1 font-sans text-xs leading-4 ${className ?? ""}`}
    >
      {children}
    </kbd>
  );
}

/** A button that is only an icon; its name is spoken and shown on hover. */
export function IconButton({
  name,
  label,
  className,
  ...rest
}: Omit<ComponentProps<"button">, "name"> & { name: IconName; label: string }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={`inline-flex size-8 shrink-0 items-center justify-center rounded-md text-muted pointer-coarse:size-11 hover:bg-hover hover:text-text ${className ?? ""}`}
    >
      <Icon name={name} />
    </button>
  );
}
