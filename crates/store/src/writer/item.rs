//! Items of the queue: commands with their rows already rendered, so that the writer's task does as little as it can.

use domain::run::{MAX_ERROR_CHARS, cut};
use domain::time::{Timestamp, to_text};
use serde::Serialize;
use tokio::sync::oneshot;

use super::command::{Claim, Claimed, ExecutionBudget, Head, StartRun, StepCommit, StepOutcome};
use crate::checkpoints::{CheckpointRow, PendingRow};
use crate::effects::{EffectChange, NewEffect};
use crate::engine::check_nul;
use crate::error::Result;
use crate::events::EventRow;
use crate::guardrail_checks::CheckRow;
use crate::outbox::OutboxRow;
use crate::runs::NewRunRow;
use crate::spans::{self, SpanRow};
use domain::ids::{OrderKey, RunId};
use domain::ledger::{CallEnd, CallStart};
use domain::order::OrderFacts;

/// One command and the caller who waits for it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) work: Work,
    pub(super) reply: oneshot::Sender<Result<Answer>>,
}

#[derive(Debug, Clone)]
pub(super) enum Answer {
    Started,
    Claimed(Vec<Claimed>),
    Step {
        outcome: StepOutcome,
        /// Number of the last event of the commit.
        seq: i64,
    },
}

#[derive(Debug)]
pub(super) enum Work {
    Start(Box<Start>),
    Claim(Claim),
    Step(Box<Step>),
}

#[derive(Debug)]
pub(super) struct Start {
    pub(super) run_id: RunId,
    pub(super) row: NewRunRow,
    pub(super) event: EventRow,
    pub(super) outbox: Vec<OutboxRow>,
}

#[derive(Debug)]
pub(super) struct Step {
    pub(super) run_id: RunId,
    pub(super) now: Timestamp,
    pub(super) head: HeadRow,
    pub(super) checkpoint: Option<CheckpointRow>,
    pub(super) pending: Option<PendingRow>,
    pub(super) events: Vec<EventRow>,
    pub(super) outbox: Vec<OutboxRow>,
    pub(super) checks: Vec<CheckRow>,
    pub(super) call_start: Option<CallStart>,
    pub(super) call_end: Option<CallEnd>,
    pub(super) budget: Option<ExecutionBudget>,
    pub(super) spans: Vec<SpanRow>,
    /// Which of `spans` is that of the call that is started.
    pub(super) call_span: Option<usize>,
    pub(super) solo: Option<Solo>,
    pub(super) requeues: bool,
}

/// What may turn out a conflict after the run's row was written: such an item gets a transaction of its own, so that
/// it can be undone without the others.
#[derive(Debug)]
pub(super) struct Solo {
    pub(super) prepare: Option<NewEffect>,
    pub(super) effects: Vec<EffectChange>,
    pub(super) order: Option<OrderFacts>,
    pub(super) customer_note: Option<(OrderKey, String)>,
}

/// The change of a run's row, as one element of the bulk statement.
#[derive(Debug, Serialize)]
pub(super) struct HeadRow {
    pub(super) id: String,
    owner: String,
    epoch: i64,
    at: String,
    /// New status; none: it keeps it, and the lease with it.
    st: Option<&'static str>,
    err: Option<String>,
    term: bool,
    avail: Option<String>,
    cp: Option<String>,
    n: usize,
}

impl Work {
    pub(super) fn start(start: &StartRun) -> Result<Self> {
        let run = &start.run;
        Ok(Self::Start(Box::new(Start {
            run_id: run.run_id.clone(),
            row: NewRunRow::new(run)?,
            event: NewRunRow::queued_event(run)?,
            outbox: start
                .outbox
                .iter()
                .map(|message| OutboxRow::new(message, run.created_at))
                .collect::<Result<_>>()?,
        })))
    }

    pub(super) fn step(c: StepCommit) -> Result<Self> {
        let (st, err, avail) = match c.head {
            Head::Keep => (None, None, None),
            Head::Complete => (Some("completed"), None, None),
            Head::Fail { error } => (Some("failed"), Some(cut(&error, MAX_ERROR_CHARS)), None),
            Head::Requeue { available_at } => (Some("queued"), None, available_at.map(to_text)),
            Head::Cancelled => (Some("cancelled"), None, None),
        };
        if let Some(error) = &err {
            check_nul(error)?;
        }
        let run_id = c.run_id.as_str();
        let checkpoint = c.checkpoint.as_ref();
        let solo = c.prepare.is_some() || !c.effects.is_empty() || c.order.is_some() || c.customer_note.is_some();
        let spans = SpanRow::all(&c.spans);
        Ok(Self::Step(Box::new(Step {
            now: c.now,
            head: HeadRow {
                id: run_id.to_owned(),
                owner: c.fence.owner,
                epoch: c.fence.epoch,
                at: to_text(c.now),
                st,
                err,
                term: matches!(st, Some("completed" | "failed" | "cancelled")),
                avail,
                cp: checkpoint.map(|checkpoint| checkpoint.checkpoint_id.to_string()),
                n: c.events.len(),
            },
            checkpoint: checkpoint.map(CheckpointRow::new).transpose()?,
            pending: c.pending.as_ref().map(|(id, pending)| PendingRow::new(&c.run_id, id, pending)).transpose()?,
            events: c.events.iter().map(|event| EventRow::new(run_id, event, c.now)).collect::<Result<_>>()?,
            outbox: c.outbox.iter().map(|message| OutboxRow::new(message, c.now)).collect::<Result<_>>()?,
            checks: c.checks.iter().map(|check| CheckRow::new(Some(run_id), check)).collect::<Result<_>>()?,
            call_span: c.call_start.as_ref().and_then(|_| spans::call_to_link(&spans)),
            call_start: c.call_start,
            call_end: c.call_end,
            budget: c.budget,
            spans,
            solo: solo.then_some(Solo {
                prepare: c.prepare,
                effects: c.effects,
                order: c.order,
                customer_note: c.customer_note,
            }),
            requeues: st == Some("queued"),
            run_id: c.run_id,
        })))
    }

    /// The run that the item is about, unless it is a claim.
    pub(super) fn run_id(&self) -> Option<&RunId> {
        match self {
            Self::Start(start) => Some(&start.run_id),
            Self::Step(step) => Some(&step.run_id),
            Self::Claim(_) => None,
        }
    }

    /// Whether it needs a transaction of its own.
    pub(super) fn is_solo(&self) -> bool {
        matches!(self, Self::Step(step) if step.solo.is_some())
    }

    /// Whether a run is queued when it is committed.
    pub(super) fn queues(&self) -> bool {
        match self {
            Self::Start(_) => true,
            Self::Step(step) => step.requeues,
            Self::Claim(_) => false,
        }
    }

    /// Bytes of the large columns.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Start(start) => start.row.size(),
            Self::Step(step) => {
                step.checkpoint.as_ref().map_or(0, CheckpointRow::size)
                    + step.pending.as_ref().map_or(0, |row| row.p.len())
            }
            Self::Claim(_) => 0,
        }
    }
}

impl HeadRow {
    /// The id of the checkpoint that the commit adds.
    pub(super) fn checkpoint(&self) -> Option<&str> {
        self.cp.as_deref()
    }
}
