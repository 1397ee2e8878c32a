//! Counts for screens, over the tables of the engine. Each is one statement.

use domain::time::Timestamp;

use crate::engine::{Db, args, missing, statements};
use crate::error::Result;

statements! {
    TICKETS = both(
        "SELECT COUNT(*) AS pending,
                CAST(COALESCE(SUM(CASE WHEN risk_level = 'high' THEN 1 ELSE 0 END), 0) AS BIGINT) AS high,
                CAST(COALESCE(SUM(CASE WHEN expires_at <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS expiring
         FROM tower_tickets WHERE status = 'pending' AND expires_at > $1",
    );
    RUNS = both(
        "SELECT (SELECT COUNT(*) FROM tower_runs WHERE status = 'running') AS running,
                (SELECT COUNT(*) FROM tower_runs WHERE status = 'waiting_approval') AS waiting,
                (SELECT COUNT(*) FROM tower_runs WHERE status = 'failed' AND updated_at >= $1) AS failed",
    );
    DEAD_LETTERS = both("SELECT COUNT(*) AS n FROM dead_letter_queue WHERE resolved_at IS NULL");
    SPEND = both("SELECT CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS micros FROM llm_calls WHERE ts >= $1");
}

/// Open tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tickets {
    /// Waiting and not yet run out.
    pub pending: i64,
    /// Of these, with high risk.
    pub high: i64,
    /// Of these, running out soon.
    pub expiring: i64,
}

/// Runs by what matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs {
    /// Under way.
    pub running: i64,
    /// Waiting for a person.
    pub waiting: i64,
    /// Failed lately.
    pub failed: i64,
}

/// Tickets open at `now`, and how many of them run out until `soon`.
///
/// # Errors
/// When the database fails.
pub async fn tickets(db: &Db, now: Timestamp, soon: Timestamp) -> Result<Tickets> {
    let row = db.fetch_optional(&TICKETS, args![now, soon]).await?.ok_or_else(|| missing("tower_tickets"))?;
    Ok(Tickets { pending: row.int("pending")?, high: row.int("high")?, expiring: row.int("expiring")? })
}

/// Runs under way and waiting, and those that failed since `since`.
///
/// # Errors
/// When the database fails.
pub async fn runs(db: &Db, since: Timestamp) -> Result<Runs> {
    let row = db.fetch_optional(&RUNS, args![since]).await?.ok_or_else(|| missing("tower_runs"))?;
    Ok(Runs { running: row.int("running")?, waiting: row.int("waiting")?, failed: row.int("failed")? })
}

/// Dead letters that nobody has resolved.
///
/// # Errors
/// When the database fails.
pub async fn dead_letters(db: &Db) -> Result<i64> {
    db.fetch_optional(&DEAD_LETTERS, args![]).await?.ok_or_else(|| missing("dead_letter_queue"))?.int("n")
}

/// What model calls cost since `since`, in millionths of a US dollar. A call without a price adds nothing.
///
/// # Errors
/// When the database fails.
pub async fn spend(db: &Db, since: Timestamp) -> Result<i64> {
    db.fetch_optional(&SPEND, args![since]).await?.ok_or_else(|| missing("llm_calls"))?.int("micros")
}
