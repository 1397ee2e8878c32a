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
    let mut by_name: BTreeMap<String, BreakerSnapshot> =
        ALWAYS.iter().map(|name| ((*name).to_owned(), BreakerSnapshot::untouched(name))).collect();
    by_name.extend(app.breakers.snapshots().into_iter().map(|breaker| (breaker.name.clone(), breaker)));
    Ok(Json(if detail {
        let breakers: Vec<_> = by_name.into_values().collect();
        json!({"count": breakers.len(), "breakers": breakers})
    } else {
        by_name.into_iter().map(|(name, breaker)| (name, json!(breaker.state))).collect()
    }))
}

pub(crate) fn list_doc() -> Operation {
    let state = schema::one_of(&["closed", "open", "half_open"]);
    let breaker = schema::object(&[
        ("name", schema::text()),
        ("state", state.clone()),
        ("failure_count", schema::whole()),
        ("last_failure", schema::or_null(schema::moment())),
        ("opens_until", schema::or_null(schema::moment())),
    ]);
    let detailed = schema::object(&[("breakers", schema::list(breaker)), ("count", schema::whole())]);
    Operation::new("list_breakers", "Service", "Circuit breakers of all services")
        .query("detail", "`true`: a list with figures instead of a map", schema::flag())
        .answer(200, "Service to state, or the list", json!({"anyOf": [schema::map_of(state), detailed]}))
}
