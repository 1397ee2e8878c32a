/** One span of a trace as the server answers it: a run, a node, a model call, a tool call or a wait. */
export interface TraceSpan {
  run_id: string;
  name: string;
  run_type: "chain" | "llm" | "tool" | "retriever";
  /** What it is to the engine; older servers leave it out. */
  kind?: "run" | "node" | "llm" | "tool" | "wait" | string;
  node?: string | null;
  status: "success" | "error" | "pending";
  start_time: string;
  end_time: string | null;
  duration_ms: number;
  model: string;
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cost: number;
  cost_complete?: boolean;
  error: string | null;
  inputs_preview: string;
  outputs_preview: string;
  parent_id?: string | null;
  depth?: number;
  agent_id?: string | null;
  ticket_id?: number | null;
  attempt?: number | null;
  ttft_ms?: number | null;
  cache_read_tokens?: number;
  attributes?: Record<string, unknown>;
}

/** A whole trace: the root and everything below it, by begin. */
export interface Trace extends TraceSpan {
  steps: TraceSpan[];
  steps_truncated?: boolean;
}

/** What a span is, whoever sent it. */
export function kindOf(span: TraceSpan): "run" | "node" | "llm" | "tool" | "wait" {
  if (span.kind === "run" || span.kind === "node" || span.kind === "wait") return span.kind;
  if (span.run_type === "llm") return "llm";
  if (span.run_type === "tool" || span.run_type === "retriever") return "tool";
  return span.parent_id ? "node" : "run";
}
