//! Reading traces. Money and tokens of a root are those of its run and its ledger, so they are right at any moment.

use domain::ids::TicketId;
use domain::time::Timestamp;
use domain::trace::{Span, SpanStatus, SpanType};
use serde_json::Value;

use crate::engine::{Db, Row, args, statements};
use crate::error::Result;

macro_rules! columns {
    () => {
        "s.span_id, s.trace_id, s.parent_id, s.root_id, s.name, s.run_type, s.status, s.start_time, s.end_time, s.model, s.prompt_tokens, s.completion_tokens, s.cost_micros, s.error, s.inputs_preview, s.outputs_preview, s.agent_id, s.channel_id, s.workflow_id, s.tower_run_id, s.ticket_id, s.attempt, s.attributes"
    };
}

macro_rules! sums {
    () => {
        ", r.cost_micros AS run_cost,
           (SELECT CAST(COALESCE(SUM(c.input_tokens), 0) AS BIGINT) FROM llm_calls c WHERE c.run_id = s.root_id) AS run_prompt,
           (SELECT CAST(COALESCE(SUM(c.output_tokens), 0) AS BIGINT) FROM llm_calls c WHERE c.run_id = s.root_id) AS run_completion,
           (SELECT COUNT(*) FROM llm_calls c WHERE c.run_id = s.root_id AND c.cost_micros IS NULL AND c.status IN ('ok', 'lost')) AS run_unpriced"
    };
}

