//! Reading back whether an item was committed, by what only that commit can have written.

use super::command::StepOutcome;
use super::item::{Answer, Step, Work};
use crate::engine::Db;
use crate::error::Result;
use crate::{checkpoints, events, llm_ledger, runs};
use domain::ids::{CallId, CheckpointId};

pub(super) async fn recheck(db: &Db, work: &Work, answer: &Answer) -> Result<bool> {
    match (work, answer) {
        (Work::Start(start), _) => Ok(runs::get(db, &start.run_id).await?.is_some()),
        (Work::Step(step), Answer::Step { outcome: StepOutcome::Done { call_id }, seq }) => {
            step_done(db, step, *call_id, *seq).await
        }
        _ => Ok(false),
    }
}

async fn step_done(db: &Db, step: &Step, call_id: Option<CallId>, seq: i64) -> Result<bool> {
    if let Some(id) = step.head.checkpoint() {
        return Ok(checkpoints::get(db, &step.run_id, &CheckpointId::from_stored(id.to_owned())).await?.is_some());
    }
    if let Some(last) = step.events.last() {
        let found = events::list(db, step.run_id.as_str(), seq - 1, 1).await?;
        return Ok(found.first().is_some_and(|event| event.seq == seq && last.is(event)));
    }
    // A second row would reserve the money twice.
    if let Some((call, id)) = step.call_start.as_ref().zip(call_id) {
        return llm_ledger::was_started(db, call, id).await;
    }
    // Only `pending`, or the end of a call, was written: writing it again does no harm.
    Ok(false)
}
