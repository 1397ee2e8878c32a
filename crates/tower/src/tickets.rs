//! Deciding tickets: the one place where a person's word becomes a change.

use std::sync::Arc;

use domain::codes::Code;
use domain::effect::{params_hash, payload_hash, prepared_payload};
use domain::ids::TicketId;
use domain::ticket::{Answer, Decider, Ticket, TicketRejection, TicketStatus, TicketType, Verdict, decide as judge};
use gateway::{CallContext, Resolution, Tool};
use serde_json::Value;
use store::audit::AuditEntry;
use store::tickets::{Decide, DecideOutcome, EditedCall};

use crate::error::{Refusal, Result};
use crate::messages::Messages;
use crate::services::Services;

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its run.
    pub run_id: String,
    /// `approved` or `rejected`.
    pub status: TicketStatus,
}

/// Checks edited parameters against a tool's schema; implemented where the schema library lives.
pub trait ParamsCheck: Send + Sync {
    /// The parameters with defaults filled in, or `{field, message}` of what does not fit.
    ///
    /// # Errors
    /// What does not fit.
    fn check(&self, tool: &Arc<dyn Tool>, params: &Value) -> std::result::Result<Value, Vec<(String, String)>>;
}

/// Decides a ticket. Of two deciders one wins: the statement that changes the ticket carries the guards again.
///
/// # Errors
/// A refusal that says why the answer does not count, or a failure of the store.
pub async fn decide(
    services: &Services,
    check: &dyn ParamsCheck,
    ticket_id: TicketId,
    answer: Answer,
    by: &Decider,
) -> Result<Decided> {
    let ticket =
        store::tickets::get(&services.db, ticket_id).await?.ok_or_else(|| Refusal::new(Code::TicketNotFound))?;
    let now = services.clock.now();
    judge(&ticket, &answer, by, now).map_err(refusal)?;
    let edited = match (answer.verdict, answer.payload.get("params")) {
        (Verdict::Approve, Some(params)) => Some(edit(services, check, &ticket, params).await?),
        _ => None,
    };
    let expected = answer.expected_checkpoint;
    let mut payload = Value::Object(answer.payload);
    services.redactor.redact_json(&mut payload);
    let message = Messages(&services.ids).ticket_decided(
        &ticket.run_id,
        ticket_id,
        answer.verdict.status().as_str(),
        &by.subject,
    );
    let mut tx = services.db.begin().await?;
    let decided = store::tickets::decide(
        &mut tx,
        &Decide {
            ticket_id,
            verdict: answer.verdict,
            payload,
            decided_by: by.subject.clone(),
            expected_checkpoint: expected.clone(),
            edited,
            now,
            outbox: vec![message],
        },
    )
    .await;
    let outcome = match decided {
        // Between the look and this statement another run began what the edited call would do.
        Err(store::StoreError::Conflict { .. }) => return Err(Refusal::new(Code::PayloadChanged).into()),
        other => other?,
    };
    match outcome {
        DecideOutcome::Done { run_id } => {
            store::audit::insert(
                &mut tx,
                &AuditEntry {
                    ts: now,
                    actor: Some(by.subject.clone()),
                    role: Some(by.role.as_str().to_owned()),
                    ip: None,
                    action: "ticket.decide".to_owned(),
                    target: Some(ticket_id.to_string()),
                    outcome: answer.verdict.status().as_str().to_owned(),
                    request_id: None,
                    details: serde_json::json!({"risk": ticket.risk_level.as_str()}),
                },
            )
            .await?;
            tx.commit().await?;
            services.tell_ticket(ticket_id, &run_id, answer.verdict.status().as_str(), ticket.risk_level);
            services.tell_run(&run_id, "queued");
            services.db.wake();
            Ok(Decided { ticket_id, run_id, status: answer.verdict.status() })
        }
        DecideOutcome::TicketNotPending(TicketStatus::Expired) | DecideOutcome::Expired => {
            Err(refusal(TicketRejection::Expired).into())
        }
        DecideOutcome::TicketNotPending(_) => Err(refusal(TicketRejection::AlreadyDecided).into()),
        DecideOutcome::Stale { actual } => {
            let expected = expected.unwrap_or_default();
            Err(refusal(TicketRejection::Stale { expected, actual }).into())
        }
        DecideOutcome::RunNotWaiting => Err(Refusal::new(Code::RunNotWaiting).into()),
        DecideOutcome::Gone => Err(Refusal::new(Code::TicketNotFound).into()),
    }
}

