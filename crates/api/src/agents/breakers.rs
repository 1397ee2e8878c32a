//! `/circuit-breakers`: which services are cut off at the moment.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;
use crate::openapi::{Operation, schema};
use crate::ports::BreakerSnapshot;

/// Services that are always listed, used or not.
const ALWAYS: [&str; 9] =
    ["ollama", "stripe", "shopify", "printful", "instagram", "chromadb", "redis", "openai", "anthropic"];

/// GET `/circuit-breakers`
pub async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let detail = query.flag("detail");
    query.finish()?;
    let breakers = all(&app);
    Ok(Json(if detail {
        json!({"count": breakers.len(), "breakers": breakers})
    } else {
        breakers.into_iter().map(|breaker| (breaker.name, json!(breaker.state))).collect()
    }))
}

/// All breakers by name, those that nothing has happened to included.
pub(crate) fn all(app: &App) -> Vec<BreakerSnapshot> {
    let mut by_name: BTreeMap<String, BreakerSnapshot> =
        ALWAYS.iter().map(|name| ((*name).to_owned(), BreakerSnapshot::untouched(name))).collect();
    by_name.extend(app.breakers.snapshots().into_iter().map(|breaker| (breaker.name.clone(), breaker)));
    by_name.into_values().collect()
}

fn state_schema() -> Value {
    schema::one_of(&["closed", "open", "half_open"])
}

/// The schema of one breaker.
pub(crate) fn schema() -> Value {
    schema::object(&[
        ("name", schema::text()),
        ("state", state_schema()),
        ("failure_count", schema::whole()),
        ("last_failure", schema::or_null(schema::moment())),
        ("opens_until", schema::or_null(schema::moment())),
    ])
}

pub(crate) fn list_doc() -> Operation {
    let state = state_schema();
    let detailed = schema::object(&[("breakers", schema::list(schema())), ("count", schema::whole())]);
    Operation::new("list_breakers", "Service", "Circuit breakers of all services")
        .query("detail", "`true`: a list with figures instead of a map", schema::flag())
        .answer(200, "Service to state, or the list", json!({"anyOf": [schema::map_of(state), detailed]}))
}
