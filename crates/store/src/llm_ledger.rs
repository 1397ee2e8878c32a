//! `llm_calls` and `budget_ledger`: what model calls reserved, and what they cost.

use domain::ids::{CallId, LedgerId, RunId};
use domain::ledger::{CallEnd, CallStart};
use domain::time::Timestamp;
use serde::Serialize;

use crate::engine::{Db, Row, Tx, args, missing, statements};
use crate::error::Result;

statements! {
    START = both(
        "INSERT INTO llm_calls (ts, run_id, lease_epoch, step, node, agent_id, workflow_id, task_type, purpose, provider, model_requested, model_used, status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'started') RETURNING id",
    );
    // The id alone may have been given to another call, when the server lost a sequence's last numbers in a crash.
    STARTED = both(
        "SELECT 1 AS one FROM llm_calls WHERE id = $1 AND run_id = $2 AND lease_epoch = $3 AND node = $4 AND ts = $5",
    );
    RESERVE = both(
        "INSERT INTO budget_ledger (ts, scope, scope_key, kind, amount_micros, tokens, run_id, call_id)
         VALUES ($1, 'run', $2, 'reserve', $3, $4, $2, $5) RETURNING id",
    );
    END = both(
        "UPDATE llm_calls SET status = $2, model_used = $3, input_tokens = $4, output_tokens = $5, cache_read_tokens = $6,
                cache_write_tokens = $7, reasoning_tokens = $8, estimated = $9, cost_micros = $10, latency_ms = $11, ttft_ms = $12,
                error_class = $13, request_id = $14
         WHERE id = $1 AND status = 'started'",
    );
    RESERVED = both(
        "SELECT r.id, r.amount_micros, r.tokens FROM budget_ledger r WHERE r.call_id = $1 AND r.kind = 'reserve'
           AND NOT EXISTS (SELECT 1 FROM budget_ledger s WHERE s.reserve_id = r.id)",
    );
    SETTLE = both(
        "INSERT INTO budget_ledger (ts, scope, scope_key, kind, amount_micros, tokens, reserve_id, run_id, call_id)
         VALUES ($1, 'run', $2, $3, $4, $5, $6, $2, $7) ON CONFLICT DO NOTHING",
    );
    CHARGE = both("UPDATE tower_runs SET cost_micros = cost_micros + $2, tokens = tokens + $3 WHERE run_id = $1");
    STALE = both("SELECT id FROM llm_calls WHERE run_id = $1 AND status = 'started' AND COALESCE(lease_epoch, 0) < $2 ORDER BY id");
    LOSE = both(
        "UPDATE llm_calls SET status = 'lost', estimated = TRUE, cost_micros = $2 WHERE id = $1 AND status = 'started'",
    );
    FOR_RUN = both(
        "SELECT id, ts, step, node, agent_id, purpose, provider, model_requested, model_used, input_tokens, output_tokens,
                cache_read_tokens, cache_write_tokens, reasoning_tokens, estimated, cost_micros, latency_ms, ttft_ms, status, error_class, request_id
         FROM llm_calls WHERE run_id = $1 ORDER BY id",
    );
    // Settled amounts plus the reserves that are still open.
    USAGE = both(
        "SELECT CAST(COALESCE(SUM(CASE WHEN l.kind = 'settle' THEN l.amount_micros
                    WHEN l.kind = 'reserve' AND NOT EXISTS (SELECT 1 FROM budget_ledger s WHERE s.reserve_id = l.id) THEN l.amount_micros
                    ELSE 0 END), 0) AS BIGINT) AS micros,
                CAST(COALESCE(SUM(CASE WHEN l.kind = 'settle' THEN l.tokens
                    WHEN l.kind = 'reserve' AND NOT EXISTS (SELECT 1 FROM budget_ledger s WHERE s.reserve_id = l.id) THEN l.tokens
                    ELSE 0 END), 0) AS BIGINT) AS tokens,
                (SELECT COUNT(*) FROM llm_calls c WHERE c.run_id = $1) AS calls
         FROM budget_ledger l WHERE l.scope = 'run' AND l.scope_key = $1",
    );
}

/// One row of `llm_calls`, as answers show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallRow {
    /// Row id.
    pub id: CallId,
    /// When it was made.
    pub ts: Timestamp,
    /// Step of the run.
    pub step: Option<i64>,
    /// Node.
    pub node: Option<String>,
    /// Agent.
    pub agent_id: Option<String>,
    /// What for.
    pub purpose: String,
    /// Provider.
    pub provider: String,
    /// What was asked for.
    pub model_requested: String,
    /// What answered.
    pub model_used: String,
    /// Tokens in.
    pub input_tokens: i64,
    /// Tokens out.
    pub output_tokens: i64,
    /// Tokens read from a prompt cache.
    pub cache_read_tokens: i64,
    /// Tokens written to a prompt cache.
    pub cache_write_tokens: i64,
    /// Tokens of reasoning.
    pub reasoning_tokens: i64,
    /// Whether the counts are an estimate.
    pub estimated: bool,
    /// Cost; none when unpriced or not ended.
    pub cost_micros: Option<i64>,
    /// Milliseconds to the end.
    pub latency_ms: Option<i64>,
    /// Milliseconds to the first token.
    pub ttft_ms: Option<i64>,
    /// `started`, `ok`, `error`, `cancelled`, `lost`.
    pub status: String,
    /// Class of the failure.
    pub error_class: Option<String>,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// What a run has used, open reserves included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunUsage {
    /// Millionths of a US dollar.
    pub cost_micros: i64,
    /// Tokens.
    pub tokens: i64,
    /// Model calls.
    pub calls: i64,
}

