//! Reading runs.

use std::collections::BTreeMap;

use domain::ids::{CheckpointId, RunId, TicketId, WorkflowId};
use domain::run::{Run, RunStatus};
use domain::time::Timestamp;

use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;

macro_rules! columns {
    () => {
        "run_id, workflow_id, workflow_version, status, priority, run_name, input_state, metadata, created_by, created_at, updated_at, started_at, finished_at, last_checkpoint_id, last_ticket_id, last_error, attempt, lease_owner, lease_epoch, lease_until, paused, serial_key, concurrency_limit, available_at, deadline_at, cancel_requested, parent_run_id, parent_checkpoint_id, cost_micros, tokens, event_seq"
    };
}
pub(crate) use columns;

statements! {
    GET = both(concat!("SELECT ", columns!(), " FROM tower_runs WHERE run_id = $1"));
    GET_LOCKED = per_engine(
        concat!("SELECT ", columns!(), " FROM tower_runs WHERE run_id = $1 FOR UPDATE"),
        concat!("SELECT ", columns!(), " FROM tower_runs WHERE run_id = $1"),
    );
    // The text is looked for in id, name and error; `%` and `_` in it are taken as they are.
    LIST = both(concat!("SELECT ", columns!(), " FROM tower_runs
         WHERE (CAST($1 AS TEXT) IS NULL OR status = $1)
           AND (CAST($2 AS TEXT) IS NULL OR workflow_id = $2)
           AND (CAST($3 AS TEXT) IS NULL OR serial_key = $3)
           AND (CAST($4 AS TEXT) IS NULL OR run_id = $4 OR LOWER(COALESCE(run_name, '')) LIKE $5 ESCAPE '!'
                OR LOWER(COALESCE(last_error, '')) LIKE $5 ESCAPE '!')
           AND (CAST($6 AS TIMESTAMPTZ) IS NULL OR updated_at >= $6)
           AND (CAST($7 AS TIMESTAMPTZ) IS NULL OR updated_at < $7)
           AND (CAST($8 AS TIMESTAMPTZ) IS NULL OR updated_at < $8 OR (updated_at = $8 AND run_id < $9))
         ORDER BY updated_at DESC, run_id DESC LIMIT $10 OFFSET $11"));
    NEWEST = both(concat!("SELECT ", columns!(), " FROM tower_runs ORDER BY updated_at DESC, run_id DESC LIMIT $1"));
    COUNT = both("SELECT status, COUNT(*) AS n FROM tower_runs GROUP BY status");
    QUEUE = both(
        "SELECT COUNT(*) AS depth, MIN(COALESCE(available_at, updated_at)) AS oldest FROM tower_runs
         WHERE status = 'queued' AND NOT paused AND (available_at IS NULL OR available_at <= $1)",
    );
    OPEN = both(
        "SELECT status, COUNT(*) AS n FROM tower_runs WHERE status IN ('queued', 'running', 'waiting_approval') GROUP BY status",
    );
}

/// Which runs to list.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this status.
    pub status: Option<RunStatus>,
    /// Of this workflow.
    pub workflow_id: Option<String>,
    /// Of this serial key.
    pub serial_key: Option<String>,
    /// With this text in name or error, or this id.
    pub q: Option<String>,
    /// Changed at or after.
    pub since: Option<Timestamp>,
    /// Changed before.
    pub until: Option<Timestamp>,
    /// Most rows.
    pub limit: i64,
    /// After the row of this moment and id.
    pub cursor: Option<(Timestamp, RunId)>,
    /// Rows to leave out, for callers without a cursor.
    pub offset: i64,
}

/// How much waits, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueStats {
    /// Runs that could be claimed now.
    pub depth: i64,
    /// Seconds that the oldest of them has waited.
    pub oldest_seconds: Option<i64>,
}

