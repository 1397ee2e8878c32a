//! Walking the steps.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::budget::{self, Limits, Usage};
use domain::canonical;
use domain::checkpoint::{Checkpoint, CheckpointMeta, Pending, Source};
use domain::event::NewEvent;
use domain::ids::NodeId;
use domain::run::FailReason;
use domain::state::{MAX_STATE_BYTES, RunState};
use domain::workflow::{Next, ValidatedWorkflow};
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tracing::Instrument as _;

use super::session::Session;
use super::trace::Left;
use super::{End, INPUT_GUARDRAIL, OUTPUT_GUARDRAIL, SegmentError, guards, park};
use crate::node::{NodeOutcome, NodeRunner, NodeTask};

pub(super) async fn walk(
    session: &Arc<Session>,
    runner: &dyn NodeRunner,
    workflow: &ValidatedWorkflow,
) -> Result<End, SegmentError> {
    let limits = match super::limits::of_run(workflow, &session.run().metadata) {
        Ok(limits) => limits,
        Err(error) => return Ok(End::Failed { error: error.to_string(), reason: FailReason::Error }),
    };
    loop {
        session.check_stop().await?;
        let checkpoint = session.checkpoint().await;
        match checkpoint.metadata.next.as_slice() {
            [] => return Ok(ending(&checkpoint.channel_values)),
            [only] if only == INPUT_GUARDRAIL => guard(session, &checkpoint, workflow, Guard::Input).await?,
            [only] if only == OUTPUT_GUARDRAIL => guard(session, &checkpoint, workflow, Guard::Output).await?,
            due => {
                if let Some(end) = work(session, runner, workflow, &limits, &checkpoint, due).await? {
                    return Ok(end);
                }
            }
        }
    }
}

