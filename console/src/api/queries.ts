import { queryOptions } from "@tanstack/react-query";
import { api, data } from "./client";
import { ApiError } from "./errors";
import type { Answer, RunEvent, RunStatus, TicketStatus } from "./types";

/** What a row of each list cannot be without. */
const ROW = {
  tickets: ["id", "run_id", "ticket_type", "risk_level", "status"],
  runs: ["run_id", "status"],
  orders: ["order_key", "payment", "fulfilment"],
  events: ["id", "seq", "event_type", "payload"],
  effects: ["effect_id", "tool_name", "status"],
  jobs: ["id", "about", "trigger", "paused"],
  entries: ["id", "job_id", "error", "attempts", "max_attempts"],
  tools: ["tool_id", "display_name", "category", "risk_level", "input_schema"],
} as const;

/** An answer that lacks what it has to hold is a failure, not an empty list. */
export async function holding<Name extends keyof typeof ROW, Body extends Record<Name, object[]>>(
  name: Name,
  answer: Promise<Body>,
): Promise<Body> {
  const body = await answer;
  const rows: unknown = body?.[name];
  if (!Array.isArray(rows)) throw new ApiError(200, { error: `The answer has no list “${name}”` });
  for (const row of rows) {
    const missing = ROW[name].find(
      (member) => (row as Record<string, unknown> | null)?.[member] === undefined,
    );
    if (missing) throw new ApiError(200, { error: `A row of “${name}” lacks “${missing}”` });
  }
  return body;
}

/** The same for one row that is asked for by its id. */
export function whole<Row extends object>(name: keyof typeof ROW, row: Row | undefined): Row {
  const missing = ROW[name].find(
    (member) => (row as Record<string, unknown> | undefined)?.[member] === undefined,
  );
  if (!row || missing) throw new ApiError(200, { error: `The answer lacks “${missing ?? name}”` });
  return row;
}

/** The same for an answer that is one thing: it has to be an object with these members. */
async function having<Body>(members: readonly (keyof Body & string)[], answer: Promise<Body>): Promise<Body> {
  const body = await answer;
  const missing = members.find((member) => (body as Record<string, unknown> | null)?.[member] === undefined);
  if (missing) throw new ApiError(200, { error: `The answer lacks “${missing}”` });
  return body;
}

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
      holding(
        "tickets",
        data(api.GET("/api/tower/inbox", { params: { query: { limit: 200, ...filter } }, signal })),
      ),
  });

export const ticketQuery = (id: number) =>
  queryOptions({
    queryKey: ["ticket", id],
    queryFn: ({ signal }) =>
      having(
        ["id", "status", "run_id"],
        data(api.GET("/api/tower/tickets/{ticket_id}", { params: { path: { ticket_id: id } }, signal })),
      ),
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
      holding(
        "runs",
        data(api.GET("/api/tower/runs", { params: { query: { limit: 50, ...filter } }, signal })),
      ),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) =>
      having(
        ["run_id", "status"],
        data(api.GET("/api/tower/runs/{run_id}", { params: { path: { run_id: id } }, signal })),
      ),
  });

const EVENTS_PAGE = 1_000;
/** More events than this no page shows. */
const EVENTS_MOST = 10_000;

/** All events of a run, page by page. */
export const runEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "events"],
    queryFn: async ({ signal }) => {
      const all: RunEvent[] = [];
      for (;;) {
        const after_seq = all.at(-1)?.seq ?? 0;
        const page = await holding(
          "events",
          data(
            api.GET("/api/tower/runs/{run_id}/events", {
              params: { path: { run_id: id }, query: { limit: EVENTS_PAGE, after_seq } },
              signal,
            }),
          ),
        );
        all.push(...page.events);
        if (page.events.length < EVENTS_PAGE || all.length >= EVENTS_MOST)
          return { run_id: id, events: all, count: all.length };
      }
    },
  });

export const runEffectsQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id, "effects"],
    queryFn: ({ signal }) =>
      holding(
        "effects",
        data(api.GET("/api/tower/runs/{run_id}/effects", { params: { path: { run_id: id } }, signal })),
      ),
  });

export const effectQuery = (id: string) =>
  queryOptions({
    queryKey: ["effect", id],
    queryFn: ({ signal }) =>
      data(api.GET("/api/tower/effects/{effect_id}", { params: { path: { effect_id: id } }, signal })),
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
      holding(
        "orders",
        data(api.GET("/api/orders", { params: { query: { limit: 50, ...filter } }, signal })),
      ),
  });

export const orderQuery = (key: string) =>
  queryOptions({
    queryKey: ["order", key],
    queryFn: async ({ signal }) => {
      const file = await data(
        api.GET("/api/orders/{order_id}", { params: { path: { order_id: key } }, signal }),
      );
      whole("orders", file.order);
      for (const name of ["runs", "effects", "tickets"] as const) {
        if (!Array.isArray(file[name]))
          throw new ApiError(200, { error: `The answer has no list “${name}”` });
        for (const row of file[name]) whole(name, row);
      }
      return file;
    },
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

/** The tools, each with the schema of what it takes. */
export const toolsQuery = () =>
  queryOptions({
    queryKey: ["tools"],
    staleTime: 10 * 60_000,
    queryFn: async ({ signal }) => (await holding("tools", data(api.GET("/api/tools", { signal })))).tools,
  });

export const jobsQuery = () =>
  queryOptions({
    queryKey: ["scheduler", "jobs"],
    queryFn: async ({ signal }) =>
      (await holding("jobs", data(api.GET("/api/scheduler/jobs", { signal })))).jobs,
  });

/** Scheduled work that failed, newest first; with `unresolved` only what has not come to a good end. */
export const lettersQuery = (unresolved: boolean) =>
  queryOptions({
    queryKey: ["scheduler", "letters", unresolved],
    queryFn: async ({ signal }) => {
      const query = unresolved ? { params: { query: { unresolved: true } } } : {};
      const answer = data(api.GET("/api/scheduler/dlq", { ...(query as object), signal }));
      return (await holding("entries", answer)).entries;
    },
  });
