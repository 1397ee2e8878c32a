//! Trying failed scheduled work again: by itself when it is due, or because a person asks.

use domain::ids::RunId;
use domain::schedule::{AfterFailure, DeadLetter, Work, after_failure, is_due, job};
use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::{BATCH, Scheduler};
use crate::error::{Error, Result};
use crate::messages::Messages;

/// What a request to try again came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retry {
    /// A run was started.
    Started(RunId),
    /// There is no such entry, or it is resolved.
    Gone,
    /// A retry is in flight.
    InFlight,
}

/// How far a retry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryState {
    /// Its run has not ended.
    Running,
    /// It did it.
    Resolved,
    /// It did not.
    Failed,
}

/// Tries an entry again now, however often it has failed.
///
/// # Errors
/// When the store failed.
pub async fn retry(scheduler: &Scheduler, id: i64) -> Result<Retry> {
    let Some(letter) = store::dead_letters::get(&scheduler.services.db, id).await? else { return Ok(Retry::Gone) };
    if letter.resolved_at.is_some() {
        return Ok(Retry::Gone);
    }
    if letter.retry_run_id.is_some() {
        return Ok(Retry::InFlight);
    }
    let source = letter.payload.get("trigger_source").and_then(Value::as_str).unwrap_or(&letter.job_id);
    match scheduler.start_retry(&letter, &format!("dlq_manual:{source}")).await? {
        Some(run_id) => Ok(Retry::Started(run_id)),
        None => Ok(Retry::InFlight),
    }
}

/// How far the retry `run_id` of an entry has come, settled if it has ended.
///
/// # Errors
/// When the store failed.
pub async fn retry_state(scheduler: &Scheduler, id: i64, run_id: &RunId) -> Result<RetryState> {
    scheduler.settle_retries().await?;
    Ok(match store::dead_letters::get(&scheduler.services.db, id).await? {
        Some(letter) if letter.resolved_at.is_some() => RetryState::Resolved,
        Some(letter) if letter.retry_run_id.as_deref() == Some(run_id.as_str()) => RetryState::Running,
        _ => RetryState::Failed,
    })
}

impl Scheduler {
    /// Tries entries again that are due. Returns how many.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn retry_due(&self) -> Result<usize> {
        let now = self.services.clock.now();
        let mut started = 0;
        for letter in store::dead_letters::due(&self.services.db, now, BATCH).await? {
            if is_due(&letter, now) {
                let source = format!("dlq_retry:{}", letter.job_id);
                match self.start_retry(&letter, &source).await {
                    Ok(run) => started += usize::from(run.is_some()),
                    // The others behind it have their turn; this one counts as tried.
                    Err(Error::Refused(why)) => self.refuse(&letter, &why.to_string()).await?,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(started)
    }

    /// Counts a try that could not even begin.
    async fn refuse(&self, letter: &DeadLetter, why: &str) -> Result<()> {
        let after = after_failure(letter.attempts, letter.max_attempts, self.services.clock.now());
        let mut tx = self.services.db.begin().await?;
        store::dead_letters::refuse(&mut tx, letter.id, after, why).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn start_retry(&self, letter: &DeadLetter, source: &str) -> Result<Option<RunId>> {
        let services = &self.services;
        let Some((job, Work::Run(spec))) = job(&letter.job_id).map(|job| (job, job.work)) else { return Ok(None) };
        let payload = letter.payload.get("original_payload").cloned().unwrap_or(Value::Null);
        let further = Map::from_iter([("dlq_id".to_owned(), json!(letter.id))]);
        let run = self.new_run(job, &spec, source, &payload, further).await?;
        let mut tx = services.db.begin().await?;
        if !store::dead_letters::claim(&mut tx, letter.id, run.run_id.as_str()).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        store::runs::insert(&mut tx, &run, &[Messages(&services.ids).queued(&run)]).await?;
        tx.commit().await?;
        services.tell_run(run.run_id.as_str(), "queued");
        services.db.wake();
        Ok(Some(run.run_id))
    }

    /// Settles entries whose retries have ended.
    pub(super) async fn settle_retries(&self) -> Result<()> {
        for ended in store::dead_letters::ended(&self.services.db, BATCH).await? {
            let services = &self.services;
            let now: Timestamp = services.clock.now();
            let mut tx = services.db.begin().await?;
            let error = ended.last_error.clone().unwrap_or_else(|| "the retry failed".to_owned());
            let settled = match ended.status.as_str() {
                "completed" => store::dead_letters::resolve(&mut tx, ended.id, &ended.run_id, now).await?,
                "cancelled" => {
                    // A person stopped it: not a try that failed, and not one to repeat unasked.
                    let kept = AfterFailure { attempts: ended.attempts, next_retry_at: None };
                    store::dead_letters::fail(&mut tx, ended.id, &ended.run_id, kept, "the retry was cancelled").await?
                }
                _ => {
                    let after = after_failure(ended.attempts, ended.max_attempts, now);
                    let changed = store::dead_letters::fail(&mut tx, ended.id, &ended.run_id, after, &error).await?;
                    if changed && after.next_retry_at.is_none() {
                        let message =
                            Messages(&services.ids).dead_letter("dlq.exhausted", ended.id, &ended.job_id, &error);
                        store::outbox::insert(&mut tx, &[message], now).await?;
                        tracing::warn!(job = ended.job_id, dlq.id = ended.id, "a dead letter is exhausted");
                    }
                    changed
                }
            };
            if settled {
                tx.commit().await?;
            } else {
                tx.rollback().await?;
            }
        }
        Ok(())
    }
}