/// A run that reached its end has failed when its state says so.
fn ending(state: &RunState) -> End {
    let failed = state.get("_failed_reason").and_then(Value::as_str);
    match (state.text("error"), failed) {
        (Some(error), Some("api_error")) => End::Failed { error: error.to_owned(), reason: FailReason::ApiError },
        (Some(error), Some("tool_error")) => End::Failed { error: error.to_owned(), reason: FailReason::ToolError },
        (Some(error), Some("timeout")) => End::Failed { error: error.to_owned(), reason: FailReason::Timeout },
        (Some(error), Some("budget")) => End::Failed { error: error.to_owned(), reason: FailReason::Budget },
        (Some(error), _) => End::Failed { error: error.to_owned(), reason: FailReason::Error },
        (None, _) => End::Completed,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    Input,
    Output,
}

async fn guard(
    session: &Session,
    checkpoint: &Checkpoint,
    workflow: &ValidatedWorkflow,
    which: Guard,
) -> Result<(), SegmentError> {
    let began = session.active_millis();
    let state = &checkpoint.channel_values;
    let name = if which == Guard::Input { INPUT_GUARDRAIL } else { OUTPUT_GUARDRAIL };
    session.enter_node(name, None, checkpoint.metadata.step + 1, state);
    let guarded = match which {
        Guard::Input => guards::input(session.run(), state, session.services(), session.now()),
        Guard::Output => guards::output(state, session.services(), session.now()),
    };
    session.leave_node(name, Left::Done(&guarded.update));
    let blocked = guarded.update.contains_key("_guardrail_blocked");
    let next = match which {
        Guard::Input if blocked => vec![OUTPUT_GUARDRAIL.to_owned()],
        Guard::Input => vec![workflow.entry().to_string()],
        Guard::Output => Vec::new(),
    };
    let mut state = state.clone();
    state.merge(guarded.update);
    let checkpoint = following(session, checkpoint, Some(name), state, next);
    session
        .commit(|commit| {
            commit.events.push(NewEvent::node_started(name));
            commit.events.extend(guarded.event);
            commit.events.push(NewEvent::node_finished(name, session.active_millis() - began, None));
            commit.checks.push(guarded.check);
            commit.checkpoint = Some(checkpoint);
        })
        .await
        .map(|_| ())
}

fn following(
    session: &Session,
    before: &Checkpoint,
    node: Option<&str>,
    state: RunState,
    next: Vec<String>,
) -> Checkpoint {
    Checkpoint {
        thread_id: before.thread_id.clone(),
        checkpoint_id: session.services().ids.checkpoint(),
        parent_id: Some(before.checkpoint_id.clone()),
        channel_values: state,
        metadata: CheckpointMeta {
            node_name: node.map(str::to_owned),
            step: before.metadata.step + 1,
            source: Source::Loop,
            next,
        },
        pending: Vec::new(),
        created_at: session.now(),
    }
}

/// Runs the nodes that are due. Returns how the segment ends, or nothing when it goes on.
async fn work(
    session: &Arc<Session>,
    runner: &dyn NodeRunner,
    workflow: &ValidatedWorkflow,
    limits: &Limits,
    checkpoint: &Checkpoint,
    due: &[String],
) -> Result<Option<End>, SegmentError> {
    let stored = checkpoint.channel_values.get("_budget_tracker").cloned().unwrap_or_default();
    let mut usage: Usage = serde_json::from_value(stored).unwrap_or_default();
    let spent = session.spent().await;
    usage.cost = domain::money::Micros(spent.cost_micros);
    usage.tokens = u64::try_from(spent.tokens).unwrap_or_default();
    // A node that was interrupted was judged before it began; only fresh steps are judged here.
    if checkpoint.pending.is_empty()
        && let Some(violation) = budget::check(&usage, limits)
    {
        let report = budget::report(&usage, limits, Some(violation));
        session.queue_event(NewEvent::budget_exhausted(report)).await;
        let reason = if violation.reason() == "loop" { FailReason::Loop } else { FailReason::Budget };
        return Ok(Some(End::Failed { error: format!("limit reached: {}", violation.as_str()), reason }));
    }

    let state = Arc::new(checkpoint.channel_values.clone());
    let mut results: BTreeMap<NodeId, Map<String, Value>> = BTreeMap::new();
    let mut tasks = Vec::new();
    for name in due {
        let Some(node) = workflow.node(name) else {
            let error = format!("node `{name}` is not in workflow version {:?}", session.run().workflow_version);
            return Ok(Some(End::Failed { error, reason: FailReason::Error }));
        };
        let pending = checkpoint.pending.iter().find(|pending| pending.node == node.node_id).cloned();
        if let Some(update) = pending.as_ref().and_then(|pending| pending.update.clone()) {
            results.insert(node.node_id.clone(), update);
            continue;
        }
        if pending.is_none() {
            session.queue_event(NewEvent::node_started(name)).await;
        }
        session.enter_node(name, Some(node.agent_id.as_str()), checkpoint.metadata.step + 1, &state);
        tasks.push(NodeTask {
            node: node.node_id.clone(),
            agent_id: node.agent_id.to_string(),
            state: Arc::clone(&state),
            pending,
            step: checkpoint.metadata.step + 1,
            limits: *limits,
            max_retries: workflow.error_config().max_retries,
        });
    }

    let began = session.active_millis();
    let several = due.len() > 1;
    let outcomes = join_all(tasks.into_iter().map(|task| async {
        let node = task.node.clone();
        let span = tracing::info_span!("node", node = %node);
        (node, runner.run(session, task).instrument(span).await)
    }))
    .await;

    let mut parks = Vec::new();
    let mut yields = Vec::new();
    let mut finished = Vec::new();
    for (node, outcome) in outcomes {
        match outcome? {
            NodeOutcome::Done(update) => {
                session.leave_node(node.as_str(), Left::Done(&update));
                finished.push(NewEvent::node_finished(node.as_str(), session.active_millis() - began, None));
                results.insert(node, update);
            }
            NodeOutcome::Park(request) => {
                session.leave_node(node.as_str(), Left::Waiting);
                parks.push((node, request));
            }
            NodeOutcome::Yield { available_at, reason } => {
                session.leave_node(node.as_str(), Left::Later(&reason));
                yields.push((available_at, reason));
            }
            NodeOutcome::Failed(failure) => {
                session.leave_node(node.as_str(), Left::Failed(&failure.error));
                finished.push(NewEvent::node_finished(
                    node.as_str(),
                    session.active_millis() - began,
                    Some(&failure.error),
                ));
                let mut update = json!({"error": failure.error, "_failed_reason": failure.reason.as_str()});
                if failure.hopeless {
                    update["_hopeless"] = json!(true);
                }
                results.insert(node, update.as_object().cloned().unwrap_or_default());
            }
        }
    }

    if !parks.is_empty() || !yields.is_empty() {
        // What finished beside a node that waits is kept, so that it does not run again.
        if several {
            for (node, update) in &results {
                let pending = Pending { update: Some(update.clone()), ..Pending::begin(node.clone()) };
                session.save(&pending, |_| {}).await?;
            }
        }
        parks.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some((_, request)) = parks.into_iter().next() {
            return park::park(session, *request).await.map(Some);
        }
        let (available_at, reason) = yields.into_iter().min().unwrap_or((session.now(), String::new()));
        return park::back_to_queue(session, available_at, &reason).await.map(Some);
    }

    let mut merged = checkpoint.channel_values.clone();
    for (node, update) in results {
        usage.count_node(node.as_str(), &canonical::short_hash(&Value::Object(update.clone())));
        merged.merge(update);
    }
    let elapsed = u32::try_from((session.active_millis() - began) / 1000).unwrap_or_default();
    usage.elapsed_seconds = usage.elapsed_seconds.saturating_add(elapsed);
    session.set_iterations(i64::from(usage.iterations)).await;
    merged.merge(Map::from_iter([("_budget_tracker".to_owned(), json!(usage))]));
    let next = next_nodes(workflow, due, &merged);
    if serde_json::to_string(&merged).map_or(0, |text| text.len()) > MAX_STATE_BYTES {
        let error = format!("the state of the run grew beyond {MAX_STATE_BYTES} bytes");
        return Ok(Some(End::Failed { error, reason: FailReason::Error }));
    }
    let checkpoint = following(session, checkpoint, due.first().map(String::as_str), merged, next);
    session
        .commit(|commit| {
            commit.events.extend(finished);
            commit.checkpoint = Some(checkpoint);
        })
        .await?;
    Ok(None)
}

/// The nodes due after `done`: a set, so that a node reached by two branches runs once.
fn next_nodes(workflow: &ValidatedWorkflow, done: &[String], state: &RunState) -> Vec<String> {
    let mut next: Vec<String> = done
        .iter()
        .flat_map(|node| workflow.targets(node, state.members()))
        .filter_map(|target| match target {
            Next::Node(node) => Some(node.to_string()),
            Next::End => None,
        })
        .collect();
    next.sort_unstable();
    next.dedup();
    if next.is_empty() { vec![OUTPUT_GUARDRAIL.to_owned()] } else { next }
}