fn refusal(rejection: TicketRejection) -> Refusal {
    let message = rejection.to_string();
    match rejection {
        TicketRejection::AlreadyDecided => Refusal::because(Code::TicketDecided, message),
        TicketRejection::Expired => Refusal::because(Code::TicketExpired, message),
        TicketRejection::Stale { .. } => Refusal::because(Code::TicketStale, message),
        TicketRejection::RoleTooLow { .. } => Refusal::because(Code::Forbidden, message),
    }
}

/// Turns edited parameters into the call that will be approved: a new payload with a new hash.
async fn edit(services: &Services, check: &dyn ParamsCheck, ticket: &Ticket, params: &Value) -> Result<EditedCall> {
    let invalid = |details: Vec<(String, String)>| Refusal::new(Code::InvalidParams).with_details(details);
    if ticket.ticket_type != TicketType::ToolCall {
        let problem = "what was sent already cannot be edited; approve to send it again, or reject".to_owned();
        return Err(invalid(vec![("params".into(), problem)]).into());
    }
    let name = ticket.proposed_action.get("tool").and_then(Value::as_str).unwrap_or_default();
    let tool = services
        .tools
        .get(name)
        .ok_or_else(|| invalid(vec![("tool".into(), format!("`{name}` is not there any more"))]))?;
    let params = check.check(&tool, params).map_err(invalid)?;
    let agent_id = ticket.context_pack.get("agent_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let context = CallContext { run_id: ticket.run_id.parse().ok(), agent_id, trigger_source: "decision".to_owned() };
    let resolved = match tool.resolve(&context, &params).await {
        Ok(Resolution::Call(resolved)) => resolved,
        Ok(Resolution::Settled { .. }) => {
            return Err(Refusal::new(Code::PayloadChanged).into());
        }
        Err(error) => return Err(invalid(vec![("params".into(), error.to_string())]).into()),
    };
    let effect = match &ticket.effect_id {
        Some(id) => store::effects::get(&services.db, id).await?,
        None => None,
    };
    let Some(effect) = effect else { return Err(Refusal::new(Code::PayloadChanged).into()) };
    // The upstream knows the effect by its key: an edit may change how and how far, not which order.
    if resolved.provider_key.as_ref().is_some_and(|key| *key != effect.provider_key) {
        return Err(Refusal::new(Code::PayloadChanged).into());
    }
    // What the edited call does may be under way or done elsewhere.
    if let Some(key) = resolved.business_key.as_ref().filter(|key| Some(*key) != effect.business_key.as_ref())
        && store::effects::holder_of(&services.db, key).await?.is_some()
    {
        return Err(Refusal::new(Code::PayloadChanged).into());
    }
    if resolved.risk > ticket.risk_level {
        let message =
            format!("The edit raises the risk from {} to {}", ticket.risk_level.as_str(), resolved.risk.as_str());
        return Err(Refusal::rule(Code::RiskRaised, message).into());
    }
    let prepared = prepared_payload(name, &resolved.params, &resolved.call);
    Ok(EditedCall {
        payload_hash: payload_hash(&prepared),
        params_hash: params_hash(&resolved.params),
        prepared_payload: prepared,
        business_key: resolved.business_key.clone(),
        margin_minor: resolved.margin_minor,
    })
}
