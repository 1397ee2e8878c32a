//! `/tower/runs`: start, list, look at, stop and hold runs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use domain::run::{Run, RunStatus};
use domain::{canonical, ids::RunId};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::agents::start::StartBody;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body, JsonOrEmpty, Query, RunPath};
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, IdempotencyKey, Page, PauseState, RunCursor, RunFilter, RunSnapshot};

const MAX_REASON_CHARS: usize = 500;

pub(super) fn named_run(operation: Operation) -> Operation {
    operation.path("run_id", "Run id", schema::run_id(), Code::RunNotFound)
}

/// POST `/tower/runs/start`
pub async fn start(
    State(app): State<App>,
    By(by): By,
    headers: HeaderMap,
    body: Body<StartBody>,
) -> Result<Response, ApiError> {
    let idempotency = idempotency_key(&headers, &body.sent)?;
    let start = body.value.check(&by.subject, idempotency)?;
    let started = app.tower.start_run(&by, start).await?;
    let status = if started.fresh { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(json!({"run_id": started.run_id, "status": started.status}))).into_response())
}

fn idempotency_key(headers: &HeaderMap, sent: &Value) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(key) if visible && (1..=255).contains(&key.len()) => {
            Ok(Some(IdempotencyKey { key: key.to_owned(), body_hash: canonical::hash(sent) }))
        }
        _ => Err(ApiError::because(Code::InvalidHeader, "Idempotency-Key must have 1 to 255 visible ASCII characters")),
    }
}

pub(crate) fn start_doc() -> Operation {
    let messages = schema::list(schema::named("Message"));
    let state = json!({"type": "object", "minProperties": 1, "properties": {"messages": messages, "trigger_payload": schema::any_object()}});
    let started = schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status())]);
    Operation::new("start_run", "Tower", "Starts a run")
        .header("Idempotency-Key", "The same key within 24 hours brings back the first run", schema::text_up_to(255))
        .body(
            schema::request(
                &["input_state"],
                &[
                    ("input_state", state),
                    ("workflow_id", schema::text()),
                    ("run_name", schema::text_up_to(200)),
                    ("metadata", schema::any_object()),
                    ("created_by", schema::text_up_to(64)),
                    ("priority", schema::whole_in(0, 10)),
                    ("serial_key", schema::text_up_to(200)),
                ],
            ),
            json!({
                "run_name": "Look at order #1042", "priority": 5, "serial_key": "order:5830137741322",
                "input_state": {"messages": [{"type": "human", "content": "Is order #1042 printed?"}], "trigger_payload": {"task": "order_check"}},
                "metadata": {"timeout_seconds": 300},
            }),
        )
        .answer(201, "Queued", started.clone())
        .answer(200, "The run that this idempotency key started before", started)
        .refuses(&[Code::UnknownWorkflow, Code::RuleBroken, Code::IdempotencyKeyReused])
}

/// GET `/tower/runs`
pub async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let limit = query.limit(50, 200);
    let page = Page {
        limit,
        offset: query.count("offset"),
        after: query.parsed("cursor", "a `next_cursor` of this list", RunCursor::parse),
    };
    let filter = RunFilter {
        status: query.parsed("status", "a run status", RunStatus::parse),
        workflow_id: query.text("workflow_id"),
        serial_key: query.text("serial_key"),
        text: query.text("q"),
        since: query.moment("since"),
        until: query.moment("until"),
    };
    query.finish()?;
    let runs = app.tower.list_runs(filter, page).await?;
    let full = i64::try_from(runs.len()).is_ok_and(|count| count >= limit);
    let next_cursor = runs
        .last()
        .filter(|_| full)
        .map(|run| RunCursor { updated_at: run.updated_at, run_id: run.run_id.clone() }.to_text());
    Ok(Json(json!({"count": runs.len(), "runs": runs, "next_cursor": next_cursor})))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_runs", "Tower", "Runs, newest change first")
        .query("status", "Only these; `canceled` is understood", schema::run_status())
        .query("workflow_id", "Only of this workflow", schema::text_up_to(200))
        .query("serial_key", "Only with this key", schema::text_up_to(200))
        .query("q", "Only with this text in name or id", schema::text_up_to(200))
        .query("since", "Changed at or after", schema::moment())
        .query("until", "Changed before", schema::moment())
        .query("limit", "How many", schema::limit(50, 200))
        .query("offset", "Skip so many; a cursor is faster", schema::whole_in(0, i64::MAX))
        .query("cursor", "`next_cursor` of the page before", schema::text())
        .answer(
            200,
            "One page",
            schema::object(&[
                ("runs", schema::list(schema::named("Run"))),
                ("count", schema::whole()),
                ("next_cursor", schema::or_null(schema::text())),
            ]),
        )
}

/// GET `/tower/runs/{run_id}`
pub async fn show(State(app): State<App>, RunPath(run_id): RunPath) -> Result<Json<Run>, ApiError> {
    Ok(Json(app.tower.get_run(&run_id).await?))
}

pub(crate) fn show_doc() -> Operation {
    named_run(Operation::new("show_run", "Tower", "One run")).answer(200, "The run", schema::named("Run"))
}

/// GET `/tower/runs/{run_id}/events`
pub async fn events(
    State(app): State<App>,
    RunPath(run_id): RunPath,
    mut query: Query,
) -> Result<Json<Value>, ApiError> {
    let (after_seq, limit) = (query.count("after_seq"), query.limit(200, 1000));
    query.finish()?;
    let events = app.tower.run_events(&run_id, after_seq, limit).await?;
    Ok(Json(json!({"run_id": run_id, "count": events.len(), "events": events})))
}