// `$1` since, `$2` status, `$3` workflow, `$4` agent, `$5` model, `$6` id, `$7` text, `$8` least cost, `$9` least
// milliseconds, `$10` now.
macro_rules! matching {
    ($elapsed:expr) => {
        concat!(
            "FROM spans s LEFT JOIN tower_runs r ON r.run_id = s.root_id
             WHERE s.parent_id IS NULL AND s.start_time >= $1
               AND (CAST($2 AS TEXT) IS NULL OR s.status = $2)
               AND (CAST($3 AS TEXT) IS NULL OR s.workflow_id = $3)
               AND (CAST($4 AS TEXT) IS NULL OR s.agent_id = $4
                    OR EXISTS (SELECT 1 FROM spans a WHERE a.root_id = s.span_id AND a.agent_id = $4))
               AND (CAST($5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM spans m WHERE m.root_id = s.span_id AND m.model = $5))
               AND (CAST($6 AS TEXT) IS NULL OR s.span_id = $6 OR LOWER(s.name) LIKE $7 ESCAPE '!' OR LOWER(COALESCE(s.error, '')) LIKE $7 ESCAPE '!')
               AND (CAST($8 AS BIGINT) IS NULL OR COALESCE(r.cost_micros, s.cost_micros, 0) >= $8)
               AND (CAST($9 AS BIGINT) IS NULL OR ",
            $elapsed,
            " >= $9)"
        )
    };
}

macro_rules! pg {
    () => {
        matching!("EXTRACT(EPOCH FROM (COALESCE(s.end_time, $10) - s.start_time)) * 1000")
    };
}

macro_rules! lite {
    () => {
        matching!("ROUND((unixepoch(COALESCE(s.end_time, $10), 'subsec') - unixepoch(s.start_time, 'subsec')) * 1000)")
    };
}

macro_rules! page {
    ($matching:expr) => {
        concat!(
            "SELECT ",
            columns!(),
            sums!(),
            " ",
            $matching,
            " AND (CAST($11 AS TIMESTAMPTZ) IS NULL OR s.start_time < $11 OR (s.start_time = $11 AND s.span_id < $12))
             ORDER BY s.start_time DESC, s.span_id DESC LIMIT $13 OFFSET $14"
        )
    };
}

macro_rules! count {
    ($matching:expr) => {
        concat!("SELECT COUNT(*) AS n FROM (SELECT 1 AS one ", $matching, " LIMIT 10000) AS found")
    };
}

statements! {
    ROOTS = per_engine(page!(pg!()), page!(lite!()));
    COUNT = per_engine(count!(pg!()), count!(lite!()));
    ROOT = both(concat!("SELECT ", columns!(), sums!(), " FROM spans s LEFT JOIN tower_runs r ON r.run_id = s.root_id
        WHERE s.span_id = $1 AND s.parent_id IS NULL"));
    STEPS = both(concat!("SELECT ", columns!(), " FROM spans s WHERE s.root_id = $1 AND s.parent_id IS NOT NULL
        ORDER BY s.start_time, s.span_id LIMIT $2"));
    CONTENT = both("SELECT span_id, inputs, outputs FROM spans WHERE root_id = $1 AND span_id = $2");
}

/// Which traces.
#[derive(Debug, Clone)]
pub struct TraceFilter {
    /// Begun at or after.
    pub since: Timestamp,
    /// Of this status.
    pub status: Option<SpanStatus>,
    /// Of this workflow.
    pub workflow_id: Option<String>,
    /// In which this agent worked.
    pub agent_id: Option<String>,
    /// In which this model was asked.
    pub model: Option<String>,
    /// With this text in name or error, or this id.
    pub q: Option<String>,
    /// That cost at least so many micro-dollars.
    pub min_cost_micros: Option<i64>,
    /// That took at least so long.
    pub min_ms: Option<i64>,
    /// For those that are under way.
    pub now: Timestamp,
    /// After this one in the list.
    pub cursor: Option<(Timestamp, String)>,
    /// Most.
    pub limit: i64,
    /// Left out at the begin.
    pub offset: i64,
}

/// A span as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanRecord {
    /// The span.
    pub span: Span,
    /// Whether its cost is known in full.
    pub priced: bool,
}

/// What a span was given and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanContent {
    /// Given.
    pub inputs: Option<Value>,
    /// Come of it.
    pub outputs: Option<Value>,
}

fn read(row: &Row) -> Result<SpanRecord> {
    let span = Span {
        span_id: row.text("span_id")?,
        trace_id: row.text("trace_id")?,
        parent_id: row.opt_text("parent_id")?,
        root_id: row.text("root_id")?,
        name: row.text("name")?,
        kind: row.parsed("run_type", SpanType::parse)?,
        status: row.parsed("status", SpanStatus::parse)?,
        start_time: row.ts("start_time")?,
        end_time: row.opt_ts("end_time")?,
        model: row.opt_text("model")?,
        prompt_tokens: row.int("prompt_tokens")?,
        completion_tokens: row.int("completion_tokens")?,
        cost_micros: row.opt_int("cost_micros")?,
        error: row.opt_text("error")?,
        inputs_preview: row.text("inputs_preview")?,
        outputs_preview: row.text("outputs_preview")?,
        inputs: None,
        outputs: None,
        agent_id: row.opt_text("agent_id")?,
        channel_id: row.opt_text("channel_id")?,
        workflow_id: row.opt_text("workflow_id")?,
        tower_run_id: row.opt_text("tower_run_id")?,
        ticket_id: row.opt_int("ticket_id")?.map(TicketId),
        attempt: row.opt_int("attempt")?,
        attributes: row.json("attributes")?,
    };
    let priced = span.kind != SpanType::Llm || span.cost_micros.is_some() || span.status == SpanStatus::Pending;
    Ok(SpanRecord { span, priced })
}

fn read_root(row: &Row) -> Result<SpanRecord> {
    let mut record = read(row)?;
    record.span.cost_micros = row.opt_int("run_cost")?.or(record.span.cost_micros);
    record.span.prompt_tokens = row.int("run_prompt")?;
    record.span.completion_tokens = row.int("run_completion")?;
    record.priced = row.int("run_unpriced")? == 0;
    Ok(record)
}

/// Root spans, newest first, and how many there are (counted to 10 000).
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn list(db: &Db, f: &TraceFilter) -> Result<(Vec<SpanRecord>, i64)> {
    let pattern = f.q.as_ref().map(|q| format!("%{}%", crate::runs::escape_like(&q.to_lowercase())));
    let filter = || {
        args![
            f.since,
            f.status.map(SpanStatus::as_str),
            f.workflow_id.as_ref(),
            f.agent_id.as_ref(),
            f.model.as_ref(),
            f.q.as_ref(),
            pattern.as_ref(),
            f.min_cost_micros,
            f.min_ms,
            f.now,
        ]
    };
    let mut values = filter();
    values.extend(args![f.cursor.as_ref().map(|(at, _)| *at), f.cursor.as_ref().map(|(_, id)| id), f.limit, f.offset,]);
    let rows = db.fetch_all(&ROOTS, values).await?;
    let count = db.fetch_optional(&COUNT, filter()).await?.map_or(Ok(0), |row| row.int("n"))?;
    Ok((rows.iter().map(read_root).collect::<Result<_>>()?, count))
}

/// The root span of this id.
///
/// # Errors
/// As [`list`].
pub async fn root(db: &Db, id: &str) -> Result<Option<SpanRecord>> {
    db.fetch_optional(&ROOT, args![id]).await?.as_ref().map(read_root).transpose()
}

/// The other spans of a trace, by begin; at most `limit`.
///
/// # Errors
/// As [`list`].
pub async fn steps(db: &Db, root_id: &str, limit: i64) -> Result<Vec<SpanRecord>> {
    db.fetch_all(&STEPS, args![root_id, limit]).await?.iter().map(read).collect()
}

/// The contents of one span, as far as they were kept.
///
/// # Errors
/// As [`list`].
pub async fn content(db: &Db, root_id: &str, span_id: &str) -> Result<Option<SpanContent>> {
    let row = db.fetch_optional(&CONTENT, args![root_id, span_id]).await?;
    row.map(|row| Ok(SpanContent { inputs: row.opt_json("inputs")?, outputs: row.opt_json("outputs")? })).transpose()
}
