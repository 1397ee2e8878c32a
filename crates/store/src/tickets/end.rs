//! Tickets that end without a person: withdrawn, expired, or closed with their run.

use domain::event::{NewEvent, OutboxMessage};
use domain::ids::{EffectId, RunId, TicketId};
use domain::run::FailReason;
use domain::ticket::{SYSTEM, Ticket};
use domain::time::Timestamp;
use domain::tool::Risk;
use serde_json::{Value, json};

use super::decide::requeue;
use super::read::{columns, read};
use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::{effects, events, outbox, runs, spans};

statements! {
    // The id of a run in a ticket may also name a cascade; such tickets are nobody's to withdraw here.
    VOID = per_engine(
        "SELECT t.id, t.run_id, t.risk_level, e.effect_id FROM tower_effects e JOIN tower_tickets t ON t.id = e.ticket_id
         WHERE e.status = 'prepared' AND t.status = 'pending'
           AND e.business_key IN (SELECT json_array_elements_text(CAST($1 AS json))) ORDER BY t.run_id",
        "SELECT t.id, t.run_id, t.risk_level, e.effect_id FROM tower_effects e JOIN tower_tickets t ON t.id = e.ticket_id
         WHERE e.status = 'prepared' AND t.status = 'pending'
           AND e.business_key IN (SELECT value FROM json_each($1)) ORDER BY t.run_id",
    );
    REJECT = both(
        "UPDATE tower_tickets SET status = 'rejected', decision_payload = $2, decided_at = $3, decided_by = $4
         WHERE id = $1 AND status = 'pending'",
    );
    REJECT_OF_RUN = both(
        "UPDATE tower_tickets SET status = 'rejected', decision_payload = $2, decided_at = $3, decided_by = $4
         WHERE run_id = $1 AND status = 'pending' RETURNING id",
    );
    DUE = both(concat!("SELECT ", columns!(), " FROM tower_tickets WHERE status = 'pending' AND expires_at <= $1
         ORDER BY expires_at, id LIMIT $2"));
    EXPIRE = both("UPDATE tower_tickets SET status = 'expired', decided_at = $2 WHERE id = $1 AND status = 'pending'");
    FAIL = both(
        "UPDATE tower_runs SET status = 'failed', last_error = $3, finished_at = $4, updated_at = $4
         WHERE run_id = $1 AND status = 'waiting_approval' AND last_ticket_id = $2",
    );
}

/// The error of a run whose ticket nobody decided.
const TICKET_EXPIRED: &str = "Ticket expired";

/// A ticket that was ended because its subject is void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its run.
    pub run_id: RunId,
    /// Its effect.
    pub effect_id: EffectId,
    /// Its risk.
    pub risk_level: Risk,
}

/// A ticket that nobody decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its run (or cascade).
    pub run_id: String,
    /// Its risk.
    pub risk_level: Risk,
    /// Whether its run waited for it and has failed.
    pub run_failed: bool,
}

/// Ends every pending ticket whose prepared effect has one of `business_keys`: the ticket is rejected by the system,
/// the effect aborted, the run queued to hear of it. `messages` gives what is told of each.
///
/// # Errors
/// When a statement fails.
pub async fn withdraw(
    tx: &mut Tx,
    business_keys: &[String],
    reason: &str,
    now: Timestamp,
    messages: &(dyn Fn(&Withdrawn) -> Vec<OutboxMessage> + Sync),
) -> Result<Vec<Withdrawn>> {
    if business_keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut withdrawn = Vec::new();
    for row in tx.fetch_all(&VOID, vec![crate::bulk::rows(business_keys)?]).await? {
        let one = Withdrawn {
            ticket_id: TicketId(row.int("id")?),
            run_id: RunId::from_stored(row.text("run_id")?),
            effect_id: EffectId::from_stored(row.text("effect_id")?),
            risk_level: row.parsed("risk_level", Risk::parse)?,
        };
        // The run first: a person who decides at this moment holds its lock, and has decided when we get it.
        runs::get_in(tx, &one.run_id).await?;
        let payload = json!({"reason": reason, "withdrawn": true});
        if tx.execute(&REJECT, args![one.ticket_id, payload, now, SYSTEM]).await? == 0 {
            continue;
        }
        effects::abort(tx, &one.effect_id).await?;
        spans::end_wait(tx, one.run_id.as_str(), one.ticket_id, "withdrawn", now).await?;
        let mut timeline = vec![NewEvent::ticket_decided(one.ticket_id, "rejected", SYSTEM)];
        if requeue(tx, one.run_id.as_str(), one.ticket_id, now).await? {
            timeline.push(NewEvent::run_resume_queued(one.ticket_id, "reject"));
        }
        events::append(tx, one.run_id.as_str(), &timeline, now).await?;
        outbox::insert(tx, &messages(&one), now).await?;
        withdrawn.push(one);
    }
    Ok(withdrawn)
}

/// Ends tickets whose time is over, with their effects and runs.
///
/// # Errors
/// When a statement fails.
pub async fn expire(
    tx: &mut Tx,
    now: Timestamp,
    limit: i64,
    messages: &(dyn Fn(&Expired) -> Vec<OutboxMessage> + Sync),
) -> Result<Vec<Expired>> {
    let due: Vec<Ticket> = tx.fetch_all(&DUE, args![now, limit]).await?.iter().map(read).collect::<Result<_>>()?;
    let mut expired = Vec::new();
    for ticket in due {
        let run = RunId::from_stored(ticket.run_id.clone());
        runs::get_in(tx, &run).await?;
        if tx.execute(&EXPIRE, args![ticket.id, now]).await? == 0 {
            continue;
        }
        if let Some(effect) = &ticket.effect_id {
            effects::abort(tx, effect).await?;
        }
        let mut timeline = vec![NewEvent::ticket_expired(ticket.id)];
        let run_failed = tx.execute(&FAIL, args![&run, ticket.id, TICKET_EXPIRED, now]).await? == 1;
        if run_failed {
            spans::close_run(tx, run.as_str(), Some(TICKET_EXPIRED), now).await?;
            effects::abort_prepared_of(tx, &run).await?;
            timeline.push(NewEvent::run_failed(TICKET_EXPIRED, FailReason::TicketExpired));
        }
        events::append(tx, run.as_str(), &timeline, now).await?;
        let (ticket_id, risk_level) = (ticket.id, ticket.risk_level);
        let one = Expired { ticket_id, run_id: ticket.run_id, risk_level, run_failed };
        outbox::insert(tx, &messages(&one), now).await?;
        expired.push(one);
    }
    Ok(expired)
}

/// Closes the pending tickets of a run that ends.
pub(crate) async fn reject_pending_of(
    tx: &mut Tx,
    run_id: &RunId,
    by: &str,
    payload: &Value,
    now: Timestamp,
) -> Result<Vec<TicketId>> {
    let rows = tx.fetch_all(&REJECT_OF_RUN, args![run_id, payload, now, by]).await?;
    rows.iter().map(|row| Ok(TicketId(row.int("id")?))).collect()
}
