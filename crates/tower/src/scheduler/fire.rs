//! One fire: claimed once, then skipped, handed to the process, or made a run.

use domain::ids::WorkflowId;
use domain::message::Message;
use domain::run::NewRun;
use domain::schedule::{Job, RunJob, Skip, Work};
use domain::state::RunState;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};
use store::Outcome;
use store::scheduler::TickEnd;

use super::{InternalEnd, Scheduler};
use crate::error::{Error, Result};
use crate::messages::Messages;
use crate::runs::pinned;
use crate::sweepers;
use crate::worker::chain;

/// Seconds a scheduled run may work.
const TIMEOUT_SECONDS: i64 = 300;
/// Priority of scheduled runs: events of the shop go first.
const PRIORITY: i64 = 4;

/// What a request to fire at once came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fired {
    /// It fired.
    Done,
    /// The last fire has not ended.
    StillRunning,
}

/// Fires a job out of its schedule; gates apply, a pause does not.
///
/// # Errors
/// When the store failed.
pub async fn fire_now(scheduler: &Scheduler, job: &'static Job) -> Result<Fired> {
    let now = scheduler.services.clock.now();
    let states = store::scheduler::states(&scheduler.services.db).await?;
    if states.iter().any(|state| state.job_id == job.id && state.running) {
        return Ok(Fired::StillRunning);
    }
    match scheduler.fire(job, now, false).await? {
        Some(Skip::StillRunning) => Ok(Fired::StillRunning),
        _ => Ok(Fired::Done),
    }
}

impl Scheduler {
    /// Makes one fire. Returns why it did nothing, if so; a fire that was made before is let be.
    pub(super) async fn fire(&self, job: &'static Job, scheduled_at: Timestamp, paused: bool) -> Result<Option<Skip>> {
        let services = &self.services;
        let gate = self.gate(job).await?;
        let unavailable = self.unavailable(job).await?;
        let now = services.clock.now();
        let mut tx = services.db.begin().await?;
        // Two that fire one job at once go one after the other: the second then sees the first's fire.
        store::scheduler::lock(&mut tx, job.id, now).await?;
        let Some(tick) =
            store::scheduler::claim(&mut tx, job.id, scheduled_at, &services.settings.instance, now).await?
        else {
            return Ok(None);
        };
        let skip = if paused {
            Some(Skip::Paused)
        } else if let Some(why) = unavailable {
            Some(Skip::NotAvailable(why))
        } else if gate.is_some() {
            gate
        } else if store::scheduler::other_open(&mut tx, job.id, tick).await? {
            Some(Skip::StillRunning)
        } else {
            None
        };
        if let Some(skip) = skip {
            let reason = skip.to_string();
            let _ = store::scheduler::finish(&mut tx, job.id, tick, TickEnd::Skipped(&reason), now).await?;
            tx.commit().await?;
            tracing::info!(job = job.id, reason, "job skipped");
            return Ok(Some(skip));
        }
        tx.commit().await?;
        self.carry_out(job, tick);
        Ok(None)
    }

    /// Goes on with a claimed fire in a task of its own: what a job waits for must not hold up the look, or the lease would
    /// run out meanwhile.
    pub(super) fn carry_out(&self, job: &'static Job, tick: i64) {
        let scheduler = self.clone();
        self.services.supervisor.spawn("scheduled work", async move {
            let done = match scheduler.begin(job, tick).await {
                // Asking again would be refused again.
                Err(Error::Refused(why)) => scheduler.finish(job.id, tick, TickEnd::Failed(&why.to_string())).await,
                other => other,
            };
            if let Err(error) = done {
                tracing::warn!(job = job.id, error = %chain(&error), "a fire was not carried out; it is taken up later");
            }
        });
    }

    /// Does what a claimed fire asks for.
    pub(super) async fn begin(&self, job: &'static Job, tick: i64) -> Result<()> {
        match job.work {
            Work::Internal => {
                let mut tx = self.services.db.begin().await?;
                let _ = store::scheduler::started(&mut tx, job.id, tick, None, self.services.clock.now()).await?;
                tx.commit().await?;
                let end = self.work(job).await;
                if let InternalEnd::Failed(error) = &end {
                    tracing::warn!(job = job.id, error, "job failed");
                }
                match &end {
                    InternalEnd::Done => self.finish(job.id, tick, TickEnd::Ok).await,
                    InternalEnd::Failed(error) => self.finish(job.id, tick, TickEnd::Failed(error)).await,
                }
            }
            Work::Run(run) => match self.host.prepare(job).await {
                Ok(prepared) => self.start_run(job, tick, &run, prepared).await,
                Err(error) => self.finish(job.id, tick, TickEnd::Failed(&error)).await,
            },
        }
    }

