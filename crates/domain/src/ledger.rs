//! Money and tokens: the rows that record what a model call reserved and what it cost.

use serde::Serialize;

use crate::ids::{CallId, RunId};
use crate::time::Timestamp;

/// How a model call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallStatus {
    /// On its way.
    Started,
    /// Answered.
    Ok,
    /// Failed.
    Error,
    /// Given up by us.
    Cancelled,
    /// The process that asked died before the answer; charged at its reserve.
    Lost,
}

impl CallStatus {
    /// The text in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }
}

/// A model call about to be made: one row of `llm_calls` with status `started`, and the reserve in `budget_ledger`.
#[derive(Debug, Clone)]
pub struct CallStart {
    /// When.
    pub ts: Timestamp,
    /// For which run.
    pub run_id: RunId,
    /// Lease epoch of the caller: a `started` row of an older epoch is lost.
    pub lease_epoch: i64,
    /// Step of the run.
    pub step: i64,
    /// Node.
    pub node: String,
    /// Agent.
    pub agent_id: String,
    /// Workflow.
    pub workflow_id: String,
    /// Kind of the task, once it is classified.
    pub task_type: Option<String>,
    /// `agent`, `holly`, `chat`, `eval` or `job`.
    pub purpose: &'static str,
    /// Provider.
    pub provider: String,
    /// What was asked for.
    pub model_requested: String,
    /// What is called.
    pub model_used: String,
    /// Estimated cost, millionths of a US dollar; none for an unpriced model.
    pub reserve_micros: Option<i64>,
    /// Estimated tokens.
    pub reserve_tokens: i64,
}

/// How a model call ended: the update of its row, and the settlement of its reserve.
#[derive(Debug, Clone)]
pub struct CallEnd {
    /// The row.
    pub call_id: CallId,
    /// The run, whose totals grow by it.
    pub run_id: RunId,
    /// When.
    pub ts: Timestamp,
    /// How.
    pub status: CallStatus,
    /// What answered.
    pub model_used: String,
    /// Tokens in, cached ones included.
    pub input_tokens: i64,
    /// Tokens out, reasoning included.
    pub output_tokens: i64,
    /// Tokens read from a prompt cache.
    pub cache_read_tokens: i64,
    /// Tokens written to a prompt cache.
    pub cache_write_tokens: i64,
    /// Tokens of reasoning.
    pub reasoning_tokens: i64,
    /// Whether the counts are an estimate.
    pub estimated: bool,
    /// What it cost; none for an unpriced model.
    pub cost_micros: Option<i64>,
    /// Milliseconds to the end of the answer.
    pub latency_ms: i64,
    /// Milliseconds to the first token.
    pub ttft_ms: Option<i64>,
    /// Class of the failure.
    pub error_class: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// One row of `guardrail_checks`.
#[derive(Debug, Clone)]
pub struct GuardrailCheck {
    /// When.
    pub ts: Timestamp,
    /// `input`, `output` or `tool_result`.
    pub point: &'static str,
    /// Where the text came from.
    pub source: String,
    /// What was found.
    pub flags: Vec<String>,
    /// Blocked or quarantined.
    pub tripped: bool,
}
