//! A scheduler that is played.

use api::ports::{AppError, JobRecord, Jobs, PauseState, RetryEnd};
use domain::codes::Code;
use domain::ticket::Decider;

use crate::engine::now;

/// A scheduler with one job, whose dead letter 1 cannot be mended and whose dead letter 2 waits for a person.
pub(crate) struct PlayedJobs;

#[async_trait::async_trait]
impl Jobs for PlayedJobs {
    async fn list(&self) -> Result<Vec<JobRecord>, AppError> {
        let job = &domain::schedule::JOBS[0];
        Ok(vec![JobRecord {
            id: job.id.to_owned(),
            next_run: Some(now()),
            trigger: job.trigger.to_string(),
            about: job.about,
            path: job.work.path(),
            gate: job.gate,
            misfire: job.misfire,
            last_run: None,
            last_status: None,
            last_error: None,
            skip_reason: None,
            last_run_id: None,
            running: false,
            paused: false,
            enabled: true,
            unavailable: None,
        }])
    }

    async fn trigger(&self, _by: &Decider, job_id: &str) -> Result<(), AppError> {
        match job_id {
            "order_check" => Ok(()),
            "daily_revenue" => Err(AppError::new(Code::JobRunning)),
            _ => Err(AppError::new(Code::JobNotFound)),
        }
    }

    async fn set_paused(&self, _by: &Decider, job_id: &str, _to: PauseState) -> Result<(), AppError> {
        if job_id == "order_check" { Ok(()) } else { Err(AppError::new(Code::JobNotFound)) }
    }

    async fn dead_letters(&self, _unresolved: bool) -> Result<Vec<domain::schedule::DeadLetter>, AppError> {
        Ok(Vec::new())
    }

    async fn retry(&self, _by: &Decider, id: i64) -> Result<RetryEnd, AppError> {
        match id {
            1 => Ok(RetryEnd::Failed),
            2 => Ok(RetryEnd::Running("run_0123456789abcdef".parse().unwrap())),
            3 => Ok(RetryEnd::Resolved),
            _ => Err(AppError::new(Code::DeadLetterNotFound)),
        }
    }
}
