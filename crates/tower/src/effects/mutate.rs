//! A mutating call, from the model's proposal to its effect row; or from an existing row onward.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::checkpoint::CallState;
use domain::effect::{Effect, EffectStatus, effect_id, params_hash};
use domain::gate::GateReading;
use domain::ids::EffectId;
use domain::ticket::{SYSTEM, Ticket, TicketStatus, TicketType};
use domain::tool::{Risk, ToolSpec};
use gateway::{Resolution, Resolved, Tool};

use super::draft::Cause;
use super::{Mutated, Passage, ancestors, answers, draft, execute, reconcile};
use crate::node::{ParkRequest, stored_result};
use crate::segment::session::Session;
use crate::segment::{SegmentError, ToolEnd};

/// How long a person's no to the same thing counts.
const REJECTION_DAYS: i64 = 7;

/// Takes one mutating call as far as it goes now.
///
/// # Errors
/// When the lease is gone or the store failed. Failures of the tool are results, not errors.
pub async fn mutate(
    session: &Session,
    tool: &Arc<dyn Tool>,
    mut passage: Passage<'_>,
) -> Result<Mutated, SegmentError> {
    let spec = tool.spec();
    let (node, call) = (passage.pending.node.to_string(), passage.call_id().to_owned());
    session.begin_tool_call(&node, &call, spec.id.as_str(), &passage.params);
    let known = known_effect(session, spec, &passage).await?;
    let mutated = match known {
        Known::Row(effect) => {
            session.tool_call_is(&node, &call, &effect.effect_id, effect.ticket_id);
            advance(session, tool, &mut passage, *effect).await
        }
        Known::New(id) => propose(session, tool, &mut passage, id).await,
    }?;
    let unfinished = ToolEnd { result: None, error: None, effect_id: None, outcome: "waiting" };
    match &mutated {
        // Its span has ended in the commit of its result.
        Mutated::Done => {}
        Mutated::Park(request) => {
            let effect_id = Some(&request.ticket.ticket.effect_id);
            session.end_tool_call(&node, &call, ToolEnd { effect_id, ..unfinished });
        }
        Mutated::Yield { reason, .. } => {
            session.end_tool_call(&node, &call, ToolEnd { error: Some(reason), outcome: "later", ..unfinished });
        }
    }
    Ok(mutated)
}

enum Known {
    /// The call has a row that decides how it goes on.
    Row(Box<Effect>),
    /// It needs a row of this id.
    New(EffectId),
}

/// The row of this call: the one it was given before, or the one that the same call in this run has.
async fn known_effect(session: &Session, spec: &ToolSpec, passage: &Passage<'_>) -> Result<Known, SegmentError> {
    let db = &session.services().db;
    if let Some(id) = &passage.pending.calls[passage.index].effect_id
        && let Some(effect) = store::effects::get(db, id).await?
    {
        return Ok(Known::Row(Box::new(effect)));
    }
    let hash = params_hash(&passage.params);
    let again = effect_id(session.run_id(), spec.id.as_str(), &hash, Some(passage.call_id()));
    if spec.repeatable {
        return Ok(Known::New(again));
    }
    let id = effect_id(session.run_id(), spec.id.as_str(), &hash, None);
    match store::effects::get(db, &id).await? {
        None => Ok(Known::New(id)),
        Some(effect) if effect.status == EffectStatus::Failed => Ok(Known::New(again)),
        Some(effect) if effect.status == EffectStatus::Aborted => {
            // A person's no is the answer to the same question; anything else that ended the row asks anew.
            match refusal_of(session, &effect).await? {
                Some(ticket) if ticket.decided_by.as_deref() != Some(SYSTEM) => Ok(Known::Row(Box::new(effect))),
                _ => Ok(Known::New(again)),
            }
        }
        Some(effect) => Ok(Known::Row(Box::new(effect))),
    }
}

async fn refusal_of(session: &Session, effect: &Effect) -> Result<Option<Ticket>, SegmentError> {
    let Some(ticket_id) = effect.ticket_id else { return Ok(None) };
    let ticket = store::tickets::get(&session.services().db, ticket_id).await?;
    Ok(ticket.filter(|ticket| ticket.status == TicketStatus::Rejected))
}

