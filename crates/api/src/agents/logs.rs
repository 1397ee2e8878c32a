//! `/logs`: what the program said lately.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::openapi::{Operation, schema};
use crate::ports::{LogFilter, LogLevel, LogRecord};

/// GET `/logs`
pub async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let limit = query.limit(200, 1_000);
    let filter = filter(&mut query);
    query.finish()?;
    let lines = app.logs.lines(filter, limit).await?;
    let full = i64::try_from(lines.len()).is_ok_and(|count| count >= limit);
    let next_cursor = lines.last().filter(|_| full).map(|line| line.id.to_string());
    let logs: Vec<Value> = lines.iter().map(LogRecord::to_json).collect();
    Ok(Json(json!({"logs": logs, "next_cursor": next_cursor})))
}

/// The filter that a query asks for.
pub(crate) fn filter(query: &mut Query) -> LogFilter {
    LogFilter {
        level: query.parsed("level", "`error`, `warning`, `info` or `debug`", LogLevel::parse),
        agent: query.text("agent"),
        run_id: query.parsed("run_id", "a run id", |text| text.parse().ok()),
        text: query.text("q"),
        since: query.moment("since"),
        until: query.moment("until"),
        before: query.parsed("cursor", "a `next_cursor` of this list", |text| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| digits && *number > 0)
        }),
    }
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_logs", "Logs", "Log lines of the last 24 hours, newest first")
        .describe(
            "At most 50,000 lines are kept. Lines that came too fast to be stored are counted in a line of their own.",
        )
        .query("level", "At least so important", schema::one_of(&LogLevel::WORDS))
        .query("agent", "Only of this node of a workflow", schema::text_up_to(200))
        .query("run_id", "Only of this run", schema::run_id())
        .query("q", "Only with this text in message or logger", schema::text_up_to(200))
        .query("since", "At or after", schema::moment())
        .query("until", "Before", schema::moment())
        .query("limit", "How many", schema::limit(200, 1_000))
        .query("cursor", "`next_cursor` of the page before", schema::text())
        .answer(
            200,
            "One page",
            schema::object(&[
                ("logs", schema::list(schema::named("LogLine"))),
                ("next_cursor", schema::or_null(schema::text())),
            ]),
        )
}
