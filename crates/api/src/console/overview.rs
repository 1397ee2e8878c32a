//! `/api/overview`: the figures of the status strip in one call.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use domain::time::to_text;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::app::Console;
use super::breakers;
use crate::agents::health;
use crate::app::App;
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, BreakerState};

/// How long one set of figures counts.
const KEEP: Duration = Duration::from_secs(2);
/// Time of one part.
const PART: Duration = Duration::from_secs(3);

/// The newest figures; many screens cause one look.
#[derive(Debug, Default)]
pub struct OverviewCache {
    newest: Mutex<Option<(Duration, Arc<Value>)>>,
    look: tokio::sync::Mutex<()>,
}

impl OverviewCache {
    fn fresh(&self, now: Duration) -> Option<Arc<Value>> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.as_ref().filter(|(at, _)| now.saturating_sub(*at) < KEEP).map(|(_, value)| Arc::clone(value))
    }
}

/// GET `/api/overview`
pub async fn show(State(app): State<App>, Extension(console): Extension<Console>) -> Json<Value> {
    if let Some(value) = console.overview.fresh(app.clock.monotonic()) {
        return Json(Value::clone(&value));
    }
    let _one_look_at_a_time = console.overview.look.lock().await;
    if let Some(value) = console.overview.fresh(app.clock.monotonic()) {
        return Json(Value::clone(&value));
    }
    let value = Arc::new(gather(&app, &console).await);
    let entry = (app.clock.monotonic(), Arc::clone(&value));
    *console.overview.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(entry);
    Json(Value::clone(&value))
}

async fn gather(app: &App, console: &Console) -> Value {
    let now = app.clock.now();
    let desk = &console.desk;
    let (tickets, runs, dlq, spend, (_, health)) = tokio::join!(
        part(desk.tickets(now)),
        part(desk.runs(now)),
        part(desk.dead_letters()),
        part(desk.spend(now)),
        health::report(app),
    );
    let mut errors = Map::new();
    let mut take = |name: &str, part: Result<Value, &'static str>| {
        part.unwrap_or_else(|error| {
            errors.insert(name.to_owned(), json!(error));
            Value::Null
        })
    };
    let (tickets, runs) = (take("tickets", tickets), take("runs", runs));
    let (dlq, spend) = (take("dlq", dlq), take("spend", spend));
    let open: Vec<String> = breakers::sorted(app)
        .into_iter()
        .filter(|breaker| breaker.state == BreakerState::Open)
        .map(|breaker| breaker.name)
        .collect();
    json!({
        "tickets": tickets,
        "runs": runs,
        "dlq": dlq,
        "spend": spend,
        "breakers": {"open": open},
        "health": {"status": health["status"]},
        // Not part of the program yet; null is not a failure and is not named in `errors`.
        "autonomy": null,
        "gate": null,
        "errors": errors,
        "ts": to_text(now),
    })
}

async fn part<T: Serialize>(work: impl Future<Output = Result<T, AppError>>) -> Result<Value, &'static str> {
    match tokio::time::timeout(PART, work).await {
        Ok(Ok(value)) => Ok(json!(value)),
        Ok(Err(error)) => Err(error.code.as_str()),
        Err(_) => Err("timed_out"),
    }
}

pub(super) fn show_doc() -> Operation {
    let figures = |names: &[&'static str]| {
        schema::or_null(schema::object(&names.iter().map(|name| (*name, schema::whole())).collect::<Vec<_>>()))
    };
    let autonomy = schema::object(&[
        ("status", schema::one_of(&["running", "paused", "stopped", "dead"])),
        ("paused", schema::flag()),
        ("pause_reason", schema::or_null(schema::text())),
        ("queue_depth", schema::whole()),
        ("consecutive_errors", schema::whole()),
    ]);
    Operation::new("show_overview", "Service", "The figures of the status strip")
        .describe(
            "A part that failed is null and named in `errors` with its code; a part that this program does not have is \
             null and not named. At most 2 seconds old.",
        )
        .answer(
            200,
            "The figures",
            schema::object(&[
                ("tickets", figures(&["pending", "high", "expiring_1h"])),
                ("runs", figures(&["running", "waiting_approval", "failed_24h"])),
                ("autonomy", schema::or_null(autonomy)),
                ("gate", schema::or_null(schema::object(&[("closed_levels", schema::list(schema::whole()))]))),
                ("dlq", figures(&["unresolved"])),
                ("breakers", schema::object(&[("open", schema::list(schema::text()))])),
                (
                    "spend",
                    schema::or_null(schema::object(&[
                        ("today_usd", schema::number()),
                        ("budget_usd", schema::or_null(schema::number())),
                    ])),
                ),
                ("health", schema::object(&[("status", schema::one_of(&["healthy", "degraded", "unhealthy"]))])),
                ("errors", schema::map_of(schema::text())),
                ("ts", schema::moment()),
            ]),
        )
}
