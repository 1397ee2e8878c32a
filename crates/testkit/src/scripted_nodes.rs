//! Nodes that do what the state of their run says.
//!
//! `plan` in the state maps the id of a node to its steps: `{"tool": .., "params": ..}` proposes a call as an agent
//! does, `{"sleep": seconds}` waits, `{"fail": sentence}` fails. The plan is part of the run, so it survives a process.

use domain::checkpoint::{CallState, Pending, PendingCall};
use domain::run::FailReason;
use gateway::CallContext;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tower::effects::{Mutated, Passage, mutate};
use tower::segment::SegmentError;
use tower::{NodeFailure, NodeOutcome, NodeRunner, NodeTask, Session};

/// Runs nodes by the plan of their run.
#[derive(Debug, Clone, Copy)]
pub struct ScriptedNodes;

#[async_trait::async_trait]
impl NodeRunner for ScriptedNodes {
    fn known_agents(&self) -> Vec<String> {
        vec!["scripted".to_owned()]
    }

    async fn run(&self, session: &Session, task: NodeTask) -> Result<NodeOutcome, SegmentError> {
        let plan = task.state.get("plan").and_then(|plan| plan.get(task.node.as_str())).cloned().unwrap_or_default();
        let steps = plan.as_array().cloned().unwrap_or_default();
        let mut pending = match task.pending {
            Some(pending) if !pending.calls.is_empty() => pending,
            _ => begin(session, &task.node, &steps).await?,
        };
        for (index, step) in steps.iter().enumerate() {
            if let Some(outcome) = take(session, &mut pending, index, step).await? {
                return Ok(outcome);
            }
        }
        let results: Vec<Value> = pending.calls.iter().filter_map(|call| call.result.clone()).collect();
        let result = json!({"summary": "done as planned", "results": results});
        Ok(NodeOutcome::Done(Map::from_iter([(format!("{}_result", task.node), result)])))
    }
}

/// The proposals are durable before the first of them is looked at.
async fn begin(session: &Session, node: &domain::ids::NodeId, steps: &[Value]) -> Result<Pending, SegmentError> {
    let mut pending = Pending { round: 1, ..Pending::begin(node.clone()) };
    for (index, step) in steps.iter().enumerate() {
        pending.calls.push(PendingCall {
            id: format!("c{index}"),
            name: step.get("tool").and_then(Value::as_str).unwrap_or_default().to_owned(),
            state: CallState::Todo,
            effect_id: None,
            ticket_id: None,
            result: None,
        });
    }
    session.save(&pending, |_| {}).await?;
    Ok(pending)
}

async fn take(
    session: &Session,
    pending: &mut Pending,
    index: usize,
    step: &Value,
) -> Result<Option<NodeOutcome>, SegmentError> {
    if pending.calls[index].state == CallState::Done {
        return Ok(None);
    }
    if let Some(seconds) = step.get("sleep").and_then(Value::as_u64) {
        session.services().clock.sleep(Duration::from_secs(seconds)).await;
        pending.calls[index].state = CallState::Done;
        return Ok(None);
    }
    if let Some(sentence) = step.get("fail").and_then(Value::as_str) {
        let failure = NodeFailure::new(sentence, FailReason::Error);
        return Ok(Some(NodeOutcome::Failed(failure)));
    }
    session.check_stop().await?;
    let Some(tool) = session.services().tools.get(&pending.calls[index].name) else {
        let failure = NodeFailure::new("the plan names no tool", FailReason::ToolError);
        return Ok(Some(NodeOutcome::Failed(failure)));
    };
    let caller = CallContext {
        run_id: Some(session.run_id().clone()),
        agent_id: "scripted".to_owned(),
        trigger_source: "api".to_owned(),
    };
    let params = step.get("params").cloned().unwrap_or_default();
    let passage = Passage { caller: &caller, pending, index, params };
    Ok(match mutate(session, &tool, passage).await? {
        Mutated::Done => None,
        Mutated::Park(request) => Some(NodeOutcome::Park(request)),
        Mutated::Yield { available_at, reason } => Some(NodeOutcome::Yield { available_at, reason }),
    })
}
