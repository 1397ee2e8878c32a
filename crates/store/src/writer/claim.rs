//! Claiming: which runs, and what their first row under the lease looks like.

use std::collections::HashMap;

use domain::checkpoint::{Checkpoint, CheckpointMeta, Source, resumed};
use domain::event::{NewEvent, OutboxMessage, TOWER_EVENTS, run_message};
use domain::ids::CheckpointId;
use domain::lease::Fence;
use domain::run::{FailReason, Run};
use domain::trace::Span;
use serde::Serialize;

use super::command::{Claim, Claimed, ENTRY_NODE};
use super::flush::Rows;
use super::queue::Context;
use crate::checkpoints::{self, CheckpointRow};
use crate::engine::{Row, Tx, args, statements};
use crate::error::Result;
use crate::events::EventRow;
use crate::outbox::OutboxRow;
use crate::runs::{columns, read};
use crate::spans::{self, SpanRow};
use crate::{bulk, events};

// `$1` owner, `$2` end of the lease, `$3` now, `$4` limit.
//
// A run counts against its key while it runs, waits for a person, or waits in the queue after it has started; and of
// those that have not started, the better ones count too, so that of one key only the best are taken.
macro_rules! claimable {
    () => {
        "r.status = 'queued' AND NOT r.paused AND (r.available_at IS NULL OR r.available_at <= $3)
               AND NOT EXISTS (SELECT 1 FROM system_switches s WHERE s.on_state AND s.name IN ('maintenance', 'workflow:' || r.workflow_id))
               AND (r.serial_key IS NULL OR r.started_at IS NOT NULL OR COALESCE(r.concurrency_limit, 1) >
                    (SELECT COUNT(*) FROM tower_runs h WHERE h.serial_key = r.serial_key AND h.run_id <> r.run_id
                       AND h.status IN ('queued', 'running', 'waiting_approval')
                       AND (h.status <> 'queued' OR h.started_at IS NOT NULL
                            OR (NOT h.paused AND (h.available_at IS NULL OR h.available_at <= $3)
                                AND (h.priority > r.priority OR (h.priority = r.priority
                                     AND (h.created_at < r.created_at OR (h.created_at = r.created_at AND h.run_id < r.run_id))))))))"
    };
}

// Of each priority the ones that have waited longest are enough to choose from: the index gives them in that order, so
// a claim costs the same however long the queue is. Some more than wanted, because other claimers may hold a few.
macro_rules! head_of {
    ($priority:literal) => {
        concat!(
            "SELECT * FROM (SELECT r.run_id FROM tower_runs r WHERE r.priority = ",
            $priority,
            " AND ",
            claimable!(),
            " ORDER BY r.updated_at LIMIT $4 + 64)"
        )
    };
}

macro_rules! wanted {
    ($heads:expr, $minutes:expr, $lock:expr) => {
        concat!(
            "SELECT r.run_id AS id FROM tower_runs r WHERE r.run_id IN (",
            $heads,
            ") AND r.status = 'queued' AND NOT r.paused
             ORDER BY r.priority + ",
            $minutes,
            " DESC, r.created_at, r.run_id LIMIT $4 ",
            $lock
        )
    };
}

macro_rules! take {
    () => {
        "UPDATE tower_runs SET status = 'running', lease_owner = $1, lease_epoch = lease_epoch + 1, lease_until = $2, updated_at = $3,
            started_at = COALESCE(started_at, $3), available_at = NULL, event_seq = event_seq + 1,
            last_checkpoint_id = COALESCE(last_checkpoint_id, 'cp_' || SUBSTR(run_id, 9, 12))"
    };
}

