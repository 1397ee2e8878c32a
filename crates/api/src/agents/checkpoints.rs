//! `/executions/{thread_id}/checkpoints`: the history of a run's state. The thread of a run is its run id.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::ThreadPath;
use crate::openapi::{Operation, schema};

/// GET `/executions/{thread_id}/checkpoints`
pub async fn list(State(app): State<App>, ThreadPath(thread_id): ThreadPath) -> Result<Json<Value>, ApiError> {
    let checkpoints = app.tower.checkpoints(&thread_id).await?;
    Ok(Json(json!({"thread_id": thread_id, "checkpoints": checkpoints})))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_checkpoints", "Tower", "Checkpoints of a thread, oldest first")
        .path("thread_id", "Run id, or the name of another thread", schema::text(), Code::NotFound)
        .answer(
            200,
            "The checkpoints; an unknown thread has none",
            schema::object(&[
                ("thread_id", schema::text()),
                ("checkpoints", schema::list(schema::named("Checkpoint"))),
            ]),
        )
}
