//! What a node of a workflow implements, and how it may end.

use std::sync::Arc;

use domain::budget::Limits;
use domain::checkpoint::Pending;
use domain::effect::Effect;
use domain::ids::NodeId;
use domain::run::FailReason;
use domain::state::RunState;
use domain::ticket::NewTicket;
use domain::time::Timestamp;
use serde_json::{Map, Value};
use store::effects::NewEffect;

use crate::segment::SegmentError;
use crate::segment::session::Session;

/// One node to run.
#[derive(Debug, Clone)]
pub struct NodeTask {
    /// The node.
    pub node: NodeId,
    /// The agent that works there.
    pub agent_id: String,
    /// The state that the step began with.
    pub state: Arc<RunState>,
    /// What was under way when the run was parked or its process died.
    pub pending: Option<Pending>,
    /// Number of the step.
    pub step: i64,
    /// Limits of the run.
    pub limits: Limits,
    /// Tries of the workflow's error handler.
    pub max_retries: u64,
}

/// Why a node could not do its work.
#[derive(Debug, Clone)]
pub struct NodeFailure {
    /// Sentence for people; becomes `state.error`.
    pub error: String,
    /// Class.
    pub reason: FailReason,
    /// Trying again within seconds cannot help.
    pub hopeless: bool,
}

impl NodeFailure {
    /// A failure that another try may mend.
    #[must_use]
    pub fn new(error: impl Into<String>, reason: FailReason) -> Self {
        Self { error: error.into(), reason, hopeless: false }
    }

    /// The same, of which it is known that another try within seconds cannot help.
    #[must_use]
    pub fn hopeless(self) -> Self {
        Self { hopeless: true, ..self }
    }
}

/// A wait for a person: the effect to prepare and the ticket to raise.
#[derive(Debug, Clone)]
pub struct ParkRequest {
    /// The effect; none when its row exists already.
    pub effect: Option<NewEffect>,
    /// The ticket, without the checkpoint it will be raised at.
    pub ticket: TicketDraft,
    /// The node's progress, with the call in state `waiting`.
    pub pending: Pending,
    /// Events that belong before the ticket.
    pub events: Vec<domain::event::NewEvent>,
}

/// A ticket whose checkpoint and interrupt ids are given when the run parks.
#[derive(Debug, Clone)]
pub struct TicketDraft {
    /// Builds the ticket.
    pub ticket: NewTicket,
}

/// How a node ended.
#[derive(Debug)]
pub enum NodeOutcome {
    /// It is done and leaves this in the state.
    Done(Map<String, Value>),
    /// It cannot go on without a person.
    Park(Box<ParkRequest>),
    /// It cannot go on now; the run goes back to the queue until then.
    Yield {
        /// Not claimed before.
        available_at: Timestamp,
        /// Why.
        reason: String,
    },
    /// It failed.
    Failed(NodeFailure),
}

/// Runs the nodes of workflows. Implemented by the agents, and by the synthetic nodes of benchmarks and simulations.
#[async_trait::async_trait]
pub trait NodeRunner: Send + Sync {
    /// The agents that a workflow may name.
    fn known_agents(&self) -> Vec<String>;

    /// Runs one node. Called again with the stored `pending` after a crash or a decision.
    ///
    /// # Errors
    /// When the segment cannot go on at all: lease lost, store down.
    async fn run(&self, session: &Session, task: NodeTask) -> Result<NodeOutcome, SegmentError>;
}

/// An effect as the model is told of it after it was decided.
#[must_use]
pub fn stored_result(effect: &Effect) -> Value {
    let mut result = effect.result_payload.clone().unwrap_or_else(|| Value::Object(Map::new()));
    if let Some(members) = result.as_object_mut() {
        members.insert("_idempotent".into(), Value::Bool(true));
    }
    result
}