/// Goes on with a call that has a row.
async fn advance(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    effect: Effect,
) -> Result<Mutated, SegmentError> {
    let spec = tool.spec();
    match effect.status {
        EffectStatus::Committed => {
            let result = stored_result(&effect);
            passage.finish(session, spec.id.as_str(), Some(&effect.effect_id), result, true, |_| {}).await
        }
        EffectStatus::NotSent => {
            let id = Some(&effect.effect_id);
            passage.finish(session, spec.id.as_str(), id, answers::not_sent(), true, |_| {}).await
        }
        EffectStatus::Failed => {
            let result = effect.result_payload.clone().unwrap_or_default();
            passage.finish(session, spec.id.as_str(), Some(&effect.effect_id), result, false, |_| {}).await
        }
        EffectStatus::Aborted => {
            let result = match refusal_of(session, &effect).await? {
                Some(ticket) => answers::refused(&ticket),
                None => answers::blocked(gateway::BlockReason::Order, "the call was given up"),
            };
            passage.finish(session, spec.id.as_str(), Some(&effect.effect_id), result, false, |_| {}).await
        }
        EffectStatus::Executing | EffectStatus::Unknown => reconcile::read_back(session, tool, passage, effect).await,
        EffectStatus::Prepared => {
            let ticket = match effect.ticket_id {
                Some(id) => store::tickets::get(&session.services().db, id).await?,
                None => None,
            };
            match ticket {
                Some(ticket)
                    if ticket.status != TicketStatus::Approved && ticket.ticket_type == TicketType::ToolCall =>
                {
                    let result = answers::refused(&ticket);
                    passage.finish(session, spec.id.as_str(), Some(&effect.effect_id), result, false, |_| {}).await
                }
                ticket => execute::approved(session, tool, passage, effect, ticket.as_ref()).await,
            }
        }
    }
}

/// A new call: resolve it, look whether the world knows it already, prepare it, and ask where the risk asks for it.
async fn propose(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    id: EffectId,
) -> Result<Mutated, SegmentError> {
    let spec = tool.spec();
    let name = spec.id.as_str();
    if let Some((result, ok)) = ancestors::made_before(session, name, &passage.params).await? {
        return passage.answer(session, name, result, ok).await;
    }
    let resolved = match tool.resolve(passage.caller, &passage.params).await {
        Ok(Resolution::Call(resolved)) => *resolved,
        Ok(Resolution::Settled { result, order_facts }) => {
            return passage
                .finish(session, name, None, result, true, |commit| commit.order = order_facts.map(|f| *f))
                .await;
        }
        Err(error) => return passage.answer(session, name, error.to_result(), false).await,
    };
    if let Some(key) = &resolved.business_key
        && let Some((result, ok)) = taken(session, key).await?
    {
        return passage.answer(session, name, result, ok).await;
    }
    let gate = read_gate(session, spec).await?;
    let row = draft::effect(session, spec, id, passage.call_id(), &resolved, &gate);
    let cause = if gate.is_open { Cause::Risk } else { Cause::GateClosed(&gate) };
    if resolved.risk == Risk::Low && gate.is_open {
        let call = &mut passage.pending.calls[passage.index];
        call.state = CallState::Open;
        call.effect_id = Some(row.effect_id.clone());
        let effect_id = row.effect_id.clone();
        session.tool_call_is(passage.pending.node.as_str(), passage.call_id(), &effect_id, None);
        // When another run took the business key meanwhile, the run goes back and looks again.
        session.save(passage.pending, |commit| commit.prepare = Some(row)).await?;
        let effect = store::effects::get(&session.services().db, &effect_id).await?.ok_or(SegmentError::EffectMoved)?;
        return execute::go(session, tool, passage, effect, resolved, None).await;
    }
    Ok(ask(session, spec, passage, &resolved, row, cause))
}

/// The park that asks for a call whose effect row is new.
fn ask(
    session: &Session,
    spec: &ToolSpec,
    passage: &mut Passage<'_>,
    resolved: &Resolved,
    row: store::effects::NewEffect,
    cause: Cause<'_>,
) -> Mutated {
    let ticket = draft::ticket(session, spec, passage.caller, resolved, &row, cause);
    let call = &mut passage.pending.calls[passage.index];
    call.state = CallState::Waiting;
    call.effect_id = Some(row.effect_id.clone());
    Mutated::Park(Box::new(ParkRequest {
        effect: Some(row),
        ticket,
        pending: passage.pending.clone(),
        events: Vec::new(),
    }))
}

/// Whether what the call would do was done, is being done, or was refused.
async fn taken(session: &Session, key: &str) -> Result<Option<(serde_json::Value, bool)>, SegmentError> {
    let db = &session.services().db;
    if let Some(holder) = store::effects::holder_of(db, key).await? {
        return Ok(Some(match holder.status {
            EffectStatus::Committed => (stored_result(&holder), true),
            _ => (answers::in_progress(&holder), false),
        }));
    }
    // A person who has a run done again asks for the call again, too.
    let by_person = session.run().parent_run_id.is_some()
        || !matches!(session.run().created_by.as_deref(), Some("webhook" | "scheduler"));
    if by_person {
        return Ok(None);
    }
    let since = session.now() - TimeDelta::days(REJECTION_DAYS);
    let refused = store::effects::rejected_since(db, key, since).await?;
    Ok(refused.map(|(_, ticket)| (answers::rejected_before(&ticket), false)))
}

/// The gate of the level that a tool serves.
pub(super) async fn read_gate(session: &Session, spec: &ToolSpec) -> Result<GateReading, SegmentError> {
    let db = &session.services().db;
    Ok(match spec.goal_level {
        Some(level) => store::gate::read(db, i64::from(level)).await?,
        None => GateReading::not_needed(store::gate::epoch(db).await?),
    })
}
