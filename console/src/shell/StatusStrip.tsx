import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { healthQuery, overviewQuery } from "@/api/queries";
import { useLinkState, useRefetchInterval } from "@/live/live";
import { strings } from "@/strings";
import { Mark } from "@/ui/marks";
import { formatAmount } from "@/words/money";

/** The state of the shop in one quiet line. Only what is there is named; only what is wrong is coloured. */
export function StatusStrip() {
  const every = useRefetchInterval();
  const { data: health } = useQuery({ ...healthQuery(), refetchInterval: every });
  const { data: overview } = useQuery({ ...overviewQuery(), refetchInterval: every });
  const link = useLinkState();
  const words = strings.shell.strip;
  const quiet = "hover:text-text max-lg:hidden";
  return (
    <div role="group" aria-label={words.label} className="flex items-center gap-4 text-xs text-muted">
      {overview?.runs ? (
        <Link to="/tower/runs" search={{ status: "running" }} className={quiet}>
          {words.running(overview.runs.running)}
        </Link>
      ) : null}
      {overview?.runs && overview.runs.failed_24h > 0 ? (
        <Link to="/tower/runs" search={{ status: "failed" }} className="max-md:hidden">
          <Mark icon="warn" tone="bad">
            {words.failed(overview.runs.failed_24h)}
          </Mark>
        </Link>
      ) : null}
      {overview?.gate && overview.gate.closed_levels.length > 0 ? (
        <Mark icon="stop" tone="warn" className="max-lg:hidden">
          {words.closed(overview.gate.closed_levels)}
        </Mark>
      ) : null}
      {overview?.breakers && overview.breakers.open.length > 0 ? (
        <Mark icon="warn" tone="warn" className="max-lg:hidden">
          {words.breakers(overview.breakers.open.length)}
        </Mark>
      ) : null}
      {overview?.dlq && overview.dlq.unresolved > 0 ? (
        <Link to="/tools" search={{ tab: "dlq", unresolved: true }} className="max-lg:hidden">
          <Mark icon="warn" tone="warn">
            {words.dead(overview.dlq.unresolved)}
          </Mark>
        </Link>
      ) : null}
      {overview?.spend ? (
        <span className="max-lg:hidden">
          {overview.spend.budget_usd === null
            ? words.spentToday(formatAmount(overview.spend.today_usd, "USD"))
            : words.spend(
                formatAmount(overview.spend.today_usd),
                formatAmount(overview.spend.budget_usd, "USD"),
              )}
        </span>
      ) : null}
      {health && health.status !== "healthy" ? (
        <Mark icon="warn" tone={health.status === "degraded" ? "warn" : "bad"} className="max-md:hidden">
          {health.status === "degraded" ? words.degraded : words.unhealthy}
        </Mark>
      ) : null}
      <span title={strings.shell.link[link]} className="flex items-center">
        {link === "live" ? (
          <Mark icon="dot" tone="ok">
            {strings.shell.link.live}
          </Mark>
        ) : (
          <Mark icon="half" tone={link === "down" ? "warn" : "muted"}>
            {link === "down" ? strings.shell.link.short : strings.shell.link.connecting}
          </Mark>
        )}
      </span>
    </div>
  );
}
