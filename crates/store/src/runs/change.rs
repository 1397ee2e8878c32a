//! Starting, cancelling and pausing runs.

use domain::checkpoint::Checkpoint;
use domain::event::{NewEvent, OutboxMessage};
use domain::ids::{RunId, TicketId};
use domain::run::{NewRun, RunStatus};
use domain::ticket::SYSTEM;
use domain::time::{Timestamp, to_text};
use serde::Serialize;
use serde_json::json;
use std::borrow::Borrow;

use crate::bulk;
use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::outcome::Outcome;
use crate::{checkpoints, effects, events, outbox, spans, tickets};

statements! {
    INSERT = per_engine(
        "INSERT INTO tower_runs (run_id, workflow_id, workflow_version, priority, run_name, input_state, metadata, created_by,
                serial_key, idempotency_key, parent_run_id, parent_checkpoint_id, created_at, updated_at, event_seq)
         SELECT run_id, workflow_id, workflow_version, priority, run_name, CAST(input_state AS jsonb), CAST(metadata AS jsonb), created_by,
                serial_key, idempotency_key, parent_run_id, parent_checkpoint_id, created_at, created_at, 1
         FROM json_to_recordset(CAST($1 AS json)) AS x(run_id text, workflow_id text, workflow_version int, priority int, run_name text,
                input_state text, metadata text, created_by text, serial_key text, idempotency_key text, parent_run_id text,
                parent_checkpoint_id text, created_at timestamptz)",
        "INSERT INTO tower_runs (run_id, workflow_id, workflow_version, priority, run_name, input_state, metadata, created_by,
                serial_key, idempotency_key, parent_run_id, parent_checkpoint_id, created_at, updated_at, event_seq)
         SELECT value ->> '$.run_id', value ->> '$.workflow_id', value ->> '$.workflow_version', value ->> '$.priority',
                value ->> '$.run_name', value ->> '$.input_state', value ->> '$.metadata', value ->> '$.created_by',
                value ->> '$.serial_key', value ->> '$.idempotency_key', value ->> '$.parent_run_id',
                value ->> '$.parent_checkpoint_id', value ->> '$.created_at', value ->> '$.created_at', 1
         FROM json_each($1)",
    );
    STAND_AT = both("UPDATE tower_runs SET last_checkpoint_id = $2 WHERE run_id = $1");
    CANCEL = both(
        "UPDATE tower_runs SET status = 'cancelled', finished_at = $2, updated_at = $2, last_error = NULL, lease_owner = NULL, lease_until = NULL
         WHERE run_id = $1 AND status IN ('queued', 'waiting_approval')",
    );
    REQUEST = both("UPDATE tower_runs SET cancel_requested = TRUE, updated_at = $2 WHERE run_id = $1 AND status = 'running'");
    PAUSE = both(
        "UPDATE tower_runs SET paused = $2, updated_at = $3 WHERE run_id = $1 AND paused <> $2
         AND status IN ('queued', 'running', 'waiting_approval')",
    );
}

/// One row about to be inserted.
#[derive(Debug, Serialize)]
pub(crate) struct NewRunRow {
    pub(crate) run_id: String,
    workflow_id: String,
    workflow_version: Option<i64>,
    priority: i64,
    run_name: Option<String>,
    input_state: String,
    metadata: String,
    created_by: String,
    serial_key: Option<String>,
    idempotency_key: Option<String>,
    parent_run_id: Option<String>,
    parent_checkpoint_id: Option<String>,
    created_at: String,
}

impl NewRunRow {
    pub(crate) fn new(run: &NewRun) -> Result<Self> {
        let parent_checkpoint = run.parent.as_ref().and_then(|(_, checkpoint)| checkpoint.as_ref());
        Ok(Self {
            run_id: run.run_id.to_string(),
            workflow_id: run.workflow_id.to_string(),
            workflow_version: run.workflow_version,
            priority: run.priority,
            run_name: run.run_name.clone(),
            input_state: bulk::json(&run.input_state)?,
            metadata: bulk::json(&run.metadata)?,
            created_by: run.created_by.clone(),
            serial_key: run.serial_key.clone(),
            idempotency_key: run.idempotency_key.clone(),
            parent_run_id: run.parent.as_ref().map(|(id, _)| id.to_string()),
            parent_checkpoint_id: parent_checkpoint.map(ToString::to_string),
            created_at: to_text(run.created_at),
        })
    }

