//! `/scheduler`: the jobs, and the work of theirs that failed.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::codes::Code;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{By, JobPath, LetterPath, Query};
use crate::openapi::{Operation, schema};
use crate::ports::{PauseState, RetryEnd};

/// GET `/scheduler/jobs`
pub async fn list(State(app): State<App>, query: Query) -> Result<Json<Value>, ApiError> {
    query.finish()?;
    let jobs = app.jobs.list().await?;
    Ok(Json(json!({"count": jobs.len(), "jobs": jobs})))
}

pub(crate) fn list_doc() -> Operation {
    Operation::new("list_jobs", "Scheduler", "The scheduled jobs, with their next and last fires").answer(
        200,
        "All jobs",
        schema::object(&[("jobs", schema::list(schema::named("Job"))), ("count", schema::whole())]),
    )
}

/// POST `/scheduler/trigger/{job_id}`
pub async fn trigger(State(app): State<App>, By(by): By, JobPath(job_id): JobPath) -> Result<Json<Value>, ApiError> {
    match app.jobs.trigger(&by, &job_id).await {
        Ok(()) => Ok(Json(json!({"status": "triggered", "job_id": job_id}))),
        Err(error) => Err(with_status(error.into(), &job_id)),
    }
}

pub(crate) fn trigger_doc() -> Operation {
    Operation::new("trigger_job", "Scheduler", "Fires a job now, out of its schedule; its gate still applies")
        .path("job_id", "Job id", schema::slug(), Code::JobNotFound)
        .answer(200, "It fired", job_answer(&["triggered"]))
        .refuses(&[Code::JobRunning])
}

/// POST `/scheduler/jobs/{job_id}/pause`
pub async fn pause(State(app): State<App>, By(by): By, JobPath(job_id): JobPath) -> Result<Json<Value>, ApiError> {
    app.jobs.set_paused(&by, &job_id, PauseState::Paused).await.map_err(|error| with_status(error.into(), &job_id))?;
    Ok(Json(json!({"status": "paused", "job_id": job_id})))
}

pub(crate) fn pause_doc() -> Operation {
    Operation::new("pause_job", "Scheduler", "Holds a job back: its fires are skipped until it is resumed")
        .path("job_id", "Job id", schema::slug(), Code::JobNotFound)
        .answer(200, "It is held back", job_answer(&["paused"]))
}

/// POST `/scheduler/jobs/{job_id}/resume`
pub async fn resume(State(app): State<App>, By(by): By, JobPath(job_id): JobPath) -> Result<Json<Value>, ApiError> {
    app.jobs.set_paused(&by, &job_id, PauseState::Running).await.map_err(|error| with_status(error.into(), &job_id))?;
    Ok(Json(json!({"status": "resumed", "job_id": job_id})))
}

pub(crate) fn resume_doc() -> Operation {
    Operation::new("resume_job", "Scheduler", "Lets a held job fire again")
        .path("job_id", "Job id", schema::slug(), Code::JobNotFound)
        .answer(200, "It fires again", job_answer(&["resumed"]))
}

/// GET `/scheduler/dlq`
pub async fn dead_letters(State(app): State<App>, mut query: Query) -> Result<Json<Value>, ApiError> {
    let unresolved = query.flag("unresolved");
    query.finish()?;
    let entries = app.jobs.dead_letters(unresolved).await?;
    Ok(Json(json!({"count": entries.len(), "entries": entries})))
}

pub(crate) fn dead_letters_doc() -> Operation {
    Operation::new("list_dead_letters", "Scheduler", "Scheduled work that failed, newest first, 100 at most")
        .query("unresolved", "Only what has not come to a good end", schema::flag())
        .answer(
            200,
            "The entries",
            schema::object(&[("entries", schema::list(schema::named("DeadLetter"))), ("count", schema::whole())]),
        )
}

/// POST `/scheduler/dlq/{dlq_id}/retry`
pub async fn retry(State(app): State<App>, By(by): By, LetterPath(id): LetterPath) -> Result<Response, ApiError> {
    match app.jobs.retry(&by, id).await? {
        RetryEnd::Resolved => Ok(Json(json!({"status": "resolved", "dlq_id": id})).into_response()),
        RetryEnd::Running(run_id) => {
            let body = json!({"status": "retrying", "dlq_id": id, "run_id": run_id});
            Ok((StatusCode::ACCEPTED, Json(body)).into_response())
        }
        RetryEnd::Failed => {
            let members = Map::from_iter([("status".to_owned(), json!("failed"))]);
            Err(ApiError::new(Code::RetryFailed).with_members(members))
        }
    }
}

pub(crate) fn retry_doc() -> Operation {
    let ended = |status: &str, further: &[(&str, Value)]| {
        let mut members = vec![("status", schema::one_of(&[status])), ("dlq_id", schema::whole())];
        members.extend_from_slice(further);
        schema::object(&members)
    };
    Operation::new("retry_dead_letter", "Scheduler", "Tries failed work again and waits up to a minute for its end")
        .path("dlq_id", "Number of the entry", schema::whole_in(1, i64::MAX), Code::DeadLetterNotFound)
        .answer(200, "It came to a good end", ended("resolved", &[]))
        .answer(202, "It is still at work, or waits for a person", ended("retrying", &[("run_id", schema::run_id())]))
        .refuses(&[Code::RetryRunning, Code::RetryFailed])
}

fn job_answer(words: &[&str]) -> Value {
    schema::object(&[("status", schema::one_of(words)), ("job_id", schema::text())])
}

/// A refusal about a job says its status in the words of a trigger.
fn with_status(error: ApiError, job_id: &str) -> ApiError {
    let status = match error.code() {
        Code::JobNotFound => "not_found",
        Code::JobRunning => "already_running",
        _ => return error,
    };
    error.with_members(Map::from_iter([("status".to_owned(), json!(status)), ("job_id".to_owned(), json!(job_id))]))
}
