//! The statements of steps: one guarded update of all runs, and what single items add.

use std::collections::HashMap;

use domain::ids::CallId;

use super::item::{HeadRow, Solo, Step};
use crate::bulk;
use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::{effects, llm_ledger, orders};

macro_rules! move_heads {
    ($source:expr) => {
        concat!(
            "UPDATE tower_runs SET status = COALESCE(x.st, status), updated_at = x.at, last_error = COALESCE(x.err, last_error),
                finished_at = CASE WHEN x.term THEN x.at ELSE finished_at END,
                lease_owner = CASE WHEN x.st IS NULL THEN lease_owner ELSE NULL END,
                lease_until = CASE WHEN x.st IS NULL THEN lease_until ELSE NULL END,
                available_at = CASE WHEN x.st = 'queued' THEN x.avail ELSE available_at END,
                last_checkpoint_id = COALESCE(x.cp, last_checkpoint_id),
                attempt = CASE WHEN x.cp IS NULL THEN attempt ELSE 0 END,
                event_seq = event_seq + x.n
             FROM ", $source, "
             WHERE run_id = x.id AND status = 'running' AND tower_runs.lease_owner = x.owner AND lease_epoch = x.epoch
             RETURNING run_id, event_seq"
        )
    };
}

statements! {
    MOVE = per_engine(
        move_heads!("json_to_recordset(CAST($1 AS json)) AS x(id text, owner text, epoch bigint, at timestamptz, st text, err text,
             term boolean, avail timestamptz, cp text, n bigint)"),
        move_heads!("(SELECT value ->> '$.id' AS id, value ->> '$.owner' AS owner, value ->> '$.epoch' AS epoch, value ->> '$.at' AS at,
             value ->> '$.st' AS st, value ->> '$.err' AS err, value ->> '$.term' AS term, value ->> '$.avail' AS avail,
             value ->> '$.cp' AS cp, value ->> '$.n' AS n FROM json_each($1)) AS x"),
    );
    BUDGET = both(
        "INSERT INTO execution_budgets (thread_id, iterations, total_cost_usd, total_tokens, started_at, terminated_at, termination_reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (thread_id) DO UPDATE SET iterations = excluded.iterations, total_cost_usd = excluded.total_cost_usd,
            total_tokens = excluded.total_tokens, terminated_at = excluded.terminated_at, termination_reason = excluded.termination_reason",
    );
}

/// Moves all heads whose lease holds; gives the new number of the newest event by run.
pub(super) async fn move_heads(tx: &mut Tx, heads: &[&HeadRow]) -> Result<HashMap<String, i64>> {
    if heads.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.fetch_all(&MOVE, vec![bulk::rows(heads)?]).await?;
    rows.iter().map(|row| Ok((row.text("run_id")?, row.int("event_seq")?))).collect()
}

/// What may turn out a conflict; false: it did.
pub(super) async fn solo(tx: &mut Tx, step: &Step, solo: &Solo) -> Result<bool> {
    if let Some(effect) = &solo.prepare
        && !effects::prepare(tx, effect, None).await?
    {
        return Ok(false);
    }
    for change in &solo.effects {
        if !effects::apply(tx, change, step.now).await? {
            return Ok(false);
        }
    }
    if let Some(facts) = &solo.order {
        orders::merge_in(tx, facts, step.now).await?;
    }
    if let Some((key, note)) = &solo.customer_note {
        let _ = orders::set_note_in(tx, key, note, step.now).await?;
    }
    Ok(true)
}

/// Rows of the ledgers.
pub(super) async fn ledgers(tx: &mut Tx, step: &Step) -> Result<Option<CallId>> {
    if let Some(call) = &step.call_end {
        llm_ledger::end(tx, call).await?;
    }
    if let Some(budget) = &step.budget {
        let usd = domain::run::micros_to_usd(budget.cost_micros);
        let values = args![
            &step.run_id,
            budget.iterations,
            usd,
            budget.tokens,
            budget.started_at,
            budget.terminated_at,
            budget.reason.as_ref(),
        ];
        tx.execute(&BUDGET, values).await?;
    }
    match &step.call_start {
        Some(call) => Ok(Some(llm_ledger::start(tx, call).await?.0)),
        None => Ok(None),
    }
}
