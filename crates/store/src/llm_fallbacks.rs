//! `llm_fallback_events`: attempts at a model that failed, and what followed.

use std::collections::BTreeMap;

use domain::ids::RunId;
use domain::time::Timestamp;

use crate::engine::{Db, Tx, args, statements};
use crate::error::Result;

statements! {
    INSERT = both(
        "INSERT INTO llm_fallback_events (ts, primary_model, attempted_model, next_model, error_class, error_message, success, run_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    SUMMARY = both(
        "SELECT error_class, COUNT(*) AS n, CAST(SUM(CASE WHEN success THEN 1 ELSE 0 END) AS BIGINT) AS answered
         FROM llm_fallback_events WHERE ts >= $1 GROUP BY error_class ORDER BY error_class",
    );
}

/// One failed attempt.
#[derive(Debug, Clone)]
pub struct Fallback {
    /// When.
    pub ts: Timestamp,
    /// The model that the call was first meant for.
    pub primary_model: String,
    /// The model that failed.
    pub attempted_model: String,
    /// The model that was tried next.
    pub next_model: Option<String>,
    /// Class of the failure.
    pub error_class: String,
    /// What the provider said, redacted, at most 200 characters.
    pub error_message: String,
    /// Whether the next attempt brought an answer.
    pub success: bool,
    /// The run.
    pub run_id: Option<RunId>,
}

/// What the failed attempts of a time came to.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Failed attempts.
    pub total_fallbacks: i64,
    /// The part of them after which the next model answered, 0 to 1; 1 when there were none.
    pub success_rate: f64,
    /// How many there were of each class.
    pub by_error_class: BTreeMap<String, i64>,
}

/// Sums up what happened at or after `since`.
///
/// # Errors
/// When the statement fails.
pub async fn summary(db: &Db, since: Timestamp) -> Result<Summary> {
    let (mut total, mut answered, mut by_error_class) = (0, 0, BTreeMap::new());
    for row in db.fetch_all(&SUMMARY, args![since]).await? {
        let n = row.int("n")?;
        total += n;
        answered += row.int("answered")?;
        by_error_class.insert(row.text("error_class")?, n);
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate of counts that are far below 2^52")]
    let success_rate = if total == 0 { 1.0 } else { answered as f64 / total as f64 };
    Ok(Summary { total_fallbacks: total, success_rate, by_error_class })
}

/// Adds a row.
///
/// # Errors
/// When the statement fails.
pub async fn insert(tx: &mut Tx, f: &Fallback) -> Result<()> {
    let values = args![
        f.ts,
        &f.primary_model,
        &f.attempted_model,
        f.next_model.as_ref(),
        &f.error_class,
        &f.error_message,
        f.success,
        f.run_id.as_ref(),
    ];
    tx.execute(&INSERT, values).await.map(drop)
}
