//! The scheduler, as the API asks for it.

use std::time::Duration;

use api::ports::{AppError, JobRecord, Jobs, PauseState, RetryEnd};
use async_trait::async_trait;
use domain::codes::Code;
use domain::schedule::{DeadLetter, JOBS, Job, job};
use domain::ticket::Decider;
use store::Outcome;
use tower::scheduler::{Fired, Retry, RetryState, Scheduler, fire_now, retry, retry_state};

use super::port::{app_error, store_error};

/// How long the end of a retry is waited for.
const RETRY_WAIT: Duration = Duration::from_secs(60);
/// Between two looks at it.
const RETRY_LOOK: Duration = Duration::from_millis(250);
/// Dead letters of one listing.
const LETTERS: i64 = 100;

/// The scheduler of this process.
#[derive(Debug)]
pub(super) struct SchedulerPort(pub(super) Scheduler);

fn known(job_id: &str) -> Result<&'static Job, AppError> {
    job(job_id).ok_or_else(|| AppError::because(Code::JobNotFound, format!("There is no job `{job_id}`")))
}

#[async_trait]
impl Jobs for SchedulerPort {
    async fn list(&self) -> Result<Vec<JobRecord>, AppError> {
        let states = store::scheduler::states(&self.0.services().db).await.map_err(store_error)?;
        let mut records = Vec::with_capacity(JOBS.len());
        for job in &JOBS {
            let Some(state) = states.iter().find(|state| state.job_id == job.id) else { continue };
            let unavailable = self.0.unavailable(job).await.map_err(app_error)?;
            records.push(JobRecord {
                id: job.id.to_owned(),
                next_run: state.next_run_at.filter(|_| !state.paused),
                trigger: job.trigger.to_string(),
                about: job.about,
                path: job.work.path(),
                gate: job.gate,
                misfire: job.misfire,
                last_run: state.last_run_at,
                last_status: state.last_status.clone(),
                last_error: state.last_error.clone(),
                skip_reason: state.skip_reason.clone(),
                last_run_id: state.last_run_id.clone(),
                running: state.running,
                paused: state.paused,
                enabled: unavailable.is_none(),
                unavailable,
            });
        }
        Ok(records)
    }

    async fn trigger(&self, by: &Decider, job_id: &str) -> Result<(), AppError> {
        let job = known(job_id)?;
        match fire_now(&self.0, job).await.map_err(app_error)? {
            Fired::Done => {
                tracing::info!(job = job_id, by = by.subject, "job fired by hand");
                Ok(())
            }
            Fired::StillRunning => Err(AppError::new(Code::JobRunning)),
        }
    }

    async fn set_paused(&self, by: &Decider, job_id: &str, to: PauseState) -> Result<(), AppError> {
        let job = known(job_id)?;
        let services = self.0.services();
        let paused = matches!(to, PauseState::Paused);
        let mut tx = services.db.begin().await.map_err(store_error)?;
        let outcome = store::scheduler::set_paused(&mut tx, job.id, paused, services.clock.now()).await;
        match outcome.map_err(store_error)? {
            Outcome::Done => tx.commit().await.map_err(store_error)?,
            Outcome::Lost | Outcome::Gone => return Err(AppError::new(Code::JobNotFound)),
        }
        tracing::info!(job = job_id, paused, by = by.subject, "job held back or let go on");
        Ok(())
    }

    async fn dead_letters(&self, unresolved: bool) -> Result<Vec<DeadLetter>, AppError> {
        store::dead_letters::list(&self.0.services().db, unresolved, LETTERS).await.map_err(store_error)
    }

    async fn retry(&self, by: &Decider, id: i64) -> Result<RetryEnd, AppError> {
        let run_id = match retry(&self.0, id).await.map_err(app_error)? {
            Retry::Started(run_id) => run_id,
            Retry::Gone => return Err(AppError::new(Code::DeadLetterNotFound)),
            Retry::InFlight => return Err(AppError::new(Code::RetryRunning)),
        };
        tracing::info!(dlq.id = id, run.id = %run_id, by = by.subject, "a dead letter is tried again by hand");
        let clock = &self.0.services().clock;
        let began = clock.monotonic();
        while clock.monotonic().saturating_sub(began) < RETRY_WAIT {
            match retry_state(&self.0, id, &run_id).await.map_err(app_error)? {
                RetryState::Resolved => return Ok(RetryEnd::Resolved),
                RetryState::Failed => return Ok(RetryEnd::Failed),
                RetryState::Running => clock.sleep(RETRY_LOOK).await,
            }
        }
        Ok(RetryEnd::Running(run_id))
    }
}
