import { type UseQueryResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, data } from "@/api/client";
import { type ApiError, asApiError } from "@/api/errors";
import { useOutage } from "@/api/outage";
import type { DeadLetter } from "@/api/types";
import { strings } from "@/strings";
import { Button } from "@/ui/Button";
import { Chips } from "@/ui/fields";
import { Empty, ErrorPanel, SkeletonRows } from "@/ui/states";
import { say, sayFailure } from "@/ui/toast";
import { jobTitle } from "@/words/jobs";
import { LETTER_GRID, LetterRow } from "./LetterRow";
import { useWhyNotSteer } from "./permission";
import { words } from "./strings";

/** As many as the server lists. */
const MOST = 100;

/** Scheduled work that failed: what is tried again by itself, and what is left to a person. */
export function LettersTab({
  query,
  unresolved,
}: {
  query: UseQueryResult<DeadLetter[]>;
  unresolved: boolean;
}) {
  const { data: letters } = query;
  const navigate = useNavigate();
  const retry = useRetry();
  const whyNot = useWhyNotSteer();
  const outage = useOutage();
  const filter = (only: boolean) =>
    void navigate({
      to: "/tools",
      search: { tab: "dlq", ...(only ? { unresolved: true } : {}) },
      replace: true,
    });
  return (
    <>
      <div className="px-6 pt-3 pb-3 max-md:px-4">
        <Chips
          label={words.letters.filter}
          value={unresolved ? "unresolved" : "all"}
          options={[
            { value: "all", label: words.letters.all },
            { value: "unresolved", label: words.letters.unresolved },
          ]}
          onChange={(value) => filter(value === "unresolved")}
        />
      </div>
      {query.isPending ? <SkeletonRows rows={5} height={56} /> : null}
      {query.isError && !letters ? (
        <div className="px-6 max-md:px-4">
          <ErrorPanel what={words.letters.failed} error={query.error} retry={() => void query.refetch()} />
        </div>
      ) : null}
      {letters?.length === 0 ? (
        <Empty
          title={words.letters.empty}
          action={
            unresolved ? (
              <Button onClick={() => filter(false)}>{strings.common.clearFilter}</Button>
            ) : undefined
          }
        >
          {words.letters.emptyHint}
        </Empty>
      ) : null}
      {letters && letters.length > 0 ? (
        <div className={outage ? "opacity-60" : ""}>
          <div
            aria-hidden="true"
            className={`${LETTER_GRID} border-b border-line px-6 pb-2 text-xs text-muted max-md:hidden`}
          >
            <span>{words.letters.columns.job}</span>
            <span>{words.letters.columns.standing}</span>
            <span>{words.letters.columns.tries}</span>
            <span>{words.letters.columns.age}</span>
            <span />
          </div>
          <ul>
            {letters.map((letter) => (
              <LetterRow
                key={letter.id}
                letter={letter}
                busy={retry.isPending && retry.variables.id === letter.id}
                whyNot={whyNot}
                onRetry={() => retry.mutate(letter)}
              />
            ))}
          </ul>
          {letters.length >= MOST ? (
            <p className="py-4 text-center text-xs text-muted">{words.letters.most}</p>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

/** Tries one again. The server waits up to a minute for the end, then tells the run that goes on. */
function useRetry() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (letter: DeadLetter) =>
      data(api.POST("/api/scheduler/dlq/{dlq_id}/retry", { params: { path: { dlq_id: letter.id } } })),
    onSuccess: (answer, letter) => {
      const title = jobTitle(letter.job_id);
      if (answer.status === "resolved") return say(words.letters.resolved(title));
      const { run_id: runId } = answer;
      say(`${words.letters.retrying(title)}. ${words.letters.retryingHint}`, {
        label: words.jobs.openRun,
        onClick: () => void navigate({ to: "/tower/runs/$runId", params: { runId } }),
      });
    },
    onError: (error, letter) => {
      const title = jobTitle(letter.job_id);
      const known = asApiError(error);
      if (known?.code === "retry_failed") {
        return sayFailure(words.letters.retryFailed(title), words.letters.retryFailedHint);
      }
      sayFailure(words.letters.notTried(title), whyNotTried(known));
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["scheduler"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
    },
  });
}

function whyNotTried(error: ApiError | null): string | undefined {
  if (error?.code === "retry_running") return words.letters.retryRunning;
  if (error?.status === 404) return words.letters.gone;
  return error?.message;
}
