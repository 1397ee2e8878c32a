//! `/api/health`: the health of the agents server, and of the console itself.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::app::Console;
use crate::agents::health;
use crate::app::App;
use crate::openapi::{Operation, schema};

/// GET `/api/health`
pub async fn show(State(app): State<App>, Extension(console): Extension<Console>) -> Response {
    let (status, mut body) = health::report(&app).await;
    body["holly_console"] = json!("connected");
    if let Ok(any) = console.accounts.any().await {
        body["login"] = json!(if any { "configured" } else { "not_configured" });
    }
    (status, Json(body)).into_response()
}

pub(super) fn show_doc() -> Operation {
    let mut doc = health::show_doc();
    for answer in &mut doc.answers {
        add(&mut answer.schema, "holly_console", schema::one_of(&["connected"]));
        answer.schema["properties"]["login"] = schema::one_of(&["configured", "not_configured"]);
    }
    doc.describe("As the agents server's; `login` says whether anybody can sign in, when that can be told.")
}

fn add(object: &mut Value, name: &str, member: Value) {
    object["properties"][name] = member;
    if let Some(required) = object["required"].as_array_mut() {
        required.push(json!(name));
    }
}
