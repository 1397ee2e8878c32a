//! Starting, ending and holding runs.

use domain::codes::Code;
use domain::ids::{RunId, WorkflowId};
use domain::run::{NewRun, Run, RunStatus, require_open};
use domain::state::RunState;
use domain::ticket::Decider;
use serde_json::{Map, Value, json};
use store::Outcome;
use store::idempotency::Claimed;
use store::runs::CancelOutcome;
use store::writer::StartRun;

use crate::error::{Refusal, Result};
use crate::messages::Messages;
use crate::segment::guards::INPUT_FLAGS;
use crate::services::Services;

/// Scope of start requests in the table of idempotency keys.
const START_SCOPE: &str = "runs.start";
/// What the id of a workflow of one agent begins with.
const SOLO: &str = "crew_solo_";
/// Life of an idempotency key, hours.
pub(crate) const KEY_HOURS: i64 = 24;

/// A request to start a run; its fields have been checked for form.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// The definition; none: the active one.
    pub workflow_id: Option<WorkflowId>,
    /// Name for people.
    pub run_name: Option<String>,
    /// Initial state.
    pub input_state: Map<String, Value>,
    /// Wishes of the client.
    pub metadata: Map<String, Value>,
    /// As given.
    pub created_by: String,
    /// 0 to 10.
    pub priority: i64,
    /// Serialises runs of one subject.
    pub serial_key: Option<String>,
    /// Makes a repeated request answer with the first run.
    pub idempotency_key: Option<String>,
}

/// A started run, or the one that the same key had started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The run.
    pub run_id: RunId,
    /// True when this request made it.
    pub created: bool,
}

/// Starts a run.
///
/// # Errors
/// An unknown or draft workflow, a key used with another body, or a failure of the store.
pub async fn start(services: &Services, request: StartRequest, by: &Decider) -> Result<Started> {
    let (workflow_id, workflow_version) = pinned(services, request.workflow_id.as_ref()).await?;
    let now = services.clock.now();
    let mut metadata = request.metadata.clone();
    // Engine-owned members win over what a client sends.
    for name in ["job_id", "retry_of", "fork_of", "retried_by", "forked_by"] {
        metadata.remove(name);
    }
    metadata.insert("actor".into(), json!(by.subject));
    let mut input = request.input_state.clone();
    let source = input.get("trigger_source").and_then(Value::as_str).unwrap_or("api").to_owned();
    metadata.entry("trigger_source").or_insert(json!(source));
    // A secret is not stored; that it was there is, and the input guardrail refuses the task for it.
    let mut flags = services.redactor.redact_object(&mut input);
    flags.extend(services.redactor.redact_object(&mut metadata));
    metadata.remove(INPUT_FLAGS);
    if !flags.is_empty() {
        metadata.insert(INPUT_FLAGS.to_owned(), json!(flags));
    }
    let run = NewRun {
        run_id: services.ids.run(),
        workflow_id,
        workflow_version,
        priority: request.priority,
        run_name: request.run_name.as_deref().map(|name| services.redactor.redact(name)),
        input_state: RunState::new(input),
        metadata: Value::Object(metadata),
        created_by: request.created_by.clone(),
        serial_key: request.serial_key.clone(),
        idempotency_key: request.idempotency_key.clone(),
        parent: None,
        created_at: now,
    };
    let message = Messages(&services.ids).queued(&run);
    let Some(key) = &request.idempotency_key else {
        let run_id = run.run_id.clone();
        services.writer.start_run(StartRun { run, outbox: vec![message] }).await?;
        services.tell_run(run_id.as_str(), "queued");
        return Ok(Started { run_id, created: true });
    };
    let body = json!({
        "workflow_id": request.workflow_id, "run_name": request.run_name, "input_state": request.input_state,
        "metadata": request.metadata, "created_by": request.created_by, "priority": request.priority,
        "serial_key": request.serial_key,
    });
    let hash = domain::canonical::hash(&body);
    let mut tx = services.db.begin().await?;
    let expires = now + chrono::TimeDelta::hours(KEY_HOURS);
    let claimed = store::idempotency::claim(&mut tx, START_SCOPE, key, &hash, now, expires).await?;
    if let Some(first) = repeated(&claimed)? {
        return Ok(first);
    }
    let run_id = run.run_id.clone();
    store::runs::insert(&mut tx, &run, &[message]).await?;
    let _ = store::idempotency::store_response(&mut tx, START_SCOPE, key, &json!({"run_id": run_id})).await?;
    tx.commit().await?;
    services.tell_run(run_id.as_str(), "queued");
    services.db.wake();
    Ok(Started { run_id, created: true })
}

