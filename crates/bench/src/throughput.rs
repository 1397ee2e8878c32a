//! Runs queued and runs finished per second.

use std::time::Duration;

use anyhow::{Result, bail};
use futures_util::future::try_join_all;
use serde::Serialize;

use crate::engine::{Bench, THREE_STEPS};
use crate::report::per_second;

/// Runs of one batch.
const BATCH: usize = 500;
/// How often the queue is looked at while it drains.
const LOOK: Duration = Duration::from_millis(50);
/// Steps of a run that a client would count: the nodes of its workflow, not the two guardrails.
const STEPS: f64 = 3.0;

/// Runs queued per second.
#[derive(Debug, Serialize)]
pub(crate) struct Enqueue {
    /// Each durable before the next is handed in.
    pub(crate) one_by_one: f64,
    /// Five hundred handed in together.
    pub(crate) batches: f64,
}

/// Runs finished per second.
#[derive(Debug, Serialize)]
pub(crate) struct Runs {
    /// How many were measured.
    pub(crate) count: usize,
    /// Runs per second.
    pub(crate) runs: f64,
    /// Steps per second, guardrail steps not counted.
    pub(crate) steps: f64,
}

/// Queues `total` runs in batches, and a quarter of that one by one.
pub(crate) async fn enqueue(bench: &Bench, total: usize) -> Result<Enqueue> {
    let single = total / 4;
    let began = bench.clock().monotonic();
    for _ in 0..single {
        bench.enqueue(THREE_STEPS, false).await?;
    }
    let one_by_one = per_second(single, bench.clock().monotonic().saturating_sub(began));
    let began = bench.clock().monotonic();
    let mut queued = 0;
    while queued < total {
        try_join_all((0..BATCH).map(|_| bench.enqueue(THREE_STEPS, false))).await?;
        queued += BATCH;
    }
    let batches = per_second(queued, bench.clock().monotonic().saturating_sub(began));
    Ok(Enqueue { one_by_one, batches })
}

/// Starts the worker and measures until the queue is empty. The worker goes on afterwards.
pub(crate) async fn drain(bench: &Bench) -> Result<Runs> {
    let count = open(bench).await?;
    let began = bench.clock().monotonic();
    bench.start_worker();
    while open(bench).await? > 0 {
        bench.clock().sleep(LOOK).await;
    }
    let elapsed = bench.clock().monotonic().saturating_sub(began);
    let ended = store::runs::count_by_status(&bench.services.db).await?;
    let completed = ended.get("completed").copied().unwrap_or_default();
    if usize::try_from(completed).ok() != Some(count) {
        bail!("{count} runs were queued and {completed} are completed: {ended:?}");
    }
    let runs = per_second(count, elapsed);
    Ok(Runs { count, runs, steps: runs * STEPS })
}

async fn open(bench: &Bench) -> Result<usize> {
    let open = store::runs::summary_open(&bench.services.db).await?;
    Ok(usize::try_from(open.values().sum::<i64>())?)
}
