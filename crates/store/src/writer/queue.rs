//! Forming batches, committing them, and what to do when that fails.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use clock::{Ids, SharedClock};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::flush::{Failure, flush};
use super::item::{Answer, Item, Work};
use super::recheck::recheck;
use crate::engine::Db;
use crate::error::{Result, StoreError};

/// Most items of one flush.
const MAX_ITEMS: usize = 256;
/// Most bytes of large columns in one flush.
const MAX_BYTES: usize = 1024 * 1024;
/// How often a batch that lost against another transaction is tried again before it is split.
const RETRIES: u32 = 3;
/// How often the outcome of a lost commit is looked up, and how long to wait between.
const LOOKS: u32 = 20;
const LOOK_PAUSE: Duration = Duration::from_millis(250);

pub(super) struct Context {
    pub(super) db: Db,
    pub(super) ids: Ids,
    pub(super) clock: SharedClock,
}

pub(super) async fn run(context: Context, mut waiting: mpsc::UnboundedReceiver<Item>, cancel: CancellationToken) {
    let mut held = VecDeque::new();
    loop {
        if held.is_empty() {
            let next = tokio::select! {
                biased;
                item = waiting.recv() => item,
                () = cancel.cancelled() => {
                    // What was handed in before is still committed; `recv` gives it and then ends.
                    waiting.close();
                    waiting.recv().await
                }
            };
            match next {
                Some(item) => held.push_back(item),
                None => return,
            }
        }
        let batch = gather(&mut held, &mut waiting);
        commit(&context, batch).await;
    }
}

/// Takes what waits, at most one item of each run. The rest stays in `held`, in order.
fn gather(held: &mut VecDeque<Item>, waiting: &mut mpsc::UnboundedReceiver<Item>) -> Vec<Item> {
    let mut batch: Vec<Item> = Vec::new();
    let mut runs = HashSet::new();
    let mut bytes = 0;
    let mut later = VecDeque::new();
    while batch.len() < MAX_ITEMS && bytes < MAX_BYTES {
        let Some(item) = held.pop_front().or_else(|| waiting.try_recv().ok()) else { break };
        if item.work.is_solo() {
            if batch.is_empty() && later.is_empty() {
                batch.push(item);
            } else {
                later.push_back(item);
            }
            break;
        }
        if let Some(run_id) = item.work.run_id() {
            // A later item of a run may not overtake an earlier one, so the first that has to wait is remembered too.
            if !runs.insert(run_id.clone()) {
                later.push_back(item);
                continue;
            }
        }
        bytes += item.work.size();
        batch.push(item);
    }
    while let Some(item) = later.pop_back() {
        held.push_front(item);
    }
    batch
}

async fn commit(context: &Context, batch: Vec<Item>) {
    let mut due = vec![(batch, 0, true)];
    while let Some((mut batch, tries, traced)) = due.pop() {
        if batch.is_empty() {
            continue;
        }
        // Rows are locked in the order of their keys, so that two writers cannot wait for each other.
        batch.sort_by(|a, b| a.work.run_id().cmp(&b.work.run_id()));
        match flush(context, &mut batch, traced).await {
            Ok(answers) => answer(context, batch, answers),
            Err(Failure::Statement(error)) if error.is_unavailable() => refuse(batch, &error),
            Err(Failure::Statement(error))
                if tries < RETRIES && (error.is_retryable() || lost_claim(&batch, &error)) =>
            {
                due.push((batch, tries + 1, traced));
            }
            Err(Failure::Statement(error)) if batch.len() == 1 => {
                if lost_claim(&batch, &error) {
                    answer(context, batch, vec![Answer::Claimed(Vec::new())]);
                } else {
                    refuse(batch, &error);
                }
            }
            Err(Failure::Statement(error)) => {
                tracing::debug!(error = %error, items = batch.len(), "a batch failed and is split");
                let right = batch.split_off(batch.len() / 2);
                due.push((right, 0, traced));
                due.push((batch, 0, traced));
            }
            Err(Failure::Spans(error)) if tries < RETRIES && error.is_retryable() => {
                due.push((batch, tries + 1, traced));
            }
            // What happened counts, not what is told of it. If the whole database is gone, the next try shows it.
            Err(Failure::Spans(error)) => {
                tracing::warn!(error = %error, items = batch.len(), "spans were not written");
                due.push((batch, tries, false));
            }
            Err(Failure::Commit(error, answers)) => {
                if let Some(again) = settle(context, batch, answers, &error).await {
                    due.push((again, 0, traced));
                }
            }
        }
    }
}

/// Two claimers took runs of one serial key at once; the index let one of them have it.
fn lost_claim(batch: &[Item], error: &StoreError) -> bool {
    error.is_conflict_on("serial") && matches!(batch, [Item { work: Work::Claim(_), .. }])
}

fn answer(context: &Context, batch: Vec<Item>, answers: Vec<Answer>) {
    let queues = batch.iter().any(|item| item.work.queues());
    for (item, answer) in batch.into_iter().zip(answers) {
        // A caller that no longer waits has dropped its end.
        let _ = item.reply.send(Ok(answer));
    }
    // Callers first, so that what they tell of a queued run mostly comes before what its worker tells.
    if queues {
        context.db.wake();
    }
}

fn refuse(batch: Vec<Item>, error: &StoreError) {
    for item in batch {
        let _ = item.reply.send(Err(error.clone()));
    }
}

/// The answer to a COMMIT was lost: finds out item by item whether it happened. Gives back those that did not.
async fn settle(context: &Context, batch: Vec<Item>, answers: Vec<Answer>, error: &StoreError) -> Option<Vec<Item>> {
    tracing::warn!(error = %error, items = batch.len(), "the answer to a commit was lost");
    let mut again = Vec::new();
    for (item, answer) in batch.into_iter().zip(answers) {
        match look(context, &item, &answer).await {
            Ok(true) => {
                if item.work.queues() {
                    context.db.wake();
                }
                let _ = item.reply.send(Ok(answer));
            }
            Ok(false) if matches!(item.work, Work::Claim(_)) => {
                let _ = item.reply.send(Err(error.clone()));
            }
            Ok(false) => again.push(item),
            Err(error) => {
                let _ = item.reply.send(Err(error));
            }
        }
    }
    (!again.is_empty()).then_some(again)
}

async fn look(context: &Context, item: &Item, answer: &Answer) -> Result<bool> {
    let mut looks = 0;
    loop {
        match recheck(&context.db, &item.work, answer).await {
            Err(error) if error.is_unavailable() && looks < LOOKS => {
                looks += 1;
                context.clock.sleep(LOOK_PAUSE).await;
            }
            found => return found,
        }
    }
}
