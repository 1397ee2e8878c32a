//! Letting a prepared effect go, and recording what came of it.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::checkpoint::CallState;
use domain::effect::{Effect, EffectStatus, first_difference, payload_hash, prepared_payload};
use domain::event::NewEvent;
use domain::ticket::Ticket;
use gateway::{Begin, BlockReason, Executed, Passed, Resolution, Resolved, SendError, Tool, ToolError};
use serde_json::{Value, json};
use store::effects::EffectChange;

use super::draft::Cause;
use super::ledger::StoreLedger;
use super::mutate::read_gate;
use super::{Mutated, Passage, answers, draft, reconcile};
use crate::node::ParkRequest;
use crate::segment::SegmentError;
use crate::segment::session::Session;
use crate::services::EffectsMode;

/// Seconds before a call that could not leave is tried again, when the upstream names none.
const NOT_SENT_RETRY_S: i64 = 5;
/// Longest pause between two tries.
const LONGEST_RETRY_S: i64 = 300;
/// An approval that could not be carried out for so long is given up.
const APPROVAL_HOURS: i64 = 24;

/// How long to wait before the next try: a quarter of the time that the approval (or the effect) is old, so that a short
/// outage is noticed quickly and a long one does not fill the timeline.
fn back_off(session: &Session, effect: &Effect, ticket: Option<&Ticket>) -> i64 {
    (age(session, effect, ticket) / 4).clamp(NOT_SENT_RETRY_S, LONGEST_RETRY_S)
}

fn age(session: &Session, effect: &Effect, ticket: Option<&Ticket>) -> i64 {
    let since = ticket.and_then(|ticket| ticket.decided_at).unwrap_or(effect.created_at);
    (session.now() - since).num_seconds()
}

/// Executes a prepared effect under its approval: resolves it again, compares, and lets it go.
pub(super) async fn approved(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    effect: Effect,
    ticket: Option<&Ticket>,
) -> Result<Mutated, SegmentError> {
    let spec = tool.spec();
    let params = effect.prepared_payload.get("params").cloned().unwrap_or_default();
    let approved_call = effect.prepared_payload.get("call").cloned().unwrap_or_default();
    let mut resolved = match tool.resolve(passage.caller, &params).await {
        Ok(Resolution::Call(resolved)) => *resolved,
        Ok(Resolution::Settled { result, order_facts }) => {
            // The world has it already: nothing is sent, and the effect counts as done.
            let executed =
                Executed { result, provider_ref: None, order_facts: order_facts.map(|facts| *facts), undo: None };
            return settled(session, spec.id.as_str(), passage, &effect, executed).await;
        }
        Err(error) if error.transient && age(session, &effect, ticket) < APPROVAL_HOURS * 3600 => {
            let asked = error.details.get("retry_after_s").and_then(Value::as_i64).unwrap_or(0);
            let seconds = back_off(session, &effect, ticket).max(asked);
            return Ok(later(session, seconds, format!("{}: {}", error.code, error.message)));
        }
        Err(error) => {
            let reason = if effect.business_key.is_some() { BlockReason::Order } else { BlockReason::Hash };
            return give_up(session, spec.id.as_str(), passage, &effect, reason, &error.message, error.to_result())
                .await;
        }
    };
    if let Some(member) = first_difference(&approved_call, &resolved.call, resolved.binding) {
        let reason = if member == "order_version" { BlockReason::Order } else { BlockReason::Hash };
        let what = format!("`{member}` is no longer what was approved");
        let result = answers::blocked(reason, &what);
        return give_up(session, spec.id.as_str(), passage, &effect, reason, &what, result).await;
    }
    // What it may cost is what was approved, not what it would cost by today's estimate.
    if let (Some(cost), Some(call)) = (approved_call.get("cost"), resolved.call.as_object_mut()) {
        call.insert("cost".into(), cost.clone());
    }
    go(session, tool, passage, effect, resolved, ticket).await
}

