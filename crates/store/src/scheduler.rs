//! `scheduler_job_state` and `scheduler_ticks`: what each job is about to do, and every fire once.

use domain::time::Timestamp;

use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;
use crate::outcome::Outcome;

statements! {
    ENSURE = both(
        "INSERT INTO scheduler_job_state (job_id, misfire, updated_at) VALUES ($1, $2, $3) ON CONFLICT (job_id) DO NOTHING",
    );
    STATES = both(
        "SELECT j.job_id, j.paused, j.next_run_at, j.last_run_at, j.last_status, j.last_error, j.skip_reason, j.last_run_id,
                (SELECT COUNT(*) FROM scheduler_ticks t WHERE t.job_id = j.job_id AND t.state = 'claimed') AS running
         FROM scheduler_job_state j ORDER BY j.job_id",
    );
    PAUSE = both("UPDATE scheduler_job_state SET paused = $2, updated_at = $3 WHERE job_id = $1");
    PLAN = both("UPDATE scheduler_job_state SET next_run_at = $2, updated_at = $3 WHERE job_id = $1");
    RESULT = both(
        "UPDATE scheduler_job_state SET last_run_at = $2, last_status = $3, last_error = $4, skip_reason = $5,
                last_run_id = COALESCE($6, last_run_id), updated_at = $7 WHERE job_id = $1",
    );
    STARTED = both(
        "UPDATE scheduler_job_state SET last_run_at = $2, last_run_id = COALESCE($3, last_run_id), skip_reason = NULL, updated_at = $2
         WHERE job_id = $1",
    );
    LOCK = both("UPDATE scheduler_job_state SET updated_at = $2 WHERE job_id = $1");
    TAKE_OVER = both("UPDATE scheduler_ticks SET fired_at = $3, owner = $2 WHERE id = $1 AND state = 'claimed'");
    CLAIM = both(
        "INSERT INTO scheduler_ticks (job_id, scheduled_at, fired_at, state, owner) VALUES ($1, $2, $3, 'claimed', $4)
         ON CONFLICT (job_id, scheduled_at) DO NOTHING RETURNING id",
    );
    OTHER = both("SELECT id FROM scheduler_ticks WHERE job_id = $1 AND state = 'claimed' AND id <> $2 LIMIT 1");
    TICK_RUN = both("UPDATE scheduler_ticks SET run_id = $2 WHERE id = $1 AND state = 'claimed' AND run_id IS NULL");
    FINISH = both("UPDATE scheduler_ticks SET state = $2, skip_reason = $3 WHERE id = $1 AND state = 'claimed'");
    ENDED = both(
        "SELECT t.id, t.job_id, t.run_id, t.fired_at, r.status, r.last_error, r.input_state, r.metadata
         FROM scheduler_ticks t JOIN tower_runs r ON r.run_id = t.run_id
         WHERE t.state = 'claimed' AND r.status IN ('completed', 'failed', 'cancelled') ORDER BY t.id LIMIT $1",
    );
    ABANDONED = both(
        "SELECT id, job_id FROM scheduler_ticks
         WHERE state = 'claimed' AND run_id IS NULL AND (owner = $1 OR fired_at < $2) ORDER BY id LIMIT $3",
    );
    LAST_OK = both("SELECT MAX(fired_at) AS at FROM scheduler_ticks WHERE job_id = $1 AND state = 'ok'");
    RECENT = both(
        "SELECT id, job_id, scheduled_at, fired_at, state, skip_reason, run_id FROM scheduler_ticks
         WHERE scheduled_at >= $1 ORDER BY scheduled_at DESC, id DESC LIMIT $2",
    );
}

/// What is kept of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    /// The job.
    pub job_id: String,
    /// Held back by a person.
    pub paused: bool,
    /// The next fire; none: not planned yet.
    pub next_run_at: Option<Timestamp>,
    /// The last fire.
    pub last_run_at: Option<Timestamp>,
    /// `ok`, `failed` or `skipped`.
    pub last_status: Option<String>,
    /// Why it failed.
    pub last_error: Option<String>,
    /// Why it did nothing.
    pub skip_reason: Option<String>,
    /// The run that it started last.
    pub last_run_id: Option<String>,
    /// A fire has not ended.
    pub running: bool,
}

