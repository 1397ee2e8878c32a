//! What model calls cost, gathered by day and by what they have in common.

use chrono::NaiveDate;
use domain::costs::CostRow;
use domain::time::Timestamp;

use crate::engine::{Db, Row, args, statements};
use crate::error::{Result, StoreError};

macro_rules! gather {
    ($day:expr) => {
        concat!(
            "SELECT day, provider, model_used, purpose, agent_id, workflow_id, task_type,
                CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS micros, CAST(SUM(input_tokens) AS BIGINT) AS input,
                CAST(SUM(output_tokens) AS BIGINT) AS output, CAST(SUM(cache_read_tokens) AS BIGINT) AS cache_read,
                CAST(SUM(cache_write_tokens) AS BIGINT) AS cache_write, CAST(SUM(reasoning_tokens) AS BIGINT) AS reasoning,
                COUNT(*) AS calls, CAST(SUM(CASE WHEN cost_micros IS NULL AND status IN ('ok', 'lost') THEN 1 ELSE 0 END) AS BIGINT) AS unpriced
             FROM (SELECT ",
            $day,
            " AS day, c.* FROM llm_calls c WHERE c.ts >= $1 AND c.ts <= $2) AS calls_of_days
             GROUP BY day, provider, model_used, purpose, agent_id, workflow_id, task_type"
        )
    };
}

statements! {
    GATHER = per_engine(gather!("TO_CHAR(c.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD')"), gather!("SUBSTR(c.ts, 1, 10)"));
}

/// The model calls from `since` to `until`, one row for those of a day that have everything in common.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn gather(db: &Db, since: Timestamp, until: Timestamp) -> Result<Vec<CostRow>> {
    db.fetch_all(&GATHER, args![since, until]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<CostRow> {
    let day = row.text("day")?;
    Ok(CostRow {
        day: day.parse::<NaiveDate>().map_err(|error| StoreError::corrupt("day of a call", error))?,
        provider: row.text("provider")?,
        model: row.text("model_used")?,
        purpose: row.text("purpose")?,
        agent_id: row.opt_text("agent_id")?,
        workflow_id: row.opt_text("workflow_id")?,
        task_type: row.opt_text("task_type")?,
        cost_micros: row.int("micros")?,
        input: row.int("input")?,
        output: row.int("output")?,
        cache_read: row.int("cache_read")?,
        cache_write: row.int("cache_write")?,
        reasoning: row.int("reasoning")?,
        calls: row.int("calls")?,
        unpriced: row.int("unpriced")?,
    })
}