/// Lets one effect through the door. `resolved` is what will be sent.
pub(super) async fn go(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    effect: Effect,
    resolved: Resolved,
    ticket: Option<&Ticket>,
) -> Result<Mutated, SegmentError> {
    let spec = tool.spec();
    let name = spec.id.as_str();
    if session.services().settings.effects == EffectsMode::Off {
        let change = change(&effect, &[EffectStatus::Prepared], EffectStatus::NotSent);
        let change = EffectChange { result: Some(answers::not_sent()), ..change };
        return passage
            .finish(session, name, Some(&effect.effect_id), answers::not_sent(), true, |commit| {
                commit.effects.push(change)
            })
            .await;
    }
    session.check_stop().await?;
    // Non-binding members may differ from the approved text; the hash that counts is the approved one.
    let let_through = ticket.is_some_and(|ticket| flagged(ticket, "gate:closed"));
    let policy_waived = ticket.is_some_and(|ticket| flagged(ticket, "policy:changed"));
    let begin = Begin {
        effect_id: effect.effect_id.clone(),
        run_id: session.run_id().clone(),
        fence: session.fence().clone(),
        payload_hash: effect.payload_hash.clone(),
        policy_version: if policy_waived { effect.policy_version.clone() } else { spec.policy_version() },
        provider_key: effect.provider_key.clone(),
        goal_level: spec.goal_level.filter(|_| !let_through),
        order: resolved.order.clone(),
        ticket_id: effect.ticket_id,
    };
    let shield = session.shield();
    let ledger = StoreLedger { db: &session.services().db, now: session.now() };
    let passed = gateway::pass(&ledger, tool.as_ref(), &resolved, begin).await;
    let outcome = match passed {
        Err(error) => {
            tracing::warn!(error = %error.0, effect.id = %effect.effect_id, "effect ledger not written");
            Ok(later(session, NOT_SENT_RETRY_S, "the effect ledger could not be written".into()))
        }
        Ok(Passed::Blocked(reason)) => blocked(session, tool, passage, &effect, &resolved, reason).await,
        Ok(Passed::Done(executed)) => done(session, name, passage, &effect, executed, ticket, false).await,
        Ok(Passed::Failed(SendError::Refused(error))) => failed(session, name, passage, &effect, &error, false).await,
        Ok(Passed::Failed(SendError::NotSent { reason, retry_after_s })) => {
            let back = change(&effect, &[EffectStatus::Executing], EffectStatus::Prepared);
            session.save(passage.pending, |commit| commit.effects.push(back)).await?;
            let asked = retry_after_s.and_then(|s| i64::try_from(s).ok()).unwrap_or(0);
            let seconds = back_off(session, &effect, ticket).max(asked);
            Ok(later(session, seconds, reason))
        }
        Ok(Passed::Failed(SendError::Unclear { reason })) => {
            tracing::warn!(effect.id = %effect.effect_id, tool = name, %reason, "no clear answer; reading back");
            reconcile::became_unknown(session, passage, &effect, name).await?;
            let unknown = store::effects::get(&session.services().db, &effect.effect_id).await?;
            match unknown {
                Some(effect) => Box::pin(reconcile::read_back(session, tool, passage, effect)).await,
                None => Err(SegmentError::LeaseLost),
            }
        }
    };
    drop(shield);
    outcome
}

fn flagged(ticket: &Ticket, flag: &str) -> bool {
    let flags = ticket.context_pack.get("risk_flags").and_then(Value::as_array);
    flags.is_some_and(|flags| flags.iter().any(|value| value == flag))
}

/// A change of an effect's status with nothing else in it.
pub(super) fn change(effect: &Effect, from: &'static [EffectStatus], to: EffectStatus) -> EffectChange {
    EffectChange {
        effect_id: effect.effect_id.clone(),
        from,
        to,
        result: None,
        provider_ref: None,
        error: None,
        undo: None,
        reconciled: false,
    }
}

pub(super) fn later(session: &Session, seconds: i64, reason: String) -> Mutated {
    let reason = session.services().redactor.redact(&reason);
    Mutated::Yield { available_at: session.now() + TimeDelta::seconds(seconds.max(1)), reason }
}

/// Records a success; `reconciled` tells that it was found by reading back.
pub(super) async fn done(
    session: &Session,
    tool: &str,
    passage: &mut Passage<'_>,
    effect: &Effect,
    executed: Executed,
    ticket: Option<&Ticket>,
    reconciled: bool,
) -> Result<Mutated, SegmentError> {
    let mut result = executed.result;
    session.services().redactor.redact_json(&mut result);
    let params = effect.prepared_payload.get("params").cloned().unwrap_or_default();
    let edited =
        ticket.and_then(|t| t.decision_payload.as_ref()).is_some_and(|payload| payload.get("params").is_some());
    if edited {
        answers::mark_edited(&mut result, &params);
    }
    let mut committed = change(effect, &[EffectStatus::Executing, EffectStatus::Unknown], EffectStatus::Committed);
    committed.result = Some(result.clone());
    committed.provider_ref = executed.provider_ref;
    committed.undo = executed.undo;
    committed.reconciled = reconciled;
    let event = reconciled.then(|| NewEvent::effect_reconciled(&effect.effect_id, "committed"));
    passage
        .finish(session, tool, Some(&effect.effect_id), result, true, |commit| {
            commit.events.extend(event);
            commit.effects.push(committed);
            commit.order = executed.order_facts;
        })
        .await
}

