//! The agent node and what belongs to it.

pub mod agent;
pub mod answer;
pub mod classify;
pub mod error_handler;
mod no_model;
pub mod task_text;

use domain::run::FailReason;
use tower::{NodeFailure, NodeOutcome};

/// The end of a node that names an agent which does not exist here.
#[must_use]
pub fn unavailable(agent_id: &str) -> NodeOutcome {
    let error = format!("agent `{agent_id}` is not available");
    NodeOutcome::Failed(NodeFailure::new(error, FailReason::Error))
}