pub(crate) fn events_doc() -> Operation {
    named_run(Operation::new("list_run_events", "Tower", "The timeline of a run, in order"))
        .query("after_seq", "Only events after this `seq`", schema::whole_in(0, i64::MAX))
        .query("limit", "How many", schema::limit(200, 1000))
        .answer(
            200,
            "The events",
            schema::object(&[
                ("run_id", schema::run_id()),
                ("events", schema::list(schema::named("RunEvent"))),
                ("count", schema::whole()),
            ]),
        )
}

/// GET `/tower/runs/{run_id}/snapshot`
pub async fn snapshot(State(app): State<App>, run: Result<RunPath, ApiError>) -> Result<Json<RunSnapshot>, ApiError> {
    let RunPath(run_id) = run.map_err(|_| ApiError::new(Code::SnapshotNotAvailable))?;
    Ok(Json(app.tower.run_snapshot(&run_id).await?))
}

pub(crate) fn snapshot_doc() -> Operation {
    let interrupt = schema::object(&[("id", schema::text()), ("value", json!({}))]);
    let task =
        schema::object(&[("id", schema::text()), ("name", schema::text()), ("interrupts", schema::list(interrupt))]);
    Operation::new("show_run_snapshot", "Tower", "The newest state of a run and what it waits for")
        .path("run_id", "Run id", schema::run_id(), Code::SnapshotNotAvailable)
        .answer(
            200,
            "The snapshot",
            schema::object(&[
                ("values", schema::any_object()),
                ("next", schema::list(schema::text())),
                ("tasks", schema::list(task)),
                ("checkpoint_id", schema::checkpoint_id()),
            ]),
        )
}

/// GET `/tower/runs/{run_id}/effects`
pub async fn effects(State(app): State<App>, RunPath(run_id): RunPath) -> Result<Json<Value>, ApiError> {
    let effects = app.tower.run_effects(&run_id).await?;
    Ok(Json(json!({"run_id": run_id, "count": effects.len(), "effects": effects})))
}

pub(crate) fn effects_doc() -> Operation {
    named_run(Operation::new("list_run_effects", "Tower", "Effects of a run, newest first")).answer(
        200,
        "The effects",
        schema::object(&[
            ("run_id", schema::run_id()),
            ("effects", schema::list(schema::named("Effect"))),
            ("count", schema::whole()),
        ]),
    )
}

/// Why a person stops or holds a run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    reason: Option<String>,
}

impl ReasonBody {
    fn check(self) -> Result<String, ApiError> {
        let reason = self.reason.unwrap_or_default();
        if reason.chars().count() > MAX_REASON_CHARS {
            return Err(AppError::rules(vec![format!("reason has at most {MAX_REASON_CHARS} characters")]).into());
        }
        Ok(reason)
    }
}

fn with_reason(operation: Operation) -> Operation {
    let body = schema::request(&[], &[("reason", schema::or_null(schema::text_up_to(MAX_REASON_CHARS)))]);
    named_run(operation)
        .optional_body(body, json!({"reason": "order was placed twice"}))
        .refuses(&[Code::RunEnded, Code::RuleBroken])
}

/// POST `/tower/runs/{run_id}/cancel`
pub async fn cancel(
    State(app): State<App>,
    By(by): By,
    RunPath(run_id): RunPath,
    JsonOrEmpty(body): JsonOrEmpty<ReasonBody>,
) -> Result<Json<Value>, ApiError> {
    app.tower.cancel_run(&by, &run_id, &body.check()?).await?;
    Ok(Json(json!({"run_id": run_id, "status": RunStatus::Cancelled})))
}

pub(crate) fn cancel_doc() -> Operation {
    with_reason(Operation::new("cancel_run", "Tower", "Ends a run; what it has already done stays done")).answer(
        200,
        "Cancelled",
        schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status())]),
    )
}

/// POST `/tower/runs/{run_id}/pause`
pub async fn pause(
    State(app): State<App>,
    By(by): By,
    RunPath(run_id): RunPath,
    JsonOrEmpty(body): JsonOrEmpty<ReasonBody>,
) -> Result<Json<Value>, ApiError> {
    set_paused(&app, &by, run_id, PauseState::Paused, body).await
}

/// POST `/tower/runs/{run_id}/continue`
pub async fn go_on(
    State(app): State<App>,
    By(by): By,
    RunPath(run_id): RunPath,
    JsonOrEmpty(body): JsonOrEmpty<ReasonBody>,
) -> Result<Json<Value>, ApiError> {
    set_paused(&app, &by, run_id, PauseState::Running, body).await
}

async fn set_paused(
    app: &App,
    by: &domain::ticket::Decider,
    run_id: RunId,
    to: PauseState,
    body: ReasonBody,
) -> Result<Json<Value>, ApiError> {
    app.tower.set_paused(by, &run_id, to, &body.check()?).await?;
    Ok(Json(json!({"run_id": run_id, "paused": to == PauseState::Paused})))
}

fn paused_answer(operation: Operation) -> Operation {
    with_reason(operation).answer(
        200,
        "Whether it is held",
        schema::object(&[("run_id", schema::run_id()), ("paused", schema::flag())]),
    )
}

pub(crate) fn pause_doc() -> Operation {
    paused_answer(Operation::new("pause_run", "Tower", "Holds a run at its next checkpoint"))
}

pub(crate) fn go_on_doc() -> Operation {
    paused_answer(Operation::new("continue_run", "Tower", "Lets a held run go on"))
}
