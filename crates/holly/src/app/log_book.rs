//! Recent log lines, read from their table.

use api::ports::{AppError, LogBook, LogFilter, LogLevel, LogRecord};
use async_trait::async_trait;
use store::{Db, log_lines};

use super::port::store_error;

/// The table of recent lines.
#[derive(Debug)]
pub(super) struct StoreLogBook(pub(super) Db);

#[async_trait]
impl LogBook for StoreLogBook {
    async fn lines(&self, filter: LogFilter, limit: i64) -> Result<Vec<LogRecord>, AppError> {
        let level = filter.level.map(|level| match level {
            LogLevel::Debug => log_lines::LogLevel::Debug,
            LogLevel::Info => log_lines::LogLevel::Info,
            LogLevel::Warning => log_lines::LogLevel::Warning,
            LogLevel::Error => log_lines::LogLevel::Error,
        });
        let filter = log_lines::LogFilter {
            level,
            agent: filter.agent,
            run_id: filter.run_id.map(|id| id.to_string()),
            q: filter.text,
            since: filter.since,
            until: filter.until,
            before: filter.before,
        };
        let lines = log_lines::list(&self.0, &filter, limit).await.map_err(store_error)?;
        Ok(lines.into_iter().map(record).collect())
    }
}

fn record(line: log_lines::LogLine) -> LogRecord {
    LogRecord {
        id: line.id,
        at: line.ts,
        level: line.level,
        logger: line.logger,
        message: line.message,
        agent: line.agent,
        run_id: line.run_id,
        fields: line.fields,
    }
}
