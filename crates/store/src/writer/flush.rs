//! One flush: everything of a batch in one transaction.

use super::claim;
use super::command::StepOutcome;
use super::item::{Answer, Item, Step, Work};
use super::queue::Context;
use super::steps;
use crate::checkpoints::{self, CheckpointRow};
use crate::engine::Tx;
use crate::error::{Result, StoreError};
use crate::events::{self, EventRow};
use crate::guardrail_checks;
use crate::outbox::{self, OutboxRow};
use crate::runs;
use crate::spans::{self, SpanRow};

/// How a flush failed.
pub(super) enum Failure {
    /// Before the commit: nothing was written.
    Statement(StoreError),
    /// The spans could not be written, for whatever reason: the rest is to be written without them.
    Spans(StoreError),
    /// In the commit: it may or may not have happened. With the answers that hold if it did.
    Commit(StoreError, Vec<Answer>),
}

/// Rows that come up during the flush.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) checkpoints_made: Vec<CheckpointRow>,
    pub(super) events_made: Vec<EventRow>,
    pub(super) outbox_made: Vec<OutboxRow>,
    pub(super) spans_made: Vec<SpanRow>,
}

/// Writes `batch`, its spans only when `traced`, and gives the answers, in its order.
pub(super) async fn flush(
    context: &Context,
    batch: &mut [Item],
    traced: bool,
) -> std::result::Result<Vec<Answer>, Failure> {
    let mut tx = context.db.begin().await.map_err(Failure::Statement)?;
    let Some((answers, made)) = write(context, &mut tx, batch).await.map_err(Failure::Statement)? else {
        // An item that turned out a conflict; it was alone.
        let _ = tx.rollback().await;
        return Ok(vec![Answer::Step { outcome: StepOutcome::EffectConflict, seq: 0 }]);
    };
    if traced {
        write_spans(&mut tx, batch, &answers, &made).await.map_err(Failure::Spans)?;
    }
    match tx.commit().await {
        Ok(()) => Ok(answers),
        Err(error) if error.is_unavailable() => Err(Failure::Commit(error, answers)),
        Err(error) => Err(Failure::Statement(error)),
    }
}

async fn write(context: &Context, tx: &mut Tx, batch: &mut [Item]) -> Result<Option<(Vec<Answer>, Rows)>> {
    let mut rows = Rows::default();
    let starts: Vec<_> = batch
        .iter()
        .filter_map(|item| if let Work::Start(start) = &item.work { Some(&start.row) } else { None })
        .collect();
    runs::insert_rows(tx, &starts).await?;
    let heads: Vec<_> = batch
        .iter()
        .filter_map(|item| if let Work::Step(step) = &item.work { Some(&step.head) } else { None })
        .collect();
    let moved = steps::move_heads(tx, &heads).await?;

    let mut answers = Vec::with_capacity(batch.len());
    for item in batch.iter_mut() {
        answers.push(match &mut item.work {
            Work::Start(_) => Answer::Started,
            Work::Claim(wish) => Answer::Claimed(claim::claim(context, tx, wish, &mut rows).await?),
            Work::Step(step) => match moved.get(step.run_id.as_str()) {
                None => Answer::Step { outcome: StepOutcome::LeaseLost, seq: 0 },
                Some(seq) => {
                    events::number(&mut step.events, *seq);
                    if let Some(solo) = &step.solo
                        && !steps::solo(tx, step, solo).await?
                    {
                        return Ok(None);
                    }
                    let call_id = steps::ledgers(tx, step).await?;
                    if let Some((span, call_id)) = step.call_span.zip(call_id) {
                        step.spans[span].link_call(call_id);
                    }
                    Answer::Step { outcome: StepOutcome::Done { call_id }, seq: *seq }
                }
            },
        });
    }
    write_rows(tx, batch, &answers, &rows).await?;
    Ok(Some((answers, rows)))
}

/// The steps whose lease still held.
fn accepted<'a>(batch: &'a [Item], answers: &'a [Answer]) -> impl Iterator<Item = &'a Step> {
    batch.iter().zip(answers).filter_map(|(item, answer)| match (&item.work, answer) {
        (Work::Step(step), Answer::Step { outcome: StepOutcome::Done { .. }, .. }) => Some(step.as_ref()),
        _ => None,
    })
}

/// The spans of everything that was accepted, in one statement.
async fn write_spans(tx: &mut Tx, batch: &[Item], answers: &[Answer], made: &Rows) -> Result<()> {
    let all: Vec<_> = made.spans_made.iter().chain(accepted(batch, answers).flat_map(|step| &step.spans)).collect();
    spans::insert_rows(tx, &all).await
}

/// The rows of everything that was accepted, one statement per table.
async fn write_rows(tx: &mut Tx, batch: &[Item], answers: &[Answer], made: &Rows) -> Result<()> {
    let done: Vec<&Step> = accepted(batch, answers).collect();
    let starts: Vec<_> =
        batch.iter().filter_map(|item| if let Work::Start(start) = &item.work { Some(start) } else { None }).collect();

    let all: Vec<_> =
        made.checkpoints_made.iter().chain(done.iter().filter_map(|step| step.checkpoint.as_ref())).collect();
    checkpoints::insert_rows(tx, &all).await?;
    let all: Vec<_> = done.iter().filter_map(|step| step.pending.as_ref()).collect();
    checkpoints::rewrite_pending(tx, &all).await?;
    let of_starts = starts.iter().map(|start| &start.event);
    let all: Vec<_> =
        made.events_made.iter().chain(of_starts).chain(done.iter().flat_map(|step| &step.events)).collect();
    events::insert_rows(tx, &all).await?;
    let of_starts = starts.iter().flat_map(|start| &start.outbox);
    let all: Vec<_> =
        made.outbox_made.iter().chain(of_starts).chain(done.iter().flat_map(|step| &step.outbox)).collect();
    outbox::insert_rows(tx, &all).await?;
    let all: Vec<_> = done.iter().flat_map(|step| &step.checks).collect();
    guardrail_checks::insert_rows(tx, &all).await
}
