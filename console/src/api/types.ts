import type { components, paths } from "./schema";

/** The rows of the API, by the names that the rest of the console uses. */
export type Ticket = components["schemas"]["Ticket"];
export type Run = components["schemas"]["Run"];
export type RunEvent = components["schemas"]["RunEvent"];
export type Effect = components["schemas"]["Effect"];
export type Order = components["schemas"]["Order"];
export type Job = components["schemas"]["Job"];
export type DeadLetter = components["schemas"]["DeadLetter"];
export type Tool = components["schemas"]["Tool"];
export type Checkpoint = components["schemas"]["Checkpoint"];

export type Risk = Ticket["risk_level"];
export type RunStatus = Run["status"];
export type TicketStatus = Ticket["status"];
export type EffectStatus = Effect["status"];
export type Role = "viewer" | "operator" | "admin";

/** The body of a successful answer to a GET of this path. */
export type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;
