import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { mayAct, useSession } from "@/api/session";
import { useRefetchInterval } from "@/live/live";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Select } from "@/ui/fields";
import { RawJson } from "@/ui/Json";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { Id, When } from "@/ui/values";
import { nodeName } from "@/words/event";
import { list, number, text } from "@/words/reading";
import { type Change, diff } from "./diff";
import { checkpointsQuery } from "./queries";
import { words } from "./strings";
import type { TabProps } from "./TimelineTab";
import { ValueTree } from "./ValueTree";

/** The state of the run at each checkpoint, and what changed between any two. */
export default function StateTab({ search, setSearch, runId, data }: TabProps & { runId: string }) {
  const session = useSession();
  const allowed = mayAct(session?.role, "operator");
  const every = useRefetchInterval();
  const query = useQuery({
    ...checkpointsQuery(runId),
    enabled: allowed,
    refetchInterval: data.model.live ? every : false,
  });
  const slider = useId();
  if (!allowed) return <Empty icon="info" title={strings.role.needs("operator")} />;
  if (!query.data) {
    if (!query.isError) return <SkeletonRows />;
    return (
      <div className="p-6 max-md:p-4">
        <ErrorPanel what={words.state.failed} error={query.error} retry={() => void query.refetch()} />
      </div>
    );
  }
  const all = query.data.checkpoints;
  if (all.length === 0) {
    return (
      <Empty icon="clock" title={words.state.empty}>
        {words.state.emptyHint}
      </Empty>
    );
  }
  const found = all.findIndex((one) => one.checkpoint_id === search.cp);
  const at = found < 0 ? all.length - 1 : found;
  const shown = all[at];
  if (!shown) return null;
  const chosen = search.with ? all.find((one) => one.checkpoint_id === search.with) : undefined;
  const other = search.with ? chosen : all[at - 1];
  const go = (index: number) => setSearch({ cp: all[index]?.checkpoint_id });
  const node = text(shown.metadata, "node_name");
  const source = text(shown.metadata, "source") ?? "";
  const next = list(shown.metadata, "next").filter((name): name is string => typeof name === "string");
  return (
    <div className="px-6 py-4 max-md:px-4">
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor={slider} className="text-sm font-medium">
          {words.state.scrub}
        </label>
        <Button
          icon="left"
          size="small"
          aria-label={strings.common.back}
          disabled={at === 0}
          onClick={() => go(at - 1)}
        />
        <input
          id={slider}
          type="range"
          min={0}
          max={all.length - 1}
          value={at}
          aria-valuetext={`${words.state.of(at + 1, all.length)}, ${node ? nodeName(node) : (words.state.sources[source] ?? source)}`}
          onChange={(event) => go(Number(event.target.value))}
          className="h-6 w-56 accent-[var(--text-muted)] max-md:w-36"
        />
        <Button
          icon="chevron"
          size="small"
          aria-label={words.state.next}
          disabled={at === all.length - 1}
          onClick={() => go(at + 1)}
        />
        <span className="text-sm text-muted">{words.state.of(at + 1, all.length)}</span>
        <div className="ml-auto flex items-center gap-2 text-sm text-muted max-md:ml-0">
          <label htmlFor={`${slider}-with`}>{words.state.compare}</label>
          <Select
            id={`${slider}-with`}
            value={search.with ?? ""}
            onChange={(event) => setSearch({ with: event.target.value || undefined })}
            className="!h-8 !w-auto text-sm"
          >
            <option value="">{words.state.before}</option>
            {all.map((one, index) => (
              <option key={one.checkpoint_id} value={one.checkpoint_id}>
                {index + 1}: {text(one.metadata, "node_name") ?? text(one.metadata, "source") ?? ""}
              </option>
            ))}
          </Select>
        </div>
      </div>
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span>
          {node ? nodeName(node) : ""}
          <span className="text-muted">
            {node ? ", " : ""}
            {words.state.sources[source] ?? source}
          </span>
        </span>
        <span className="text-muted">
          {words.state.next}: {next.length > 0 ? next.map(nodeName).join(", ") : words.state.end}
        </span>
        <When at={shown.created_at} className="text-muted" />
        <Id id={shown.checkpoint_id} />
        <span className="sr-only">{number(shown.metadata, "step")}</span>
      </p>
      <div className="mt-4 grid gap-6 lg:grid-cols-2">
        <section aria-labelledby="changes" className="min-w-0">
          <h2 id="changes" className="mb-2 text-sm font-medium">
            {words.state.changes}
          </h2>
          <Changes
            changes={
              other ? diff(other.channel_values, shown.channel_values) : diff({}, shown.channel_values)
            }
          />
        </section>
        <section aria-labelledby="values" className="min-w-0">
          <h2 id="values" className="mb-2 text-sm font-medium">
            {words.state.values}
          </h2>
          <ValueTree value={shown.channel_values} />
          <div className="mt-2">
            <RawJson value={shown.channel_values} />
          </div>
        </section>
      </div>
    </div>
  );
}

const LOOK = {
  added: { sign: "+", colour: "text-ok" },
  removed: { sign: "−", colour: "text-bad" },
  changed: { sign: "~", colour: "text-warn" },
} as const;

function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <p className="text-sm text-muted">{words.state.noChange}</p>;
  return (
    <ul>
      {changes.map((change) => {
        const { sign, colour } = LOOK[change.kind];
        return (
          <li key={change.path} className="border-b border-line py-1.5 text-sm">
            <p className="flex items-baseline gap-2 font-mono text-xs">
              <span aria-hidden="true" className={`w-3 text-center ${colour}`}>
                {sign}
              </span>
              <span className="sr-only">{words.state[change.kind]}</span>
              <span className="min-w-0 break-all">{change.path}</span>
            </p>
            <div className="mt-0.5 pl-5 font-mono text-xs break-words">
              {change.kind === "changed" ? (
                <p className="text-muted line-through decoration-line-strong">{short(change.before)}</p>
              ) : null}
              <p className={change.kind === "removed" ? "text-muted line-through" : ""}>
                {short(change.kind === "removed" ? change.before : change.after)}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function short(value: unknown): string {
  const whole = JSON.stringify(value) ?? "";
  return whole.length > 240 ? `${whole.slice(0, 240)}…` : whole;
}
