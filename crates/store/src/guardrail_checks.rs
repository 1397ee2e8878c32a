//! `guardrail_checks`: one row per text that was looked at.

use domain::ledger::GuardrailCheck;
use domain::time::to_text;
use serde::Serialize;
use std::borrow::Borrow;

use crate::bulk;
use crate::engine::{Tx, statements};
use crate::error::Result;

statements! {
    INSERT = per_engine(
        "INSERT INTO guardrail_checks (ts, point, source, run_id, flags, tripped)
         SELECT ts, point, source, run_id, CAST(flags AS jsonb), tripped
         FROM json_to_recordset(CAST($1 AS json)) AS x(ts timestamptz, point text, source text, run_id text, flags text, tripped boolean)",
        "INSERT INTO guardrail_checks (ts, point, source, run_id, flags, tripped)
         SELECT value ->> '$.ts', value ->> '$.point', value ->> '$.source', value ->> '$.run_id', value ->> '$.flags', value ->> '$.tripped'
         FROM json_each($1)",
    );
}

#[derive(Debug, Serialize)]
pub(crate) struct CheckRow {
    ts: String,
    point: &'static str,
    source: String,
    run_id: Option<String>,
    flags: String,
    tripped: bool,
}

impl CheckRow {
    pub(crate) fn new(run_id: Option<&str>, check: &GuardrailCheck) -> Result<Self> {
        Ok(Self {
            ts: to_text(check.ts),
            point: check.point,
            source: check.source.clone(),
            run_id: run_id.map(str::to_owned),
            flags: bulk::json(&check.flags)?,
            tripped: check.tripped,
        })
    }
}

pub(crate) async fn insert_rows<R: Borrow<CheckRow> + Serialize + Sync>(tx: &mut Tx, rows: &[R]) -> Result<()> {
    if !rows.is_empty() {
        tx.execute(&INSERT, vec![bulk::rows(rows)?]).await?;
    }
    Ok(())
}

/// Records `checks`, of a run or of none.
///
/// # Errors
/// When a statement fails.
pub async fn insert(tx: &mut Tx, run_id: Option<&str>, checks: &[GuardrailCheck]) -> Result<()> {
    let rows = checks.iter().map(|check| CheckRow::new(run_id, check)).collect::<Result<Vec<_>>>()?;
    insert_rows(tx, &rows).await
}
