//! What a node works with while its process holds the run: the state, and the way to make progress durable.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::checkpoint::{Checkpoint, Pending};
use domain::event::NewEvent;
use domain::ids::{CallId, OrderKey, RunId};
use domain::lease::Fence;
use domain::run::Run;
use domain::state::RunState;
use domain::time::Timestamp;
use serde_json::{Map, Value};
use store::writer::{Claimed, ExecutionBudget, StepCommit, StepOutcome};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::SegmentError;
use super::trace::Trace;
use crate::services::Services;

/// Model money and tokens that a run has used.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// Millionths of a US dollar.
    pub cost_micros: i64,
    /// Tokens in and out.
    pub tokens: i64,
}

#[derive(Debug)]
struct Live {
    checkpoint: Checkpoint,
    /// Events that go out with the next commit.
    queued: Vec<NewEvent>,
    spent: Spent,
    iterations: i64,
}

/// A run under a lease of this process.
#[derive(Debug)]
pub struct Session {
    services: Services,
    run: Run,
    fence: Fence,
    started: Duration,
    live: Mutex<Live>,
    stop: CancellationToken,
    trace: Trace,
    /// Calls under way whose outcome must be recorded whatever the clock says.
    shielded: AtomicUsize,
}

impl Session {
    pub(crate) fn new(services: Services, claimed: Claimed, stop: CancellationToken) -> Self {
        let started = services.clock.monotonic();
        let trace = Trace::new(claimed.fence.epoch);
        let spent = Spent { cost_micros: claimed.run.cost_micros, tokens: claimed.run.tokens };
        let live = Live { checkpoint: claimed.checkpoint, queued: Vec::new(), spent, iterations: 0 };
        Self {
            services,
            run: claimed.run,
            fence: claimed.fence,
            started,
            live: Mutex::new(live),
            stop,
            trace,
            shielded: AtomicUsize::new(0),
        }
    }

    /// The parts of the Tower.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The run as it was claimed.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Its id.
    #[must_use]
    pub fn run_id(&self) -> &RunId {
        &self.run.run_id
    }

    /// The fence of the claim.
    #[must_use]
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    pub(super) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Milliseconds since the claim.
    #[must_use]
    pub fn active_millis(&self) -> i64 {
        let elapsed = self.services.clock.monotonic().saturating_sub(self.started);
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    }

    /// The state of the newest checkpoint.
    pub async fn state(&self) -> RunState {
        self.live.lock().await.checkpoint.channel_values.clone()
    }

    pub(crate) async fn checkpoint(&self) -> Checkpoint {
        self.live.lock().await.checkpoint.clone()
    }

    /// What the run has spent so far.
    pub async fn spent(&self) -> Spent {
        self.live.lock().await.spent
    }

    pub(crate) async fn set_iterations(&self, iterations: i64) {
        self.live.lock().await.iterations = iterations;
    }

    /// Puts `event` into the next commit.
    pub async fn queue_event(&self, event: NewEvent) {
        self.live.lock().await.queued.push(event);
    }

    /// Commits under the fence what `fill` puts in, with the events that were queued before it. Gives the row of the
    /// model call that was started, if one was.
    ///
    /// # Errors
    /// When the lease is gone or the store failed.
    pub async fn commit(&self, fill: impl FnOnce(&mut StepCommit)) -> Result<Option<CallId>, SegmentError> {
        let mut live = self.live.lock().await;
        let mut commit = self.empty_commit(std::mem::take(&mut live.queued));
        fill(&mut commit);
        self.send(&mut live, commit).await
    }

    /// Rewrites the node's part of `pending` on the newest checkpoint, with what `fill` adds, in one commit.
    ///
    /// # Errors
    /// When the lease is gone or the store failed.
    pub async fn save(
        &self,
        pending: &Pending,
        fill: impl FnOnce(&mut StepCommit),
    ) -> Result<Option<CallId>, SegmentError> {
        let mut live = self.live.lock().await;
        let mut commit = self.empty_commit(std::mem::take(&mut live.queued));
        let mut all = live.checkpoint.pending.clone();
        match all.iter_mut().find(|other| other.node == pending.node) {
            Some(mine) => *mine = pending.clone(),
            None => all.push(pending.clone()),
        }
        commit.pending = Some((live.checkpoint.checkpoint_id.clone(), all));
        fill(&mut commit);
        self.send(&mut live, commit).await
    }

    fn empty_commit(&self, events: Vec<NewEvent>) -> StepCommit {
        let empty = StepCommit::new(self.run.run_id.clone(), self.fence.clone(), self.now());
        StepCommit { events, spans: self.trace.take(), ..empty }
    }

