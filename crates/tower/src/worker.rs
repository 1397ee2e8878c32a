//! The worker: claims runs, keeps their leases alive, and lets each go through its segment.
//!
//! Interest in the wake-up is declared before the look into the queue, so that a run queued between the two is not
//! slept over; the poll stays as fallback, so that losing every hint costs latency only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use domain::ids::RunId;
use domain::lease::{HEARTBEAT, RUN_LEASE};
use store::writer::{Claim, Claimed};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::node::NodeRunner;
use crate::segment::{self, SegmentError};
use crate::services::Services;
use crate::workflows::Workflows;

/// Looks into the queue without a hint.
const POLL: Duration = Duration::from_secs(2);
/// Pause after a failure of the store.
const STORE_BACKOFF: Duration = Duration::from_secs(1);
/// Most runs of one claim.
const CLAIM_BATCH: usize = 64;

/// The runs that this process holds: epoch of the claim, and the switch that stops the segment.
type Held = Arc<Mutex<HashMap<RunId, (i64, CancellationToken)>>>;

/// One entry of [`Held`]; removes it when the segment ends, however it ends.
struct Hold {
    held: Held,
    run_id: RunId,
    epoch: i64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(&self.run_id).is_some_and(|(mine, _)| *mine == self.epoch) {
            held.remove(&self.run_id);
        }
    }
}

/// Claims and executes runs until the supervisor stops.
#[derive(Clone)]
pub struct Worker {
    services: Services,
    runner: Arc<dyn NodeRunner>,
    workflows: Workflows,
    held: Held,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("services", &self.services).finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker that runs nodes with `runner`.
    #[must_use]
    pub fn new(services: Services, runner: Arc<dyn NodeRunner>) -> Self {
        let workflows = Workflows::new(services.db.clone(), runner.known_agents());
        Self { services, runner, workflows, held: Held::default() }
    }

    /// Starts the claim loop and the heartbeat.
    pub fn start(&self) {
        let claim = self.clone();
        self.services.supervisor.spawn_finishing("claim", async move { claim.claim_loop().await });
        let beat = self.clone();
        self.services.supervisor.spawn("heartbeat", async move { beat.heartbeat_loop().await });
    }

