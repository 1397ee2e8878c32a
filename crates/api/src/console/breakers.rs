//! `/api/health/circuit-breakers`: the breakers with their figures, those in trouble first.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::agents::breakers;
use crate::app::App;
use crate::openapi::{Operation, schema};
use crate::ports::{BreakerSnapshot, BreakerState};

/// All breakers: open, half open, closed, then by name.
pub(super) fn sorted(app: &App) -> Vec<BreakerSnapshot> {
    let mut all = breakers::all(app);
    let rank = |state: BreakerState| match state {
        BreakerState::Open => 0,
        BreakerState::HalfOpen => 1,
        BreakerState::Closed => 2,
    };
    all.sort_by(|a, b| (rank(a.state), &a.name).cmp(&(rank(b.state), &b.name)));
    all
}

/// GET `/api/health/circuit-breakers`
pub async fn list(State(app): State<App>) -> Json<Value> {
    let breakers = sorted(&app);
    Json(json!({"count": breakers.len(), "breakers": breakers}))
}

pub(super) fn list_doc() -> Operation {
    Operation::new("list_breakers", "Service", "Circuit breakers of all services, those in trouble first").answer(
        200,
        "The breakers",
        schema::object(&[("breakers", schema::list(breakers::schema())), ("count", schema::whole())]),
    )
}
