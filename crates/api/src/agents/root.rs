//! `/`: which service this is.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::openapi::{Operation, schema};

/// GET `/`
pub async fn show(State(app): State<App>) -> Json<Value> {
    Json(json!({"service": "holly-grace", "version": app.settings.version}))
}

pub(crate) fn show_doc() -> Operation {
    Operation::new("show_service", "Service", "Which service this is").answer(
        200,
        "Name and version",
        schema::object(&[("service", schema::text()), ("version", schema::text())]),
    )
}
