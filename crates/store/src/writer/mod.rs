//! The group-commit writer: one task per process that commits the steps of many runs together.
//!
//! Callers hand in typed commands and are answered after the commit, never before. A flush takes what waits, at most
//! one item of each run, and writes it with a handful of statements however many items there are. Each item is guarded
//! by its fence; the rows that the guarded statement gives back tell whose lease still holds.

mod claim;
mod command;
mod flush;
mod item;
mod queue;
mod recheck;
mod steps;

use clock::{Ids, SharedClock};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::Db;
use crate::error::{Result, StoreError};

pub use command::{Claim, Claimed, ENTRY_NODE, ExecutionBudget, Head, StartRun, StepCommit, StepOutcome};

use item::{Answer, Item, Work};

pub(crate) static STATEMENTS: &[&[(&str, &crate::engine::Stmt)]] = &[claim::STATEMENTS, steps::STATEMENTS];

/// A handle of the writer; clones share its queue.
#[derive(Debug, Clone)]
pub struct Writer {
    queue: mpsc::UnboundedSender<Item>,
    db: Db,
}

impl Writer {
    /// Starts the writer's task on `tracker`. When `cancel` is cancelled it commits what waits and ends.
    #[must_use]
    pub fn start(db: Db, ids: Ids, clock: SharedClock, tracker: &TaskTracker, cancel: CancellationToken) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        tracker.spawn(queue::run(queue::Context { db: db.clone(), ids, clock }, waiting, cancel));
        Self { queue, db }
    }

    /// Inserts a run as `queued`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id exists; [`StoreError::NulByte`]; whatever the database says.
    pub async fn start_run(&self, start: StartRun) -> Result<()> {
        self.submit(Work::start(&start)?).await.map(drop)
    }

    /// Takes up to `limit` runs under a lease, the most urgent first.
    ///
    /// # Errors
    /// Whatever the database says. When the answer to a commit was lost, what was claimed comes back with its lease.
    pub async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>> {
        match self.submit(Work::Claim(claim)).await? {
            Answer::Claimed(claimed) => Ok(claimed),
            Answer::Started | Answer::Step { .. } => Ok(Vec::new()),
        }
    }

    /// Commits what a worker did.
    ///
    /// # Errors
    /// [`StoreError::NulByte`] and [`StoreError::Conflict`] are about this item alone; whatever the database says.
    pub async fn step(&self, commit: StepCommit) -> Result<StepOutcome> {
        match self.submit(Work::step(commit)?).await? {
            Answer::Step { outcome, .. } => Ok(outcome),
            Answer::Started | Answer::Claimed(_) => Ok(StepOutcome::LeaseLost),
        }
    }

    /// Waits until a run may have been queued in this process. A hint: look first, and wait with a limit.
    pub async fn queued(&self) {
        self.db.woken().await;
    }

    async fn submit(&self, work: Work) -> Result<Answer> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Item { work, reply }).map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}