    async fn send(&self, live: &mut Live, commit: StepCommit) -> Result<Option<CallId>, SegmentError> {
        let checkpoint = commit.checkpoint.clone();
        let pending = commit.pending.clone();
        let spent =
            commit.call_end.as_ref().map(|end| (end.cost_micros.unwrap_or(0), end.input_tokens + end.output_tokens));
        let outcome = self.services.writer.step(commit).await?;
        let call_id = match outcome {
            StepOutcome::Done { call_id } => call_id,
            StepOutcome::LeaseLost => return Err(SegmentError::LeaseLost),
            StepOutcome::EffectConflict => return Err(SegmentError::EffectMoved),
        };
        if let Some((_, pending)) = pending {
            live.checkpoint.pending = pending;
        }
        if let Some(checkpoint) = checkpoint {
            live.checkpoint = checkpoint;
        }
        if let Some((cost, tokens)) = spent {
            live.spent.cost_micros += cost;
            live.spent.tokens += tokens;
        }
        Ok(call_id)
    }

    /// Whether a person asked for the end of the run, or the process is about to stop.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Refuses to go on once the run or the process is to stop. Asked before each step and each call.
    ///
    /// # Errors
    /// [`SegmentError::CancelRequested`], [`SegmentError::LeaseLost`] or [`SegmentError::Draining`].
    pub async fn check_stop(&self) -> Result<(), SegmentError> {
        if !self.stop.is_cancelled() {
            let draining = self.services.supervisor.stopping().is_cancelled();
            return if draining { Err(SegmentError::Draining) } else { Ok(()) };
        }
        Err(self.why_refused().await?)
    }

    /// Why a guarded statement no longer lets this segment write: asked to end, or overtaken.
    ///
    /// # Errors
    /// When the store failed.
    pub(crate) async fn why_refused(&self) -> Result<SegmentError, SegmentError> {
        Ok(match store::runs::get(&self.services.db, &self.run.run_id).await? {
            Some(run) if run.lease_epoch == self.fence.epoch && run.cancel_requested => SegmentError::CancelRequested,
            _ => SegmentError::LeaseLost,
        })
    }

    /// Keeps the segment alive while a call is under way whose outcome must be recorded.
    #[must_use]
    pub fn shield(&self) -> Shield<'_> {
        self.shielded.fetch_add(1, Ordering::SeqCst);
        Shield(&self.shielded)
    }

    /// Ends after `limit`, but not while a call is shielded.
    pub(crate) async fn expire_after(&self, limit: Duration) {
        self.services.clock.sleep(limit).await;
        while self.shielded.load(Ordering::SeqCst) > 0 {
            self.services.clock.sleep(Duration::from_millis(100)).await;
        }
    }

    /// Model calls that an earlier claim left without an end were lost with its process; they are charged at their
    /// reserve. Its open spans end with it.
    pub(crate) async fn lose_stale_calls(&self) -> Result<(), SegmentError> {
        if self.fence.epoch <= 1 {
            return Ok(());
        }
        let mut tx = self.services.db.begin().await?;
        store::llm_ledger::lose_stale(&mut tx, &self.run.run_id, self.fence.epoch, self.now()).await?;
        let tries = store::spans::take_over(&mut tx, &self.run.run_id, self.now()).await?;
        tx.commit().await?;
        self.trace.recall(tries);
        Ok(())
    }

    /// At the end of the run: a call that was dropped on its way is charged at its reserve, as nobody knows its price.
    pub(crate) async fn lose_open_calls(&self) -> Result<(), SegmentError> {
        let mut tx = self.services.db.begin().await?;
        store::llm_ledger::lose_stale(&mut tx, &self.run.run_id, self.fence.epoch + 1, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(crate) fn budget_row(&self, spent: &Spent, reason: Option<&str>) -> ExecutionBudget {
        let iterations = self.live.try_lock().map(|live| live.iterations).unwrap_or_default();
        let started = self.run.started_at.unwrap_or_else(|| self.now());
        super::budget_row(iterations, spent, started, self.now(), reason)
    }

    /// The order this run is about, from its serial key.
    #[must_use]
    pub fn order_key(&self) -> Option<OrderKey> {
        let id = self.run.serial_key.as_deref()?.strip_prefix("order:")?;
        OrderKey::shopify(id).ok()
    }

    pub(crate) fn customer_note(&self, state: &Map<String, Value>) -> Option<(OrderKey, String)> {
        let note = state.get("operations_result")?.get("customer_note")?.as_str()?;
        if note.is_empty() {
            return None;
        }
        let note = self.services.redactor.redact(note).chars().take(500).collect();
        Some((self.order_key()?, note))
    }
}

/// While it lives, the segment is not dropped by its time limit.
#[derive(Debug)]
pub struct Shield<'a>(&'a AtomicUsize);

impl Drop for Shield<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