statements! {
    CLAIM = per_engine(
        concat!("WITH wanted AS (", wanted!(
            concat!("SELECT c.run_id FROM generate_series(0, 10) AS p CROSS JOIN LATERAL (SELECT r.run_id FROM tower_runs r
                WHERE r.priority = p AND ", claimable!(), " ORDER BY r.updated_at LIMIT $4 + 64) AS c"),
            "LEAST(10, GREATEST(0, FLOOR(EXTRACT(EPOCH FROM ($3 - COALESCE(r.available_at, r.updated_at))) / 60)))",
            "FOR UPDATE OF r SKIP LOCKED"), ") ", take!(), " FROM wanted WHERE run_id = wanted.id RETURNING ", columns!()),
        concat!(take!(), " WHERE run_id IN (", wanted!(
            concat!(head_of!("10"), " UNION ALL ", head_of!("9"), " UNION ALL ", head_of!("8"), " UNION ALL ", head_of!("7"),
                " UNION ALL ", head_of!("6"), " UNION ALL ", head_of!("5"), " UNION ALL ", head_of!("4"), " UNION ALL ", head_of!("3"),
                " UNION ALL ", head_of!("2"), " UNION ALL ", head_of!("1"), " UNION ALL ", head_of!("0")),
            "MIN(10, MAX(0, CAST((JULIANDAY($3) - JULIANDAY(COALESCE(r.available_at, r.updated_at))) * 1440 + 0.0001 AS INTEGER)))",
            ""), ") RETURNING ", columns!()),
    );
    REOPEN = per_engine(
        "UPDATE tower_runs SET last_checkpoint_id = x.c FROM json_to_recordset(CAST($1 AS json)) AS x(t text, c text) WHERE run_id = x.t",
        "UPDATE tower_runs SET last_checkpoint_id = x.c
         FROM (SELECT value ->> '$.t' AS t, value ->> '$.c' AS c FROM json_each($1)) AS x WHERE run_id = x.t",
    );
    GIVE_UP = both(
        "UPDATE tower_runs SET status = 'failed', last_error = $2, finished_at = $3, lease_owner = NULL, lease_until = NULL
         WHERE run_id = $1",
    );
}

/// The error of a run whose rows cannot be read.
const UNREADABLE: &str = "the stored state of the run cannot be read";

#[derive(Serialize)]
struct Newest {
    t: String,
    c: String,
}

/// Claims runs and adds the rows that belong to the claim to `rows`.
pub(super) async fn claim(context: &Context, tx: &mut Tx, claim: &Claim, rows: &mut Rows) -> Result<Vec<Claimed>> {
    let taken = tx.fetch_all(&CLAIM, args![&claim.owner, claim.lease_until, claim.now, claim.limit]).await?;
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let mut held = Vec::with_capacity(taken.len());
    for row in &taken {
        match read(row) {
            Ok(run) => held.push(run),
            Err(error) => give_up(tx, row, claim, &error).await?,
        }
    }
    // Most urgent first; the database gives them back in any order.
    held.sort_by(|a, b| {
        b.priority.cmp(&a.priority).then(a.created_at.cmp(&b.created_at)).then(a.run_id.cmp(&b.run_id))
    });
    let mut known = stored(tx, &held).await?;
    let mut claimed = Vec::with_capacity(held.len());
    let mut reopened = Vec::new();
    for mut run in held {
        let input = is_new(&run);
        let newest = if input { Some(input_checkpoint(&run, claim)) } else { known.remove(run.run_id.as_str()) };
        let Some(mut checkpoint) = newest else {
            fail(tx, run.run_id.as_str(), claim).await?;
            continue;
        };
        let mut ticket = None;
        if checkpoint.metadata.source == Source::Interrupt {
            checkpoint = resumed(&checkpoint, context.ids.checkpoint(), claim.now);
            ticket = run.last_ticket_id;
            run.last_checkpoint_id = Some(checkpoint.checkpoint_id.clone());
            reopened.push(Newest { t: run.run_id.to_string(), c: checkpoint.checkpoint_id.to_string() });
            rows.checkpoints_made.push(CheckpointRow::new(&checkpoint)?);
        } else if input {
            rows.checkpoints_made.push(CheckpointRow::new(&checkpoint)?);
        }
        let first = run.lease_epoch == 1;
        let (event, told) = if first {
            (NewEvent::run_started(&claim.owner, run.attempt), "run.started")
        } else {
            (NewEvent::run_resumed(ticket, run.attempt), "run.running")
        };
        let mut event = EventRow::new(run.run_id.as_str(), &event, claim.now)?;
        event.seq = run.event_seq;
        rows.events_made.push(event);
        rows.outbox_made.push(message(context, &run, told, claim)?);
        if first {
            rows.spans_made.extend(SpanRow::new(&Span::root(&run)).ok());
        }
        let fence = Fence { owner: claim.owner.clone(), epoch: run.lease_epoch };
        claimed.push(Claimed { run, fence, first, checkpoint });
    }
    if !reopened.is_empty() {
        tx.execute(&REOPEN, vec![bulk::rows(&reopened)?]).await?;
    }
    Ok(claimed)
}

