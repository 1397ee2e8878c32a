//! Scheduled jobs: which there are, when they are due, what happens to a fire that was missed.
//!
//! A fire is named by its job and the moment it was scheduled for, never by the moment somebody looked; so two looks,
//! two processes or a restart agree on what is one fire.

mod catalogue;
mod dead_letter;
mod due;
mod trigger;

use std::fmt;

use serde::Serialize;

pub use catalogue::{JOBS, job};
pub use dead_letter::{AfterFailure, DeadLetter, FIRST_RETRY, MAX_ATTEMPTS, after_failure, is_due};
pub use due::{Due, MAX_CATCH_UP, due};
pub use trigger::{Trigger, Zone};

/// What is done about fires that were missed while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfire {
    /// They are gone.
    Skip,
    /// The newest one fires if it is younger than one period.
    RunOnce,
    /// All of the last [`MAX_CATCH_UP`] fire.
    RunAll,
}

/// What must hold for a job to fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobGate {
    /// Nothing.
    None,
    /// There is room for trying things out: the share kept for it is at least 0.05.
    Exploration,
    /// Level 5 of the goal hierarchy is open.
    Level5,
}

/// A job that becomes a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunJob {
    /// Its definition; none: the active workflow.
    pub workflow: Option<&'static str>,
    /// Where it comes from, e.g. `scheduler:order_check`.
    pub source: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// What is asked, in words.
    pub message: &'static str,
    /// Payload as JSON text; names the task.
    pub payload: &'static str,
    /// Whether it tries things out.
    pub exploratory: bool,
}

/// Where the work of a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// As a run, so that it can park for a person.
    Run(RunJob),
    /// Inside the process.
    Internal,
}

impl Work {
    /// `tower` or `internal`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        match self {
            Self::Run(_) => "tower",
            Self::Internal => "internal",
        }
    }
}

/// One job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: &'static str,
    /// When.
    pub trigger: Trigger,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// Where.
    pub work: Work,
    /// What must hold.
    pub gate: JobGate,
    /// What becomes of missed fires.
    pub misfire: Misfire,
}

/// Why a fire did nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// A person holds the job back.
    Paused,
    /// The last one still runs.
    StillRunning,
    /// The gate is closed, or nobody can say whether it is open.
    Gate(&'static str),
    /// What it would do is not part of this release.
    NotAvailable(String),
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused => f.write_str("paused"),
            Self::StillRunning => f.write_str("still_running"),
            Self::Gate(why) => write!(f, "gate: {why}"),
            Self::NotAvailable(why) => write!(f, "not available: {why}"),
        }
    }
}
