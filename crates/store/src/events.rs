//! `tower_run_events`: the timeline of a run, numbered without gaps.

use domain::event::{NewEvent, RunEvent};
use domain::time::{Timestamp, to_text};
use serde::Serialize;
use std::borrow::Borrow;

use crate::bulk;
use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;

statements! {
    LIST = both(
        "SELECT id, run_id, event_type, payload, created_at, seq FROM tower_run_events
         WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    );
    INSERT = per_engine(
        "INSERT INTO tower_run_events (run_id, event_type, payload, created_at, seq)
         SELECT run_id, event_type, CAST(payload AS jsonb), created_at, seq
         FROM json_to_recordset(CAST($1 AS json)) AS x(run_id text, event_type text, payload text, created_at timestamptz, seq bigint)",
        "INSERT INTO tower_run_events (run_id, event_type, payload, created_at, seq)
         SELECT value ->> '$.run_id', value ->> '$.event_type', value ->> '$.payload', value ->> '$.created_at', value ->> '$.seq'
         FROM json_each($1)",
    );
    // Raising the number locks the row of the run, so two appenders cannot take one number.
    BUMP = both("UPDATE tower_runs SET event_seq = event_seq + $2 WHERE run_id = $1 RETURNING event_seq");
    NEWEST = both("SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS seq FROM tower_run_events WHERE run_id = $1");
}

/// One row about to be inserted.
#[derive(Debug, Serialize)]
pub(crate) struct EventRow {
    pub(crate) run_id: String,
    event_type: &'static str,
    payload: String,
    created_at: String,
    pub(crate) seq: i64,
}

impl EventRow {
    pub(crate) fn new(run_id: &str, event: &NewEvent, now: Timestamp) -> Result<Self> {
        Ok(Self {
            run_id: run_id.to_owned(),
            event_type: event.event_type,
            payload: bulk::json(&event.payload)?,
            created_at: to_text(now),
            seq: 0,
        })
    }
}

impl EventRow {
    /// Whether `stored` is this event.
    pub(crate) fn is(&self, stored: &RunEvent) -> bool {
        stored.event_type == self.event_type && to_text(stored.created_at) == self.created_at
    }
}

pub(crate) async fn insert_rows<R: Borrow<EventRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&INSERT, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}

/// Events of a run (or a cascade) after `after_seq`, in order.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn list(db: &Db, run_id: &str, after_seq: i64, limit: i64) -> Result<Vec<RunEvent>> {
    db.fetch_all(&LIST, args![run_id, after_seq, limit]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<RunEvent> {
    Ok(RunEvent {
        id: row.int("id")?,
        run_id: row.text("run_id")?,
        event_type: row.text("event_type")?,
        payload: row.json("payload")?,
        created_at: row.ts("created_at")?,
        seq: row.int("seq")?,
    })
}

/// Appends `events` and gives the number of the last one. `run_id` need not be a run.
///
/// # Errors
/// When a statement fails; for an id that is no run, also when two append at once.
pub async fn append(tx: &mut Tx, run_id: &str, events: &[NewEvent], now: Timestamp) -> Result<i64> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let last = match tx.fetch_optional(&BUMP, args![run_id, count]).await? {
        Some(row) => row.int("event_seq")?,
        None => {
            let newest = tx.fetch_optional(&NEWEST, args![run_id]).await?;
            newest.map_or(Ok(0), |row| row.int("seq"))? + count
        }
    };
    let mut rows = events.iter().map(|event| EventRow::new(run_id, event, now)).collect::<Result<Vec<_>>>()?;
    number(&mut rows, last);
    insert_rows(tx, &rows).await?;
    Ok(last)
}

/// Adds one event under the number that the run's row already counts.
pub(crate) async fn append_at_head(tx: &mut Tx, run_id: &str, event: &NewEvent, now: Timestamp) -> Result<()> {
    if let Some(head) = tx.fetch_optional(&BUMP, args![run_id, 0_i64]).await? {
        let mut row = EventRow::new(run_id, event, now)?;
        row.seq = head.int("event_seq")?;
        insert_rows(tx, &[row]).await?;
    }
    Ok(())
}

/// Numbers `rows` so that the last one gets `last`.
pub(crate) fn number(rows: &mut [EventRow], last: i64) {
    for (row, seq) in rows.iter_mut().rev().zip((0..=last).rev()) {
        row.seq = seq;
    }
}
