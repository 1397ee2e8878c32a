import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runEventsQuery } from "@/api/queries";
import { strings } from "@/strings";
import { ErrorPanel } from "@/ui/states";
import { When } from "@/ui/values";
import { eventWords } from "@/words/event";
import { Part } from "./Part";

const SHOWN = 4;

/** The last steps of the run before it asked, as sentences. */
export function LastSteps({ runId }: { runId: string }) {
  const events = useQuery({ ...runEventsQuery(runId), enabled: runId.startsWith("run_") });
  if (!runId.startsWith("run_")) return null;
  const steps = (events.data?.events ?? [])
    .filter(({ event_type: type }) => !/^(node\.started|run\.waiting_approval)$/.test(type))
    .slice(-SHOWN);
  return (
    <Part
      title={strings.detail.steps}
      aside={
        <Link
          to="/tower/runs/$runId"
          params={{ runId }}
          className="text-xs text-muted underline decoration-line-strong underline-offset-2 hover:text-text"
        >
          {strings.detail.wholeRun}
        </Link>
      }
    >
      {events.isError ? (
        <ErrorPanel what={strings.detail.steps} error={events.error} retry={() => void events.refetch()} />
      ) : null}
      <ol className="min-h-24 text-sm">
        {steps.map((event) => (
          <li key={event.id} className="flex gap-4 py-0.5">
            <span className="min-w-0 flex-1 truncate" title={event.event_type}>
              {eventWords(event).sentence}
            </span>
            <When at={event.created_at} className="text-xs leading-5 text-muted" />
          </li>
        ))}
      </ol>
    </Part>
  );
}