/// The world has it already: the effect is committed without a call.
async fn settled(
    session: &Session,
    tool: &str,
    passage: &mut Passage<'_>,
    effect: &Effect,
    executed: Executed,
) -> Result<Mutated, SegmentError> {
    let mut result = executed.result;
    session.services().redactor.redact_json(&mut result);
    let mut committed = change(effect, &[EffectStatus::Prepared], EffectStatus::Committed);
    committed.result = Some(result.clone());
    committed.provider_ref = executed.provider_ref;
    passage
        .finish(session, tool, Some(&effect.effect_id), result, true, |commit| {
            commit.effects.push(committed);
            commit.order = executed.order_facts;
        })
        .await
}

/// Records a definite refusal of the upstream.
pub(super) async fn failed(
    session: &Session,
    tool: &str,
    passage: &mut Passage<'_>,
    effect: &Effect,
    error: &ToolError,
    reconciled: bool,
) -> Result<Mutated, SegmentError> {
    let mut failed = change(effect, &[EffectStatus::Executing, EffectStatus::Unknown], EffectStatus::Failed);
    failed.error = Some(session.services().redactor.redact(&error.to_string()));
    let mut result = error.to_result();
    session.services().redactor.redact_json(&mut result);
    failed.result = Some(result.clone());
    failed.reconciled = reconciled;
    let event = reconciled.then(|| NewEvent::effect_reconciled(&effect.effect_id, "failed"));
    passage
        .finish(session, tool, Some(&effect.effect_id), result, false, |commit| {
            commit.events.extend(event);
            commit.effects.push(failed);
        })
        .await
}

/// Ends a prepared effect that may no longer be sent.
async fn give_up(
    session: &Session,
    tool: &str,
    passage: &mut Passage<'_>,
    effect: &Effect,
    reason: BlockReason,
    what: &str,
    result: Value,
) -> Result<Mutated, SegmentError> {
    let mut aborted = change(effect, &[EffectStatus::Prepared], EffectStatus::Aborted);
    aborted.error = Some(what.to_owned());
    let event = NewEvent::effect_blocked(&effect.effect_id, reason.as_str(), json!({"what": what}));
    passage
        .finish(session, tool, Some(&effect.effect_id), result, false, |commit| {
            commit.events.push(event);
            commit.effects.push(aborted);
        })
        .await
}

async fn blocked(
    session: &Session,
    tool: &Arc<dyn Tool>,
    passage: &mut Passage<'_>,
    effect: &Effect,
    resolved: &Resolved,
    reason: BlockReason,
) -> Result<Mutated, SegmentError> {
    let spec = tool.spec();
    let cause_gate;
    let cause = match reason {
        BlockReason::Lease => {
            session.check_stop().await?;
            // A cancellation stands in the row before the next heartbeat tells of it.
            return Err(session.why_refused().await?);
        }
        BlockReason::Hash | BlockReason::Order => {
            let what = match reason {
                BlockReason::Order => "the order is not paid any more, cancelled, a test, or has changed",
                _ => "what would be sent is not what was approved",
            };
            let result = answers::blocked(reason, what);
            return give_up(session, spec.id.as_str(), passage, effect, reason, what, result).await;
        }
        BlockReason::Budget | BlockReason::Breaker => {
            return Ok(later(session, 60, format!("blocked by {}", reason.as_str())));
        }
        BlockReason::Gate => {
            cause_gate = read_gate(session, spec).await?;
            Cause::GateClosed(&cause_gate)
        }
        BlockReason::Policy => Cause::PolicyChanged,
    };
    // The effect stays prepared under a new, high-risk ticket.
    let prepared = prepared_payload(
        spec.id.as_str(),
        &resolved.params,
        effect.prepared_payload.get("call").unwrap_or(&Value::Null),
    );
    debug_assert_eq!(payload_hash(&prepared), effect.payload_hash);
    let row = draft::effect(
        session,
        spec,
        effect.effect_id.clone(),
        passage.call_id(),
        resolved,
        &read_gate(session, spec).await?,
    );
    let mut ticket = draft::ticket(session, spec, passage.caller, resolved, &row, cause);
    ticket.ticket.payload_hash = effect.payload_hash.clone();
    ticket.ticket.policy_version = effect.policy_version.clone();
    let call = &mut passage.pending.calls[passage.index];
    call.state = CallState::Waiting;
    let event = NewEvent::effect_blocked(&effect.effect_id, reason.as_str(), json!({"level": spec.goal_level}));
    Ok(Mutated::Park(Box::new(ParkRequest {
        effect: None,
        ticket,
        pending: passage.pending.clone(),
        events: vec![event],
    })))
}
