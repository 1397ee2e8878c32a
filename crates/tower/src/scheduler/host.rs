//! What jobs need that the Tower does not know: the work of internal jobs, and what must happen before a run starts.

use async_trait::async_trait;
use domain::schedule::Job;
use serde_json::Value;

/// How the work of an internal job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InternalEnd {
    /// Well.
    Done,
    /// Not well, and why.
    Failed(String),
}

/// The program around the Tower.
#[async_trait]
pub trait Host: Send + Sync {
    /// Why the job can do nothing in this release or with these settings; none: it can.
    fn unavailable(&self, job: &Job) -> Option<String>;

    /// Does the work of an internal job.
    async fn work(&self, job: &Job) -> InternalEnd;

    /// What must happen before the run of a job is made, such as reading what an upstream has to tell. The answer goes
    /// into the payload as `prepared`.
    ///
    /// # Errors
    /// A sentence that says what failed; the fire fails with it.
    async fn prepare(&self, job: &Job) -> Result<Option<Value>, String>;

    /// The share kept for trying things out; none: nobody knows, and gated jobs are skipped.
    async fn exploration(&self) -> Option<f64>;
}
