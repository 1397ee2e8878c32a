//! Ends fires whose runs have ended, puts failures into the dead letter queue, and takes up what a dead process left.

use domain::schedule::{FIRST_RETRY, Work, job};
use serde_json::{Value, json};
use store::Outcome;
use store::scheduler::{EndedTick, TickEnd};

use super::{ABANDONED_AFTER, BATCH, Scheduler};
use crate::error::Result;
use crate::messages::Messages;
use crate::worker::chain;

impl Scheduler {
    /// Settles fires whose runs have ended.
    pub(super) async fn settle_ended(&self) -> Result<()> {
        for tick in store::scheduler::ended(&self.services.db, BATCH).await? {
            self.settle(&tick).await?;
        }
        Ok(())
    }

    async fn settle(&self, tick: &EndedTick) -> Result<()> {
        let services = &self.services;
        let now = services.clock.now();
        let error = tick.last_error.clone().unwrap_or_else(|| "the run failed".to_owned());
        let end = match tick.status.as_str() {
            "completed" => TickEnd::Ok,
            "failed" => TickEnd::Failed(&error),
            _ => TickEnd::Skipped("cancelled"),
        };
        let mut tx = services.db.begin().await?;
        if store::scheduler::finish(&mut tx, &tick.job_id, tick.id, end, now).await? != Outcome::Done {
            return Ok(tx.rollback().await?);
        }
        if matches!(end, TickEnd::Failed(_)) {
            let payload = dead_letter(tick);
            let id =
                store::dead_letters::insert(&mut tx, &tick.job_id, &payload, &error, now + FIRST_RETRY, now).await?;
            let message = Messages(&services.ids).dead_letter("dlq.insert", id, &tick.job_id, &error);
            store::outbox::insert(&mut tx, &[message], now).await?;
            tracing::warn!(job = tick.job_id, run.id = tick.run_id, dlq.id = id, "scheduled work failed");
        }
        tx.commit().await?;
        Ok(())
    }

    /// Goes on with fires that nobody works on any more: runs are started after all, work inside the process failed.
    /// `owner` has just started and owns nothing that still moves; empty: look at the age alone.
    pub(super) async fn note_abandoned(&self, owner: &str) {
        if let Err(error) = self.take_up(owner).await {
            tracing::warn!(error = %chain(&error), "fires of a dead process could not be taken up");
        }
    }

    async fn take_up(&self, owner: &str) -> Result<()> {
        let now = self.services.clock.now();
        let before = now - ABANDONED_AFTER;
        for (tick, job_id) in store::scheduler::abandoned(&self.services.db, owner, before, BATCH).await? {
            match job(&job_id) {
                Some(job) if matches!(job.work, Work::Run(_)) => {
                    // Its time begins anew, so that the next looks leave it alone.
                    store::scheduler::take_over(&self.services.db, tick, &self.services.settings.instance, now).await?;
                    self.carry_out(job, tick);
                }
                _ => self.finish(&job_id, tick, TickEnd::Failed("the process ended in the middle")).await?,
            }
        }
        Ok(())
    }
}

/// What an entry keeps, so that it can be tried again.
fn dead_letter(tick: &EndedTick) -> Value {
    let state = &tick.input_state;
    let description = state.pointer("/messages/0/content").and_then(Value::as_str).unwrap_or_default();
    json!({
        "trigger_source": tick.metadata.get("trigger_source"),
        "task_description": description,
        "original_payload": state.get("trigger_payload"),
        "run_id": tick.run_id,
    })
}
