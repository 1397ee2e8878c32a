import { useQuery } from "@tanstack/react-query";
import { mayAct, useSession } from "@/api/session";
import type { Run } from "@/api/types";
import { useRefetchInterval } from "@/live/live";
import { strings } from "@/strings";
import { Icon } from "@/ui/Icon";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { toolDone } from "@/words/events";
import { formatDuration } from "@/words/time";
import { actOf } from "@/words/tool";
import { conversation, type Turn } from "./messages";
import { checkpointsQuery } from "./queries";
import { words } from "./strings";
import type { TabProps } from "./TimelineTab";

/** The conversation of the run as a letter, each tool call folded into one grey line. */
export default function MessagesTab({ data, runId, run }: TabProps & { runId: string; run: Run }) {
  const session = useSession();
  const allowed = mayAct(session?.role, "operator");
  const every = useRefetchInterval();
  const query = useQuery({
    ...checkpointsQuery(runId),
    enabled: allowed,
    refetchInterval: data.model.live ? every : false,
  });
  if (!allowed) return <Empty icon="info" title={strings.role.needs("operator")} />;
  if (!query.data) {
    if (!query.isError) return <SkeletonRows />;
    return (
      <div className="p-6 max-md:p-4">
        <ErrorPanel what={words.messages.failed} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  const turns = conversation(run.input_state, query.data.checkpoints, data.model);
  if (turns.length === 0) {
    return (
      <Empty icon="info" title={words.messages.empty}>
        {words.messages.emptyHint}
      </Empty>
    );
  }
  return (
    <ol className="flex max-w-[72ch] flex-col gap-4 px-6 py-6 max-md:px-4">
      {turns.map((turn) => (
        <li key={turn.key}>
          <Shown turn={turn} data={data} />
        </li>
      ))}
    </ol>
  );
}

function Shown({ turn, data }: { turn: Turn; data: TabProps["data"] }) {
  if (turn.kind === "said") {
    return (
      <>
        <p className="text-xs text-muted">{words.messages[turn.by]}</p>
        <p className="mt-0.5 text-letter whitespace-pre-wrap break-words">{turn.text}</p>
      </>
    );
  }
  const orderName = data.order?.name ?? null;
  if (turn.kind === "open") {
    const act = actOf({ tool: turn.tool, params: {}, call: {}, orderName });
    return (
      <Folded
        line={turn.state === "waiting" ? `${act}: waits for your yes` : `${act}: under way`}
        machine={turn.tool}
        given={show(turn.args)}
        result={turn.result ? show(turn.result) : ""}
        lit={turn.state === "waiting"}
      />
    );
  }
  const { bar } = turn;
  const effect = data.rows.effects.find((one) => one.effect_id === bar.effectId);
  const took = bar.instant ? "" : `, ${formatDuration(bar.end - bar.start)}`;
  return (
    <Folded
      line={`${toolDone(bar, effect, orderName)}${took}`}
      machine={bar.name}
      given={bar.span?.inputs_preview ?? show(effect?.prepared_payload.params)}
      result={bar.span?.outputs_preview ?? show(effect?.result_payload)}
    />
  );
}

function Folded({
  line,
  machine,
  given,
  result,
  lit,
}: {
  line: string;
  machine: string;
  given: string;
  result: string;
  lit?: boolean;
}) {
  return (
    <details className="group border-l-2 border-line pl-3">
      <summary
        className={`flex min-h-6 list-none items-center gap-2 text-sm pointer-coarse:min-h-11 ${lit ? "text-accent" : "text-muted hover:text-text"}`}
      >
        <Icon
          name={lit ? "hand" : "chevron"}
          size={12}
          className={lit ? "" : "transition-transform group-open:rotate-90"}
        />
        {line}
      </summary>
      <div className="mt-2 flex flex-col gap-2">
        <p className="font-mono text-xs text-muted">{machine}</p>
        <Text label={words.messages.given} text={given} />
        <Text label={words.messages.result} text={result} />
      </div>
    </details>
  );
}

function Text({ label, text }: { label: string; text: string }) {
  if (!text) return null;
  return (
    <div>
      <p className="text-xs text-muted">{label}</p>
      <pre
        className="max-h-64 overflow-auto font-mono text-xs leading-5 whitespace-pre-wrap break-words"
        tabIndex={0}
      >
        {text}
      </pre>
    </div>
  );
}

function show(value: unknown): string {
  return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
}