/// The run that an earlier request of the same key made; none when this request is the first.
pub(crate) fn repeated(claimed: &Claimed) -> Result<Option<Started>> {
    let answer = match claimed {
        Claimed::New => return Ok(None),
        Claimed::Same(answer) => answer.as_ref(),
        Claimed::OtherBody => None,
    };
    match answer.and_then(|answer| answer.get("run_id")?.as_str()?.parse().ok()) {
        Some(run_id) => Ok(Some(Started { run_id, created: false })),
        // Another body, or the first request holds the key and has not committed yet.
        None => Err(Refusal::new(Code::IdempotencyKeyReused).into()),
    }
}

/// The workflow to execute and the version to pin.
pub(crate) async fn pinned(services: &Services, wanted: Option<&WorkflowId>) -> Result<(WorkflowId, Option<i64>)> {
    let unknown = |id: &str| Refusal::rule(Code::UnknownWorkflow, format!("Unknown workflow `{id}`"));
    let found = match wanted {
        Some(id) if id.as_str().starts_with(SOLO) => {
            // Such a workflow is made of its agent and stands in no table.
            let agent = id.as_str().strip_prefix(SOLO).unwrap_or_default();
            store::registries::get_agent(&services.db, agent).await?.ok_or_else(|| unknown(id.as_str()))?;
            return Ok((id.clone(), None));
        }
        Some(id) if id.as_str() == "holly_action" => return Err(unknown(id.as_str()).into()),
        Some(id) => {
            store::registries::get_workflow(&services.db, id.as_str()).await?.ok_or_else(|| unknown(id.as_str()))?
        }
        None => store::registries::active_workflow(&services.db).await?.ok_or_else(|| unknown("active"))?,
    };
    Ok((WorkflowId::from_stored(found.workflow_id), Some(found.version)))
}

/// Ends a run. A run that a worker holds ends at its next checkpoint.
///
/// # Errors
/// When the run is unknown or has ended, or the store failed.
pub async fn cancel(services: &Services, run_id: &RunId, reason: &str, by: &Decider) -> Result<CancelOutcome> {
    let now = services.clock.now();
    let mut tx = services.db.begin().await?;
    let run = store::runs::get_in(&mut tx, run_id).await?.ok_or_else(unknown_run)?;
    require_open(run.status, "cancelled").map_err(|error| Refusal::because(Code::RunEnded, error.to_string()))?;
    let message = Messages(&services.ids).transition(&run, "run.cancelled", "cancelled", None, Value::Null);
    let reason = services.redactor.redact(reason);
    let outcome = store::runs::cancel(&mut tx, run_id, &by.subject, &reason, &[message], now).await?;
    if let CancelOutcome::Terminal(status) = outcome {
        return Err(Refusal::because(Code::RunEnded, format!("the run is {} already", status.as_str())).into());
    }
    tx.commit().await?;
    if outcome == CancelOutcome::Cancelled {
        if run.status == RunStatus::WaitingApproval && services.live.is_watched() {
            tell_closed_ticket(services, &run).await;
        }
        services.tell_run(run_id.as_str(), "cancelled");
    }
    Ok(outcome)
}

/// The wait of a cancelled run is over, too. Only a hint: when the ticket cannot be read, nothing is told.
async fn tell_closed_ticket(services: &Services, run: &Run) {
    let Some(ticket_id) = run.last_ticket_id else { return };
    if let Ok(Some(ticket)) = store::tickets::get(&services.db, ticket_id).await {
        services.tell_closed(&ticket);
    }
}

/// Holds a run or lets it go on.
///
/// # Errors
/// When the run is unknown or has ended, or the store failed.
pub async fn set_paused(services: &Services, run_id: &RunId, paused: bool, reason: &str, by: &Decider) -> Result<()> {
    let mut tx = services.db.begin().await?;
    let run = store::runs::get_in(&mut tx, run_id).await?.ok_or_else(unknown_run)?;
    let action = if paused { "paused" } else { "continued" };
    require_open(run.status, action).map_err(|error| Refusal::because(Code::RunEnded, error.to_string()))?;
    let reason = services.redactor.redact(reason);
    let outcome = store::runs::set_paused(&mut tx, run_id, paused, &by.subject, &reason, services.clock.now()).await?;
    match outcome {
        Outcome::Done => {
            tx.commit().await?;
            if !paused {
                services.db.wake();
            }
            services.tell_run(run_id.as_str(), run.status.as_str());
            Ok(())
        }
        Outcome::Lost | Outcome::Gone => Err(unknown_run().into()),
    }
}

/// The run.
///
/// # Errors
/// When it is unknown, or the store failed.
pub async fn get(services: &Services, run_id: &RunId) -> Result<Run> {
    Ok(store::runs::get(&services.db, run_id).await?.ok_or_else(unknown_run)?)
}

fn unknown_run() -> Refusal {
    Refusal::new(Code::RunNotFound)
}
