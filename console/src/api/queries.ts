import { queryOptions } from "@tanstack/react-query";
import { api, data, getJson } from "./client";
import { ApiError } from "./errors";
import type { Answer, RunStatus, TicketStatus } from "./types";

/**
 * One entry per thing that the console reads. The first word of each key is the topic that live events name
 * (see live/topics.ts); a new query needs a topic, or no event will ever refresh it.
 */
export interface InboxFilter {
  status?: TicketStatus | "all";
  limit?: number;
}

export const inboxQuery = (filter: InboxFilter = {}) =>
  queryOptions({
    queryKey: ["inbox", filter],
    queryFn: ({ signal }) =>
      data(api.GET("/api/tower/inbox", { params: { query: { limit: 200, ...filter } }, signal })),
  });

export const ticketQuery = (id: number) =>
  queryOptions({
    queryKey: ["ticket", id],
    queryFn: ({ signal }) =>
      data(api.GET("/api/tower/tickets/{ticket_id}", { params: { path: { ticket_id: id } }, signal })),
  });

export interface RunsFilter {
  status?: RunStatus;
  q?: string;
  workflow_id?: string;
  serial_key?: string;
  since?: string;
  until?: string;
  cursor?: string;
  limit?: number;
}

export const runsQuery = (filter: RunsFilter = {}) =>
  queryOptions({
    queryKey: ["runs", filter],
    queryFn: ({ signal }) =>
      data(api.GET("/api/tower/runs", { params: { query: { limit: 50, ...filter } }, signal })),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) =>
      data(api.GET("/api/tower/runs/{run_id}", { params: { path: { run_id: id } }, signal })),
  });

export const runEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "events"],
    queryFn: ({ signal }) =>
      data(
        api.GET("/api/tower/runs/{run_id}/events", {
          params: { path: { run_id: id }, query: { limit: 1000 } },
          signal,
        }),
      ),
  });

export const runEffectsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "effects"],
    queryFn: ({ signal }) =>
      data(api.GET("/api/tower/runs/{run_id}/effects", { params: { path: { run_id: id } }, signal })),
  });

export interface OrdersFilter {
  q?: string;
  cursor?: string;
  limit?: number;
}

export const ordersQuery = (filter: OrdersFilter = {}) =>
  queryOptions({
    queryKey: ["orders", filter],
    queryFn: ({ signal }) =>
      data(api.GET("/api/orders", { params: { query: { limit: 50, ...filter } }, signal })),
  });

export const orderQuery = (key: string) =>
  queryOptions({
    queryKey: ["order", key],
    queryFn: ({ signal }) =>
      data(api.GET("/api/orders/{order_id}", { params: { path: { order_id: key } }, signal })),
  });

export type Health = Omit<Answer<"/api/health">, "status"> & {
  status: Answer<"/api/health">["status"] | "disconnected";
  /** The clock of the rehearsal world, where the server tells it. */
  rehearsal?: { now?: string };
};

/** Public: it answers without a session, and a 503 here is an answer about the state, not a failed question. */
export const healthQuery = () =>
  queryOptions({
    queryKey: ["health"],
    queryFn: async ({ signal }): Promise<Health> => {
      const response = await fetch("/api/health", { signal });
      const body = (await response.json().catch(() => null)) as Health | null;
      if (!body || typeof body.status !== "string") throw new ApiError(response.status, body);
      return { ...body, checks: body.checks ?? {} };
    },
  });

/** One call for the status strip; a part that could not be told is null. */
export const overviewQuery = () =>
  queryOptions({
    queryKey: ["overview"],
    queryFn: ({ signal }) => data(api.GET("/api/overview", { signal })),
  });

export interface ToolInfo {
  tool_id: string;
  display_name: string;
  description: string;
  category: string;
  risk_level?: string;
  mutating?: boolean;
  input_schema?: Record<string, unknown>;
}

/** The tools with the schema of what they take; null where the server does not list them. */
export const toolsQuery = () =>
  queryOptions({
    queryKey: ["tools"],
    staleTime: 10 * 60_000,
    queryFn: async ({ signal }): Promise<ToolInfo[] | null> => {
      try {
        return (await getJson<{ tools: ToolInfo[] }>("/api/tools", signal)).tools ?? [];
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
