//! The scheduler: a reconciler that looks at the clock and at the rows, never at what it remembers.
//!
//! One process leads by a lease. A look makes every fire that is due exactly once (its row is unique by job and moment),
//! settles the fires and retries whose runs have ended, and plans the next. A process that dies in the middle leaves rows
//! from which the next one goes on.

mod dead_letters;
mod fire;
mod gates;
mod host;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::lease::Fence;
use domain::schedule::{JOBS, Misfire, Zone, due};
use domain::time::Timestamp;
use store::StoreError;
use store::switches::MAINTENANCE;

pub use dead_letters::{Retry, RetryState, retry, retry_state};
pub use fire::{Fired, fire_now};
pub use host::{Host, InternalEnd};

use crate::error::Result;
use crate::services::Services;
use crate::worker::chain;

/// Name of the lease.
const LEASE: &str = "scheduler";
/// Life of the lease; renewed at every look.
const LEASE_LIFE: TimeDelta = TimeDelta::seconds(15);
/// Longest pause between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After this a fire inside a process is given up: no internal job works so long.
const ABANDONED_AFTER: TimeDelta = TimeDelta::minutes(15);
/// Most rows of one kind that one look deals with.
const BATCH: i64 = 200;

/// The scheduler of this process. Cheap to clone.
#[derive(Clone)]
pub struct Scheduler {
    pub(super) services: Services,
    pub(super) host: Arc<dyn Host>,
    pub(super) zone: Zone,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").field("zone", &self.zone).finish_non_exhaustive()
    }
}

impl Scheduler {
    /// A scheduler that does the work of internal jobs through `host`, with daily jobs in `zone`.
    #[must_use]
    pub fn new(services: Services, host: Arc<dyn Host>, zone: Zone) -> Self {
        Self { services, host, zone }
    }

    /// What it stands on.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// Makes the rows of all jobs and the first plan, so that a listing is whole before the first look.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn prepare(&self) -> Result<()> {
        let now = self.services.clock.now();
        let known: Vec<String> =
            store::scheduler::states(&self.services.db).await?.into_iter().map(|s| s.job_id).collect();
        let mut tx = self.services.db.begin().await?;
        for job in JOBS.iter().filter(|job| !known.iter().any(|id| id == job.id)) {
            store::scheduler::ensure(&mut tx, job.id, misfire_text(job.misfire), now).await?;
            store::scheduler::plan(&mut tx, job.id, job.trigger.next_after(now, self.zone), now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Takes up the fires that an earlier life of this process left in the middle. Called once, before the first fire of
    /// this life: later on, what this process owns may still move.
    pub async fn recover(&self) {
        self.note_abandoned(&self.services.settings.instance).await;
    }

    /// Starts looking; one process at a time leads.
    pub fn start(&self) {
        let scheduler = self.clone();
        self.services.supervisor.spawn("scheduler", async move { scheduler.lead().await });
    }

    async fn lead(&self) {
        let mut lead: Option<Fence> = None;
        loop {
            match self.keep_lead(lead.take()).await {
                Ok(Some(fence)) => {
                    lead = Some(fence);
                    if let Err(error) = self.look().await {
                        tracing::warn!(error = %chain(&error), "the scheduler's look failed; it looks again");
                    }
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(error = %chain(&error), "the scheduler's lease cannot be read"),
            }
            self.services.clock.sleep(LOOK_EVERY).await;
        }
    }

    async fn keep_lead(&self, lead: Option<Fence>) -> std::result::Result<Option<Fence>, StoreError> {
        let now = self.services.clock.now();
        let until = now + LEASE_LIFE;
        if let Some(fence) = lead
            && store::leaders::renew(&self.services.db, LEASE, &fence, until, now).await?
        {
            return Ok(Some(fence));
        }
        let owner = &self.services.settings.instance;
        store::leaders::acquire(&self.services.db, LEASE, owner, until, now).await
    }

    /// One look: settles what has ended, fires what is due, plans what comes next.
    ///
    /// # Errors
    /// When the store failed; the next look goes on.
    pub async fn look(&self) -> Result<()> {
        self.settle_ended().await?;
        self.settle_retries().await?;
        self.note_abandoned("").await;
        if store::switches::get(&self.services.db, MAINTENANCE).await?.is_some_and(|switch| switch.on) {
            return Ok(());
        }
        for state in store::scheduler::states(&self.services.db).await? {
            let Some(job) = domain::schedule::job(&state.job_id) else { continue };
            let now = self.services.clock.now();
            let due = due(&job.trigger, job.misfire, state.next_run_at, now, self.zone);
            if due.missed > 0 {
                tracing::info!(job = job.id, missed = due.missed, "fires were missed and are let go");
            }
            for scheduled_at in due.fires {
                self.fire(job, scheduled_at, state.paused).await?;
            }
            if state.next_run_at != Some(due.next) {
                self.plan(job.id, due.next).await?;
            }
        }
        Ok(())
    }

    async fn plan(&self, job_id: &str, next: Timestamp) -> Result<()> {
        let mut tx = self.services.db.begin().await?;
        store::scheduler::plan(&mut tx, job_id, next, self.services.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn misfire_text(misfire: Misfire) -> &'static str {
    match misfire {
        Misfire::Skip => "skip",
        Misfire::RunOnce => "run_once",
        Misfire::RunAll => "run_all",
    }
}
