//! What a model is told of a call that did not simply succeed.

use domain::effect::Effect;
use domain::ticket::{SYSTEM, Ticket};
use gateway::BlockReason;
use serde_json::{Value, json};

fn reason_of(ticket: &Ticket) -> String {
    let payload = ticket.decision_payload.as_ref();
    payload.and_then(|payload| payload.get("reason")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A ticket that ended with no.
pub(super) fn refused(ticket: &Ticket) -> Value {
    let reason = reason_of(ticket);
    if ticket.decided_by.as_deref() == Some(SYSTEM) {
        let text = reason.replace('_', " ");
        json!({"error": "withdrawn", "message": format!("withdrawn: {text}"), "reason": reason})
    } else {
        json!({
            "error": "rejected", "message": "The operator refused this call. Go on without it and do not try it again.",
            "reason": reason,
        })
    }
}

/// The guarded statement did not let the call go.
pub(super) fn blocked(reason: BlockReason, what: &str) -> Value {
    json!({
        "error": "blocked", "reason": reason.as_str(),
        "message": format!("Nothing was sent: {what}. Look again before you propose another call."),
    })
}

/// Look-only: recorded instead of sent.
pub(super) fn not_sent() -> Value {
    json!({"status": "not_sent", "message": "Look-only mode: the call was recorded and not sent."})
}

/// Another run is at it.
pub(super) fn in_progress(holder: &Effect) -> Value {
    json!({
        "error": "in_progress", "message": "Another run is doing this already; nothing to do here.",
        "run_id": holder.run_id, "ticket_id": holder.ticket_id,
    })
}

/// A person said no to the same thing lately.
pub(super) fn rejected_before(ticket: &Ticket) -> Value {
    json!({
        "error": "rejected_before", "message": "A person refused this before; it is not asked again.",
        "reason": reason_of(ticket), "ticket_id": ticket.id,
    })
}

/// Tells the agent that what ran is not what it proposed.
pub(super) fn mark_edited(result: &mut Value, params: &Value) {
    if let Some(members) = result.as_object_mut() {
        members.insert("edited".into(), json!(true));
        members.insert("ran_with".into(), params.clone());
    }
}
