//! `llm_fallback_events`: attempts at a model that failed, and what followed.

use domain::ids::RunId;
use domain::time::Timestamp;

use crate::engine::{Tx, args, statements};
use crate::error::Result;

statements! {
    INSERT = both(
        "INSERT INTO llm_fallback_events (ts, primary_model, attempted_model, next_model, error_class, error_message, success, run_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
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
