//! `/api/execute`: one sentence becomes a run of the active workflow.

use axum::Json;
use axum::extract::State;
use domain::codes::Code;
use domain::message::Message;
use domain::state::RunState;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body};
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, FieldError, StartRun};

const MAX_TASK_CHARS: usize = 20_000;
const MAX_NAME_CHARS: usize = 80;
const PRIORITY: i64 = 5;

/// What is to be done.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecuteBody {
    task: Option<String>,
}

/// POST `/api/execute`
pub async fn execute(
    State(app): State<App>,
    By(by): By,
    Body { value: body, .. }: Body<ExecuteBody>,
) -> Result<Json<Value>, ApiError> {
    let task = body.task.filter(|task| !task.trim().is_empty()).ok_or_else(|| {
        let required = FieldError::new("task", "is required");
        AppError::because(Code::InvalidBody, "task is required").with_details(vec![required])
    })?;
    if task.chars().count() > MAX_TASK_CHARS {
        return Err(AppError::rules(vec![format!("task has at most {MAX_TASK_CHARS} characters")]).into());
    }
    let members = json!({
        "messages": [Message::human(task.as_str())],
        "trigger_source": "holly_console",
        "retry_count": 0,
    });
    let metadata = json!({"source": "console_execute", "actor": by.subject});
    let start = StartRun {
        workflow_id: None,
        input_state: RunState::new(object(members)),
        run_name: Some(task.trim().chars().take(MAX_NAME_CHARS).collect()),
        metadata: object(metadata),
        created_by: "console".to_owned(),
        priority: PRIORITY,
        serial_key: None,
        idempotency: None,
    };
    let started = app.tower.start_run(&by, start).await?;
    let message = format!("Run {} is queued", started.run_id);
    Ok(Json(json!({"output": {"run_id": started.run_id, "status": started.status, "message": message}})))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

pub(super) fn execute_doc() -> Operation {
    let output =
        schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status()), ("message", schema::text())]);
    Operation::new("execute_task", "Tower", "Starts a run of the active workflow from one sentence")
        .body(
            schema::request(
                &["task"],
                &[("task", json!({"type": "string", "minLength": 1, "maxLength": MAX_TASK_CHARS}))],
            ),
            json!({"task": "Is order #1042 printed?"}),
        )
        .answer(200, "Queued", schema::object(&[("output", output)]))
        .refuses(&[Code::RuleBroken])
}
