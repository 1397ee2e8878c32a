//! The rows that a call becomes: the prepared effect, and the ticket that a person reads.

use chrono::TimeDelta;
use domain::effect::{params_hash, payload_hash, prepared_payload};
use domain::gate::GateReading;
use domain::ids::{CheckpointId, EffectId, InterruptId};
use domain::ticket::{ContextPack, LIFE_SECONDS, NewTicket, TicketType};
use domain::tool::{Risk, ToolSpec};
use gateway::{CallContext, Resolved};
use serde_json::{Map, Value, json};
use store::effects::NewEffect;

use crate::node::TicketDraft;
use crate::segment::session::Session;
use crate::services::EffectsMode;

/// The effect row of a resolved call.
pub(super) fn effect(
    session: &Session,
    spec: &ToolSpec,
    id: EffectId,
    call_id: &str,
    resolved: &Resolved,
    gate: &GateReading,
) -> NewEffect {
    let prepared = prepared_payload(spec.id.as_str(), &resolved.params, &resolved.call);
    NewEffect {
        provider_key: resolved.provider_key.clone().unwrap_or_else(|| id.to_string()),
        effect_id: id,
        run_id: session.run_id().clone(),
        tool_name: spec.id.to_string(),
        params_hash: params_hash(&resolved.params),
        payload_hash: payload_hash(&prepared),
        prepared_payload: prepared,
        created_at: session.now(),
        tool_call_id: Some(call_id.to_owned()),
        business_key: resolved.business_key.clone(),
        recovery: spec.recovery,
        goal_level: spec.goal_level.map(i64::from),
        gate_epoch: gate.epoch,
        policy_version: spec.policy_version(),
        margin_minor: resolved.margin_minor,
    }
}

/// What made a ticket necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause<'a> {
    /// The risk of the call.
    Risk,
    /// A goal level is closed.
    GateClosed(&'a GateReading),
    /// The rules changed since the approval.
    PolicyChanged,
}

/// The ticket that asks for a call.
pub(super) fn ticket(
    session: &Session,
    spec: &ToolSpec,
    caller: &CallContext,
    resolved: &Resolved,
    effect: &NewEffect,
    cause: Cause<'_>,
) -> TicketDraft {
    let risk = match cause {
        Cause::Risk => resolved.risk,
        Cause::GateClosed(_) | Cause::PolicyChanged => Risk::High,
    };
    let mut flags = vec![format!("risk:{}", risk.as_str()), format!("tool:{}", spec.id)];
    flags.extend(resolved.risk_flags.iter().cloned());
    let mut extra = Map::new();
    extra.insert("agent_id".into(), json!(caller.agent_id));
    if resolved.cost.is_some() || resolved.revenue.is_some() || resolved.margin_minor.is_some() {
        let currency = resolved.cost.as_ref().or(resolved.revenue.as_ref()).map(|money| money.currency.clone());
        extra.insert(
            "money".into(),
            json!({
                "currency": currency, "cost_minor": resolved.cost.as_ref().map(|money| money.minor),
                "revenue_minor": resolved.revenue.as_ref().map(|money| money.minor), "margin_minor": resolved.margin_minor,
            }),
        );
    }
    if let Some((order, _)) = &resolved.order {
        extra.insert("subject".into(), json!({"order_key": order, "order_name": resolved.subject_name}));
    }
    let why = match cause {
        Cause::Risk => format!("{} is a {}-risk action", spec.display_name, risk.as_str()),
        Cause::GateClosed(gate) => {
            flags.push("gate:closed".into());
            format!(
                "Goal level {} is closed (predicates {:?}); a person may let this one call through",
                spec.goal_level.unwrap_or_default(),
                gate.failing_predicates
            )
        }
        Cause::PolicyChanged => {
            flags.push("policy:changed".into());
            "The rules for this tool changed after the approval".to_owned()
        }
    };
    let impact = match session.services().settings.effects {
        EffectsMode::On => spec.description.to_owned(),
        EffectsMode::Off => "Look-only mode: nothing will be sent, whatever is decided".to_owned(),
    };
    let redactor = &session.services().redactor;
    let pack = ContextPack {
        tldr: Some(redactor.redact(&resolved.preview)),
        why_stopped: Some(why),
        preview: redactor.redact(&format!("{} {}", spec.id, resolved.preview)),
        impact,
        risk_flags: flags,
        extra,
    };
    let mut proposed = json!({"tool": spec.id, "params": resolved.params, "call": resolved.call});
    redactor.redact_json(&mut proposed);
    let bound = Bound {
        effect_id: effect.effect_id.clone(),
        payload_hash: effect.payload_hash.clone(),
        gate_epoch: effect.gate_epoch,
        policy_version: effect.policy_version.clone(),
    };
    question(session, TicketType::ToolCall, risk, proposed, pack, bound)
}

/// What an answer binds.
struct Bound {
    effect_id: EffectId,
    payload_hash: String,
    gate_epoch: i64,
    policy_version: String,
}

fn question(
    session: &Session,
    ticket_type: TicketType,
    risk_level: Risk,
    proposed_action: Value,
    pack: ContextPack,
    bound: Bound,
) -> TicketDraft {
    let now = session.now();
    TicketDraft {
        ticket: NewTicket {
            ticket_type,
            risk_level,
            proposed_action,
            context_pack: pack.into_json(),
            // Both are given when the run parks.
            checkpoint_id: CheckpointId::from_stored(String::new()),
            interrupt_id: InterruptId::from_stored(String::new()),
            payload_hash: bound.payload_hash,
            effect_id: bound.effect_id,
            gate_epoch: bound.gate_epoch,
            policy_version: bound.policy_version,
            created_at: now,
            expires_at: now + TimeDelta::seconds(LIFE_SECONDS),
        },
    }
}

/// The question what became of a call whose answer was lost and that cannot be read back.
pub(super) fn reconcile_ticket(
    session: &Session,
    spec: &ToolSpec,
    effect: &domain::effect::Effect,
    seen: &str,
) -> TicketDraft {
    let pack = ContextPack {
        tldr: Some(format!("Did this happen? {}", spec.display_name)),
        why_stopped: Some(format!(
            "The call was sent, no clear answer came, and it could not be read back: {}",
            session.services().redactor.redact(seen)
        )),
        preview: format!("{} {}", spec.id, effect.provider_key),
        impact: "Approve to send the call again; reject to treat it as done (the note may hold the provider's id)"
            .into(),
        risk_flags: vec![format!("risk:{}", spec.risk.as_str()), format!("tool:{}", spec.id), "outcome:unknown".into()],
        extra: Map::new(),
    };
    let mut proposed: Value = effect.prepared_payload.clone();
    session.services().redactor.redact_json(&mut proposed);
    let bound = Bound {
        effect_id: effect.effect_id.clone(),
        payload_hash: effect.payload_hash.clone(),
        gate_epoch: effect.gate_epoch,
        policy_version: effect.policy_version.clone(),
    };
    question(session, TicketType::EffectReconcile, spec.risk, proposed, pack, bound)
}
