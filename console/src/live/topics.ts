import type { LiveEvent } from "./protocol";

/** The head of a query key: `["run", id]` stands for every query about that run. */
export type Topic = readonly (string | number)[];

/** Which queries an event makes old. Node, model and tool events touch an open run only, never the lists. */
export function topicsOf(event: LiveEvent): Topic[] {
  switch (event.type) {
    case "tower_run":
      return [["runs"], ["overview"], ["orders"], ["order"], ["scheduler"], ...runTopic(event)];
    case "tower_ticket":
      return [
        ["inbox"],
        ["approvals"],
        ["overview"],
        ...(typeof event.ticket_id === "number" ? [["ticket", event.ticket_id]] : []),
        ...runTopic(event),
      ];
    case "webhook_received":
      return [["webhooks"], ["orders"]];
    case "aps_evaluation":
    case "aps_theta_switch":
      return [["aps"], ["morph"]];
    default:
      if (/^(node|llm|tool)_/.test(event.type)) return runTopic(event);
      return [];
  }
}

function runTopic(event: LiveEvent): Topic[] {
  // In node, model and tool events `run_id` names a span; the run itself stands in `thread_id`.
  const id = event.type.startsWith("tower_") ? (event.run_id ?? event.thread_id) : event.thread_id;
  return typeof id === "string" ? [["run", id]] : [];
}