    /// The Tower's own jobs here, the others by the program around it.
    async fn work(&self, job: &Job) -> InternalEnd {
        let done = match job.id {
            "dlq_retry" => self.retry_due().await,
            "tower_ticket_expiry" => sweepers::expire(&self.services).await.map_err(Error::from),
            _ => return self.host.work(job).await,
        };
        match done {
            Ok(_) => InternalEnd::Done,
            Err(error) => InternalEnd::Failed(chain(&error)),
        }
    }

    pub(super) async fn finish(&self, job_id: &str, tick: i64, end: TickEnd<'_>) -> Result<()> {
        let redacted;
        let end = match end {
            TickEnd::Failed(error) => {
                redacted = self.services.redactor.redact(error);
                TickEnd::Failed(&redacted)
            }
            other => other,
        };
        let mut tx = self.services.db.begin().await?;
        let _ = store::scheduler::finish(&mut tx, job_id, tick, end, self.services.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn start_run(&self, job: &Job, tick: i64, spec: &RunJob, prepared: Option<Value>) -> Result<()> {
        let mut payload: Value = serde_json::from_str(spec.payload).unwrap_or(Value::Null);
        if let (Some(members), Some(prepared)) = (payload.as_object_mut(), prepared) {
            members.insert("prepared".to_owned(), prepared);
        }
        let run = self.new_run(job, spec, spec.source, &payload, Map::new()).await?;
        let services = &self.services;
        let now = services.clock.now();
        let messages = [
            Messages(&services.ids).queued(&run),
            Messages(&services.ids).scheduler_fired(&run, spec.source, spec.exploratory),
        ];
        let mut tx = services.db.begin().await?;
        store::runs::insert(&mut tx, &run, &messages).await?;
        let noted = store::scheduler::started(&mut tx, job.id, tick, Some(run.run_id.as_str()), now).await?;
        if noted != Outcome::Done {
            // Another process went on with this fire.
            return Ok(tx.rollback().await?);
        }
        tx.commit().await?;
        services.tell_run(run.run_id.as_str(), "queued");
        services.db.wake();
        tracing::info!(job = job.id, run.id = %run.run_id, "job started a run");
        Ok(())
    }

    /// A run for the work of `job`.
    pub(super) async fn new_run(
        &self,
        job: &Job,
        spec: &RunJob,
        source: &str,
        payload: &Value,
        further: Map<String, Value>,
    ) -> Result<NewRun> {
        let services = &self.services;
        let wanted = spec.workflow.map(|id| WorkflowId::from_stored(id.to_owned()));
        let (workflow_id, workflow_version) = pinned(services, wanted.as_ref()).await?;
        let mut metadata = Map::from_iter([
            ("trigger_source".to_owned(), json!(source)),
            ("exploratory".to_owned(), json!(spec.exploratory)),
            ("job_id".to_owned(), json!(job.id)),
            ("timeout_seconds".to_owned(), json!(TIMEOUT_SECONDS)),
        ]);
        metadata.extend(further);
        Ok(NewRun {
            run_id: services.ids.run(),
            workflow_id,
            workflow_version,
            priority: PRIORITY,
            run_name: Some(spec.name.to_owned()),
            input_state: RunState::new(Map::from_iter([
                ("messages".to_owned(), json!([Message::human(spec.message)])),
                ("trigger_source".to_owned(), json!(source)),
                ("trigger_payload".to_owned(), payload.clone()),
                ("retry_count".to_owned(), json!(0)),
            ])),
            metadata: Value::Object(metadata),
            created_by: "scheduler".to_owned(),
            serial_key: None,
            idempotency_key: None,
            parent: None,
            created_at: services.clock.now(),
        })
    }

    /// Why the job can do nothing in this release or with these settings; none: it can.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn unavailable(&self, job: &Job) -> Result<Option<String>> {
        if let Some(why) = self.host.unavailable(job) {
            return Ok(Some(why));
        }
        let Work::Run(RunJob { workflow: Some(id), .. }) = job.work else { return Ok(None) };
        let wanted = WorkflowId::from_stored(id.to_owned());
        match pinned(&self.services, Some(&wanted)).await {
            Ok(_) => Ok(None),
            Err(Error::Refused(_)) => Ok(Some(format!("the workflow `{id}` is not part of this release"))),
            Err(error) => Err(error),
        }
    }
}
