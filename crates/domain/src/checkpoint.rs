//! Checkpoints: the state of a run after a step, and what was under way inside a node.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// A run that begins where another one stood, in the commit that makes the run.
    Fork,
}

/// Members of a state that count or name things of the run they were made in; another run begins without them.
const OF_ONE_RUN: [&str; 6] =
    ["_budget_tracker", "_budget_exhausted", "_budget_report", "_pending_approval", "_thread_id", "_checkpoint_id"];

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

/// The first checkpoint of `run`, which begins where `from` stood: the same state and the same nodes due, but nothing
/// under way. What was being proposed or executed is the old run's; a call that was confirmed is found again by its
/// effect. The members in `replaced` take the place of those of the same name. None: nothing is due any more, so there
/// is nothing to begin with.
#[must_use]
pub fn branched(
    from: &Checkpoint,
    run: RunId,
    id: CheckpointId,
    replaced: Map<String, Value>,
    now: Timestamp,
) -> Option<Checkpoint> {
    if from.metadata.next.is_empty() {
        return None;
    }
    let mut members = from.channel_values.members().clone();
    for name in OF_ONE_RUN {
        members.remove(name);
    }
    members.extend(replaced);
    Some(Checkpoint {
        thread_id: run,
        checkpoint_id: id,
        parent_id: Some(from.checkpoint_id.clone()),
        channel_values: RunState::new(members),
        metadata: CheckpointMeta { step: 0, source: Source::Fork, ..from.metadata.clone() },
        pending: Vec::new(),
        created_at: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn stood_at(next: &[&str]) -> Checkpoint {
        let state = json!({"task_type": "order_check", "error": "late", "_budget_tracker": {"iterations": 9}, "_hopeless": true});
        Checkpoint {
            thread_id: RunId::from_hex("00000000000000aa"),
            checkpoint_id: CheckpointId::from_hex("0000000000aa"),
            parent_id: None,
            channel_values: RunState::new(state.as_object().cloned().unwrap_or_default()),
            metadata: CheckpointMeta {
                node_name: Some("operations".to_owned()),
                step: 4,
                source: Source::Loop,
                next: next.iter().map(|name| (*name).to_owned()).collect(),
            },
            pending: vec![Pending::begin(NodeId::from_stored("operations".to_owned()))],
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_run_begins_where_another_stood_without_what_was_under_way() {
        let (run, id) = (RunId::from_hex("00000000000000bb"), CheckpointId::from_hex("0000000000bb"));
        let from = stood_at(&["revenue"]);
        let replaced = Map::from_iter([("error".to_owned(), json!(""))]);
        let first = branched(&from, run.clone(), id.clone(), replaced, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((&first.thread_id, &first.checkpoint_id, first.parent_id), (&run, &id, Some(from.checkpoint_id)));
        assert_eq!((first.metadata.step, first.metadata.source), (0, Source::Fork));
        assert_eq!(first.metadata.next, ["revenue"]);
        assert!(first.pending.is_empty());
        assert_eq!(json!(first.channel_values), json!({"task_type": "order_check", "error": "", "_hopeless": true}));
    }

    #[test]
    fn nothing_begins_at_the_end_of_a_run() {
        let (run, id) = (RunId::from_hex("00000000000000bb"), CheckpointId::from_hex("0000000000bb"));
        assert_eq!(branched(&stood_at(&[]), run, id, Map::new(), Timestamp::UNIX_EPOCH), None);
    }

    proptest! {
        #[test]
        fn decoding_any_text_gives_a_value_or_an_error(text in ".{0,200}") {
            let _ = serde_json::from_str::<Pending>(&text);
            let _ = serde_json::from_str::<CheckpointMeta>(&text);
        }
    }
}
