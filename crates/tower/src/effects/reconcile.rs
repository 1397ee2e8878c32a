//! Finding out what became of a call whose answer was lost.

use std::sync::Arc;

use domain::checkpoint::CallState;
use domain::effect::{Effect, EffectStatus, next_look};
use domain::event::NewEvent;
use domain::ticket::{TicketStatus, TicketType};
use gateway::{Executed, Reconciled, Tool};
use serde_json::json;

use super::execute::{change, done, failed, later};
use super::{Mutated, Passage, draft, execute};
use crate::node::ParkRequest;
use crate::segment::SegmentError;
use crate::segment::session::Session;

/// Seconds between two attempts of one effect.
const PAUSE_S: i64 = 5;

/// Marks an effect whose call was sent without a clear answer.
pub(super) async fn became_unknown(
    session: &Session,
    passage: &mut Passage<'_>,
    effect: &Effect,
    tool: &str,
) -> Result<(), SegmentError> {
    let unknown = change(effect, &[EffectStatus::Executing], EffectStatus::Unknown);
    let event = NewEvent::effect_unknown(&effect.effect_id, tool);
    session
        .save(passage.pending, |commit| {
            commit.events.push(event);
            commit.effects.push(unknown);
        })
        .await?;
    Ok(())
}

/// Reads an effect back at its upstream. An effect still `executing` was left behind by an earlier claim.
pub(super) async fn read_back(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    mut effect: Effect,
) -> Result<Mutated, SegmentError> {
    let name = tool.spec().id.to_string();
    if effect.status == EffectStatus::Executing {
        became_unknown(session, passage, &effect, &name).await?;
        effect.status = EffectStatus::Unknown;
    }
    if let Some(outcome) = decided_by_person(session, tool, passage, &effect).await? {
        return Ok(outcome);
    }
    let attempted = effect.attempted_at.unwrap_or(effect.created_at);
    let age = (session.now() - attempted).num_seconds().max(0);
    let found = tool.reconcile(&effect.effect_id, &effect.provider_key, &effect.prepared_payload, age).await;
    match found {
        Reconciled::Committed(executed) => {
            let ticket = match effect.ticket_id {
                Some(id) => store::tickets::get(&session.services().db, id).await?,
                None => None,
            };
            done(session, &name, passage, &effect, executed, ticket.as_ref(), true).await
        }
        Reconciled::Failed(error) => failed(session, &name, passage, &effect, &error, true).await,
        Reconciled::Absent => again(session, tool, passage, &effect).await,
        Reconciled::NoAnswer(seen) => match next_look(age) {
            Some(at) => Ok(later(session, at - age, format!("the outcome of {name} is not known yet: {seen}"))),
            None => Ok(ask(session, tool, passage, &effect, &seen)),
        },
    }
}

/// It certainly did not happen: back to `prepared` under the same approval and key, and once more.
async fn again(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    effect: &Effect,
) -> Result<Mutated, SegmentError> {
    let mut prepared = change(effect, &[EffectStatus::Unknown], EffectStatus::Prepared);
    prepared.reconciled = true;
    let event = NewEvent::effect_reconciled(&effect.effect_id, "absent");
    session
        .save(passage.pending, |commit| {
            commit.events.push(event);
            commit.effects.push(prepared);
        })
        .await?;
    if effect.lease_epoch == Some(session.fence().epoch) {
        // Sent by this very claim: a pause between two attempts, or an upstream that fails at once is asked without end.
        return Ok(later(session, PAUSE_S, "the call did not happen; it is made once more".into()));
    }
    let Some(effect) = store::effects::get(&session.services().db, &effect.effect_id).await? else {
        return Err(SegmentError::LeaseLost);
    };
    let ticket = match effect.ticket_id {
        Some(id) => store::tickets::get(&session.services().db, id).await?,
        None => None,
    };
    Box::pin(execute::approved(session, tool, passage, effect, ticket.as_ref())).await
}

fn ask(session: &Session, tool: &Arc<dyn Tool>, passage: &mut Passage<'_>, effect: &Effect, seen: &str) -> Mutated {
    let ticket = draft::reconcile_ticket(session, tool.spec(), effect, seen);
    passage.pending.calls[passage.index].state = CallState::Waiting;
    Mutated::Park(Box::new(ParkRequest { effect: None, ticket, pending: passage.pending.clone(), events: Vec::new() }))
}

/// A person's word on an effect that could not be read back: approve sends it again, reject treats it as done.
async fn decided_by_person(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    effect: &Effect,
) -> Result<Option<Mutated>, SegmentError> {
    let Some(ticket_id) = session.run().last_ticket_id else { return Ok(None) };
    let Some(ticket) = store::tickets::get(&session.services().db, ticket_id).await? else { return Ok(None) };
    if ticket.ticket_type != TicketType::EffectReconcile || ticket.effect_id.as_ref() != Some(&effect.effect_id) {
        return Ok(None);
    }
    // The word counts for what was sent before it; a later attempt is looked at anew.
    if ticket.decided_at.is_none_or(|decided| effect.attempted_at.is_some_and(|sent| sent >= decided)) {
        return Ok(None);
    }
    match ticket.status {
        TicketStatus::Approved => again(session, tool, passage, effect).await.map(Some),
        TicketStatus::Rejected => {
            let payload = ticket.decision_payload.clone().unwrap_or_default();
            let note = payload.get("note").and_then(|note| note.as_str()).map(str::to_owned);
            let result = json!({"status": "done", "settled_by": "operator", "note": note});
            let executed = Executed { result, provider_ref: note, order_facts: None, undo: None };
            done(session, tool.spec().id.as_str(), passage, effect, executed, None, true).await.map(Some)
        }
        TicketStatus::Pending | TicketStatus::Expired => Ok(None),
    }
}
