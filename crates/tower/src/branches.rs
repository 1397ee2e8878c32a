//! Doing a run again: a new run that begins where another one began or stood.
//!
//! The new run has its first checkpoint from the commit that makes it, so a worker finds it like any other run that went
//! back to the queue. What the old run has confirmed outside is not repeated: the effect gateway looks at the ancestors
//! of a run before it prepares a call.

use chrono::TimeDelta;
use domain::checkpoint::{Checkpoint, branched};
use domain::codes::Code;
use domain::event::NewEvent;
use domain::ids::{CheckpointId, RunId};
use domain::run::{NewRun, Run, require_ended};
use domain::state::{MAX_STATE_BYTES, RunState};
use domain::ticket::Decider;
use serde_json::{Map, Value, json};

use crate::error::{Refusal, Result};
use crate::messages::Messages;
use crate::runs::{self, KEY_HOURS, Started};
use crate::segment::guards::unsafe_flags;
use crate::services::Services;

/// Scope of retries in the table of idempotency keys; the id of the old run stands before the key.
const RETRY_SCOPE: &str = "runs.retry";

/// Starts `run_id` again, from its start or from one of its checkpoints. The same `key` for the same run within 24 hours
/// answers with the first retry.
///
/// # Errors
/// An unknown run or checkpoint, a run that has not ended, a checkpoint at which nothing is due, a key used with another
/// checkpoint, or a failure of the store.
pub async fn retry(
    services: &Services,
    run_id: &RunId,
    key: &str,
    checkpoint_id: Option<&CheckpointId>,
    by: &Decider,
) -> Result<Started> {
    let old = ended(services, run_id, "retried").await?;
    let run = successor(services, &old, checkpoint_id, "retry_of", "retried_by", by);
    let first = match checkpoint_id {
        Some(id) => Some(begin(services, &find(services, run_id, id).await?, &run, Map::new())?),
        // A run that began at a checkpoint begins there again.
        None if old.parent_checkpoint_id.is_some() => {
            let checkpoints = store::checkpoints::list(&services.db, run_id).await?;
            let began = checkpoints.first().ok_or_else(|| Refusal::new(Code::CheckpointNotFound))?;
            Some(begin(services, began, &run, Map::new())?)
        }
        None => None,
    };
    let hash = domain::canonical::hash(&json!({"checkpoint_id": checkpoint_id}));
    let key = format!("{run_id}:{key}");
    let now = run.created_at;
    let mut tx = services.db.begin().await?;
    let expires = now + TimeDelta::hours(KEY_HOURS);
    let claimed = store::idempotency::claim(&mut tx, RETRY_SCOPE, &key, &hash, now, expires).await?;
    if let Some(first_answer) = runs::repeated(&claimed)? {
        return Ok(first_answer);
    }
    let message = Messages(&services.ids).queued(&run);
    match &first {
        Some(first) => store::runs::insert_at(&mut tx, &run, first, &[message]).await?,
        None => store::runs::insert(&mut tx, &run, &[message]).await?,
    }
    let _ = store::idempotency::store_response(&mut tx, RETRY_SCOPE, &key, &json!({"run_id": run.run_id})).await?;
    tx.commit().await?;
    services.tell_run(run.run_id.as_str(), "queued");
    services.db.wake();
    Ok(Started { run_id: run.run_id, created: true })
}

