import { Link } from "@tanstack/react-router";
import type { Run } from "@/api/types";
import { Icon } from "@/ui/Icon";
import { RunMark } from "@/ui/marks";
import { Sentence } from "@/ui/states";
import { Id, Money, When } from "@/ui/values";
import { runTitle } from "@/words/run";
import { failureOf, runSentence } from "@/words/runs";
import { formatDuration } from "@/words/time";
import { RunActions } from "./RunActions";
import { words } from "./strings";
import type { RunData } from "./useRun";

/** What came of the run, in one line; below it how it stands, where the time went, and what it cost. */
export function RunHeader({ data, run }: { data: RunData; run: Run }) {
  const { model, rows, now, order } = data;
  const failure = run.status === "failed" ? failureOf(rows.events) : null;
  const sentence = runSentence(run, rows.events, model, now);
  return (
    <header className="px-6 pt-5 pb-4 max-md:px-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        <Link to="/tower/runs" className="inline-flex h-6 items-center gap-1 hover:text-text">
          <Icon name="left" size={14} />
          {words.run.back}
        </Link>
        <span aria-hidden="true">/</span>
        <span className="min-w-0 truncate">{runTitle(run)}</span>
        <Id id={run.run_id} short />
      </div>
      <div className="mt-2 flex items-start gap-4 max-md:flex-col max-md:gap-3">
        <div className="min-w-0 flex-1">
          <Sentence>{sentence}</Sentence>
        </div>
        <RunActions run={run} data={data} />
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-x-5 gap-y-2 text-sm">
        <RunMark status={run.status} paused={run.paused} />
        <Split model={model} />
        {run.cost_usd > 0 ? (
          <span className="text-muted">
            <Money amount={run.cost_usd} className="text-text" /> · {run.tokens}{" "}
            {words.bar.tokens.toLowerCase()}
          </span>
        ) : null}
        {order ? (
          <Link
            to="/orders/$orderId"
            params={{ orderId: order.id }}
            className="inline-flex items-center gap-1.5 underline decoration-line-strong underline-offset-2 hover:decoration-text"
          >
            <Icon name="orders" size={14} className="text-muted" />
            {words.run.facts.order} {order.name}
          </Link>
        ) : null}
        <span className="text-muted">
          <When at={run.created_at} />
        </span>
      </div>
      {failure ? (
        <div className="mt-4 max-w-[72ch] border-l-2 border-bad pl-4 text-sm">
          <p className="font-medium text-bad">{failure.kind}</p>
          {run.last_error && !sentence.includes(run.last_error) ? (
            <p className="mt-1 break-words">{run.last_error}</p>
          ) : null}
          <p className="mt-1 text-muted text-pretty">
            {words.run.tryThis}: {failure.advice}
          </p>
        </div>
      ) : null}
    </header>
  );
}

/** Machine time and human time, told apart at a glance: their lengths beside each other and in words. */
function Split({ model }: { model: RunData["model"] }) {
  const parts = [
    { key: "work", ms: model.machineMs, word: words.run.work, look: "bg-[var(--plot-1)]" },
    { key: "person", ms: model.humanMs, word: words.run.person, look: "hatched" },
    { key: "queue", ms: model.queueMs, word: words.run.queue, look: "bg-line-strong" },
  ].filter((part) => part.ms >= 1);
  const all = parts.reduce((sum, part) => sum + part.ms, 0);
  if (all === 0) return null;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span
        aria-hidden="true"
        className="flex h-2.5 w-28 gap-px overflow-hidden rounded-sm border border-line"
        title={words.run.split}
      >
        {parts.map((part) => (
          <span
            key={part.key}
            className={`min-w-1 ${part.look}`}
            style={{ flexGrow: Math.max(part.ms / all, 0.02), flexBasis: 0 }}
          />
        ))}
      </span>
      {parts.map((part) => (
        <span key={part.key} className="whitespace-nowrap">
          {formatDuration(part.ms)} <span className="text-muted">{part.word}</span>
        </span>
      ))}
    </span>
  );
}
