//! What the handlers ask of the engine. The binary's composition root implements these traits.
//!
//! Each method is one application function: it authorises what depends on data (the risk of a ticket), decides and
//! commits. What depends on the route alone (role, shape of the body) was checked before.

mod audit;
mod catalog;
mod error;
mod jobs;
mod live;
mod logs;
mod orders;
mod runs;
mod status;
mod traces;
mod webhooks;

use std::collections::BTreeMap;

use domain::checkpoint::Checkpoint;
use domain::effect::Effect;
use domain::event::RunEvent;
use domain::ids::{CheckpointId, EffectId, OrderKey, RunId, TicketId};
use domain::order::Order;
use domain::run::Run;
use domain::ticket::{Answer, Decider, Ticket, TicketStatus};
use serde_json::{Map, Value};

pub use audit::{AuditEvent, AuditTrail};
pub use catalog::{AgentRecord, AgentSnapshot, Catalog, MAX_VERSIONS, ToolRecord, WorkflowRecord, WorkflowSnapshot};
pub use error::{AppError, FieldError};
pub use jobs::{JobRecord, Jobs, RetryEnd};
pub use live::{LiveFeed, LiveFrame, LiveFrames};
pub use logs::{LogBook, LogFilter, LogLevel, LogRecord};
pub use orders::{OrderCursor, OrderFile, OrderFilter};
pub use runs::{
    IdempotencyKey, Interrupt, Page, PauseState, RetryRun, RunCursor, RunFilter, RunSnapshot, SnapshotTask, StartRun,
    Started, TicketFilter,
};
pub use status::{BreakerSnapshot, BreakerState, Breakers, Health, HealthProbe, NoRevocations, Revocations};
pub use traces::{Ledgers, ShownSpan, SpanContent, Trace, TraceCursor, TraceFilter, TracePage};
pub use webhooks::{Delivery, Provider, WebhookCounts, WebhookOutcome};

/// The engine as the API sees it.
///
/// Every method answers [`domain::codes::Code::DatabaseUnavailable`] when the store cannot be reached, never an empty
/// success.
#[async_trait::async_trait]
pub trait ControlTower: Send + Sync {
    /// Starts a run. The same idempotency key within 24 hours gives the first run again.
    ///
    /// Refusals: `unknown_workflow`, `rule_broken` (limits that would be raised), `idempotency_key_reused`.
    async fn start_run(&self, by: &Decider, start: StartRun) -> Result<Started, AppError>;
    /// Runs, newest change first.
    async fn list_runs(&self, filter: RunFilter, page: Page<RunCursor>) -> Result<Vec<Run>, AppError>;
    /// One run, or `run_not_found`.
    async fn get_run(&self, run_id: &RunId) -> Result<Run, AppError>;
    /// Events after `after_seq`, ascending; `run_not_found` for an unknown run.
    async fn run_events(&self, run_id: &RunId, after_seq: i64, limit: i64) -> Result<Vec<RunEvent>, AppError>;
    /// The newest state, or `snapshot_not_available`.
    async fn run_snapshot(&self, run_id: &RunId) -> Result<RunSnapshot, AppError>;
    /// Effects of a run, newest first; `run_not_found` for an unknown run.
    async fn run_effects(&self, run_id: &RunId) -> Result<Vec<Effect>, AppError>;
    /// Cancels: `run_not_found`, `run_ended`.
    async fn cancel_run(&self, by: &Decider, run_id: &RunId, reason: &str) -> Result<(), AppError>;
    /// Holds a run at its next checkpoint, or lets it go on: `run_not_found`, `run_ended`.
    async fn set_paused(&self, by: &Decider, run_id: &RunId, to: PauseState, reason: &str) -> Result<(), AppError>;
    /// Does a run again that has ended. The same key for the same run within 24 hours gives the first retry again.
    ///
    /// Refusals: `run_not_found`, `checkpoint_not_found`, `run_not_ended`, `rule_broken` (nothing is due at the
    /// checkpoint), `idempotency_key_reused`.
    async fn retry_run(&self, by: &Decider, run_id: &RunId, retry: RetryRun) -> Result<Started, AppError>;
    /// Goes on from a checkpoint of an ended run with members of the state replaced.
    ///
    /// Refusals: those of [`Self::retry_run`] but for the key, and `rule_broken` for a state that a guardrail refuses.
    async fn fork_run(
        &self,
        by: &Decider,
        run_id: &RunId,
        checkpoint_id: &CheckpointId,
        state: Map<String, Value>,
    ) -> Result<Started, AppError>;

    /// Tickets, newest first.
    async fn list_tickets(&self, filter: TicketFilter, limit: i64) -> Result<Vec<Ticket>, AppError>;
    /// One ticket, or `ticket_not_found`.
    async fn get_ticket(&self, ticket_id: TicketId) -> Result<Ticket, AppError>;
    /// Decides a ticket. `of_run`: refuse with `run_not_waiting` unless it is the current ticket of that run, and with
    /// `run_not_found` when there is no such run.
    ///
    /// The risk of the ticket against the role of `by` is judged here, because only here both are known (`forbidden`).
    /// Further refusals: `ticket_not_found`, `ticket_decided`, `ticket_expired`, `ticket_stale`, `run_not_waiting`,
    /// `payload_changed`, `invalid_params`, `risk_raised`.
    async fn decide(
        &self,
        by: &Decider,
        of_run: Option<&RunId>,
        ticket_id: TicketId,
        answer: Answer,
    ) -> Result<TicketStatus, AppError>;

    /// One effect, or `effect_not_found`.
    async fn get_effect(&self, effect_id: &EffectId) -> Result<Effect, AppError>;
    /// Checkpoints of a thread, oldest first; an unknown thread has none.
    async fn checkpoints(&self, thread_id: &str) -> Result<Vec<Checkpoint>, AppError>;

    /// Orders, newest change first.
    async fn list_orders(&self, filter: OrderFilter, page: Page<OrderCursor>) -> Result<Vec<Order>, AppError>;
    /// One order with what was done for it, or `order_not_found`.
    async fn get_order(&self, order_key: &OrderKey) -> Result<OrderFile, AppError>;

    /// Checks the signature of a delivery, then stores it and what it causes in one commit. Nothing is parsed before
    /// the signature holds.
    async fn receive_webhook(&self, delivery: Delivery) -> Result<WebhookOutcome, AppError>;
    /// How many deliveries of each provider are in which state; every provider is a key.
    async fn webhook_counts(&self) -> Result<BTreeMap<Provider, WebhookCounts>, AppError>;
}
