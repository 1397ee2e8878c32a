//! What the console asks of the rest of the program beyond the ports that it shares with the agents server.

use domain::role::Role;
use domain::time::Timestamp;
use domain::workflow::Definition;
use serde::Serialize;

use crate::ports::AppError;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// E-mail, lower case.
    pub email: String,
    /// Argon2id in its standard form.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// May no longer sign in, and is signed out.
    pub disabled: bool,
}

/// What is written down of a sign-in or sign-out. Never a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `console.login` or `console.logout`.
    pub action: &'static str,
    /// The e-mail as it was given, cut.
    pub email: Option<String>,
    /// Role of the user, when it succeeded.
    pub role: Option<Role>,
    /// Where from.
    pub ip: String,
    /// `ok`, `denied` or `limited`.
    pub outcome: &'static str,
    /// Trace of the request.
    pub request_id: Option<String>,
}

/// The table of users, revoked cookies and the audit of sign-ins.
#[async_trait::async_trait]
pub trait Accounts: Send + Sync {
    /// The user of this e-mail (lower case).
    async fn find(&self, email: &str) -> Result<Option<Account>, AppError>;
    /// Whether anybody may sign in.
    async fn any(&self) -> Result<bool, AppError>;
    /// Whether the cookie of this id was revoked.
    async fn is_revoked(&self, jti: &str) -> Result<bool, AppError>;
    /// Revokes a cookie that would have ended at `expires_at`.
    async fn revoke(&self, jti: &str, expires_at: Timestamp) -> Result<(), AppError>;
    /// Writes an attempt down, and for a successful sign-in its moment into the user's row.
    async fn record(&self, attempt: Attempt) -> Result<(), AppError>;
}

/// Open tickets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TicketFigures {
    /// Waiting for a decision.
    pub pending: i64,
    /// Of these, with high risk.
    pub high: i64,
    /// Of these, running out within an hour.
    pub expiring_1h: i64,
}

/// Runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RunFigures {
    /// Under way.
    pub running: i64,
    /// Waiting for a person.
    pub waiting_approval: i64,
    /// Failed within 24 hours.
    pub failed_24h: i64,
}

/// Work that failed for good until somebody looks at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DeadLetterFigures {
    /// Not resolved yet.
    pub unresolved: i64,
}

/// Model cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct SpendFigures {
    /// US dollars since midnight UTC.
    pub today_usd: f64,
    /// Daily limit in US dollars; null where there is none.
    pub budget_usd: Option<f64>,
}

/// A workflow and the agents that work in it.
#[derive(Debug, Clone)]
pub struct WorkflowPicture {
    /// Nodes and edges.
    pub definition: Definition,
    /// The agents that exist.
    pub agents: Vec<AgentFacts>,
}

/// What a drawing shows of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFacts {
    /// Its id.
    pub agent_id: String,
    /// Name for people.
    pub display_name: String,
    /// Channel of the goal mathematics.
    pub channel_id: String,
    /// Logical model.
    pub model_id: String,
    /// `ollama`, `openai` or `anthropic`; none for a model that is not in the catalogue.
    pub model_provider: Option<String>,
}

/// Figures and pictures that only the console shows.
#[async_trait::async_trait]
pub trait Desk: Send + Sync {
    /// Open tickets at `now`.
    async fn tickets(&self, now: Timestamp) -> Result<TicketFigures, AppError>;
    /// Runs at `now`.
    async fn runs(&self, now: Timestamp) -> Result<RunFigures, AppError>;
    /// Dead letters.
    async fn dead_letters(&self) -> Result<DeadLetterFigures, AppError>;
    /// Model cost of the day of `now`.
    async fn spend(&self, now: Timestamp) -> Result<SpendFigures, AppError>;
    /// A workflow; none: the active one. `not_found` when there is no such.
    async fn workflow(&self, workflow_id: Option<&str>) -> Result<WorkflowPicture, AppError>;
}
