//! `/traces`: what runs spent their time and money on.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::money::Micros;
use domain::trace::SpanStatus;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Query, SpanPath, TracePath};
use crate::openapi::{Operation, schema};
use crate::ports::{Page, SpanContent, Trace, TraceCursor, TraceFilter};

/// Most days that a list looks back.
const MAX_DAYS: i64 = 90;

/// `days`, 1 to 90.
pub(super) fn days(query: &mut Query, default: i64) -> i64 {
    query.parsed("days", "a whole number from 1 to 90", in_days).unwrap_or(default)
}

fn in_days(text: &str) -> Option<i64> {
    whole(text).filter(|days| (1..=MAX_DAYS).contains(days))
}

fn whole(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// US dollars in micro-dollars.
fn dollars(text: &str) -> Option<i64> {
    Micros::parse(text).ok().map(|micros| micros.0).filter(|micros| *micros >= 0)
}

/// GET `/traces`
pub async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let limit = query.limit(50, 200);
    let page = Page {
        limit,
        offset: query.count("offset"),
        after: query.parsed("cursor", "a `next_cursor` of this list", TraceCursor::parse),
    };
    let filter = TraceFilter {
        days: days(&mut query, 7),
        status: query.parsed("status", "`success`, `error` or `pending`", SpanStatus::parse),
        model: query.text("model"),
        workflow_id: query.text("workflow_id"),
        agent_id: query.text("agent_id"),
        text: query.text("q"),
        min_cost_micros: query.parsed("min_cost", "US dollars such as 0.05", dollars),
        min_ms: query.parsed("min_ms", "a whole number of milliseconds", whole),
    };
    query.finish()?;
    let found = app.ledgers.traces(filter, page).await?;
    let full = i64::try_from(found.traces.len()).is_ok_and(|count| count >= limit);
    let next_cursor = found
        .traces
        .last()
        .filter(|_| full)
        .map(|last| TraceCursor { start_time: last.start_time, run_id: last.run_id.clone() }.to_text());
    Ok(Json(json!({
        "count": found.traces.len(), "traces": found.traces, "next_cursor": next_cursor, "total": found.total,
    })))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_traces", "Traces", "Traces, newest first")
        .describe("One root span for each run that a worker has taken up. `total` is counted to 10 000.")
        .query("days", "Only those begun in so many days", schema::whole_in(1, MAX_DAYS))
        .query("status", "Only these", status())
        .query("model", "Only those in which this model was asked", schema::text_up_to(200))
        .query("workflow_id", "Only of this workflow", schema::text_up_to(200))
        .query("agent_id", "Only those in which this agent worked", schema::text_up_to(200))
        .query("q", "Only with this text in name or error, or with this id", schema::text_up_to(200))
        .query("min_cost", "Only those that cost at least so many US dollars", schema::number())
        .query("min_ms", "Only those that took at least so many milliseconds", schema::whole_in(0, i64::MAX))
        .query("limit", "How many", schema::limit(50, 200))
        .query("offset", "Skip so many; a cursor is faster", schema::whole_in(0, i64::MAX))
        .query("cursor", "`next_cursor` of the page before", schema::text())
        .answer(
            200,
            "One page",
            schema::object(&[
                ("traces", schema::list(schema::named("Span"))),
                ("count", schema::whole()),
                ("next_cursor", schema::or_null(schema::text())),
                ("total", schema::whole()),
            ]),
        )
}

/// Status of a span.
fn status() -> Value {
    schema::one_of(&["success", "error", "pending"])
}

/// GET `/traces/{run_id}`
pub async fn show(State(app): State<App>, TracePath(run_id): TracePath) -> Result<Json<Trace>, ApiError> {
    Ok(Json(app.ledgers.trace(&run_id).await?))
}

pub(crate) fn show_doc() -> Operation {
    Operation::new("show_trace", "Traces", "One trace with all its spans")
        .describe(
            "`steps` are in the order of their begin, at most 2 000. `node` names the lane of a span; a span of kind \
             `wait` lasts from a question to its decision; `attributes.queued_ms` of the root is the time in the queue \
             before the first claim. A node that waited, failed or lost its worker has one span for each try, numbered \
             by `attempt`; the gap between the end of a wait and the next try is the queue again.",
        )
        .path("run_id", "Run id, or the id of another root span", schema::text(), Code::TraceNotFound)
        .answer(200, "The root and its steps", trace_schema())
}

fn trace_schema() -> Value {
    json!({"allOf": [
        schema::named("Span"),
        schema::object(&[("steps", schema::list(schema::named("Span"))), ("steps_truncated", schema::flag())]),
    ]})
}

/// GET `/traces/{run_id}/spans/{span_id}`
pub async fn content(
    State(app): State<App>,
    SpanPath { trace, span }: SpanPath,
) -> Result<Json<SpanContent>, ApiError> {
    Ok(Json(app.ledgers.span_content(&trace, &span).await?))
}

pub(crate) fn content_doc() -> Operation {
    Operation::new("show_span_content", "Traces", "What one span was given and what came of it, redacted")
        .describe("Only while contents are kept (`HOLLY_TRACE_CONTENT=1`); else 404.")
        .path("run_id", "Run id, or the id of another root span", schema::text(), Code::TraceNotFound)
        .path("span_id", "Span id", schema::text(), Code::SpanNotFound)
        .answer(
            200,
            "The contents",
            schema::object(&[("run_id", schema::text()), ("inputs", json!({})), ("outputs", json!({}))]),
        )
}
