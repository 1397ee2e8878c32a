//! A segment: the time from a claim to a park, the end of the run, or the loss of the lease.
//!
//! Steps follow the workflow: all nodes that are due run on the same input state, their updates merge in the order of
//! the node ids, one commit ends the step. `input_guardrail` comes before the entry node and `output_guardrail` before
//! the end of every workflow.

pub mod guards;
pub mod limits;
mod park;
pub mod session;
mod step;
mod trace;

use std::sync::Arc;

use domain::effect::EffectStatus;
use domain::event::NewEvent;
use domain::run::{FailReason, cut, micros_to_usd};
use domain::workflow::ValidatedWorkflow;
use serde_json::{Value, json};
use store::effects::EffectChange;
use store::writer::{Claimed, ExecutionBudget, Head};
use tokio_util::sync::CancellationToken;

use crate::messages::Messages;
use crate::node::NodeRunner;
use crate::services::Services;
use session::Session;

pub use trace::{ModelCall, ToolEnd};

/// Name of the node before the entry node.
pub const INPUT_GUARDRAIL: &str = "input_guardrail";
/// Name of the node before the end.
pub const OUTPUT_GUARDRAIL: &str = "output_guardrail";

/// The error of the spans of a run that a person ended.
const CANCELLED: &str = "cancelled";

/// Why a segment cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// Another worker holds the run, or it was cancelled and taken away: nothing more may be written.
    #[error("the lease is gone")]
    LeaseLost,
    /// A person asked for the end of the run.
    #[error("the run is to be cancelled")]
    CancelRequested,
    /// The process is about to stop; what was done is durable, another claim goes on from there.
    #[error("the process is stopping")]
    Draining,
    /// An effect is not in the state it was read in: somebody else moved it.
    #[error("an effect was moved by somebody else")]
    EffectMoved,
    /// The store failed.
    #[error("the store could not be used")]
    Store(#[from] store::StoreError),
}

/// How the steps of a segment ended.
#[derive(Debug)]
pub(crate) enum End {
    Completed,
    Parked,
    Yielded,
    Failed { error: String, reason: FailReason },
}

/// Runs one segment to its end and records how it ended. Errors are those that left nothing to record.
///
/// # Errors
/// When the lease was lost or the store failed; the run is then taken up again after its lease.
pub async fn run(
    services: &Services,
    runner: &Arc<dyn NodeRunner>,
    workflow: Result<Arc<ValidatedWorkflow>, String>,
    claimed: Claimed,
    stop: CancellationToken,
) -> Result<(), SegmentError> {
    let limit = limits::segment_seconds(&claimed.run.metadata, workflow.as_ref().ok().map(|w| &**w));
    let session = Arc::new(Session::new(services.clone(), claimed, stop));
    session.lose_stale_calls().await?;
    let workflow = match workflow {
        Ok(workflow) => workflow,
        Err(problem) => return fail(&session, &problem, FailReason::Error).await,
    };
    let steps = step::walk(&session, runner.as_ref(), &workflow);
    let outcome = tokio::select! {
        outcome = steps => outcome,
        () = session.expire_after(std::time::Duration::from_secs(limit)) => {
            Ok(End::Failed { error: format!("Execution timed out after {limit}s"), reason: FailReason::Timeout })
        }
    };
    match outcome {
        Ok(End::Completed) => complete(&session).await,
        Ok(End::Parked | End::Yielded) => Ok(()),
        Ok(End::Failed { error, reason }) => fail(&session, &error, reason).await,
        Err(SegmentError::CancelRequested) => cancelled(&session).await,
        Err(SegmentError::Draining) => park::back_to_queue(&session, session.now(), "shutdown").await.map(|_| ()),
        // Look again from the last checkpoint.
        Err(SegmentError::EffectMoved) => {
            park::back_to_queue(&session, session.now(), "an effect was moved by somebody else").await.map(|_| ())
        }
        Err(error) => Err(error),
    }
}

