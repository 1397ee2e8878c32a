import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { strings } from "@/strings";
import { formatAmount, formatSigned, minorToAmount } from "@/words/money";
import { formatAbsolute, formatCountdown, formatRelative } from "@/words/time";
import { Icon } from "./Icon";
import { useNow, useTimeShown } from "./now";

/** An amount of money, always in the same form: figures aligned, currency behind. */
export function Money({
  amount,
  minor,
  currency = "USD",
  signed,
  className,
}: {
  amount?: number;
  minor?: number;
  currency?: string | null;
  signed?: boolean;
  className?: string;
}) {
  const value = amount ?? minorToAmount(minor ?? 0, currency);
  return (
    <span className={`whitespace-nowrap tabular-nums ${className ?? ""}`}>
      {signed ? formatSigned(value, currency) : formatAmount(value, currency)}
    </span>
  );
}

/** A moment: relative and ticking, absolute on hover; or as the reader wishes (menu of the account). */
export function When({ at, className }: { at: string | null | undefined; className?: string }) {
  const now = useNow();
  const shown = useTimeShown();
  if (!at) return <span className={className}>–</span>;
  const ms = Date.parse(at);
  const text = shown === "relative" ? formatRelative(ms, now) : formatAbsolute(ms, shown === "utc");
  return (
    <time
      dateTime={at}
      title={formatAbsolute(ms, shown === "utc")}
      className={`whitespace-nowrap ${className ?? ""}`}
    >
      {text}
    </time>
  );
}

export function Countdown({ to, className }: { to: string; className?: string }) {
  const left = Date.parse(to) - useNow();
  const near = left < 60 * 60_000;
  return (
    <time
      dateTime={to}
      title={formatAbsolute(Date.parse(to))}
      className={`whitespace-nowrap ${near ? "text-warn" : ""} ${className ?? ""}`}
    >
      {formatCountdown(left)}
    </time>
  );
}

/** An id: shortened to the eye, whole in the clipboard, a link where there is a page for it. */
export function Id({ id, to, short }: { id: string; to?: string; short?: boolean }) {
  const shown = short && id.length > 14 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
  return (
    <span className="inline-flex min-w-0 items-center gap-1 font-mono text-xs text-muted">
      {to ? (
        <Link
          to={to}
          className="truncate underline decoration-line-strong underline-offset-2 hover:text-text"
        >
          {shown}
        </Link>
      ) : (
        <span className="truncate">{shown}</span>
      )}
      <CopyButton text={id} />
    </span>
  );
}

export function CopyButton({ text, label = strings.common.copy }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text).catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <button
      type="button"
      aria-label={copied ? strings.common.copied : `${label} ${text.length > 40 ? "" : text}`.trim()}
      title={copied ? strings.common.copied : label}
      onClick={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void copy();
      }}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text"
    >
      <Icon name={copied ? "check" : "copy"} size={12} />
    </button>
  );
}