    pub(crate) fn queued_event(run: &NewRun) -> Result<events::EventRow> {
        let event = NewEvent::run_queued(run.workflow_id.as_str(), run.workflow_version);
        let mut row = events::EventRow::new(run.run_id.as_str(), &event, run.created_at)?;
        row.seq = 1;
        Ok(row)
    }

    pub(crate) fn size(&self) -> usize {
        self.input_state.len() + self.metadata.len()
    }
}

pub(crate) async fn insert_rows<R: Borrow<NewRunRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&INSERT, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}

/// Inserts a run as `queued`, with its first event and the messages that tell of it.
///
/// # Errors
/// [`crate::StoreError::Conflict`] when the id exists.
pub async fn insert(tx: &mut Tx, run: &NewRun, messages: &[OutboxMessage]) -> Result<()> {
    insert_rows(tx, &[NewRunRow::new(run)?]).await?;
    events::insert_rows(tx, &[NewRunRow::queued_event(run)?]).await?;
    outbox::insert(tx, messages, run.created_at).await
}

/// The same for a run that begins at `first`, not at its input: the first claim goes on from there.
///
/// # Errors
/// As [`insert`].
pub async fn insert_at(tx: &mut Tx, run: &NewRun, first: &Checkpoint, messages: &[OutboxMessage]) -> Result<()> {
    insert(tx, run, messages).await?;
    checkpoints::insert_in(tx, first).await?;
    tx.execute(&STAND_AT, args![&run.run_id, &first.checkpoint_id]).await.map(drop)
}

/// What a cancellation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum CancelOutcome {
    /// The run is cancelled.
    Cancelled,
    /// A worker holds it and will end it at the next checkpoint.
    Requested,
    /// It had ended before.
    Terminal(RunStatus),
    /// There is no such run.
    Gone,
}

/// Cancels a run that nobody works on, with its ticket and prepared effects; asks the holder of a running one to stop.
/// `messages` are sent only when the run is cancelled here.
///
/// # Errors
/// When a statement fails.
pub async fn cancel(
    tx: &mut Tx,
    id: &RunId,
    by: &str,
    reason: &str,
    messages: &[OutboxMessage],
    now: Timestamp,
) -> Result<CancelOutcome> {
    let Some(run) = super::get_in(tx, id).await? else { return Ok(CancelOutcome::Gone) };
    if run.status.is_terminal() {
        return Ok(CancelOutcome::Terminal(run.status));
    }
    if run.status == RunStatus::Running {
        let _ = tx.execute(&REQUEST, args![id, now]).await?;
        return Ok(CancelOutcome::Requested);
    }
    tx.execute(&CANCEL, args![id, now]).await?;
    let payload = json!({"reason": "run cancelled"});
    let closed: Vec<TicketId> = tickets::reject_pending_of(tx, id, SYSTEM, &payload, now).await?;
    effects::abort_prepared_of(tx, id).await?;
    spans::close_run(tx, id.as_str(), Some("cancelled"), now).await?;
    let mut timeline: Vec<_> =
        closed.into_iter().map(|ticket| NewEvent::ticket_decided(ticket, "rejected", SYSTEM)).collect();
    timeline.push(NewEvent::run_cancelled(by, reason));
    events::append(tx, id.as_str(), &timeline, now).await?;
    outbox::insert(tx, messages, now).await?;
    Ok(CancelOutcome::Cancelled)
}

/// Holds a run back, or lets it go on. `Lost`: it is terminal, or is so already.
///
/// # Errors
/// When a statement fails.
pub async fn set_paused(
    tx: &mut Tx,
    id: &RunId,
    paused: bool,
    by: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Outcome> {
    if tx.execute(&PAUSE, args![id, paused, now]).await? == 0 {
        return Ok(if super::get_in(tx, id).await?.is_some() { Outcome::Lost } else { Outcome::Gone });
    }
    let event = if paused { NewEvent::run_paused(by, reason) } else { NewEvent::run_unpaused(by) };
    events::append(tx, id.as_str(), &[event], now).await?;
    Ok(Outcome::Done)
}
