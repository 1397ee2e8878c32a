//! What callers hand to the writer, and what they get back.

use domain::checkpoint::{Checkpoint, Pending};
use domain::event::{NewEvent, OutboxMessage};
use domain::ids::{CallId, CheckpointId, OrderKey, RunId};
use domain::lease::Fence;
use domain::ledger::{CallEnd, CallStart, GuardrailCheck};
use domain::order::OrderFacts;
use domain::run::{NewRun, Run};
use domain::time::Timestamp;
use domain::trace::Span;

use crate::effects::{EffectChange, NewEffect};

/// The node that is due after the input.
pub const ENTRY_NODE: &str = "input_guardrail";

/// A run to insert.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// The run.
    pub run: NewRun,
    /// What is told of it.
    pub outbox: Vec<OutboxMessage>,
}

/// A wish for work.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Instance name of the process.
    pub owner: String,
    /// Most runs.
    pub limit: i64,
    /// End of the leases.
    pub lease_until: Timestamp,
    /// When.
    pub now: Timestamp,
}

/// A run that is now held.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row after the claim.
    pub run: Run,
    /// Under which to write.
    pub fence: Fence,
    /// Whether it is the run's first claim.
    pub first: bool,
    /// The newest checkpoint: the input at the first claim, the reopened one after a decision.
    pub checkpoint: Checkpoint,
}

/// What becomes of the run with a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// The worker goes on.
    Keep,
    /// The end.
    Complete,
    /// It failed.
    Fail {
        /// Why; cut to 2 000 characters.
        error: String,
    },
    /// Back to the queue.
    Requeue {
        /// Not claimed before.
        available_at: Option<Timestamp>,
    },
    /// Ended by a person.
    Cancelled,
}

/// The row of `execution_budgets`.
#[derive(Debug, Clone)]
pub struct ExecutionBudget {
    /// Steps walked.
    pub iterations: i64,
    /// Millionths of a US dollar.
    pub cost_micros: i64,
    /// Tokens.
    pub tokens: i64,
    /// First claim.
    pub started_at: Timestamp,
    /// End.
    pub terminated_at: Option<Timestamp>,
    /// Why it ended.
    pub reason: Option<String>,
}

/// Everything that one commit of a worker writes for one run.
#[derive(Debug, Clone)]
pub struct StepCommit {
    /// The run.
    pub run_id: RunId,
    /// The lease under which the worker works.
    pub fence: Fence,
    /// When.
    pub now: Timestamp,
    /// A new checkpoint; it becomes the newest and clears the count of lost leases.
    pub checkpoint: Option<Checkpoint>,
    /// The `pending` part of an existing checkpoint, rewritten.
    pub pending: Option<(CheckpointId, Vec<Pending>)>,
    /// Events.
    pub events: Vec<NewEvent>,
    /// What is told of it.
    pub outbox: Vec<OutboxMessage>,
    /// What becomes of the run.
    pub head: Head,
    /// An effect to prepare.
    pub prepare: Option<NewEffect>,
    /// What became of effects.
    pub effects: Vec<EffectChange>,
    /// News of an order that the worker itself made.
    pub order: Option<OrderFacts>,
    /// Text for the customer of an order; the first one stays.
    pub customer_note: Option<(OrderKey, String)>,
    /// A model call about to be made.
    pub call_start: Option<CallStart>,
    /// A model call that ended.
    pub call_end: Option<CallEnd>,
    /// Texts that were looked at.
    pub checks: Vec<GuardrailCheck>,
    /// Spending of the run.
    pub budget: Option<ExecutionBudget>,
    /// Spans that began or ended. Those that cannot be written are left out; the commit goes on without them.
    pub spans: Vec<Span>,
}

impl StepCommit {
    /// A commit that writes nothing yet; fill in what there is.
    #[must_use]
    pub fn new(run_id: RunId, fence: Fence, now: Timestamp) -> Self {
        Self {
            run_id,
            fence,
            now,
            checkpoint: None,
            pending: None,
            events: Vec::new(),
            outbox: Vec::new(),
            head: Head::Keep,
            prepare: None,
            effects: Vec::new(),
            order: None,
            customer_note: None,
            call_start: None,
            call_end: None,
            checks: Vec::new(),
            budget: None,
            spans: Vec::new(),
        }
    }
}

/// What a commit came to. Anything but `Done` has written nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum StepOutcome {
    /// It is durable.
    Done {
        /// The row of the model call that was started.
        call_id: Option<CallId>,
    },
    /// The lease is gone.
    LeaseLost,
    /// An effect is not in the state it must have, or its business key is taken.
    EffectConflict,
}
