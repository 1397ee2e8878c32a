//! `/health` and `/health/live`.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::SharedClock;
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::openapi::{Operation, schema};
use crate::ports::{Health, HealthProbe};

/// How long a result counts.
const KEEP: Duration = Duration::from_secs(5);
/// How long a round of probes may take; each probe has 5 seconds of its own.
const ROUND: Duration = Duration::from_secs(6);
/// The check that decides between degraded and unhealthy.
const DATABASE: &str = "postgres";

/// The newest result of the probes. Many requests within five seconds cause one round of probes.
pub struct HealthCache {
    probe: Arc<dyn HealthProbe>,
    clock: SharedClock,
    newest: RwLock<Option<(Duration, Arc<Health>)>>,
    round: tokio::sync::Mutex<()>,
}

impl fmt::Debug for HealthCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HealthCache").finish_non_exhaustive()
    }
}

impl HealthCache {
    /// An empty cache in front of `probe`.
    #[must_use]
    pub fn new(probe: Arc<dyn HealthProbe>, clock: SharedClock) -> Self {
        Self { probe, clock, newest: RwLock::new(None), round: tokio::sync::Mutex::new(()) }
    }

    fn fresh(&self) -> Option<Arc<Health>> {
        let now = self.clock.monotonic();
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        newest.as_ref().filter(|(at, _)| now.saturating_sub(*at) < KEEP).map(|(_, health)| Arc::clone(health))
    }

    /// A result at most five seconds old.
    pub async fn read(&self) -> Arc<Health> {
        if let Some(health) = self.fresh() {
            return health;
        }
        let _one_round_at_a_time = self.round.lock().await;
        if let Some(health) = self.fresh() {
            return health;
        }
        let probed = tokio::time::timeout(ROUND, self.probe.probe()).await;
        let health = Arc::new(probed.unwrap_or_else(|_| Health {
            checks: [(DATABASE.to_owned(), false)].into(),
            ready: false,
            autonomy: None,
            warnings: Vec::new(),
        }));
        let entry = (self.clock.monotonic(), Arc::clone(&health));
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some(entry);
        health
    }
}

fn verdict(health: &Health) -> (StatusCode, &'static str) {
    let database = health.checks.get(DATABASE).copied().unwrap_or(false);
    if !health.ready || !database {
        (StatusCode::SERVICE_UNAVAILABLE, "unhealthy")
    } else if health.checks.values().all(|answers| *answers) {
        (StatusCode::OK, "healthy")
    } else {
        (StatusCode::OK, "degraded")
    }
}

/// GET `/health`
pub async fn show(State(app): State<App>) -> Response {
    let (status, body) = report(&app).await;
    (status, Json(body)).into_response()
}

/// Status and body of the answer; the console adds to it.
pub(crate) async fn report(app: &App) -> (StatusCode, Value) {
    let health = app.health.read().await;
    let (code, status) = verdict(&health);
    let mut body = json!({
        "status": status,
        "service": "holly-grace",
        "mode": app.settings.mode,
        "effects": app.settings.effects,
        "checks": health.checks,
    });
    if let Some(autonomy) = health.autonomy {
        body["autonomy"] = json!(autonomy);
    }
    if !health.warnings.is_empty() {
        body["warnings"] = json!(health.warnings);
    }
    (code, body)
}

pub(crate) fn show_doc() -> Operation {
    let mut body = schema::object(&[
        ("status", schema::one_of(&["healthy", "degraded", "unhealthy"])),
        ("service", schema::text()),
        ("mode", schema::one_of(&["live", "rehearsal"])),
        ("effects", schema::one_of(&["on", "off"])),
        ("checks", schema::map_of(schema::flag())),
    ]);
    body["properties"]["autonomy"] = schema::one_of(&["running", "paused", "stopped", "dead"]);
    body["properties"]["warnings"] = schema::list(schema::text());
    Operation::new("show_health", "Service", "Whether the service and what it relies on answer")
        .describe("A component that is not configured is left out; warnings name what will need a person soon. The result is at most 5 seconds old.")
        .answer(200, "Healthy, or degraded: something optional does not answer", body.clone())
        .answer(503, "Unhealthy: the database does not answer, or the start is not finished", body)
}

/// GET `/health/live`
pub async fn live() -> Json<Value> {
    Json(json!({"status": "alive"}))
}

pub(crate) fn live_doc() -> Operation {
    Operation::new("show_liveness", "Service", "Whether the process runs").answer(
        200,
        "It does",
        schema::object(&[("status", schema::text())]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(database: bool, redis: bool, ready: bool) -> Health {
        let checks = [("postgres".to_owned(), database), ("redis".to_owned(), redis)].into();
        Health { checks, ready, autonomy: None, warnings: Vec::new() }
    }

    #[test]
    fn only_the_database_and_an_unfinished_start_make_it_unhealthy() {
        assert_eq!(verdict(&health(true, true, true)).1, "healthy");
        assert_eq!(verdict(&health(true, false, true)), (StatusCode::OK, "degraded"));
        assert_eq!(verdict(&health(false, true, true)).1, "unhealthy");
        assert_eq!(verdict(&health(true, true, false)).1, "unhealthy");
    }
}
