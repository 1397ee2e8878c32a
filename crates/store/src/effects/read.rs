//! Reading effects.

use domain::effect::{Effect, EffectStatus};
use domain::ids::{EffectId, RunId, TicketId};
use domain::ticket::Ticket;
use domain::time::Timestamp;

use crate::engine::{Db, Row, args, statements};
use crate::error::Result;
use crate::tickets;

macro_rules! columns {
    () => {
        "effect_id, run_id, tool_name, params_hash, status, prepared_payload, result_payload, ticket_id, created_at, committed_at, tool_call_id, business_key, attempted_at, error, undo_payload, payload_hash, provider_key, provider_ref, recovery, goal_level, gate_epoch, policy_version, margin_minor, lease_epoch, reconciled_at"
    };
}

statements! {
    GET = both(concat!("SELECT ", columns!(), " FROM tower_effects WHERE effect_id = $1"));
    FOR_RUN = both(concat!("SELECT ", columns!(), " FROM tower_effects WHERE run_id = $1 ORDER BY created_at, effect_id"));
    EXECUTING = both(concat!("SELECT ", columns!(), " FROM tower_effects WHERE run_id = $1 AND status = 'executing' AND lease_epoch < $2"));
    HOLDER = both(concat!("SELECT ", columns!(), " FROM tower_effects
         WHERE business_key = $1 AND status NOT IN ('aborted', 'failed', 'not_sent')"));
    REJECTED = both(concat!("SELECT ", columns!(), " FROM tower_effects WHERE business_key = $1 AND status = 'aborted'
           AND EXISTS (SELECT 1 FROM tower_tickets t WHERE t.id = tower_effects.ticket_id AND t.status = 'rejected'
                       AND t.decided_by <> 'system' AND t.decided_at >= $2)
         ORDER BY created_at DESC, effect_id LIMIT 1"));
    UNCLEAR = both(concat!("SELECT ", columns!(), " FROM tower_effects
         WHERE status IN ('executing', 'unknown') AND attempted_at < $1 ORDER BY attempted_at LIMIT $2"));
}

pub(crate) fn read(row: &Row) -> Result<Effect> {
    Ok(Effect {
        effect_id: EffectId::from_stored(row.text("effect_id")?),
        run_id: RunId::from_stored(row.text("run_id")?),
        tool_name: row.text("tool_name")?,
        params_hash: row.text("params_hash")?,
        status: row.parsed("status", EffectStatus::parse)?,
        prepared_payload: row.json("prepared_payload")?,
        result_payload: row.opt_json("result_payload")?,
        ticket_id: row.opt_int("ticket_id")?.map(TicketId),
        created_at: row.ts("created_at")?,
        committed_at: row.opt_ts("committed_at")?,
        tool_call_id: row.opt_text("tool_call_id")?,
        business_key: row.opt_text("business_key")?,
        attempted_at: row.opt_ts("attempted_at")?,
        error: row.opt_text("error")?,
        undo_payload: row.opt_json("undo_payload")?,
        payload_hash: row.text("payload_hash")?,
        provider_key: row.text("provider_key")?,
        provider_ref: row.opt_text("provider_ref")?,
        recovery: row.text("recovery")?,
        goal_level: row.opt_int("goal_level")?,
        gate_epoch: row.int("gate_epoch")?,
        policy_version: row.text("policy_version")?,
        margin_minor: row.opt_int("margin_minor")?,
        lease_epoch: row.opt_int("lease_epoch")?,
        reconciled_at: row.opt_ts("reconciled_at")?,
    })
}

/// One effect.
///
/// # Errors
/// When the database fails or the row cannot be read.
pub async fn get(db: &Db, id: &EffectId) -> Result<Option<Effect>> {
    db.fetch_optional(&GET, args![id]).await?.as_ref().map(read).transpose()
}

/// The effects of a run, oldest first.
///
/// # Errors
/// As [`get`].
pub async fn for_run(db: &Db, run_id: &RunId) -> Result<Vec<Effect>> {
    db.fetch_all(&FOR_RUN, args![run_id]).await?.iter().map(read).collect()
}

/// Effects of a run that a holder before lease `epoch` left on their way.
///
/// # Errors
/// As [`get`].
pub async fn executing_of(db: &Db, run_id: &RunId, epoch: i64) -> Result<Vec<Effect>> {
    db.fetch_all(&EXECUTING, args![run_id, epoch]).await?.iter().map(read).collect()
}

/// The one effect that holds `business_key`, if any does.
///
/// # Errors
/// As [`get`].
pub async fn holder_of(db: &Db, business_key: &str) -> Result<Option<Effect>> {
    db.fetch_optional(&HOLDER, args![business_key]).await?.as_ref().map(read).transpose()
}

/// The newest effect of `business_key` that a person refused at or after `since`, with the ticket.
///
/// # Errors
/// As [`get`].
pub async fn rejected_since(db: &Db, business_key: &str, since: Timestamp) -> Result<Option<(Effect, Ticket)>> {
    let Some(row) = db.fetch_optional(&REJECTED, args![business_key, since]).await? else { return Ok(None) };
    let effect = read(&row)?;
    let Some(ticket_id) = effect.ticket_id else { return Ok(None) };
    Ok(tickets::get(db, ticket_id).await?.map(|ticket| (effect, ticket)))
}

/// Effects sent before `before` whose outcome is not known yet, oldest first.
///
/// # Errors
/// As [`get`].
pub async fn unclear(db: &Db, before: Timestamp, limit: i64) -> Result<Vec<Effect>> {
    db.fetch_all(&UNCLEAR, args![before, limit]).await?.iter().map(read).collect()
}
