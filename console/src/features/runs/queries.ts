import { queryOptions } from "@tanstack/react-query";
import { api, data } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Trace } from "@/plots/span";

/** What else is known of a run. The keys begin as the run's own, so its events refresh these, too. */
export const checkpointsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "checkpoints"],
    queryFn: ({ signal }) =>
      data(
        api.GET("/api/executions/{thread_id}/checkpoints", { params: { path: { thread_id: id } }, signal }),
      ),
  });

/** Null where there is no trace: the run was not taken up yet, or the server keeps none. */
export const traceQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "trace"],
    queryFn: async ({ signal }): Promise<Trace | null> => {
      try {
        const trace: Trace = await data(
          api.GET("/api/traces/{run_id}", { params: { path: { run_id: id } }, signal }),
        );
        return Array.isArray(trace.steps) ? trace : null;
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
