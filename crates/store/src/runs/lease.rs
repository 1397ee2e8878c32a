//! Leases of runs: renewed, given back, taken back.

use domain::event::{NewEvent, OutboxMessage};
use domain::ids::RunId;
use domain::lease::Fence;
use domain::run::{FailReason, Recovery, Run, recover};
use domain::time::Timestamp;
use serde::Serialize;

use super::read::{columns, read};
use crate::bulk;
use crate::engine::{Db, Tx, args, statements};
use crate::error::Result;
use crate::outcome::Outcome;
use crate::{events, outbox};

statements! {
    HEARTBEAT = per_engine(
        "UPDATE tower_runs SET lease_until = $3 FROM json_to_recordset(CAST($1 AS json)) AS x(id text, epoch bigint)
         WHERE run_id = x.id AND status = 'running' AND lease_owner = $2 AND lease_epoch = x.epoch
         RETURNING run_id, cancel_requested, paused",
        "UPDATE tower_runs SET lease_until = $3
         FROM (SELECT value ->> '$.id' AS id, value ->> '$.epoch' AS epoch FROM json_each($1)) AS x
         WHERE run_id = x.id AND status = 'running' AND lease_owner = $2 AND lease_epoch = x.epoch
         RETURNING run_id, cancel_requested, paused",
    );
    RELEASE = both(
        "UPDATE tower_runs SET status = 'queued', lease_owner = NULL, lease_until = NULL, updated_at = $4
         WHERE run_id = $1 AND status = 'running' AND lease_owner = $2 AND lease_epoch = $3",
    );
    EXPIRED = per_engine(
        concat!("SELECT ", columns!(), " FROM tower_runs WHERE status = 'running' AND (lease_until < $1 OR lease_owner = $2)
         ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED"),
        concat!("SELECT ", columns!(), " FROM tower_runs WHERE status = 'running' AND (lease_until < $1 OR lease_owner = $2)
         ORDER BY lease_until LIMIT $3"),
    );
    REQUEUE = both(
        "UPDATE tower_runs SET status = 'queued', lease_owner = NULL, lease_until = NULL, attempt = $2, updated_at = $3 WHERE run_id = $1",
    );
    FAIL = both(
        "UPDATE tower_runs SET status = 'failed', lease_owner = NULL, lease_until = NULL, attempt = attempt + 1, last_error = $2,
                finished_at = $3, updated_at = $3 WHERE run_id = $1",
    );
}

/// The error of a run whose workers were lost too often.
const WORKER_LOST: &str = "worker lost";

/// What a renewal tells of one run that is still held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The run.
    pub run_id: RunId,
    /// Somebody wants it cancelled.
    pub cancel_requested: bool,
    /// Somebody holds it back.
    pub paused: bool,
}

/// One run taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The run.
    pub run_id: RunId,
    /// It was lost too often and has failed.
    pub failed: bool,
}

#[derive(Serialize)]
struct Held<'a> {
    id: &'a str,
    epoch: i64,
}

/// Renews the leases of `held` until `until`. Runs missing from the answer are lost.
///
/// # Errors
/// When the database fails.
pub async fn heartbeat(db: &Db, owner: &str, held: &[(RunId, i64)], until: Timestamp) -> Result<Vec<Heartbeat>> {
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<_> = held.iter().map(|(id, epoch)| Held { id: id.as_str(), epoch: *epoch }).collect();
    rows.sort_by_key(|row| row.id);
    let mut tx = db.begin().await?;
    let kept = tx.fetch_all(&HEARTBEAT, vec![bulk::rows(&rows)?, owner.into(), until.into()]).await?;
    tx.commit().await?;
    kept.iter()
        .map(|row| {
            Ok(Heartbeat {
                run_id: RunId::from_stored(row.text("run_id")?),
                cancel_requested: row.bool("cancel_requested")?,
                paused: row.bool("paused")?,
            })
        })
        .collect()
}

/// Gives a run back to the queue at shutdown; not counted as a loss.
///
/// # Errors
/// When a statement fails.
pub async fn release(tx: &mut Tx, id: &RunId, fence: &Fence, now: Timestamp) -> Result<Outcome> {
    if tx.execute(&RELEASE, args![id, &fence.owner, fence.epoch, now]).await? == 0 {
        return Ok(if super::get_in(tx, id).await?.is_some() { Outcome::Lost } else { Outcome::Gone });
    }
    events::append(tx, id.as_str(), &[NewEvent::run_yielded("shutdown")], now).await?;
    Ok(Outcome::Done)
}

/// Takes back runs whose lease ran out, and all those of `own`. A run that was lost too often fails; `message` gives
/// what is told of each, from the row as it was and whether it failed.
///
/// # Errors
/// When a statement fails.
pub async fn recover_expired(
    tx: &mut Tx,
    now: Timestamp,
    own: Option<&str>,
    limit: i64,
    message: &(dyn Fn(&Run, bool) -> Option<OutboxMessage> + Sync),
) -> Result<Vec<Recovered>> {
    let mut recovered = Vec::new();
    for row in tx.fetch_all(&EXPIRED, args![now, own, limit]).await? {
        let run = read(&row)?;
        let (event, failed) = match recover(run.attempt) {
            Recovery::Requeue { attempt } => {
                tx.execute(&REQUEUE, args![&run.run_id, attempt, now]).await?;
                (NewEvent::run_recovered(attempt, WORKER_LOST), false)
            }
            Recovery::Fail => {
                tx.execute(&FAIL, args![&run.run_id, WORKER_LOST, now]).await?;
                // Nobody will send them any more; left prepared they would hold their business keys for ever.
                crate::effects::abort_prepared_of(tx, &run.run_id).await?;
                crate::llm_ledger::lose_stale(tx, &run.run_id, run.lease_epoch + 1, now).await?;
                crate::spans::close_run(tx, run.run_id.as_str(), Some(WORKER_LOST), now).await?;
                (NewEvent::run_failed(WORKER_LOST, FailReason::RecoveryExhausted), true)
            }
        };
        events::append(tx, run.run_id.as_str(), &[event], now).await?;
        outbox::insert(tx, message(&run, failed).as_slice(), now).await?;
        recovered.push(Recovered { run_id: run.run_id, failed });
    }
    Ok(recovered)
}
