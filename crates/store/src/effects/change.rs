//! Preparing effects and recording what became of them.

use domain::effect::EffectStatus;
use domain::ids::{EffectId, RunId, TicketId};
use domain::time::Timestamp;
use domain::tool::Recovery;
use serde_json::Value;

use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::outcome::Outcome;
use crate::tickets::EditedCall;

statements! {
    PREPARE = both(
        "INSERT INTO tower_effects (effect_id, run_id, tool_name, params_hash, status, prepared_payload, ticket_id, created_at, tool_call_id,
                business_key, payload_hash, provider_key, recovery, goal_level, gate_epoch, policy_version, margin_minor)
         VALUES ($1, $2, $3, $4, 'prepared', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING",
    );
    EXISTS = both("SELECT effect_id FROM tower_effects WHERE effect_id = $1");
    // The status it must have is one of up to three.
    CHANGE = both(
        "UPDATE tower_effects SET status = $2, result_payload = COALESCE($6, result_payload), provider_ref = COALESCE($7, provider_ref),
                error = COALESCE($8, error), undo_payload = COALESCE($9, undo_payload),
                committed_at = CASE WHEN $2 = 'committed' THEN $10 ELSE committed_at END,
                reconciled_at = CASE WHEN $11 THEN $10 ELSE reconciled_at END
         WHERE effect_id = $1 AND status IN ($3, $4, $5)",
    );
    ABORT = both("UPDATE tower_effects SET status = 'aborted' WHERE effect_id = $1 AND status = 'prepared'");
    ABORT_OF_RUN = both("UPDATE tower_effects SET status = 'aborted' WHERE run_id = $1 AND status = 'prepared'");
    REBIND = both(
        "UPDATE tower_effects SET prepared_payload = $2, payload_hash = $3, params_hash = $4, business_key = $5, margin_minor = $6
         WHERE effect_id = $1 AND status = 'prepared'",
    );
    SET_TICKET = both("UPDATE tower_effects SET ticket_id = $2 WHERE effect_id = $1");
    REBASE = both(
        "UPDATE tower_effects SET ticket_id = $2, payload_hash = $3, policy_version = $4, gate_epoch = $5 WHERE effect_id = $1 AND status = 'prepared'",
    );
}

/// An effect about to be inserted as `prepared`.
#[derive(Debug, Clone)]
pub struct NewEffect {
    /// Derived from run, tool and parameters.
    pub effect_id: EffectId,
    /// The run.
    pub run_id: RunId,
    /// The tool.
    pub tool_name: String,
    /// Hash of the parameters.
    pub params_hash: String,
    /// `{"tool","params","call"}`.
    pub prepared_payload: Value,
    /// When.
    pub created_at: Timestamp,
    /// The model's id of the call.
    pub tool_call_id: Option<String>,
    /// What it does in the world.
    pub business_key: Option<String>,
    /// Hash of `prepared_payload`.
    pub payload_hash: String,
    /// Idempotency key or external id for the upstream.
    pub provider_key: String,
    /// How an unclear outcome is settled.
    pub recovery: Recovery,
    /// Level it serves.
    pub goal_level: Option<i64>,
    /// Gate epoch.
    pub gate_epoch: i64,
    /// Rules in force.
    pub policy_version: String,
    /// Shop margin it moves, minor units.
    pub margin_minor: Option<i64>,
}

/// What became of an effect.
#[derive(Debug, Clone)]
pub struct EffectChange {
    /// Which.
    pub effect_id: EffectId,
    /// The statuses it may have; at most three.
    pub from: &'static [EffectStatus],
    /// The status it gets.
    pub to: EffectStatus,
    /// What the model is told.
    pub result: Option<Value>,
    /// The upstream's id of the thing made.
    pub provider_ref: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// What is needed to undo it.
    pub undo: Option<Value>,
    /// The outcome was read back.
    pub reconciled: bool,
}

/// Inserts a prepared effect. A row with its id stays as it is and counts as prepared; false: another effect holds the
/// business key.
pub(crate) async fn prepare(tx: &mut Tx, e: &NewEffect, ticket_id: Option<TicketId>) -> Result<bool> {
    let values = args![
        &e.effect_id,
        &e.run_id,
        &e.tool_name,
        &e.params_hash,
        &e.prepared_payload,
        ticket_id,
        e.created_at,
        e.tool_call_id.as_ref(),
        e.business_key.as_ref(),
        &e.payload_hash,
        &e.provider_key,
        e.recovery.as_str(),
        e.goal_level,
        e.gate_epoch,
        &e.policy_version,
        e.margin_minor,
    ];
    if tx.execute(&PREPARE, values).await? == 1 {
        return Ok(true);
    }
    let kept = tx.fetch_optional(&EXISTS, args![&e.effect_id]).await?.is_some();
    if kept && let Some(ticket_id) = ticket_id {
        set_ticket(tx, &e.effect_id, ticket_id).await?;
    }
    Ok(kept)
}

/// Records what became of an effect; false: it is not in one of the statuses it must have.
pub(crate) async fn apply(tx: &mut Tx, c: &EffectChange, now: Timestamp) -> Result<bool> {
    let from = |index: usize| c.from.get(index).or(c.from.first()).map(|status| status.as_str());
    let values = args![
        &c.effect_id,
        c.to.as_str(),
        from(0),
        from(1),
        from(2),
        c.result.as_ref(),
        c.provider_ref.as_ref(),
        c.error.as_ref(),
        c.undo.as_ref(),
        now,
        c.reconciled,
    ];
    Ok(tx.execute(&CHANGE, values).await? == 1)
}

/// Records what reading back found for an effect whose run has ended, so that no worker can commit it any more.
///
/// # Errors
/// When a statement fails.
pub async fn settle_orphan(tx: &mut Tx, c: &EffectChange, now: Timestamp) -> Result<Outcome> {
    Ok(if apply(tx, c, now).await? { Outcome::Done } else { Outcome::Lost })
}

pub(crate) async fn abort(tx: &mut Tx, id: &EffectId) -> Result<()> {
    tx.execute(&ABORT, args![id]).await.map(drop)
}

pub(crate) async fn abort_prepared_of(tx: &mut Tx, run_id: &RunId) -> Result<()> {
    tx.execute(&ABORT_OF_RUN, args![run_id]).await.map(drop)
}

/// Binds a prepared effect to the call as a person changed it.
pub(crate) async fn rebind(tx: &mut Tx, id: &EffectId, edited: &EditedCall) -> Result<()> {
    let values = args![
        id,
        &edited.prepared_payload,
        &edited.payload_hash,
        &edited.params_hash,
        edited.business_key.as_ref(),
        edited.margin_minor,
    ];
    tx.execute(&REBIND, values).await.map(drop)
}

pub(crate) async fn set_ticket(tx: &mut Tx, id: &EffectId, ticket_id: TicketId) -> Result<()> {
    tx.execute(&SET_TICKET, args![id, ticket_id]).await.map(drop)
}

/// Puts a prepared effect that was blocked under a new ticket, with the policy and gate that the ticket was raised under.
pub(crate) async fn rebase(
    tx: &mut Tx,
    id: &EffectId,
    ticket_id: TicketId,
    hash: &str,
    policy: &str,
    gate_epoch: i64,
) -> Result<()> {
    tx.execute(&REBASE, args![id, ticket_id, hash, policy, gate_epoch]).await.map(drop)
}