pub(crate) fn read(row: &Row) -> Result<Run> {
    Ok(Run {
        run_id: RunId::from_stored(row.text("run_id")?),
        workflow_id: WorkflowId::from_stored(row.text("workflow_id")?),
        workflow_version: row.opt_int("workflow_version")?,
        status: row.parsed("status", RunStatus::parse)?,
        priority: row.int("priority")?,
        run_name: row.opt_text("run_name")?,
        input_state: row.json("input_state")?,
        metadata: row.json("metadata")?,
        created_by: row.opt_text("created_by")?,
        created_at: row.ts("created_at")?,
        updated_at: row.ts("updated_at")?,
        started_at: row.opt_ts("started_at")?,
        finished_at: row.opt_ts("finished_at")?,
        last_checkpoint_id: row.opt_text("last_checkpoint_id")?.map(CheckpointId::from_stored),
        last_ticket_id: row.opt_int("last_ticket_id")?.map(TicketId),
        last_error: row.opt_text("last_error")?,
        attempt: row.int("attempt")?,
        lease_owner: row.opt_text("lease_owner")?,
        lease_epoch: row.int("lease_epoch")?,
        lease_until: row.opt_ts("lease_until")?,
        paused: row.bool("paused")?,
        serial_key: row.opt_text("serial_key")?,
        concurrency_limit: row.opt_int("concurrency_limit")?,
        available_at: row.opt_ts("available_at")?,
        deadline_at: row.opt_ts("deadline_at")?,
        cancel_requested: row.bool("cancel_requested")?,
        parent_run_id: row.opt_text("parent_run_id")?.map(RunId::from_stored),
        parent_checkpoint_id: row.opt_text("parent_checkpoint_id")?.map(CheckpointId::from_stored),
        cost_micros: row.int("cost_micros")?,
        tokens: row.int("tokens")?,
        event_seq: row.int("event_seq")?,
    })
}

/// One run.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub async fn get(db: &Db, id: &RunId) -> Result<Option<Run>> {
    db.fetch_optional(&GET, args![id]).await?.as_ref().map(read).transpose()
}

/// One run, locked until the transaction ends.
///
/// # Errors
/// As [`get`].
pub async fn get_in(tx: &mut Tx, id: &RunId) -> Result<Option<Run>> {
    tx.fetch_optional(&GET_LOCKED, args![id]).await?.as_ref().map(read).transpose()
}

/// Runs, the last changed first.
///
/// # Errors
/// As [`get`].
pub async fn list(db: &Db, f: &RunFilter) -> Result<Vec<Run>> {
    let unfiltered = f.status.is_none()
        && f.workflow_id.is_none()
        && f.serial_key.is_none()
        && f.q.is_none()
        && f.since.is_none()
        && f.until.is_none()
        && f.cursor.is_none()
        && f.offset == 0;
    let rows = if unfiltered {
        db.fetch_all(&NEWEST, args![f.limit]).await?
    } else {
        let pattern = f.q.as_ref().map(|q| format!("%{}%", escape_like(&q.to_lowercase())));
        let values = args![
            f.status.map(RunStatus::as_str),
            f.workflow_id.as_ref(),
            f.serial_key.as_ref(),
            f.q.as_ref(),
            pattern,
            f.since,
            f.until,
            f.cursor.as_ref().map(|(at, _)| *at),
            f.cursor.as_ref().map(|(_, id)| id),
            f.limit,
            f.offset,
        ];
        db.fetch_all(&LIST, values).await?
    };
    rows.iter().map(read).collect()
}

/// `text` for a LIKE pattern whose escape is `!`.
pub(crate) fn escape_like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// How many runs stand in each status; a status without runs is left out.
///
/// # Errors
/// When the database fails.
pub async fn count_by_status(db: &Db) -> Result<BTreeMap<String, i64>> {
    counts(&db.fetch_all(&COUNT, args![]).await?)
}

/// The same for runs that are not at their end.
///
/// # Errors
/// When the database fails.
pub async fn summary_open(db: &Db) -> Result<BTreeMap<String, i64>> {
    counts(&db.fetch_all(&OPEN, args![]).await?)
}

fn counts(rows: &[Row]) -> Result<BTreeMap<String, i64>> {
    rows.iter().map(|row| Ok((row.text("status")?, row.int("n")?))).collect()
}

/// How much waits for a worker.
///
/// # Errors
/// When the database fails.
pub async fn queue_stats(db: &Db, now: Timestamp) -> Result<QueueStats> {
    let row = db.fetch_optional(&QUEUE, args![now]).await?.ok_or_else(|| crate::engine::missing("tower_runs"))?;
    let oldest = row.opt_ts("oldest")?;
    Ok(QueueStats { depth: row.int("depth")?, oldest_seconds: oldest.map(|at| (now - at).num_seconds().max(0)) })
}