/// How a fire ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickEnd<'a> {
    /// Well.
    Ok,
    /// Not well.
    Failed(&'a str),
    /// It did nothing, and why.
    Skipped(&'a str),
}

/// A fire whose run has ended.
#[derive(Debug, Clone)]
pub struct EndedTick {
    /// Its row.
    pub id: i64,
    /// Its job.
    pub job_id: String,
    /// Its run.
    pub run_id: String,
    /// When it fired.
    pub fired_at: Option<Timestamp>,
    /// `completed`, `failed` or `cancelled`.
    pub status: String,
    /// Why it failed.
    pub last_error: Option<String>,
    /// What the run was given.
    pub input_state: serde_json::Value,
    /// Where the run came from.
    pub metadata: serde_json::Value,
}

/// One row of `scheduler_ticks`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Tick {
    /// Row id.
    pub id: i64,
    /// The job.
    pub job_id: String,
    /// The moment that names the fire.
    pub scheduled_at: Timestamp,
    /// When it happened.
    pub fired_at: Option<Timestamp>,
    /// `claimed`, `ok`, `failed` or `skipped`.
    pub state: String,
    /// Why it did nothing.
    pub skip_reason: Option<String>,
    /// The run that it started.
    pub run_id: Option<String>,
}

fn read_state(row: &Row) -> Result<JobState> {
    Ok(JobState {
        job_id: row.text("job_id")?,
        paused: row.bool("paused")?,
        next_run_at: row.opt_ts("next_run_at")?,
        last_run_at: row.opt_ts("last_run_at")?,
        last_status: row.opt_text("last_status")?,
        last_error: row.opt_text("last_error")?,
        skip_reason: row.opt_text("skip_reason")?,
        last_run_id: row.opt_text("last_run_id")?,
        running: row.int("running")? > 0,
    })
}

/// Makes the row of a job when it is not there.
///
/// # Errors
/// When the statement fails.
pub async fn ensure(tx: &mut Tx, job_id: &str, misfire: &str, now: Timestamp) -> Result<()> {
    tx.execute(&ENSURE, args![job_id, misfire, now]).await.map(drop)
}

/// All jobs that have a row.
///
/// # Errors
/// When the database fails.
pub async fn states(db: &Db) -> Result<Vec<JobState>> {
    db.fetch_all(&STATES, args![]).await?.iter().map(read_state).collect()
}

/// Holds a job back or lets it go on.
///
/// # Errors
/// When the statement fails.
pub async fn set_paused(tx: &mut Tx, job_id: &str, paused: bool, now: Timestamp) -> Result<Outcome> {
    let changed = tx.execute(&PAUSE, args![job_id, paused, now]).await?;
    Ok(if changed == 1 { Outcome::Done } else { Outcome::Gone })
}

/// Notes the next fire.
///
/// # Errors
/// When the statement fails.
pub async fn plan(tx: &mut Tx, job_id: &str, next: Timestamp, now: Timestamp) -> Result<()> {
    tx.execute(&PLAN, args![job_id, next, now]).await.map(drop)
}

/// Holds the row of a job until the transaction ends, so that two fires of one job cannot overlook each other.
///
/// # Errors
/// When the statement fails.
pub async fn lock(tx: &mut Tx, job_id: &str, now: Timestamp) -> Result<()> {
    tx.execute(&LOCK, args![job_id, now]).await.map(drop)
}

/// Gives an abandoned fire to another process.
///
/// # Errors
/// When the database fails.
pub async fn take_over(db: &Db, tick_id: i64, owner: &str, now: Timestamp) -> Result<()> {
    let mut tx = db.begin().await?;
    tx.execute(&TAKE_OVER, args![tick_id, owner, now]).await?;
    tx.commit().await
}

