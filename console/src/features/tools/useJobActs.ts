import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, data } from "@/api/client";
import { asApiError } from "@/api/errors";
import { jobsQuery } from "@/api/queries";
import type { Job } from "@/api/types";
import { strings } from "@/strings";
import { say, sayFailure } from "@/ui/toast";
import { jobTitle, skipWords } from "@/words/jobs";
import { words } from "./strings";

export type JobAct = "run" | "pause" | "resume";

/** What a person does with a job, and how it went. One at a time; `busy` names the job and the act. */
export function useJobActs() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const act = useMutation({
    mutationFn: async ({ job, what }: { job: Job; what: JobAct }): Promise<Job | null> => {
      const options = { params: { path: { job_id: job.id } } };
      if (what === "run") await data(api.POST("/api/scheduler/trigger/{job_id}", options));
      if (what === "pause") await data(api.POST("/api/scheduler/jobs/{job_id}/pause", options));
      if (what === "resume") await data(api.POST("/api/scheduler/jobs/{job_id}/resume", options));
      // What became of it stands in the list. That it cannot be read now does not undo the act.
      const jobs = await client.fetchQuery({ ...jobsQuery(), staleTime: 0 }).catch(() => []);
      return jobs.find(({ id }) => id === job.id) ?? null;
    },
    onSuccess: (after, { job, what }) => {
      const title = jobTitle(job.id);
      if (what === "run") return sayFired(job, after);
      keepFocus(job.id);
      const undo = what === "pause" ? "resume" : "pause";
      say(what === "pause" ? words.jobs.paused(title) : words.jobs.resumed(title), {
        label: strings.common.undo,
        onClick: () => act.mutate({ job, what: undo }),
      });
    },
    onError: (error, { job, what }) => {
      const known = asApiError(error);
      const title = jobTitle(job.id);
      if (what !== "run") return sayFailure(words.jobs.failedTo(title), known?.message);
      sayFailure(
        words.jobs.notFired(title),
        known?.code === "job_running" ? words.jobs.stillRunning : known?.message,
      );
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ["scheduler"] }),
  });
  const sayFired = (before: Job, after: Job | null) => {
    const title = jobTitle(before.id);
    const fresh = after && after.last_run !== before.last_run ? after : null;
    if (fresh?.last_status === "skipped" && fresh.skip_reason) {
      return say(words.jobs.skipped(title, skipWords(fresh.skip_reason)));
    }
    const run = after?.last_run_id !== before.last_run_id ? after?.last_run_id : null;
    say(
      words.jobs.fired(title),
      run
        ? {
            label: words.jobs.openRun,
            onClick: () => void navigate({ to: "/tower/runs/$runId", params: { runId: run } }),
          }
        : undefined,
    );
  };
  const busy = act.isPending ? `${act.variables.what} ${act.variables.job.id}` : null;
  return { act: (job: Job, what: JobAct) => act.mutate({ job, what }), busy };
}

export type JobActs = ReturnType<typeof useJobActs>;

/** The row goes to another group and takes its button along: the focus follows, unless it is elsewhere by now. */
function keepFocus(id: string): void {
  setTimeout(() => {
    const at = document.activeElement;
    if (at === null || at === document.body) {
      document.querySelector<HTMLElement>(`[data-toggle="${CSS.escape(id)}"]`)?.focus();
    }
  }, 100);
}
