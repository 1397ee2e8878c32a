//! Questions about traces and costs, and their answers.

use chrono::DateTime;
use domain::costs::CostSummary;
use domain::time::{Timestamp, to_text};
use domain::trace::{Span, SpanStatus, SpanType};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{AppError, Page};

/// Which traces; every member that is set narrows the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TraceFilter {
    /// Begun in the last days.
    pub days: i64,
    /// Only these.
    pub status: Option<SpanStatus>,
    /// Only those in which this model was asked.
    pub model: Option<String>,
    /// Only of this workflow.
    pub workflow_id: Option<String>,
    /// Only those in which this agent worked.
    pub agent_id: Option<String>,
    /// Only with this text in name or error, or this id.
    pub text: Option<String>,
    /// Only those that cost at least so many micro-dollars.
    pub min_cost_micros: Option<i64>,
    /// Only those that took at least so long.
    pub min_ms: Option<i64>,
}

/// A place in the list of traces, which goes by begin and then id, both descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceCursor {
    /// Begin of the last trace seen.
    pub start_time: Timestamp,
    /// Its id.
    pub run_id: String,
}

impl TraceCursor {
    /// The text in answers.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}~{}", to_text(self.start_time), self.run_id)
    }

    /// Reads the text of an answer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('~')?;
        let plain = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        let start_time = DateTime::parse_from_rfc3339(at).ok()?.to_utc();
        plain.then(|| Self { start_time, run_id: id.to_owned() })
    }
}

/// A span as it is answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownSpan {
    /// Id of the span; for a root the id of the run.
    pub run_id: String,
    /// What it is.
    pub name: String,
    /// `chain`, `llm`, `tool` or `retriever`.
    pub run_type: &'static str,
    /// What it is to the engine: `run`, `node`, `llm`, `tool` or `wait`.
    pub kind: String,
    /// The node it belongs to: the lane it is drawn in.
    pub node: Option<String>,
    /// `pending`, `success` or `error`.
    pub status: SpanStatus,
    /// Begin.
    pub start_time: Timestamp,
    /// End.
    pub end_time: Option<Timestamp>,
    /// To the end, or until now.
    pub duration_ms: i64,
    /// The model, or `unknown`.
    pub model: String,
    /// Tokens in.
    pub prompt_tokens: i64,
    /// Tokens out.
    pub completion_tokens: i64,
    /// Both.
    pub total_tokens: i64,
    /// US dollars; 0 when unpriced.
    pub cost: f64,
    /// Whether the cost is known in full.
    pub cost_complete: bool,
    /// What went wrong.
    pub error: Option<String>,
    /// Begin of what it was given.
    pub inputs_preview: String,
    /// Begin of what came of it.
    pub outputs_preview: String,
    /// The span it is part of.
    pub parent_id: Option<String>,
    /// 0 for the root.
    pub depth: usize,
    /// The agent.
    pub agent_id: Option<String>,
    /// The channel.
    pub channel_id: Option<String>,
    /// The workflow.
    pub workflow_id: Option<String>,
    /// The run.
    pub tower_run_id: Option<String>,
    /// The ticket that decides or decided it.
    pub ticket_id: Option<i64>,
    /// The how manieth try of its node.
    pub attempt: Option<i64>,
    /// Milliseconds to the first token of a model call.
    pub ttft_ms: Option<i64>,
    /// Tokens read from a prompt cache.
    pub cache_read_tokens: i64,
    /// What else belongs to its kind: `queued_ms`, `step`, `outcome`, `effect_id`, `call_id`, ...
    pub attributes: Map<String, Value>,
}

impl ShownSpan {
    /// `span` as it is answered at `now`.
    #[must_use]
    pub fn new(span: Span, priced: bool, depth: usize, now: Timestamp) -> Self {
        let text = |name: &str| span.attributes.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| span.attributes.get(name).and_then(Value::as_i64);
        Self {
            duration_ms: span.duration_ms(now),
            run_type: span.kind.as_str(),
            kind: text("kind").unwrap_or_else(|| match span.kind {
                SpanType::Chain => "node".to_owned(),
                other => other.as_str().to_owned(),
            }),
            node: text("node"),
            ttft_ms: number("ttft_ms"),
            cache_read_tokens: number("cache_read_tokens").unwrap_or(0),
            run_id: span.span_id,
            name: span.name,
            status: span.status,
            start_time: span.start_time,
            end_time: span.end_time,
            model: span.model.unwrap_or_else(|| "unknown".to_owned()),
            prompt_tokens: span.prompt_tokens,
            completion_tokens: span.completion_tokens,
            total_tokens: span.prompt_tokens + span.completion_tokens,
            cost: domain::run::micros_to_usd(span.cost_micros.unwrap_or(0)),
            cost_complete: priced,
            error: span.error,
            inputs_preview: span.inputs_preview,
            outputs_preview: span.outputs_preview,
            parent_id: span.parent_id,
            depth,
            agent_id: span.agent_id,
            channel_id: span.channel_id,
            workflow_id: span.workflow_id,
            tower_run_id: span.tower_run_id,
            ticket_id: span.ticket_id.map(|id| id.0),
            attempt: span.attempt,
            attributes: span.attributes,
        }
    }
}

/// One page of root spans.
#[derive(Debug, Clone, PartialEq)]
pub struct TracePage {
    /// The roots, newest first.
    pub traces: Vec<ShownSpan>,
    /// How many there are in all, counted to 10 000.
    pub total: i64,
}

/// One whole trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// The root.
    #[serde(flatten)]
    pub root: ShownSpan,
    /// All below it, by begin.
    pub steps: Vec<ShownSpan>,
    /// Whether there are more than are shown.
    pub steps_truncated: bool,
}

/// What one span was given and what came of it, redacted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpanContent {
    /// The span.
    pub run_id: String,
    /// Given; null when it was not kept.
    pub inputs: Option<Value>,
    /// Come of it; null when there is nothing yet.
    pub outputs: Option<Value>,
}

/// What is kept of the past: traces and costs.
#[async_trait::async_trait]
pub trait Ledgers: Send + Sync {
    /// Root spans, newest first.
    async fn traces(&self, filter: TraceFilter, page: Page<TraceCursor>) -> Result<TracePage, AppError>;
    /// One trace by the id of its root, or `trace_not_found`.
    async fn trace(&self, run_id: &str) -> Result<Trace, AppError>;
    /// The contents of one span; `trace_not_found`, or `span_not_found` (also when contents are not kept).
    async fn span_content(&self, run_id: &str, span_id: &str) -> Result<SpanContent, AppError>;
    /// What models cost in the last days, today included.
    async fn costs(&self, days: u64) -> Result<CostSummary, AppError>;
}
