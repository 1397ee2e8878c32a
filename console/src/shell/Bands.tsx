import { useQuery } from "@tanstack/react-query";
import { useOutage } from "@/api/outage";
import { healthQuery } from "@/api/queries";
import { strings } from "@/strings";
import { Icon } from "@/ui/Icon";
import { useNow } from "@/ui/now";
import { formatAbsolute, formatRelative } from "@/words/time";

/** What kind of world this is. Live has no band. */
export function WorldBand() {
  const health = useQuery({ ...healthQuery(), refetchInterval: 60_000 });
  const { mode, effects, rehearsal } = health.data ?? {};
  if (mode === "rehearsal") {
    return (
      <Band word={strings.shell.rehearsal} hint={strings.shell.rehearsalHint} striped>
        {rehearsal?.now ? (
          <time dateTime={rehearsal.now}>{formatAbsolute(Date.parse(rehearsal.now), true)}</time>
        ) : null}
      </Band>
    );
  }
  if (effects === "off") return <Band word={strings.shell.lookOnly} hint={strings.shell.lookOnlyHint} />;
  return null;
}

function Band({
  word,
  hint,
  striped,
  children,
}: {
  word: string;
  hint: string;
  striped?: boolean;
  children?: React.ReactNode;
}) {
  return (
    <div role="status" className="flex h-6 shrink-0 items-stretch border-b border-line text-xs">
      <span
        aria-hidden="true"
        className={`w-4 shrink-0 md:w-14 ${striped ? "hatched" : "border-y-4 border-double border-warn"}`}
      />
      <span className="flex items-center gap-2 px-3">
        <strong className="font-semibold text-warn">{word}</strong>
        <span className="truncate text-muted max-md:hidden">{hint}</span>
        {children ? <span className="text-muted">{children}</span> : null}
      </span>
      <span
        aria-hidden="true"
        className={`flex-1 ${striped ? "hatched" : "border-y-4 border-double border-warn"}`}
      />
    </div>
  );
}

/** The server cannot answer: said once, for the whole page, with how old everything is. */
export function OutageBanner() {
  const outage = useOutage();
  const now = useNow();
  if (!outage) return null;
  return (
    <div role="alert" className="flex shrink-0 items-center gap-2 border-b border-bad px-4 py-2 text-sm">
      <Icon name="warn" className="text-bad" />
      <span>
        <strong className="font-medium text-bad">{strings.shell.outage}</strong>{" "}
        {outage.lastAnswer === null
          ? strings.shell.outageNever
          : strings.shell.outageSince(formatRelative(outage.lastAnswer, now))}
      </span>
    </div>
  );
}