async fn complete(session: &Session) -> Result<(), SegmentError> {
    let state = session.state().await;
    let (summary, needs_action) = closing_words(state.members());
    let run = session.run();
    let spent = session.spent().await;
    let duration = session.active_millis();
    let messages = Messages(&session.services().ids);
    let extra = json!({"summary": cut(&summary, 300), "needs_action": needs_action});
    let outbox = messages.transition(run, "run.completed", "completed", None, extra);
    let event =
        NewEvent::run_completed(&summary, needs_action, micros_to_usd(spent.cost_micros), spent.tokens, duration);
    let note = session.customer_note(state.members());
    session.close_spans("the run ended");
    session.close_root(None, &summary, spent.cost_micros);
    session
        .commit(|commit| {
            commit.events.push(event);
            commit.outbox.push(outbox);
            commit.head = Head::Complete;
            commit.customer_note = note;
            commit.budget = Some(session.budget_row(&spent, None));
        })
        .await?;
    session.services().tell_run(session.run_id().as_str(), "completed");
    Ok(())
}

async fn fail(session: &Session, error: &str, reason: FailReason) -> Result<(), SegmentError> {
    session.lose_open_calls().await?;
    let error = cut(&session.services().redactor.redact(error), domain::run::MAX_ERROR_CHARS);
    let spent = session.spent().await;
    let messages = Messages(&session.services().ids);
    let outbox = messages.transition(session.run(), "run.failed", "failed", Some(&error), Value::Null);
    let event = NewEvent::run_failed(&error, reason);
    let given_up = given_up(session).await?;
    session.close_spans(&error);
    session.close_root(Some(&error), "", spent.cost_micros);
    session
        .commit(|commit| {
            commit.effects = given_up;
            commit.events.push(event);
            commit.outbox.push(outbox);
            commit.head = Head::Fail { error: error.clone() };
            commit.budget = Some(session.budget_row(&spent, Some(reason.as_str())));
        })
        .await?;
    session.services().tell_run(session.run_id().as_str(), "failed");
    Ok(())
}

async fn cancelled(session: &Session) -> Result<(), SegmentError> {
    let messages = Messages(&session.services().ids);
    let outbox = messages.transition(session.run(), "run.cancelled", "cancelled", None, Value::Null);
    let given_up = given_up(session).await?;
    session.close_spans(CANCELLED);
    session.close_root(Some(CANCELLED), "", session.spent().await.cost_micros);
    session
        .commit(|commit| {
            commit.effects = given_up;
            commit.events.push(NewEvent::run_cancelled("operator", "cancel requested"));
            commit.outbox.push(outbox);
            commit.head = Head::Cancelled;
        })
        .await?;
    session.services().tell_run(session.run_id().as_str(), "cancelled");
    Ok(())
}

/// The end of the effects that this run prepared and will not send: left `prepared`, they would hold their business
/// keys against every other run for ever.
async fn given_up(session: &Session) -> Result<Vec<EffectChange>, SegmentError> {
    let effects = store::effects::for_run(&session.services().db, session.run_id()).await?;
    let prepared = effects.into_iter().filter(|effect| effect.status == EffectStatus::Prepared);
    Ok(prepared
        .map(|effect| EffectChange {
            effect_id: effect.effect_id,
            from: &[EffectStatus::Prepared],
            to: EffectStatus::Aborted,
            result: None,
            provider_ref: None,
            error: Some("the run ended before the call was made".to_owned()),
            undo: None,
            reconciled: false,
        })
        .collect())
}

/// The sentence that closes a run, and whether its owner has to act: the result of the agent that worked last.
fn closing_words(state: &serde_json::Map<String, Value>) -> (String, bool) {
    let results = state.iter().filter(|(name, _)| name.ends_with("_result")).map(|(_, value)| value);
    let mut needs_action = false;
    let mut summary = None;
    for result in results {
        needs_action |= result.get("status").and_then(Value::as_str) == Some("needs_action");
        summary = result.get("summary").and_then(Value::as_str).or(summary);
    }
    let last_message = || {
        let messages = state.get("messages").and_then(Value::as_array);
        messages.and_then(|all| all.last()).and_then(|last| last.get("content")).and_then(Value::as_str)
    };
    (summary.or_else(last_message).unwrap_or_default().to_owned(), needs_action)
}

/// What a run has spent, for its row of `execution_budgets`.
pub(crate) fn budget_row(
    iterations: i64,
    spent: &session::Spent,
    started_at: domain::time::Timestamp,
    now: domain::time::Timestamp,
    reason: Option<&str>,
) -> ExecutionBudget {
    ExecutionBudget {
        iterations,
        cost_micros: spent.cost_micros,
        tokens: spent.tokens,
        started_at,
        terminated_at: Some(now),
        reason: reason.map(str::to_owned),
    }
}
