import type { EffectStatus, Risk, RunStatus, TicketStatus } from "@/api/types";
import { strings } from "@/strings";
import { Icon, type IconName } from "./Icon";

export type Tone = "accent" | "ok" | "warn" | "bad" | "run" | "muted";

const TONE: Record<Tone, string> = {
  accent: "text-accent",
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  run: "text-run",
  muted: "text-muted",
};

/** A state: always a shape and a word, so that no colour has to be seen. */
export function Mark({
  icon,
  tone,
  children,
  className,
}: {
  icon: IconName;
  tone: Tone;
  children: string;
  className?: string;
}) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${TONE[tone]} ${className ?? ""}`}>
      <Icon name={icon} size={14} />
      <span>{children}</span>
    </span>
  );
}

const RUN: Record<RunStatus, { icon: IconName; tone: Tone }> = {
  queued: { icon: "ring", tone: "muted" },
  running: { icon: "play", tone: "run" },
  waiting_approval: { icon: "hand", tone: "accent" },
  completed: { icon: "check", tone: "ok" },
  failed: { icon: "warn", tone: "bad" },
  cancelled: { icon: "cross", tone: "muted" },
};

export function RunMark({ status, paused }: { status: RunStatus; paused?: boolean }) {
  if (paused && status !== "completed" && status !== "failed" && status !== "cancelled") {
    return (
      <Mark icon="pause" tone="warn">
        {strings.run.paused}
      </Mark>
    );
  }
  return <Mark {...RUN[status]}>{strings.run.status[status]}</Mark>;
}

const TICKET: Record<TicketStatus, { icon: IconName; tone: Tone }> = {
  pending: { icon: "hand", tone: "accent" },
  approved: { icon: "check", tone: "ok" },
  rejected: { icon: "cross", tone: "muted" },
  expired: { icon: "clock", tone: "warn" },
};

export function TicketMark({ status, withdrawn }: { status: TicketStatus; withdrawn?: boolean }) {
  if (withdrawn) {
    return (
      <Mark icon="out" tone="muted">
        {strings.ticket.withdrawn}
      </Mark>
    );
  }
  return <Mark {...TICKET[status]}>{strings.ticket.status[status]}</Mark>;
}

const EFFECT: Record<EffectStatus, { icon: IconName; tone: Tone }> = {
  prepared: { icon: "ring", tone: "muted" },
  executing: { icon: "play", tone: "run" },
  committed: { icon: "check", tone: "ok" },
  aborted: { icon: "cross", tone: "muted" },
  failed: { icon: "warn", tone: "bad" },
  unknown: { icon: "half", tone: "warn" },
  not_sent: { icon: "info", tone: "warn" },
};

export function EffectMark({ status }: { status: EffectStatus }) {
  return <Mark {...EFFECT[status]}>{strings.effect.status[status]}</Mark>;
}

/** Risk as bars, so that it can be told apart without colour: one, two or three of them. */
export function RiskMark({ risk, short }: { risk: Risk; short?: boolean }) {
  const level = { low: 1, medium: 2, high: 3 }[risk];
  // Only what is out of the ordinary has a colour; the bars tell the rest apart.
  const tone = { low: "text-muted", medium: "text-muted", high: "text-bad" }[risk];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${tone}`}>
      <svg aria-hidden="true" viewBox="0 0 14 12" width={14} height={12} className="shrink-0">
        {[1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 5}
            y={12 - bar * 4}
            width="3.5"
            height={bar * 4}
            rx="1"
            fill="currentColor"
            opacity={bar <= level ? 1 : 0.25}
          />
        ))}
      </svg>
      <span className={short ? "sr-only" : ""}>{strings.risk[risk]}</span>
    </span>
  );
}