/// The claim statement names the input checkpoint after the run when there was none.
fn is_new(run: &Run) -> bool {
    let named = run.last_checkpoint_id.as_ref().map(CheckpointId::as_str).and_then(|id| id.strip_prefix("cp_"));
    run.lease_epoch == 1 && named.is_some() && named == run.run_id.as_str().get(8..)
}

fn input_checkpoint(run: &Run, claim: &Claim) -> Checkpoint {
    Checkpoint {
        thread_id: run.run_id.clone(),
        checkpoint_id: run.last_checkpoint_id.clone().unwrap_or_else(|| CheckpointId::from_stored(String::new())),
        parent_id: None,
        channel_values: run.input_state.clone(),
        metadata: CheckpointMeta { node_name: None, step: 0, source: Source::Input, next: vec![ENTRY_NODE.to_owned()] },
        pending: Vec::new(),
        created_at: claim.now,
    }
}

async fn stored(tx: &mut Tx, held: &[Run]) -> Result<HashMap<String, Checkpoint>> {
    let keys: Vec<_> = held
        .iter()
        .filter(|run| !is_new(run))
        .filter_map(|run| Some((run.run_id.as_str(), run.last_checkpoint_id.as_ref()?.as_str())))
        .collect();
    let mut known = HashMap::new();
    for checkpoint in checkpoints::of_keys(tx, &keys).await? {
        match checkpoint {
            Ok(checkpoint) => {
                known.insert(checkpoint.thread_id.to_string(), checkpoint);
            }
            // The run it belongs to finds none and fails.
            Err(error) => tracing::error!(error = %error, "a checkpoint cannot be read"),
        }
    }
    Ok(known)
}

fn message(context: &Context, run: &Run, told: &'static str, claim: &Claim) -> Result<OutboxRow> {
    let payload = run_message(
        &run.run_id,
        run.workflow_id.as_str(),
        run.status.as_str(),
        run.run_name.as_deref(),
        run.created_by.as_deref(),
        run.last_error.as_deref(),
    );
    let message = OutboxMessage { msg_id: context.ids.hex(8), stream: TOWER_EVENTS, msg_type: told, payload };
    OutboxRow::new(&message, claim.now)
}

async fn give_up(tx: &mut Tx, row: &Row, claim: &Claim, error: &crate::StoreError) -> Result<()> {
    let run_id = row.text("run_id")?;
    tracing::error!(run_id, error = %error, "a run cannot be read and fails");
    fail(tx, &run_id, claim).await
}

/// A run that cannot be read fails in the claim itself; else it would be claimed and lost for ever.
async fn fail(tx: &mut Tx, run_id: &str, claim: &Claim) -> Result<()> {
    tx.execute(&GIVE_UP, args![run_id, UNREADABLE, claim.now]).await?;
    spans::close_run(tx, run_id, Some(UNREADABLE), claim.now).await?;
    crate::effects::abort_prepared_of(tx, &domain::ids::RunId::from_stored(run_id.to_owned())).await?;
    // The number that the claim took for its own event.
    events::append_at_head(tx, run_id, &NewEvent::run_failed(UNREADABLE, FailReason::Error), claim.now).await
}
