//! Questions about recent log lines, and their answers.

use domain::ids::RunId;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::AppError;

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
    /// The words in requests and answers.
    pub const WORDS: [&str; 4] = ["error", "warning", "info", "debug"];

    /// Reads such a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "error" => Some(Self::Error),
            "warning" => Some(Self::Warning),
            "info" => Some(Self::Info),
            "debug" => Some(Self::Debug),
            _ => None,
        }
    }
}

/// Which lines; every member that is set narrows the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// At least so important.
    pub level: Option<LogLevel>,
    /// Of this node.
    pub agent: Option<String>,
    /// Of this run.
    pub run_id: Option<RunId>,
    /// With this text in message or logger.
    pub text: Option<String>,
    /// At or after.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Only lines older than the one of this number.
    pub before: Option<i64>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    /// Its number; later lines have higher ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// One of [`LogLevel::WORDS`].
    pub level: String,
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

impl LogRecord {
    /// The line as a live event of type `log`, with its facts.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit a double")]
    pub fn to_json(&self) -> Value {
        json!({
            "type": "log", "id": self.id, "timestamp": self.at.timestamp_micros() as f64 / 1_000_000.0,
            "level": self.level, "logger": self.logger, "message": self.message, "agent": self.agent,
            "thread_id": self.run_id, "fields": self.fields,
        })
    }
}

/// The recent lines.
#[async_trait::async_trait]
pub trait LogBook: Send + Sync {
    /// Lines, newest first.
    async fn lines(&self, filter: LogFilter, limit: i64) -> Result<Vec<LogRecord>, AppError>;
}
