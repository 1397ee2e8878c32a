//! `/tower/runs/{run_id}/retry` and `/fork`: a run that has ended is done again, as it was or with another state.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use domain::ids::CheckpointId;
use domain::state::RunState;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::runs::named_run;
use super::start::checked_state;
use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, Json as Body, RunPath};
use crate::openapi::{Operation, schema};
use crate::ports::{AppError, FieldError, RetryRun, Started};

const MAX_KEY_CHARS: usize = 255;

/// Where to begin, and the name of the request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryBody {
    key: String,
    checkpoint_id: Option<String>,
}

impl RetryBody {
    fn check(self) -> Result<RetryRun, ApiError> {
        let checkpoint_id = self.checkpoint_id.as_deref().map(checkpoint).transpose()?;
        Ok(RetryRun { key: checked_key(self.key)?, checkpoint_id })
    }
}

/// Where to begin, and what of the state is replaced.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForkBody {
    checkpoint_id: String,
    state: Map<String, Value>,
}

impl ForkBody {
    fn check(self) -> Result<(CheckpointId, Map<String, Value>), ApiError> {
        let checkpoint_id = checkpoint(&self.checkpoint_id)?;
        let owned = RunState::engine_owned(&self.state)
            .map(|name| format!("state.{name} belongs to the engine: leave out members that start with an underscore"));
        let broken: Vec<String> = owned.collect();
        if !broken.is_empty() {
            return Err(AppError::rules(broken).into());
        }
        Ok((checkpoint_id, checked_state(self.state, "state")?))
    }
}

fn checkpoint(text: &str) -> Result<CheckpointId, ApiError> {
    let wrong = "expected `cp_` and 12 lower-case hexadecimal digits, as the list of checkpoints shows it";
    text.parse().map_err(|_| ApiError::fields(Code::InvalidBody, vec![FieldError::new("checkpoint_id", wrong)]))
}

fn checked_key(key: String) -> Result<String, ApiError> {
    let fits = (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(key);
    }
    Err(AppError::rules(vec![format!("key has 1 to {MAX_KEY_CHARS} visible ASCII characters")]).into())
}

fn answered(started: &Started) -> Response {
    let status = if started.fresh { StatusCode::CREATED } else { StatusCode::OK };
    (status, Json(json!({"run_id": started.run_id, "status": started.status}))).into_response()
}

fn answer_schema() -> Value {
    schema::object(&[("run_id", schema::run_id()), ("status", schema::run_status())])
}

fn answers(operation: Operation) -> Operation {
    let refusals = [Code::CheckpointNotFound, Code::RunNotEnded, Code::RuleBroken];
    named_run(operation).answer(201, "Queued", answer_schema()).refuses(&refusals)
}

/// POST `/tower/runs/{run_id}/retry`
pub async fn retry(
    State(app): State<App>,
    By(by): By,
    RunPath(run_id): RunPath,
    body: Body<RetryBody>,
) -> Result<Response, ApiError> {
    Ok(answered(&app.tower.retry_run(&by, &run_id, body.value.check()?).await?))
}

pub(crate) fn retry_doc() -> Operation {
    let body = schema::request(
        &["key"],
        &[("key", schema::text_up_to(MAX_KEY_CHARS)), ("checkpoint_id", schema::or_null(schema::checkpoint_id()))],
    );
    let operation = Operation::new("retry_run", "Tower", "Does a run again that has ended")
        .describe(
            "A new run of the same workflow version, input, priority and name, from the start or from a checkpoint. \
             What the old run has confirmed outside is reused and never repeated.",
        )
        .body(body, json!({"key": "retry-1042-1", "checkpoint_id": "cp_0123456789ab"}));
    answers(operation)
        .answer(200, "The retry that this key made before, within 24 hours", answer_schema())
        .refuses(&[Code::IdempotencyKeyReused])
}

/// POST `/tower/runs/{run_id}/fork`
pub async fn fork(
    State(app): State<App>,
    By(by): By,
    RunPath(run_id): RunPath,
    body: Body<ForkBody>,
) -> Result<Response, ApiError> {
    let (checkpoint_id, state) = body.value.check()?;
    Ok(answered(&app.tower.fork_run(&by, &run_id, &checkpoint_id, state).await?))
}

pub(crate) fn fork_doc() -> Operation {
    let body = schema::request(
        &["checkpoint_id", "state"],
        &[("checkpoint_id", schema::checkpoint_id()), ("state", schema::any_object())],
    );
    let operation = Operation::new("fork_run", "Tower", "Goes on from a checkpoint of an ended run with another state")
        .describe(
            "The members of `state` replace those of the same name; the others stay. What the old run has confirmed \
             outside is reused and never repeated.",
        )
        .body(body, json!({"checkpoint_id": "cp_0123456789ab", "state": {"task_type": "order_check", "error": ""}}));
    answers(operation)
}