/// Claims a fire; none: it has happened already.
///
/// # Errors
/// When the statement fails.
pub async fn claim(
    tx: &mut Tx,
    job_id: &str,
    scheduled_at: Timestamp,
    owner: &str,
    now: Timestamp,
) -> Result<Option<i64>> {
    let row = tx.fetch_optional(&CLAIM, args![job_id, scheduled_at, now, owner]).await?;
    row.map(|row| row.int("id")).transpose()
}

/// Whether another fire of the job has not ended.
///
/// # Errors
/// When the statement fails.
pub async fn other_open(tx: &mut Tx, job_id: &str, tick_id: i64) -> Result<bool> {
    Ok(tx.fetch_optional(&OTHER, args![job_id, tick_id]).await?.is_some())
}

/// Notes the run that a fire started (none: the work is done inside the process). `Lost`: the fire has its run already, or
/// has ended; then roll back.
///
/// # Errors
/// When a statement fails.
pub async fn started(tx: &mut Tx, job_id: &str, tick_id: i64, run_id: Option<&str>, now: Timestamp) -> Result<Outcome> {
    if let Some(run_id) = run_id
        && tx.execute(&TICK_RUN, args![tick_id, run_id]).await? == 0
    {
        return Ok(Outcome::Lost);
    }
    tx.execute(&STARTED, args![job_id, now, run_id]).await?;
    Ok(Outcome::Done)
}

/// Ends a fire. `Lost`: it has ended already.
///
/// # Errors
/// When a statement fails.
pub async fn finish(tx: &mut Tx, job_id: &str, tick_id: i64, end: TickEnd<'_>, now: Timestamp) -> Result<Outcome> {
    let (state, error, skip) = match end {
        TickEnd::Ok => ("ok", None, None),
        TickEnd::Failed(error) => ("failed", Some(error), None),
        TickEnd::Skipped(reason) => ("skipped", None, Some(reason)),
    };
    if tx.execute(&FINISH, args![tick_id, state, skip]).await? == 0 {
        return Ok(Outcome::Lost);
    }
    tx.execute(&RESULT, args![job_id, now, state, error, skip, None::<&str>, now]).await?;
    Ok(Outcome::Done)
}

/// Fires whose runs have ended, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn ended(db: &Db, limit: i64) -> Result<Vec<EndedTick>> {
    let rows = db.fetch_all(&ENDED, args![limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(EndedTick {
                id: row.int("id")?,
                job_id: row.text("job_id")?,
                run_id: row.text("run_id")?,
                fired_at: row.opt_ts("fired_at")?,
                status: row.text("status")?,
                last_error: row.opt_text("last_error")?,
                input_state: row.json("input_state")?,
                metadata: row.json("metadata")?,
            })
        })
        .collect()
}

/// Fires inside a process that cannot end any more: those of `owner`, who has just started, and those older than `before`.
///
/// # Errors
/// When the database fails.
pub async fn abandoned(db: &Db, owner: &str, before: Timestamp, limit: i64) -> Result<Vec<(i64, String)>> {
    let rows = db.fetch_all(&ABANDONED, args![owner, before, limit]).await?;
    rows.iter().map(|row| Ok((row.int("id")?, row.text("job_id")?))).collect()
}

/// When the job last fired with a good end.
///
/// # Errors
/// When the database fails.
pub async fn last_ok(db: &Db, job_id: &str) -> Result<Option<Timestamp>> {
    match db.fetch_optional(&LAST_OK, args![job_id]).await? {
        Some(row) => row.opt_ts("at"),
        None => Ok(None),
    }
}

/// Fires since a moment, newest first.
///
/// # Errors
/// When the database fails.
pub async fn recent(db: &Db, since: Timestamp, limit: i64) -> Result<Vec<Tick>> {
    let rows = db.fetch_all(&RECENT, args![since, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(Tick {
                id: row.int("id")?,
                job_id: row.text("job_id")?,
                scheduled_at: row.ts("scheduled_at")?,
                fired_at: row.opt_ts("fired_at")?,
                state: row.text("state")?,
                skip_reason: row.opt_text("skip_reason")?,
                run_id: row.opt_text("run_id")?,
            })
        })
        .collect()
}
