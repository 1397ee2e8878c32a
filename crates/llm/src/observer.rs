//! What a caller is told about the attempts of a call, and what it may refuse.

use async_trait::async_trait;
use domain::ids::{AgentId, NodeId, RunId};

use crate::classify::ErrorClass;
use crate::provider::Provider;
use crate::response::Usage;
use crate::router::Fallback;

/// A failure of the caller's own books.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// An agent of a workflow.
    #[default]
    Agent,
    /// Holly's own thinking.
    Holly,
    /// A conversation with a person.
    Chat,
    /// The evaluation suite.
    Eval,
    /// A scheduled job.
    Job,
}

impl Purpose {
    /// The name in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Holly => "holly",
            Self::Chat => "chat",
            Self::Eval => "eval",
            Self::Job => "job",
        }
    }
}

/// What to do with a model that has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unpriced {
    /// A budget is in force and cannot be reserved for it: try the next.
    #[default]
    Refuse,
    /// No budget is in force, or the caller takes the risk.
    Allow,
}

/// On whose behalf a call is made.
#[derive(Debug, Clone, Default)]
pub struct CallMeta {
    /// The run.
    pub run_id: Option<RunId>,
    /// Its node.
    pub node: Option<NodeId>,
    /// Its step.
    pub step: Option<i64>,
    /// The agent.
    pub agent_id: Option<AgentId>,
    /// What the call is for.
    pub purpose: Purpose,
    /// Whether another model may answer.
    pub fallback: Fallback,
    /// Whether a model without a price may answer.
    pub unpriced: Unpriced,
}

/// An attempt that is about to be sent.
#[derive(Debug, Clone)]
pub struct AttemptStart<'a> {
    /// On whose behalf.
    pub meta: &'a CallMeta,
    /// The model that the caller asked for.
    pub requested: &'a str,
    /// Who is asked.
    pub provider: Provider,
    /// Logical id of the model that is asked.
    pub logical: &'a str,
    /// The provider's name of it.
    pub model: &'a str,
    /// Whether it is a dear one, which lean phases forbid.
    pub premium: bool,
    /// Input tokens, estimated.
    pub input_tokens: u64,
    /// Cap on the answer.
    pub max_output_tokens: u32,
    /// The most this attempt should cost, in micro-dollars; none for a model without a price.
    pub reserve_micros: Option<i64>,
}

/// The caller's own mark of an announced attempt; comes back with its report.
#[derive(Debug)]
pub struct CallToken(pub i64);

/// Why an attempt must not be sent.
#[derive(Debug)]
pub enum Refused {
    /// Not with this model (too dear, not in this phase): try the next.
    ThisModel(String),
    /// Not at all: the budget is spent.
    Call(String),
    /// The caller's books could not be written.
    Books(BoxError),
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptStatus {
    /// With an answer; a refusal is one.
    Ok,
    /// Without one.
    Error,
}

impl AttemptStatus {
    /// The name in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// An attempt that has ended.
#[derive(Debug, Clone)]
pub struct AttemptEnd {
    /// Tokens; zero when it failed and nothing was reported.
    pub usage: Usage,
    /// Their cost in micro-dollars; none when they have no price. A reservation is then kept, not released.
    pub cost_micros: Option<i64>,
    /// From sending to the end.
    pub latency_ms: u64,
    /// From sending to the first piece of the answer.
    pub ttft_ms: Option<u64>,
    /// How it ended.
    pub status: AttemptStatus,
    /// The class of the failure, or `content_refused` for an answer that is a refusal.
    pub error_class: Option<ErrorClass>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// The model's own name for itself, if it said one.
    pub model_used: String,
}

/// A failed attempt and what followed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallbackEvent {
    /// The model that the call was first meant for (provider's name).
    pub primary_model: String,
    /// The model that failed.
    pub attempted_model: String,
    /// The model that was tried next; none when it was the last.
    pub next_model: Option<String>,
    /// The class of the failure.
    pub error_class: ErrorClass,
    /// What the provider said, at most 200 characters.
    pub error_message: String,
    /// Whether the next attempt brought an answer.
    pub success: bool,
    /// The run.
    pub run_id: Option<RunId>,
}

/// Keeps the books of a call: row and reservation before an attempt, settlement after it.
///
/// When the future of a call is dropped in flight, `after` is not called; the caller's sweep finds the open row.
#[async_trait]
pub trait CallObserver: Send + Sync {
    /// An attempt is about to be sent. It is sent only after this has returned a token.
    async fn before(&self, start: &AttemptStart<'_>) -> Result<CallToken, Refused>;

    /// The attempt has ended. An error here fails the call: an answer that is not in the books was not paid for.
    async fn after(&self, token: CallToken, end: &AttemptEnd) -> Result<(), BoxError>;

    /// An attempt failed, and it is known what followed.
    async fn fallback(&self, event: &FallbackEvent) -> Result<(), BoxError>;
}
