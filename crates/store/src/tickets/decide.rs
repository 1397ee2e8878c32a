//! A person's answer: ticket, effect, run and timeline in one transaction.

use domain::event::{NewEvent, OutboxMessage};
use domain::ids::{CheckpointId, RunId, TicketId};
use domain::run::RunStatus;
use domain::ticket::{Ticket, TicketStatus, TicketType, Verdict};
use domain::time::Timestamp;
use serde_json::Value;

use crate::engine::{Tx, args, statements};
use crate::error::Result;
use crate::{effects, events, outbox, runs, spans};

statements! {
    // The guards of the decision again, in the statement: of two that decide at once one matches.
    ANSWER = both(
        "UPDATE tower_tickets SET status = $2, decision_payload = $3, decided_at = $4, decided_by = $5,
                payload_hash = COALESCE(CAST($6 AS TEXT), payload_hash)
         WHERE id = $1 AND status = 'pending' AND expires_at > $4",
    );
    REQUEUE = both(
        "UPDATE tower_runs SET status = 'queued', available_at = NULL, updated_at = $3
         WHERE run_id = $1 AND status = 'waiting_approval' AND last_ticket_id = $2",
    );
}

/// A call as a person changed it.
#[derive(Debug, Clone)]
pub struct EditedCall {
    /// `{"tool","params","call"}`.
    pub prepared_payload: Value,
    /// Its hash.
    pub payload_hash: String,
    /// Hash of its parameters.
    pub params_hash: String,
    /// What it now does in the world.
    pub business_key: Option<String>,
    /// Shop margin it now moves.
    pub margin_minor: Option<i64>,
}

/// An answer that passed the rules.
#[derive(Debug, Clone)]
pub struct Decide {
    /// Which ticket.
    pub ticket_id: TicketId,
    /// Yes or no.
    pub verdict: Verdict,
    /// What came with it.
    pub payload: Value,
    /// Identity of the token.
    pub decided_by: String,
    /// The checkpoint the person looked at.
    pub expected_checkpoint: Option<String>,
    /// The call as changed, with an approval.
    pub edited: Option<EditedCall>,
    /// When.
    pub now: Timestamp,
    /// What is told of it.
    pub outbox: Vec<OutboxMessage>,
}

/// What a decision came to. Anything but `Done` has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum DecideOutcome {
    /// It counts; the run is queued.
    Done {
        /// The run (or cascade).
        run_id: String,
    },
    /// Somebody, or time, was faster.
    TicketNotPending(TicketStatus),
    /// Too late, though nobody has swept the ticket yet.
    Expired,
    /// The person looked at another checkpoint.
    Stale {
        /// The ticket's.
        actual: String,
    },
    /// The run does not wait for this ticket.
    RunNotWaiting,
    /// There is no such ticket.
    Gone,
}

/// Decides a ticket.
///
/// # Errors
/// When a statement fails; then roll back. After an outcome other than `Done` there is nothing to commit.
pub async fn decide(tx: &mut Tx, d: &Decide) -> Result<DecideOutcome> {
    // Lock order everywhere: the run, then its ticket. So the ticket is read first without a lock to find the run.
    let Some(seen) = super::get_in_unlocked(tx, d.ticket_id).await? else { return Ok(DecideOutcome::Gone) };
    let run = match seen.run_id.parse::<RunId>() {
        Ok(id) => runs::get_in(tx, &id).await?,
        Err(_) => None,
    };
    let Some(ticket) = super::get_in(tx, d.ticket_id).await? else { return Ok(DecideOutcome::Gone) };
    if let Some(refused) = refusal(&ticket, d) {
        return Ok(refused);
    }
    if let Some(run) = &run
        && (run.status != RunStatus::WaitingApproval || run.last_ticket_id != Some(ticket.id))
    {
        return Ok(DecideOutcome::RunNotWaiting);
    }
    let status = d.verdict.status();
    let hash = d.edited.as_ref().map(|edited| &edited.payload_hash);
    let changed =
        tx.execute(&ANSWER, args![d.ticket_id, status.as_str(), &d.payload, d.now, &d.decided_by, hash]).await?;
    if changed == 0 {
        return Ok(DecideOutcome::Expired);
    }
    if let Some(effect_id) = &ticket.effect_id {
        match (d.verdict, &d.edited) {
            (Verdict::Approve, Some(edited)) => effects::rebind(tx, effect_id, edited).await?,
            // A reconciliation that is "rejected" settles an effect that was sent; nothing is aborted.
            (Verdict::Reject, _) if ticket.ticket_type == TicketType::ToolCall => effects::abort(tx, effect_id).await?,
            _ => {}
        }
    }
    spans::end_wait(tx, &ticket.run_id, ticket.id, status.as_str(), d.now).await?;
    let mut timeline = vec![NewEvent::ticket_decided(ticket.id, status.as_str(), &d.decided_by)];
    if let Some(run) = &run {
        tx.execute(&REQUEUE, args![&run.run_id, ticket.id, d.now]).await?;
        timeline.push(NewEvent::run_resume_queued(ticket.id, d.verdict.as_str()));
    }
    events::append(tx, &ticket.run_id, &timeline, d.now).await?;
    outbox::insert(tx, &d.outbox, d.now).await?;
    Ok(DecideOutcome::Done { run_id: ticket.run_id })
}

fn refusal(ticket: &Ticket, d: &Decide) -> Option<DecideOutcome> {
    if ticket.status != TicketStatus::Pending {
        return Some(DecideOutcome::TicketNotPending(ticket.status));
    }
    if d.now >= ticket.expires_at {
        return Some(DecideOutcome::Expired);
    }
    let actual = ticket.checkpoint_id.as_ref().map(CheckpointId::as_str).unwrap_or_default();
    match &d.expected_checkpoint {
        Some(expected) if expected != actual => Some(DecideOutcome::Stale { actual: actual.to_owned() }),
        _ => None,
    }
}

/// Puts a run that waits for `ticket` back into the queue.
pub(super) async fn requeue(tx: &mut Tx, run_id: &str, ticket: TicketId, now: Timestamp) -> Result<bool> {
    Ok(tx.execute(&REQUEUE, args![run_id, ticket, now]).await? == 1)
}
