//! `log_lines`: what the program said lately, within a bound of lines and of hours.

use domain::time::{Timestamp, to_text};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::bulk;
use crate::engine::{Db, Row, Tx, args, statements};
use crate::error::Result;
use crate::runs::escape_like;

statements! {
    INSERT = per_engine(
        "INSERT INTO log_lines (ts, level, logger, message, agent, run_id, fields)
         SELECT ts, level, logger, message, agent, run_id, CAST(fields AS jsonb)
         FROM json_to_recordset(CAST($1 AS json)) AS x(ts timestamptz, level text, logger text, message text, agent text, run_id text, fields text)",
        "INSERT INTO log_lines (ts, level, logger, message, agent, run_id, fields)
         SELECT value ->> '$.ts', value ->> '$.level', value ->> '$.logger', value ->> '$.message', value ->> '$.agent', value ->> '$.run_id', value ->> '$.fields'
         FROM json_each($1)",
    );
    // Lines are numbered as they are written, so the number is the order; a moment may be shared by many.
    LIST = both(
        "SELECT id, ts, level, logger, message, agent, run_id, fields FROM log_lines
         WHERE CASE level WHEN 'error' THEN 3 WHEN 'warning' THEN 2 WHEN 'info' THEN 1 ELSE 0 END >= $1
           AND (CAST($2 AS TEXT) IS NULL OR agent = $2)
           AND (CAST($3 AS TEXT) IS NULL OR run_id = $3)
           AND (CAST($4 AS TEXT) IS NULL OR LOWER(message) LIKE $4 ESCAPE '!' OR LOWER(logger) LIKE $4 ESCAPE '!')
           AND (CAST($5 AS TIMESTAMPTZ) IS NULL OR ts >= $5)
           AND (CAST($6 AS TIMESTAMPTZ) IS NULL OR ts < $6)
           AND (CAST($7 AS BIGINT) IS NULL OR id < $7)
         ORDER BY id DESC LIMIT $8",
    );
    SWEEP_OLD = both("DELETE FROM log_lines WHERE ts < $1");
    SWEEP_MANY = both("DELETE FROM log_lines WHERE id <= (SELECT id FROM log_lines ORDER BY id DESC LIMIT 1 OFFSET $1)");
}

/// How much a line matters, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For those who look for a fault.
    Debug,
    /// What happens.
    Info,
    /// What may need somebody.
    Warning,
    /// What went wrong.
    Error,
}

impl LogLevel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warning, Self::Error];

    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One line before it is stored; its texts are redacted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLogLine {
    /// When.
    pub ts: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the program.
    pub logger: String,
    /// The sentence.
    pub message: String,
    /// Node of the workflow that was at work.
    pub agent: Option<String>,
    /// Run that was worked on.
    pub run_id: Option<String>,
    /// The facts of the line.
    pub fields: Map<String, Value>,
}

/// One stored line.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// Its number; later lines have higher ones.
    pub id: i64,
    /// When.
    pub ts: Timestamp,
    /// `debug`, `info`, `warning` or `error`.
    pub level: String,
    /// Which part of the program.
    pub logger: String,
    /// The sentence.
    pub message: String,
    /// Node of the workflow.
    pub agent: Option<String>,
    /// Run.
    pub run_id: Option<String>,
    /// The facts of the line.
    pub fields: Map<String, Value>,
}

/// Which lines.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    /// At least so important.
    pub level: Option<LogLevel>,
    /// Of this node.
    pub agent: Option<String>,
    /// Of this run.
    pub run_id: Option<String>,
    /// With this text in message or logger.
    pub q: Option<String>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Only lines with a lower number.
    pub before: Option<i64>,
}

#[derive(Serialize)]
struct Inserted<'a> {
    ts: String,
    level: &'static str,
    logger: &'a str,
    message: &'a str,
    agent: Option<&'a str>,
    run_id: Option<&'a str>,
    fields: String,
}

/// Adds lines in their order.
///
/// # Errors
/// When the statement fails or a text holds a NUL.
pub async fn insert(tx: &mut Tx, lines: &[NewLogLine]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        rows.push(Inserted {
            ts: to_text(line.ts),
            level: line.level.as_str(),
            logger: &line.logger,
            message: &line.message,
            agent: line.agent.as_deref(),
            run_id: line.run_id.as_deref(),
            fields: bulk::json(&line.fields)?,
        });
    }
    tx.execute(&INSERT, vec![bulk::rows(&rows)?]).await.map(drop)
}

fn read(row: &Row) -> Result<LogLine> {
    Ok(LogLine {
        id: row.int("id")?,
        ts: row.ts("ts")?,
        level: row.text("level")?,
        logger: row.text("logger")?,
        message: row.text("message")?,
        agent: row.opt_text("agent")?,
        run_id: row.opt_text("run_id")?,
        fields: row.json("fields")?,
    })
}

/// Lines, newest first.
///
/// # Errors
/// When the database fails or a row cannot be read.
pub async fn list(db: &Db, filter: &LogFilter, limit: i64) -> Result<Vec<LogLine>> {
    let rank = match filter.level.unwrap_or(LogLevel::Debug) {
        LogLevel::Debug => 0,
        LogLevel::Info => 1,
        LogLevel::Warning => 2,
        LogLevel::Error => 3,
    };
    let pattern = filter.q.as_ref().map(|q| format!("%{}%", escape_like(&q.to_lowercase())));
    let values = args![
        rank,
        filter.agent.as_ref(),
        filter.run_id.as_ref(),
        pattern,
        filter.since,
        filter.until,
        filter.before,
        limit,
    ];
    db.fetch_all(&LIST, values).await?.iter().map(read).collect()
}

/// Removes lines older than `since`, and of the rest all but the newest `most`. Says how many went.
///
/// # Errors
/// When a statement fails.
pub async fn sweep(tx: &mut Tx, since: Timestamp, most: i64) -> Result<u64> {
    Ok(tx.execute(&SWEEP_OLD, args![since]).await? + tx.execute(&SWEEP_MANY, args![most]).await?)
}
