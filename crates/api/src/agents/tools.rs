//! `/tools`: what agents may call.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::openapi::{Operation, schema};

/// GET `/tools`
pub async fn list(State(app): State<App>) -> Json<Value> {
    let tools = app.catalog.tools();
    Json(json!({"count": tools.len(), "tools": tools}))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_tools", "Tools", "Tools that agents may be given").answer(
        200,
        "The tools",
        schema::object(&[("tools", schema::list(schema::named("Tool"))), ("count", schema::whole())]),
    )
}
