//! Scheduled jobs and dead letters, as the API sees them.

use domain::ids::RunId;
use domain::schedule::{DeadLetter, JobGate, Misfire};
use domain::ticket::Decider;
use domain::time::Timestamp;
use serde::Serialize;

use super::{AppError, PauseState};

/// One job as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct JobRecord {
    /// Its id.
    pub id: String,
    /// The next fire; none while it is held back.
    pub next_run: Option<Timestamp>,
    /// When it fires, e.g. `interval[0:30:00]`.
    pub trigger: String,
    /// What it does.
    pub about: &'static str,
    /// `tower` (as a run) or `internal`.
    pub path: &'static str,
    /// What must hold.
    pub gate: JobGate,
    /// What becomes of missed fires.
    pub misfire: Misfire,
    /// The last fire.
    pub last_run: Option<Timestamp>,
    /// `ok`, `failed` or `skipped`.
    pub last_status: Option<String>,
    /// Why it failed.
    pub last_error: Option<String>,
    /// Why it did nothing.
    pub skip_reason: Option<String>,
    /// The run that it started last.
    pub last_run_id: Option<String>,
    /// A fire has not ended.
    pub running: bool,
    /// Held back by a person.
    pub paused: bool,
    /// It can do something in this release and with these settings.
    pub enabled: bool,
    /// Why not.
    pub unavailable: Option<String>,
}

/// What became of a retry while it was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryEnd {
    /// It did it.
    Resolved,
    /// It did not; the entry says why.
    Failed,
    /// It is still at work, or waits for a person.
    Running(RunId),
}

/// The scheduler as the API sees it.
#[async_trait::async_trait]
pub trait Jobs: Send + Sync {
    /// All jobs.
    async fn list(&self) -> Result<Vec<JobRecord>, AppError>;
    /// Fires a job out of its schedule: `job_not_found`, `job_running`.
    async fn trigger(&self, by: &Decider, job_id: &str) -> Result<(), AppError>;
    /// Holds a job back or lets it go on: `job_not_found`.
    async fn set_paused(&self, by: &Decider, job_id: &str, to: PauseState) -> Result<(), AppError>;
    /// Dead letters, newest first, 100 at most.
    async fn dead_letters(&self, unresolved: bool) -> Result<Vec<DeadLetter>, AppError>;
    /// Tries an entry again and waits up to 60 s: `dead_letter_not_found`, `retry_running`.
    async fn retry(&self, by: &Decider, id: i64) -> Result<RetryEnd, AppError>;
}
