//! A run parks for a person: effect, ticket, checkpoint, run and timeline in one transaction.

use domain::checkpoint::{CallState, Checkpoint};
use domain::event::{NewEvent, OutboxMessage};
use domain::ids::{RunId, TicketId};
use domain::lease::Fence;
use domain::ticket::NewTicket;
use domain::time::Timestamp;
use domain::trace::{Span, SpanType};

use crate::effects::{self, EffectChange, NewEffect};
use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::{checkpoints, events, outbox, spans, tickets};

statements! {
    // Locks the run and makes sure that the lease still holds, before anything is written.
    HOLD = both(
        "UPDATE tower_runs SET status = 'waiting_approval', lease_owner = NULL, lease_until = NULL, attempt = 0, updated_at = $4,
                last_checkpoint_id = $5
         WHERE run_id = $1 AND status = 'running' AND lease_owner = $2 AND lease_epoch = $3 AND NOT cancel_requested",
    );
    SET_TICKET = both("UPDATE tower_runs SET last_ticket_id = $2 WHERE run_id = $1");
}

/// Everything that a park writes.
#[derive(Debug, Clone)]
pub struct Park {
    /// The run.
    pub run_id: RunId,
    /// The lease under which the caller works.
    pub fence: Fence,
    /// The checkpoint of source `interrupt`; the ticket's number is filled in to the call that waits on the effect.
    pub checkpoint: Checkpoint,
    /// The question.
    pub ticket: NewTicket,
    /// The effect to prepare; none: it exists already and only gets the ticket.
    pub effect: Option<NewEffect>,
    /// Changes of effects that belong to the same commit.
    pub effect_changes: Vec<EffectChange>,
    /// Events that come before those of the park.
    pub events_before: Vec<NewEvent>,
    /// Spans that end or begin with it.
    pub spans: Vec<Span>,
    /// The wait; it gets the number of the ticket.
    pub wait: Option<Span>,
    /// When.
    pub now: Timestamp,
}

/// What a park came to. Anything but `Parked` must be rolled back by dropping the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum ParkOutcome {
    /// The run waits.
    Parked {
        /// The ticket's number.
        ticket_id: TicketId,
    },
    /// The lease is gone.
    LeaseLost,
    /// Another effect does the same thing in the world.
    BusinessKeyTaken,
}

/// Parks a run. `messages` is asked for what is told of it, once the number of the ticket is known.
///
/// # Errors
/// When a statement fails.
pub async fn park<F>(tx: &mut Tx, mut p: Park, messages: F) -> Result<ParkOutcome>
where
    F: FnOnce(TicketId) -> Vec<OutboxMessage> + Send,
{
    let values = args![&p.run_id, &p.fence.owner, p.fence.epoch, p.now, &p.checkpoint.checkpoint_id];
    if tx.execute(&HOLD, values).await? == 0 {
        return Ok(ParkOutcome::LeaseLost);
    }
    for change in &p.effect_changes {
        if !effects::apply(tx, change, p.now).await? {
            return Ok(ParkOutcome::BusinessKeyTaken);
        }
    }
    let ticket_id = tickets::insert(tx, &p.run_id, &p.ticket).await?;
    match &p.effect {
        Some(effect) => {
            if !effects::prepare(tx, effect, Some(ticket_id)).await? {
                return Ok(ParkOutcome::BusinessKeyTaken);
            }
        }
        None => effects::set_ticket(tx, &p.ticket.effect_id, ticket_id).await?,
    }
    // A prepared effect that was blocked goes on under what the new ticket was raised under.
    let t = &p.ticket;
    effects::rebase(tx, &t.effect_id, ticket_id, &t.payload_hash, &t.policy_version, t.gate_epoch).await?;
    for call in p.checkpoint.pending.iter_mut().flat_map(|node| &mut node.calls) {
        if call.state == CallState::Waiting && call.effect_id.as_ref() == Some(&p.ticket.effect_id) {
            call.ticket_id = Some(ticket_id);
        }
    }
    checkpoints::insert_in(tx, &p.checkpoint).await?;
    tx.execute(&SET_TICKET, args![&p.run_id, ticket_id]).await?;
    let mut timeline = p.events_before;
    timeline.push(NewEvent::ticket_created(ticket_id, t.ticket_type.as_str(), t.risk_level.as_str()));
    timeline.push(NewEvent::run_waiting_approval(ticket_id, t.checkpoint_id.as_str(), t.interrupt_id.as_str()));
    events::append(tx, p.run_id.as_str(), &timeline, p.now).await?;
    outbox::insert(tx, &messages(ticket_id), p.now).await?;
    // A call that waits belongs to the ticket as the wait does.
    let waits = |span: &Span| span.attributes.get("outcome").is_some_and(|outcome| outcome == "waiting");
    for span in p.spans.iter_mut().filter(|span| span.kind == SpanType::Tool && waits(span)).chain(&mut p.wait) {
        span.ticket_id = Some(ticket_id);
    }
    p.spans.extend(p.wait);
    spans::insert(tx, &p.spans).await?;
    Ok(ParkOutcome::Parked { ticket_id })
}