/// Starts a run at a checkpoint of `run_id` whose state is changed: the members in `state` replace those of the same
/// name. The old run's timeline tells of it.
///
/// # Errors
/// As [`retry`], and when `state` holds members of the engine, a text that the input guardrail would refuse, a secret,
/// or more than a state may hold.
pub async fn fork(
    services: &Services,
    run_id: &RunId,
    checkpoint_id: &CheckpointId,
    state: Map<String, Value>,
    by: &Decider,
) -> Result<Started> {
    let mut state = state;
    let broken = broken_rules(services, &mut state);
    if let Some(first) = broken.first() {
        return Err(Refusal { violations: broken.clone(), ..Refusal::because(Code::RuleBroken, first) }.into());
    }
    let old = ended(services, run_id, "forked").await?;
    let from = find(services, run_id, checkpoint_id).await?;
    let run = successor(services, &old, Some(checkpoint_id), "fork_of", "forked_by", by);
    let first = begin(services, &from, &run, state)?;
    if serde_json::to_string(&first.channel_values).map_or(usize::MAX, |text| text.len()) > MAX_STATE_BYTES {
        return Err(Refusal::rule(Code::RuleBroken, format!("state grows beyond {MAX_STATE_BYTES} bytes")).into());
    }
    let message = Messages(&services.ids).queued(&run);
    let told = NewEvent::run_forked(&run.run_id, checkpoint_id);
    let mut tx = services.db.begin().await?;
    store::runs::insert_at(&mut tx, &run, &first, &[message]).await?;
    store::events::append(&mut tx, run_id.as_str(), &[told], run.created_at).await?;
    tx.commit().await?;
    services.tell_run(run.run_id.as_str(), "queued");
    services.db.wake();
    Ok(Started { run_id: run.run_id, created: true })
}

/// What forbids a state that a person hands in; what is private in it is redacted, as in every input. The checkpoint may
/// lie behind the input guardrail, so its question is asked here.
fn broken_rules(services: &Services, state: &mut Map<String, Value>) -> Vec<String> {
    let mut broken: Vec<String> = RunState::engine_owned(state)
        .map(|name| format!("state.{name} belongs to the engine: leave out members that start with an underscore"))
        .collect();
    let mut flags = unsafe_flags(state);
    let redacted = services.redactor.redact_object(state);
    flags.extend(redacted.into_iter().filter(|flag| flag.starts_with("secret:") || flag.starts_with("key:")));
    flags.sort_unstable();
    flags.dedup();
    if !flags.is_empty() {
        broken.push(format!("state is refused by a guardrail ({}): leave that text out", flags.join(", ")));
    }
    broken
}

async fn ended(services: &Services, run_id: &RunId, action: &'static str) -> Result<Run> {
    let run = runs::get(services, run_id).await?;
    require_ended(run.status, action).map_err(|error| Refusal::because(Code::RunNotEnded, error.to_string()))?;
    Ok(run)
}

async fn find(services: &Services, run_id: &RunId, id: &CheckpointId) -> Result<Checkpoint> {
    let found = store::checkpoints::get(&services.db, run_id, id).await?;
    Ok(found.ok_or_else(|| Refusal::new(Code::CheckpointNotFound))?)
}

/// The row of the new run. Source and creator stay those of the old one: what came from outside is read as carefully
/// again, whoever asked for it.
fn successor(
    services: &Services,
    old: &Run,
    checkpoint_id: Option<&CheckpointId>,
    link: &str,
    by_name: &str,
    by: &Decider,
) -> NewRun {
    let mut metadata = old.metadata.as_object().cloned().unwrap_or_default();
    for name in ["job_id", "retry_of", "fork_of", "retried_by", "forked_by"] {
        metadata.remove(name);
    }
    metadata.insert(link.to_owned(), json!(old.run_id));
    metadata.insert(by_name.to_owned(), json!(by.subject));
    NewRun {
        run_id: services.ids.run(),
        workflow_id: old.workflow_id.clone(),
        workflow_version: old.workflow_version,
        priority: old.priority,
        run_name: old.run_name.clone(),
        input_state: old.input_state.clone(),
        metadata: Value::Object(metadata),
        created_by: old.created_by.clone().unwrap_or_else(|| "api".to_owned()),
        serial_key: old.serial_key.clone(),
        idempotency_key: None,
        parent: Some((old.run_id.clone(), checkpoint_id.cloned().or_else(|| old.parent_checkpoint_id.clone()))),
        created_at: services.clock.now(),
    }
}

fn begin(services: &Services, from: &Checkpoint, run: &NewRun, replaced: Map<String, Value>) -> Result<Checkpoint> {
    let id = services.ids.checkpoint();
    let first = branched(from, run.run_id.clone(), id, replaced, run.created_at);
    Ok(first.ok_or_else(|| {
        let what = format!("checkpoint_id names the end of the run ({}): name an earlier one", from.checkpoint_id);
        Refusal::rule(Code::RuleBroken, what)
    })?)
}
