//! `dead_letter_queue`: failed scheduled work that waits to be tried again, or for a person.

use domain::schedule::{AfterFailure, DeadLetter, MAX_ATTEMPTS};
use domain::time::Timestamp;
use serde_json::Value;

use crate::engine::{Db, Row, Tx, args, missing, statements};
use crate::error::Result;

macro_rules! columns {
    () => {
        "id, job_id, payload, error, attempts, max_attempts, created_at, next_retry_at, resolved_at, retry_run_id"
    };
}

statements! {
    INSERT = both(
        "INSERT INTO dead_letter_queue (job_id, payload, error, attempts, max_attempts, created_at, next_retry_at)
         VALUES ($1, $2, $3, 1, $4, $5, $6) RETURNING id",
    );
    LIST = both(concat!("SELECT ", columns!(), " FROM dead_letter_queue
         WHERE $1 = FALSE OR resolved_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2"));
    GET = both(concat!("SELECT ", columns!(), " FROM dead_letter_queue WHERE id = $1"));
    DUE = both(concat!("SELECT ", columns!(), " FROM dead_letter_queue
         WHERE resolved_at IS NULL AND retry_run_id IS NULL AND next_retry_at <= $1 AND attempts < max_attempts
         ORDER BY next_retry_at, id LIMIT $2"));
    CLAIM = both(
        "UPDATE dead_letter_queue SET retry_run_id = $2 WHERE id = $1 AND resolved_at IS NULL AND retry_run_id IS NULL",
    );
    ENDED = both(
        "SELECT d.id, d.job_id, d.attempts, d.max_attempts, d.retry_run_id, r.status, r.last_error
         FROM dead_letter_queue d JOIN tower_runs r ON r.run_id = d.retry_run_id
         WHERE d.resolved_at IS NULL AND r.status IN ('completed', 'failed', 'cancelled') ORDER BY d.id LIMIT $1",
    );
    RESOLVE = both(
        "UPDATE dead_letter_queue SET resolved_at = $3, next_retry_at = NULL, retry_run_id = NULL
         WHERE id = $1 AND retry_run_id = $2 AND resolved_at IS NULL",
    );
    FAIL = both(
        "UPDATE dead_letter_queue SET retry_run_id = NULL, attempts = $3, next_retry_at = $4, error = $5
         WHERE id = $1 AND retry_run_id = $2 AND resolved_at IS NULL",
    );
    REFUSE = both(
        "UPDATE dead_letter_queue SET attempts = $2, next_retry_at = $3, error = $4
         WHERE id = $1 AND retry_run_id IS NULL AND resolved_at IS NULL",
    );
    UNRESOLVED = both("SELECT COUNT(*) AS n FROM dead_letter_queue WHERE resolved_at IS NULL");
}

/// An entry whose retry has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedRetry {
    /// The entry.
    pub id: i64,
    /// Its job.
    pub job_id: String,
    /// Tries before this one.
    pub attempts: i64,
    /// Tries at most.
    pub max_attempts: i64,
    /// The run of the retry.
    pub run_id: String,
    /// `completed`, `failed` or `cancelled`.
    pub status: String,
    /// Why it failed.
    pub last_error: Option<String>,
}

fn read(row: &Row) -> Result<DeadLetter> {
    Ok(DeadLetter {
        id: row.int("id")?,
        job_id: row.text("job_id")?,
        payload: row.json("payload")?,
        error: row.text("error")?,
        attempts: row.int("attempts")?,
        max_attempts: row.int("max_attempts")?,
        created_at: row.ts("created_at")?,
        next_retry_at: row.opt_ts("next_retry_at")?,
        resolved_at: row.opt_ts("resolved_at")?,
        retry_run_id: row.opt_text("retry_run_id")?,
    })
}

/// Adds an entry after the first failure of a job's work.
///
/// # Errors
/// When the statement fails.
pub async fn insert(
    tx: &mut Tx,
    job_id: &str,
    payload: &Value,
    error: &str,
    next_retry_at: Timestamp,
    now: Timestamp,
) -> Result<i64> {
    let row = tx.fetch_optional(&INSERT, args![job_id, payload, error, MAX_ATTEMPTS, now, next_retry_at]).await?;
    row.ok_or_else(|| missing("id"))?.int("id")
}

/// Entries, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db, unresolved: bool, limit: i64) -> Result<Vec<DeadLetter>> {
    db.fetch_all(&LIST, args![unresolved, limit]).await?.iter().map(read).collect()
}

/// One entry.
///
/// # Errors
/// When the database fails.
pub async fn get(db: &Db, id: i64) -> Result<Option<DeadLetter>> {
    db.fetch_optional(&GET, args![id]).await?.as_ref().map(read).transpose()
}

/// Entries that may be tried again now, the one that waits longest first.
///
/// # Errors
/// When the database fails.
pub async fn due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<DeadLetter>> {
    db.fetch_all(&DUE, args![now, limit]).await?.iter().map(read).collect()
}

/// Gives an entry to the retry `run_id`; false: it is resolved, or another retry has it.
///
/// # Errors
/// When the statement fails.
pub async fn claim(tx: &mut Tx, id: i64, run_id: &str) -> Result<bool> {
    Ok(tx.execute(&CLAIM, args![id, run_id]).await? == 1)
}

/// Entries whose retries have ended.
///
/// # Errors
/// When the database fails.
pub async fn ended(db: &Db, limit: i64) -> Result<Vec<EndedRetry>> {
    let rows = db.fetch_all(&ENDED, args![limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(EndedRetry {
                id: row.int("id")?,
                job_id: row.text("job_id")?,
                attempts: row.int("attempts")?,
                max_attempts: row.int("max_attempts")?,
                run_id: row.text("retry_run_id")?,
                status: row.text("status")?,
                last_error: row.opt_text("last_error")?,
            })
        })
        .collect()
}

/// The retry did it. False: somebody else settled the entry.
///
/// # Errors
/// When the statement fails.
pub async fn resolve(tx: &mut Tx, id: i64, run_id: &str, now: Timestamp) -> Result<bool> {
    Ok(tx.execute(&RESOLVE, args![id, run_id, now]).await? == 1)
}

/// The retry did not do it. False: somebody else settled the entry.
///
/// # Errors
/// When the statement fails.
pub async fn fail(tx: &mut Tx, id: i64, run_id: &str, after: AfterFailure, error: &str) -> Result<bool> {
    Ok(tx.execute(&FAIL, args![id, run_id, after.attempts, after.next_retry_at, error]).await? == 1)
}

/// Counts a retry that could not begin.
///
/// # Errors
/// When the statement fails.
pub async fn refuse(tx: &mut Tx, id: i64, after: AfterFailure, error: &str) -> Result<()> {
    tx.execute(&REFUSE, args![id, after.attempts, after.next_retry_at, error]).await.map(drop)
}

/// How many entries wait.
///
/// # Errors
/// When the database fails.
pub async fn unresolved(db: &Db) -> Result<i64> {
    match db.fetch_optional(&UNRESOLVED, args![]).await? {
        Some(row) => row.int("n"),
        None => Ok(0),
    }
}
