//! Checkpoints: the state of a run after a step, and what was under way inside a node.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{CallId, CheckpointId, EffectId, NodeId, RunId, TicketId};
use crate::message::Message;
use crate::state::RunState;
use crate::time::Timestamp;

/// What led to a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The input, in the commit of the first claim.
    Input,
    /// A finished step.
    Loop,
    /// The run parks for a person.
    Interrupt,
    /// The first claim after a decision.
    Resume,
}

/// What stands beside the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointMeta {
    /// The node that was last at work; none for the input.
    #[serde(default)]
    pub node_name: Option<String>,
    /// Number of the step, from 0.
    pub step: i64,
    /// What led here.
    pub source: Source,
    /// Nodes that are due next; empty at the end.
    pub next: Vec<String>,
}

/// One row of `graph_checkpoints`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checkpoint {
    /// The run.
    pub thread_id: RunId,
    /// Its id.
    pub checkpoint_id: CheckpointId,
    /// The one before.
    pub parent_id: Option<CheckpointId>,
    /// State of the run.
    pub channel_values: RunState,
    /// Step, source, what is due.
    pub metadata: CheckpointMeta,
    /// What was under way inside nodes: at most one entry per node.
    pub pending: Vec<Pending>,
    /// When.
    pub created_at: Timestamp,
}

/// How far a proposed call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// Not begun.
    Todo,
    /// An effect may be executing.
    Open,
    /// Waits for a person.
    Waiting,
    /// Has its result.
    Done,
}

/// One call that a model proposed in the round under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingCall {
    /// The provider's id of the call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// How far it has come.
    pub state: CallState,
    /// Its effect, once prepared.
    #[serde(default)]
    pub effect_id: Option<EffectId>,
    /// The ticket that decides it.
    #[serde(default)]
    pub ticket_id: Option<TicketId>,
    /// What the model is told.
    #[serde(default)]
    pub result: Option<Value>,
}

/// The part of a checkpoint that grows inside a node: each model answer and each tool result is durable here before
/// the next action, so a recorded answer is never asked for again and a finished call never repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The node.
    pub node: NodeId,
    /// Model round, from 1.
    pub round: u32,
    /// The row of the ledger that holds the newest answer.
    #[serde(default)]
    pub llm_call_id: Option<CallId>,
    /// The conversation so far; the newest AI message holds the calls below.
    pub conversation: Vec<Message>,
    /// The calls of the newest answer.
    pub calls: Vec<PendingCall>,
    /// What the node left, when it has finished while another node of its step still waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<serde_json::Map<String, Value>>,
    /// Since when no model has answered the newest question, while the run waits for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered_since: Option<Timestamp>,
}

impl Pending {
    /// A node that begins: nothing asked yet.
    #[must_use]
    pub fn begin(node: NodeId) -> Self {
        Self {
            node,
            round: 0,
            llm_call_id: None,
            conversation: Vec::new(),
            calls: Vec::new(),
            update: None,
            unanswered_since: None,
        }
    }
}

/// The checkpoint that the first claim after a decision writes: the parked state again, with the decided calls opened.
#[must_use]
pub fn resumed(parked: &Checkpoint, id: CheckpointId, now: Timestamp) -> Checkpoint {
    let mut pending = parked.pending.clone();
    for call in pending.iter_mut().flat_map(|node| &mut node.calls) {
        if call.state == CallState::Waiting {
            call.state = CallState::Open;
        }
    }
    Checkpoint {
        thread_id: parked.thread_id.clone(),
        checkpoint_id: id,
        parent_id: Some(parked.checkpoint_id.clone()),
        channel_values: parked.channel_values.clone(),
        metadata: CheckpointMeta { step: parked.metadata.step + 1, source: Source::Resume, ..parked.metadata.clone() },
        pending,
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decoding_any_text_gives_a_value_or_an_error(text in ".{0,200}") {
            let _ = serde_json::from_str::<Pending>(&text);
            let _ = serde_json::from_str::<CheckpointMeta>(&text);
        }
    }
}
