import type { ReactNode } from "react";
import { asApiError } from "@/api/errors";
import { strings } from "@/strings";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";
import { CopyButton } from "./values";

/** The first line of a page: the answer to its question, in plain words. */
export function Sentence({ children }: { children: ReactNode }) {
  return <h1 className="text-lg font-medium tracking-[-0.01em] text-pretty">{children}</h1>;
}

/** Nothing here, said as what it means and what would change it. */
export function Empty({
  icon = "check",
  title,
  children,
  action,
}: {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-16 text-center">
      <Icon name={icon} size={20} className="text-muted" />
      <p className="text-base font-medium">{title}</p>
      {children ? <div className="max-w-[52ch] text-sm text-muted text-pretty">{children}</div> : null}
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  );
}

/** What failed, with everything a person needs to go on: the words, the status, the trace id, another try. */
export function ErrorPanel({ error, what, retry }: { error: unknown; what: string; retry?: () => void }) {
  const known = asApiError(error);
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-md border border-line bg-surface p-4"
    >
      <p className="flex items-center gap-2 font-medium text-bad">
        <Icon name="warn" />
        {what}
      </p>
      <p className="text-sm text-pretty">{known ? known.message : strings.error.unexpected}</p>
      {known?.isOutage ? <p className="text-sm text-muted">{strings.error.outageHint}</p> : null}
      <div className="flex flex-wrap items-center gap-3 text-xs text-muted">
        {known && known.status > 0 ? <span>{strings.error.status(known.status)}</span> : null}
        {known?.traceId ? (
          <span className="inline-flex items-center gap-1 font-mono">
            {strings.error.trace} {known.traceId}
            <CopyButton text={known.traceId} />
          </span>
        ) : null}
      </div>
      {retry ? (
        <Button icon="retry" onClick={retry}>
          {strings.common.retry}
        </Button>
      ) : null}
    </div>
  );
}

/** Rows of the final shape, shown only when waiting takes long enough to be noticed. */
export function SkeletonRows({ rows = 6, height = 36 }: { rows?: number; height?: number }) {
  return (
    <div className="after-150" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never change places
        <div key={row} className="flex items-center gap-4 border-b border-line px-4" style={{ height }}>
          <div className="skeleton h-3 w-16" />
          <div className="skeleton h-3 flex-1" style={{ maxWidth: `${70 - ((row * 17) % 40)}%` }} />
          <div className="skeleton h-3 w-14" />
        </div>
      ))}
    </div>
  );
}