    async fn claim_loop(self) {
        let slots = Arc::new(Semaphore::new(self.services.settings.workers));
        let stopping = self.services.supervisor.stopping();
        loop {
            let first = tokio::select! {
                slot = Arc::clone(&slots).acquire_owned() => slot,
                () = stopping.cancelled() => break,
            };
            let Ok(first) = first else { break };
            let hint = self.services.writer.queued();
            let free = (slots.available_permits() + 1).min(CLAIM_BATCH);
            let claimed = match self.claim(free).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "could not claim runs; trying again");
                    drop(first);
                    self.pause(&stopping, STORE_BACKOFF).await;
                    continue;
                }
            };
            if claimed.is_empty() {
                drop(first);
                tokio::select! {
                    () = hint => {}
                    () = self.services.clock.sleep(POLL) => {}
                    () = stopping.cancelled() => break,
                }
                continue;
            }
            let mut permit = Some(first);
            for run in claimed {
                let slot = match permit.take() {
                    Some(slot) => slot,
                    None => match Arc::clone(&slots).acquire_owned().await {
                        Ok(slot) => slot,
                        Err(_) => return,
                    },
                };
                let worker = self.clone();
                self.services.supervisor.spawn_finishing("segment", async move {
                    worker.execute(run).await;
                    drop(slot);
                });
            }
        }
        self.hand_back().await;
    }

    async fn pause(&self, stopping: &CancellationToken, duration: Duration) {
        tokio::select! {
            () = self.services.clock.sleep(duration) => {}
            () = stopping.cancelled() => {}
        }
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claimed>, store::StoreError> {
        let now = self.services.clock.now();
        let lease = TimeDelta::from_std(RUN_LEASE).unwrap_or_default();
        let claim = Claim {
            owner: self.services.settings.instance.clone(),
            limit: i64::try_from(limit).unwrap_or(1),
            lease_until: now + lease,
            now,
        };
        let claimed = self.services.writer.claim(claim).await?;
        for held in &claimed {
            self.services.tell_run(held.run.run_id.as_str(), "running");
        }
        Ok(claimed)
    }

    async fn execute(&self, claimed: Claimed) {
        let run_id = claimed.run.run_id.clone();
        let serial = claimed.run.serial_key.is_some();
        let epoch = claimed.fence.epoch;
        let stop = CancellationToken::new();
        if claimed.run.cancel_requested {
            // Asked of a worker that was lost before it could comply.
            stop.cancel();
        }
        self.held().insert(run_id.clone(), (epoch, stop.clone()));
        // Dropped even by a panic: a run that nobody works on any more must not be kept alive by the heartbeat.
        let hold = Hold { held: Arc::clone(&self.held), run_id: run_id.clone(), epoch };
        let workflow = self.workflows.of_run(&claimed.run).await;
        let outcome = match workflow {
            Ok(workflow) => {
                // Log lines within say which run they belong to.
                let span = tracing::info_span!("run", run.id = %run_id);
                segment::run(&self.services, &self.runner, workflow, claimed, stop).instrument(span).await
            }
            Err(error) => Err(SegmentError::Store(error)),
        };
        drop(hold);
        // A run that ended may have held its key from another that waits for it.
        if serial {
            self.services.db.wake();
        }
        match outcome {
            Ok(()) => {}
            Err(SegmentError::LeaseLost) => tracing::info!(run.id = %run_id, "lease lost; another worker goes on"),
            Err(error) => {
                tracing::warn!(run.id = %run_id, error = %chain(&error), "segment broke off; it is taken up again")
            }
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, (i64, CancellationToken)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn heartbeat_loop(self) {
        loop {
            self.services.clock.sleep(HEARTBEAT).await;
            if let Err(error) = self.beat().await {
                tracing::warn!(error = %chain(&error), "heartbeat failed; leases may run out");
            }
        }
    }

    /// Renews the leases of everything this process holds, and stops what it no longer holds or should no longer run.
    async fn beat(&self) -> Result<(), store::StoreError> {
        let held: Vec<(RunId, i64)> = self.held().iter().map(|(run, (epoch, _))| (run.clone(), *epoch)).collect();
        if held.is_empty() {
            return Ok(());
        }
        let until = self.services.clock.now() + TimeDelta::from_std(RUN_LEASE).unwrap_or_default();
        let beats = store::runs::heartbeat(&self.services.db, &self.services.settings.instance, &held, until).await?;
        let alive: HashMap<&RunId, bool> = beats.iter().map(|beat| (&beat.run_id, beat.cancel_requested)).collect();
        for (run, epoch) in &held {
            let stop_it = alive.get(run).is_none_or(|cancel| *cancel);
            if stop_it
                && let Some((mine, stop)) = self.held().get(run)
                && mine == epoch
            {
                stop.cancel();
            }
        }
        Ok(())
    }

    /// Tells the segment of a run in this process that it is to stop, without waiting for the next heartbeat.
    pub fn stop_run(&self, run_id: &RunId) {
        if let Some((_, stop)) = self.held().get(run_id) {
            stop.cancel();
        }
    }

    /// At shutdown: segments get the grace to reach their next checkpoint; the leases of the rest are released.
    async fn hand_back(&self) {
        let grace = self.services.settings.shutdown_grace;
        let began = self.services.clock.monotonic();
        while !self.held().is_empty() && self.services.clock.monotonic().saturating_sub(began) < grace {
            self.services.clock.sleep(Duration::from_millis(50)).await;
        }
        let left: Vec<(RunId, i64, CancellationToken)> =
            self.held().iter().map(|(run, (epoch, stop))| (run.clone(), *epoch, stop.clone())).collect();
        for (run_id, epoch, stop) in left {
            stop.cancel();
            let fence = domain::lease::Fence { owner: self.services.settings.instance.clone(), epoch };
            if let Err(error) = self.release(&run_id, &fence).await {
                tracing::warn!(run.id = %run_id, error = %chain(&error), "lease not released; it runs out by itself");
            }
        }
    }

    async fn release(&self, run_id: &RunId, fence: &domain::lease::Fence) -> Result<(), store::StoreError> {
        let mut tx = self.services.db.begin().await?;
        let _ = store::runs::release(&mut tx, run_id, fence, self.services.clock.now()).await?;
        tx.commit().await?;
        self.services.tell_run(run_id.as_str(), "queued");
        Ok(())
    }
}

/// An error with its sources, for one log line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text.push_str(": ");
        text.push_str(&next.to_string());
        source = next.source();
    }
    text
}
