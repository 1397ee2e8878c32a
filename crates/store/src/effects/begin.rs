//! The last gate before a call leaves the process.

use domain::ids::{EffectId, OrderKey, RunId, TicketId};
use domain::lease::Fence;
use domain::time::Timestamp;

use crate::engine::{Db, Row, Tx, args, missing, statements};
use crate::error::Result;
use crate::gate;

statements! {
    // Rows that one of the conditions reads may change at the same moment; under SHARE locks on PostgreSQL they wait
    // until this transaction ends. SQLite has one writer.
    LOCK_RUN = per_engine(
        "SELECT run_id AS id FROM tower_runs WHERE run_id = $1 FOR SHARE",
        "SELECT run_id AS id FROM tower_runs WHERE run_id = $1",
    );
    LOCK_ORDER = per_engine(
        "SELECT order_key AS id FROM orders WHERE order_key = $1 FOR SHARE",
        "SELECT order_key AS id FROM orders WHERE order_key = $1",
    );
    BEGIN = both(
        "UPDATE tower_effects SET status = 'executing', attempted_at = $1, lease_epoch = $2, gate_epoch = $3
         WHERE effect_id = $4 AND status = 'prepared' AND payload_hash = $5 AND policy_version = $6
           AND EXISTS (SELECT 1 FROM tower_runs r WHERE r.run_id = $7 AND r.status = 'running' AND r.lease_owner = $8
                       AND r.lease_epoch = $2 AND NOT r.cancel_requested)
           AND (ticket_id IS NULL OR EXISTS (SELECT 1 FROM tower_tickets t WHERE t.id = ticket_id AND t.status = 'approved' AND t.payload_hash = $5))
           AND (CAST($9 AS INTEGER) IS NULL OR EXISTS (SELECT 1 FROM hierarchy_gate_status g WHERE g.level = $9 AND g.is_open))
           AND (CAST($10 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM orders o WHERE o.order_key = $10 AND o.payment IN (3, 4)
                AND NOT o.cancelled AND NOT o.is_test AND o.version = $11))",
    );
    // The same conditions one by one, to say which failed.
    WHY = both(
        "SELECT e.status = 'prepared' AND EXISTS (SELECT 1 FROM tower_runs r WHERE r.run_id = $2 AND r.status = 'running'
                    AND r.lease_owner = $3 AND r.lease_epoch = $4 AND NOT r.cancel_requested) AS lease_ok,
                COALESCE(e.payload_hash = $5, FALSE) AND (e.ticket_id IS NULL OR EXISTS (SELECT 1 FROM tower_tickets t WHERE t.id = e.ticket_id
                    AND t.status = 'approved' AND t.payload_hash = $5)) AS hash_ok,
                COALESCE(e.policy_version = $6, FALSE) AS policy_ok,
                CAST($7 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM orders o WHERE o.order_key = $7 AND o.payment IN (3, 4)
                    AND NOT o.cancelled AND NOT o.is_test AND o.version = $8) AS order_ok
         FROM tower_effects e WHERE e.effect_id = $1",
    );
}

/// What must hold for an effect to leave.
#[derive(Debug, Clone)]
pub struct BeginEffect {
    /// The effect.
    pub effect_id: EffectId,
    /// Its run.
    pub run_id: RunId,
    /// The lease under which the caller works.
    pub fence: Fence,
    /// Hash of the call about to be made.
    pub payload_hash: String,
    /// Rules in force now.
    pub policy_version: String,
    /// Level whose gate must be open.
    pub goal_level: Option<i64>,
    /// For printing: the order and the version it was resolved with.
    pub order: Option<(OrderKey, i64)>,
    /// The ticket that approved it; told for the record, the row's own ticket is what is checked.
    pub ticket_id: Option<TicketId>,
    /// When.
    pub now: Timestamp,
}

/// Why an effect may not leave. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocked {
    /// Its level is closed.
    Gate {
        /// Gate epoch.
        epoch: i64,
        /// Predicates that hold it closed.
        failing: Vec<i64>,
    },
    /// The call is not what was approved.
    Hash,
    /// The order is not paid, cancelled, a test, or changed.
    Order,
    /// The rules changed.
    Policy,
    /// The lease is gone, the run is to be cancelled, or the effect is in another state.
    Lease,
}

/// Moves an effect to `executing` in one guarded statement, or says which condition failed.
///
/// # Errors
/// When the database fails; then it is not known to be `executing` and nothing may be sent.
pub async fn begin(db: &Db, b: &BeginEffect) -> Result<std::result::Result<(), Blocked>> {
    let mut tx = db.begin().await?;
    let answer = begin_in(&mut tx, b).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn begin_in(tx: &mut Tx, b: &BeginEffect) -> Result<std::result::Result<(), Blocked>> {
    let order_key = b.order.as_ref().map(|(key, _)| key);
    let order_version = b.order.as_ref().map(|(_, version)| *version);
    tx.fetch_all(&LOCK_RUN, args![&b.run_id]).await?;
    if let Some(key) = order_key {
        tx.fetch_all(&LOCK_ORDER, args![key]).await?;
    }
    let epoch = gate::epoch_in(tx).await?;
    let values = args![
        b.now,
        b.fence.epoch,
        epoch,
        &b.effect_id,
        &b.payload_hash,
        &b.policy_version,
        &b.run_id,
        &b.fence.owner,
        b.goal_level,
        order_key,
        order_version,
    ];
    if tx.execute(&BEGIN, values).await? == 1 {
        return Ok(Ok(()));
    }
    let values = args![
        &b.effect_id,
        &b.run_id,
        &b.fence.owner,
        b.fence.epoch,
        &b.payload_hash,
        &b.policy_version,
        order_key,
        order_version,
    ];
    let Some(row) = tx.fetch_optional(&WHY, values).await? else { return Ok(Err(Blocked::Lease)) };
    why(tx, &row, b).await.map(Err)
}

async fn why(tx: &mut Tx, row: &Row, b: &BeginEffect) -> Result<Blocked> {
    if !row.bool("lease_ok")? {
        return Ok(Blocked::Lease);
    }
    // What is void for good is named before what a person could still let through.
    if !row.bool("order_ok")? {
        return Ok(Blocked::Order);
    }
    if !row.bool("hash_ok")? {
        return Ok(Blocked::Hash);
    }
    if !row.bool("policy_ok")? {
        return Ok(Blocked::Policy);
    }
    if let Some(level) = b.goal_level {
        let reading = gate::read_in(tx, level).await?;
        if !reading.is_open {
            return Ok(Blocked::Gate { epoch: reading.epoch, failing: reading.failing_predicates });
        }
    }
    Err(missing("tower_effects"))
}
