//! Ending spans from outside the segment that began them.

use std::collections::HashMap;

use domain::ids::{CallId, RunId, TicketId};
use domain::time::Timestamp;
use domain::trace::{Span, WORKER_LOST};

use super::row::{SpanRow, insert_rows};
use crate::engine::{Tx, args, statements};
use crate::error::Result;

statements! {
    // The run ends outside a segment: whatever is open ends with it.
    CLOSE_RUN = both(
        "UPDATE spans SET status = CASE WHEN CAST($2 AS TEXT) IS NULL THEN 'success' ELSE 'error' END, error = $2, end_time = $3
         WHERE root_id = $1 AND status = 'pending'",
    );
    CLOSE_PARTS = both(
        "UPDATE spans SET status = 'error', error = $2, end_time = $3
         WHERE root_id = $1 AND status = 'pending' AND parent_id IS NOT NULL",
    );
    END_WAIT = both(
        "UPDATE spans SET status = 'success', outputs_preview = $3, end_time = $4
         WHERE root_id = $1 AND ticket_id = $2 AND status = 'pending'",
    );
    TRIES = per_engine(
        "SELECT name, attempt, attributes ->> 'outcome' AS outcome FROM spans
         WHERE root_id = $1 AND parent_id = $1 AND attempt IS NOT NULL ORDER BY start_time DESC, span_id DESC LIMIT 200",
        "SELECT name, attempt, attributes ->> '$.outcome' AS outcome FROM spans
         WHERE root_id = $1 AND parent_id = $1 AND attempt IS NOT NULL ORDER BY start_time DESC, span_id DESC LIMIT 200",
    );
    LOSE_CALL = per_engine(
        "UPDATE spans SET status = 'error', error = $3, cost_micros = $4, end_time = $5
         WHERE root_id = $1 AND run_type = 'llm' AND status = 'pending' AND CAST(attributes ->> 'call_id' AS BIGINT) = $2",
        "UPDATE spans SET status = 'error', error = $3, cost_micros = $4, end_time = $5
         WHERE root_id = $1 AND run_type = 'llm' AND status = 'pending' AND attributes ->> '$.call_id' = $2",
    );
}

/// Writes `spans`. One that cannot be kept is left out.
///
/// # Errors
/// When the statement fails.
pub async fn insert(tx: &mut Tx, spans: &[Span]) -> Result<()> {
    insert_rows(tx, &SpanRow::all(spans)).await
}

/// At the begin of a segment: ends what an earlier claim left open, and gives how often each node that has not finished
/// was tried.
///
/// # Errors
/// When a statement fails.
pub async fn take_over(tx: &mut Tx, run_id: &RunId, now: Timestamp) -> Result<Vec<(String, i64)>> {
    tx.execute(&CLOSE_PARTS, args![run_id, WORKER_LOST, now]).await?;
    let mut newest: HashMap<String, i64> = HashMap::new();
    for row in tx.fetch_all(&TRIES, args![run_id]).await? {
        let finished = matches!(row.opt_text("outcome")?.as_deref(), Some("done" | "failed"));
        let tries = if finished { 0 } else { row.int("attempt")? };
        newest.entry(row.text("name")?).or_insert(tries);
    }
    Ok(newest.into_iter().filter(|(_, tries)| *tries > 0).collect())
}

/// Ends everything that is open in the trace of a run; with an error when there is one.
pub(crate) async fn close_run(tx: &mut Tx, run_id: &str, error: Option<&str>, now: Timestamp) -> Result<()> {
    tx.execute(&CLOSE_RUN, args![run_id, error, now]).await.map(drop)
}

/// Ends the wait for a ticket: `approved`, `rejected` or `withdrawn`.
pub(crate) async fn end_wait(tx: &mut Tx, run_id: &str, ticket: TicketId, how: &str, now: Timestamp) -> Result<()> {
    tx.execute(&END_WAIT, args![run_id, ticket, how, now]).await.map(drop)
}

/// A model call that was lost with its process cost what was reserved for it.
pub(crate) async fn lose_call(
    tx: &mut Tx,
    run_id: &RunId,
    call: CallId,
    micros: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    tx.execute(&LOSE_CALL, args![run_id, call, WORKER_LOST, micros, now]).await.map(drop)
}