/// Writes a call about to be made, with its reserve when it has one.
///
/// # Errors
/// When a statement fails.
pub async fn start(tx: &mut Tx, c: &CallStart) -> Result<(CallId, Option<LedgerId>)> {
    let values = args![
        c.ts,
        &c.run_id,
        c.lease_epoch,
        c.step,
        &c.node,
        &c.agent_id,
        &c.workflow_id,
        c.task_type.as_ref(),
        c.purpose,
        &c.provider,
        &c.model_requested,
        &c.model_used,
    ];
    let id = CallId(tx.fetch_optional(&START, values).await?.ok_or_else(|| missing("llm_calls"))?.int("id")?);
    // An unpriced model still reserves its tokens; only the money is unknown.
    let values = args![c.ts, &c.run_id, c.reserve_micros.unwrap_or(0), c.reserve_tokens, id];
    let reserve = tx.fetch_optional(&RESERVE, values).await?.ok_or_else(|| missing("budget_ledger"))?;
    Ok((id, Some(LedgerId(reserve.int("id")?))))
}

/// Whether `c` was written as row `id`.
pub(crate) async fn was_started(db: &Db, c: &CallStart, id: CallId) -> Result<bool> {
    let values = args![id, &c.run_id, c.lease_epoch, &c.node, c.ts];
    Ok(db.fetch_optional(&STARTED, values).await?.is_some())
}

/// Ends a call: its row, the settlement of its reserve, the totals of its run. A call that has ended stays as it is.
///
/// # Errors
/// When a statement fails.
pub async fn end(tx: &mut Tx, c: &CallEnd) -> Result<()> {
    let values = args![
        c.call_id,
        c.status.as_str(),
        &c.model_used,
        c.input_tokens,
        c.output_tokens,
        c.cache_read_tokens,
        c.cache_write_tokens,
        c.reasoning_tokens,
        c.estimated,
        c.cost_micros,
        c.latency_ms,
        c.ttft_ms,
        c.error_class.as_ref(),
        c.request_id.as_ref(),
    ];
    if tx.execute(&END, values).await? == 0 {
        return Ok(());
    }
    let (micros, tokens) = (c.cost_micros.unwrap_or(0), c.input_tokens + c.output_tokens);
    if let Some(reserve) = tx.fetch_optional(&RESERVED, args![c.call_id]).await? {
        let kind = if micros == 0 && tokens == 0 { "release" } else { "settle" };
        tx.execute(&SETTLE, args![c.ts, &c.run_id, kind, micros, tokens, reserve.int("id")?, c.call_id]).await?;
    }
    tx.execute(&CHARGE, args![&c.run_id, micros, tokens]).await.map(drop)
}

/// Calls of a run that a holder before lease `epoch` never ended are lost and charged at their reserve.
///
/// # Errors
/// When a statement fails.
pub async fn lose_stale(tx: &mut Tx, run_id: &RunId, epoch: i64, now: Timestamp) -> Result<Vec<CallId>> {
    let mut lost = Vec::new();
    for row in tx.fetch_all(&STALE, args![run_id, epoch]).await? {
        let id = CallId(row.int("id")?);
        let reserve = tx.fetch_optional(&RESERVED, args![id]).await?;
        let micros = reserve.as_ref().map(|row| row.int("amount_micros")).transpose()?;
        if tx.execute(&LOSE, args![id, micros]).await? == 0 {
            continue;
        }
        if let Some(reserve) = reserve {
            let (micros, tokens) = (micros.unwrap_or(0), reserve.int("tokens")?);
            tx.execute(&SETTLE, args![now, run_id, "settle", micros, tokens, reserve.int("id")?, id]).await?;
            tx.execute(&CHARGE, args![run_id, micros, tokens]).await?;
        }
        crate::spans::lose_call(tx, run_id, id, micros, now).await?;
        lost.push(id);
    }
    Ok(lost)
}

fn read(row: &Row) -> Result<CallRow> {
    Ok(CallRow {
        id: CallId(row.int("id")?),
        ts: row.ts("ts")?,
        step: row.opt_int("step")?,
        node: row.opt_text("node")?,
        agent_id: row.opt_text("agent_id")?,
        purpose: row.text("purpose")?,
        provider: row.text("provider")?,
        model_requested: row.text("model_requested")?,
        model_used: row.text("model_used")?,
        input_tokens: row.int("input_tokens")?,
        output_tokens: row.int("output_tokens")?,
        cache_read_tokens: row.int("cache_read_tokens")?,
        cache_write_tokens: row.int("cache_write_tokens")?,
        reasoning_tokens: row.int("reasoning_tokens")?,
        estimated: row.bool("estimated")?,
        cost_micros: row.opt_int("cost_micros")?,
        latency_ms: row.opt_int("latency_ms")?,
        ttft_ms: row.opt_int("ttft_ms")?,
        status: row.text("status")?,
        error_class: row.opt_text("error_class")?,
        request_id: row.opt_text("request_id")?,
    })
}

/// The model calls of a run, in the order in which they were made.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn for_run(db: &Db, run_id: &RunId) -> Result<Vec<CallRow>> {
    db.fetch_all(&FOR_RUN, args![run_id]).await?.iter().map(read).collect()
}

/// What a run has used so far.
///
/// # Errors
/// When the database fails.
pub async fn run_usage(db: &Db, run_id: &RunId) -> Result<RunUsage> {
    let row = db.fetch_optional(&USAGE, args![run_id]).await?.ok_or_else(|| missing("budget_ledger"))?;
    Ok(RunUsage { cost_micros: row.int("micros")?, tokens: row.int("tokens")?, calls: row.int("calls")? })
}
