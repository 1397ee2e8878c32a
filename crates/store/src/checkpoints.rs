//! `graph_checkpoints`: the history of a run's state.

use domain::checkpoint::{Checkpoint, Pending};
use domain::ids::{CheckpointId, RunId};
use domain::time::to_text;
use serde::Serialize;
use std::borrow::Borrow;

use crate::bulk;
use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;

macro_rules! columns {
    () => {
        "thread_id, checkpoint_id, parent_id, channel_values, metadata, pending, created_at"
    };
}

statements! {
    LIST = both(concat!("SELECT ", columns!(), " FROM graph_checkpoints WHERE thread_id = $1 ORDER BY step"));
    LATEST = both(concat!("SELECT ", columns!(), " FROM graph_checkpoints WHERE thread_id = $1 ORDER BY step DESC LIMIT 1"));
    GET = both(concat!("SELECT ", columns!(), " FROM graph_checkpoints WHERE thread_id = $1 AND checkpoint_id = $2"));
    NEWEST_OF = per_engine(
        concat!("SELECT ", columns!(), " FROM graph_checkpoints WHERE (thread_id, checkpoint_id) IN
                 (SELECT t, c FROM json_to_recordset(CAST($1 AS json)) AS x(t text, c text))"),
        concat!("SELECT ", columns!(), " FROM graph_checkpoints WHERE (thread_id, checkpoint_id) IN
                 (SELECT value ->> '$.t', value ->> '$.c' FROM json_each($1))"),
    );
    INSERT = per_engine(
        "INSERT INTO graph_checkpoints (thread_id, checkpoint_id, parent_id, channel_values, metadata, pending, step, created_at)
         SELECT thread_id, checkpoint_id, parent_id, CAST(channel_values AS jsonb), CAST(metadata AS jsonb), CAST(pending AS jsonb), step, created_at
         FROM json_to_recordset(CAST($1 AS json)) AS x(thread_id text, checkpoint_id text, parent_id text, channel_values text,
              metadata text, pending text, step int, created_at timestamptz)",
        "INSERT INTO graph_checkpoints (thread_id, checkpoint_id, parent_id, channel_values, metadata, pending, step, created_at)
         SELECT value ->> '$.thread_id', value ->> '$.checkpoint_id', value ->> '$.parent_id', value ->> '$.channel_values',
                value ->> '$.metadata', value ->> '$.pending', value ->> '$.step', value ->> '$.created_at'
         FROM json_each($1)",
    );
    PENDING = per_engine(
        "UPDATE graph_checkpoints SET pending = CAST(x.p AS jsonb)
         FROM json_to_recordset(CAST($1 AS json)) AS x(t text, c text, p text) WHERE thread_id = x.t AND checkpoint_id = x.c",
        "UPDATE graph_checkpoints SET pending = x.p
         FROM (SELECT value ->> '$.t' AS t, value ->> '$.c' AS c, value ->> '$.p' AS p FROM json_each($1)) AS x
         WHERE thread_id = x.t AND checkpoint_id = x.c",
    );
}

/// One row about to be inserted.
#[derive(Debug, Serialize)]
pub(crate) struct CheckpointRow {
    thread_id: String,
    checkpoint_id: String,
    parent_id: Option<String>,
    channel_values: String,
    metadata: String,
    pending: Option<String>,
    step: i64,
    created_at: String,
}

impl CheckpointRow {
    pub(crate) fn new(checkpoint: &Checkpoint) -> Result<Self> {
        let pending = if checkpoint.pending.is_empty() { None } else { Some(bulk::json(&checkpoint.pending)?) };
        Ok(Self {
            thread_id: checkpoint.thread_id.to_string(),
            checkpoint_id: checkpoint.checkpoint_id.to_string(),
            parent_id: checkpoint.parent_id.as_ref().map(ToString::to_string),
            channel_values: bulk::json(&checkpoint.channel_values)?,
            metadata: bulk::json(&checkpoint.metadata)?,
            pending,
            step: checkpoint.metadata.step,
            created_at: to_text(checkpoint.created_at),
        })
    }

    pub(crate) fn size(&self) -> usize {
        self.channel_values.len() + self.metadata.len() + self.pending.as_ref().map_or(0, String::len)
    }
}

/// The `pending` part of a checkpoint, rewritten in place.
#[derive(Debug, Serialize)]
pub(crate) struct PendingRow {
    t: String,
    c: String,
    pub(crate) p: String,
}

impl PendingRow {
    pub(crate) fn new(run_id: &RunId, checkpoint_id: &CheckpointId, pending: &[Pending]) -> Result<Self> {
        Ok(Self { t: run_id.to_string(), c: checkpoint_id.to_string(), p: bulk::json(pending)? })
    }
}

#[derive(Serialize)]
struct Key<'a> {
    t: &'a str,
    c: &'a str,
}

fn read(row: &Row) -> Result<Checkpoint> {
    Ok(Checkpoint {
        thread_id: RunId::from_stored(row.text("thread_id")?),
        checkpoint_id: CheckpointId::from_stored(row.text("checkpoint_id")?),
        parent_id: row.opt_text("parent_id")?.map(CheckpointId::from_stored),
        channel_values: row.json("channel_values")?,
        metadata: row.json("metadata")?,
        pending: row.opt_json("pending")?.unwrap_or_default(),
        created_at: row.ts("created_at")?,
    })
}

/// All checkpoints of a run, oldest first.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn list(db: &Db, thread: &RunId) -> Result<Vec<Checkpoint>> {
    db.fetch_all(&LIST, args![thread]).await?.iter().map(read).collect()
}

/// The newest checkpoint of a run.
///
/// # Errors
/// As [`list`].
pub async fn latest(db: &Db, thread: &RunId) -> Result<Option<Checkpoint>> {
    db.fetch_optional(&LATEST, args![thread]).await?.as_ref().map(read).transpose()
}

/// One checkpoint.
///
/// # Errors
/// As [`list`].
pub async fn get(db: &Db, thread: &RunId, id: &CheckpointId) -> Result<Option<Checkpoint>> {
    db.fetch_optional(&GET, args![thread, id]).await?.as_ref().map(read).transpose()
}

/// Inserts a checkpoint; the caller moves the run's head.
///
/// # Errors
/// When the run has a checkpoint of that step or id already.
pub async fn insert_in(tx: &mut Tx, checkpoint: &Checkpoint) -> Result<()> {
    insert_rows(tx, &[CheckpointRow::new(checkpoint)?]).await
}

pub(crate) async fn insert_rows<R: Borrow<CheckpointRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&INSERT, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}

pub(crate) async fn rewrite_pending<R: Borrow<PendingRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&PENDING, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}

/// The checkpoints named by run and id, in no particular order.
pub(crate) async fn of_keys(tx: &mut Tx, keys: &[(&str, &str)]) -> Result<Vec<Result<Checkpoint>>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = keys.iter().map(|(t, c)| Key { t, c }).collect();
    Ok(tx.fetch_all(&NEWEST_OF, vec![bulk::rows(&keys)?]).await?.iter().map(read).collect())
}
