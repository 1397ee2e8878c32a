//! Waits of an idle queue: from the request to the moment a node begins.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::role::Role;
use domain::ticket::{Answer, Decider, TicketStatus, Verdict};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use tower::tickets::{ParamsCheck, decide};

use crate::engine::{Bench, ONE_QUESTION, THREE_STEPS};

/// Idle time before each sample, so that it meets a worker that sleeps.
const PAUSE: Duration = Duration::from_millis(15);

/// A wait, milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Wait {
    pub(crate) samples: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// From handing a run in to the start of its first node: commit, hint, claim, input guardrail.
pub(crate) async fn start(bench: &Bench, samples: usize) -> Result<Wait> {
    let mut waits = Vec::with_capacity(samples);
    for _ in 0..samples {
        bench.clock().sleep(PAUSE).await;
        let began = bench.clock().monotonic();
        bench.enqueue(THREE_STEPS, true).await?;
        let at = first_visit(bench, 1).await?;
        waits.push(at.saturating_sub(began));
        // The other two steps are of no interest.
        first_visit(bench, 1).await?;
        first_visit(bench, 1).await?;
    }
    Ok(wait(waits))
}

/// From posting a decision to the node going on.
pub(crate) async fn decision(bench: &Bench, samples: usize) -> Result<Wait> {
    let mut waits = Vec::with_capacity(samples);
    for _ in 0..samples {
        let run_id = bench.enqueue(ONE_QUESTION, true).await?;
        first_visit(bench, 1).await?;
        let ticket = loop {
            let run = store::runs::get(&bench.services.db, &run_id).await?.context("the run is gone")?;
            if let Some(ticket) = run.last_ticket_id {
                break ticket;
            }
            bench.clock().sleep(Duration::from_millis(1)).await;
        };
        bench.clock().sleep(PAUSE).await;
        let answer = Answer { verdict: Verdict::Approve, payload: Map::new(), expected_checkpoint: None };
        let by = Decider { subject: "bench".to_owned(), role: Role::Admin };
        let began = bench.clock().monotonic();
        let decided = decide(&bench.services, &NoEdits, ticket, answer, &by).await?;
        if decided.status != TicketStatus::Approved {
            bail!("ticket {ticket} is {}", decided.status.as_str());
        }
        waits.push(first_visit(bench, 2).await?.saturating_sub(began));
    }
    Ok(wait(waits))
}

async fn first_visit(bench: &Bench, visit: u8) -> Result<Duration> {
    let mut began = bench.began.lock().await;
    loop {
        let next = tokio::time::timeout(Duration::from_secs(30), began.recv()).await.context("no node began")?;
        let next = next.context("the nodes are gone")?;
        if next.visit == visit {
            return Ok(next.at);
        }
    }
}

fn wait(mut waits: Vec<Duration>) -> Wait {
    waits.sort_unstable();
    let at = |percent: usize| {
        let index = (waits.len() * percent / 100).min(waits.len().saturating_sub(1));
        waits.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1000.0)
    };
    Wait { samples: waits.len(), p50_ms: at(50), p99_ms: at(99) }
}

/// Nothing is edited here.
struct NoEdits;

impl ParamsCheck for NoEdits {
    fn check(
        &self,
        _tool: &Arc<dyn gateway::Tool>,
        params: &Value,
    ) -> std::result::Result<Value, Vec<(String, String)>> {
        Ok(params.clone())
    }
}
