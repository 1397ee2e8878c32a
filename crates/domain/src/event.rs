//! The timeline of a run: what is appended to `tower_run_events`, and the messages that go out with it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::effect::EffectStatus;
use crate::ids::{CheckpointId, EffectId, RunId, TicketId};
use crate::run::{FailReason, cut};
use crate::time::Timestamp;

/// Largest payload of one event, bytes of JSON.
pub const MAX_PAYLOAD_BYTES: usize = 16 * 1024;

/// An event about to be appended; its sequence is given by the store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Name, e.g. `run.queued`.
    pub event_type: &'static str,
    /// Facts.
    pub payload: Value,
}

/// One row of `tower_run_events`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunEvent {
    /// Row id; its order is not the order of commits.
    pub id: i64,
    /// The run (or a cascade).
    pub run_id: String,
    /// Name.
    pub event_type: String,
    /// Facts.
    pub payload: Value,
    /// When.
    pub created_at: Timestamp,
    /// Order within the run, from 1 without gaps.
    pub seq: i64,
}

/// A message of `bus_outbox`, written in the commit of the change that it tells.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxMessage {
    /// 16 hexadecimal digits; consumers tell duplicates by it.
    pub msg_id: String,
    /// Stream, e.g. [`TOWER_EVENTS`].
    pub stream: &'static str,
    /// Name, e.g. `run.queued`.
    pub msg_type: &'static str,
    /// Facts.
    pub payload: Value,
}

/// Stream of run transitions.
pub const TOWER_EVENTS: &str = "holly:tower:events";
/// Stream of tickets.
pub const TOWER_TICKETS: &str = "holly:tower:tickets";
/// Stream of what the system notes about itself.
pub const SYSTEM_HEALTH: &str = "holly:system:health";

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) => $text:literal, $payload:expr;)*) => {
        impl NewEvent {
            $($(#[$doc])*
            #[must_use]
            pub fn $name($($arg: $ty),*) -> Self {
                Self { event_type: $text, payload: $payload }
            })*
        }
    };
}

events! {
    /// A run was accepted.
    run_queued(workflow_id: &str, workflow_version: Option<i64>) => "run.queued",
        json!({"workflow_id": workflow_id, "workflow_version": workflow_version});
    /// First claim.
    run_started(worker: &str, attempt: i64) => "run.started", json!({"worker": worker, "attempt": attempt});
    /// Later claim; `ticket_id` after a decision.
    run_resumed(ticket_id: Option<TicketId>, attempt: i64) => "run.resumed",
        json!({"ticket_id": ticket_id, "attempt": attempt});
    /// A person is asked.
    ticket_created(ticket_id: TicketId, ticket_type: &str, risk_level: &str) => "ticket.created",
        json!({"ticket_id": ticket_id, "ticket_type": ticket_type, "risk_level": risk_level});
    /// The run parks.
    run_waiting_approval(ticket_id: TicketId, checkpoint_id: &str, interrupt_id: &str) => "run.waiting_approval",
        json!({"ticket_id": ticket_id, "checkpoint_id": checkpoint_id, "interrupt_id": interrupt_id});
    /// `decision` is `approved` or `rejected`.
    ticket_decided(ticket_id: TicketId, decision: &str, decided_by: &str) => "ticket.decided",
        json!({"ticket_id": ticket_id, "decision": decision, "decided_by": decided_by, "actor": decided_by});
    /// `decision` is `approve` or `reject`.
    run_resume_queued(ticket_id: TicketId, decision: &str) => "run.resume_queued",
        json!({"ticket_id": ticket_id, "decision": decision});
    /// Nobody decided in time.
    ticket_expired(ticket_id: TicketId) => "ticket.expired", json!({"ticket_id": ticket_id});
    /// The run reached its end.
    run_completed(summary: &str, needs_action: bool, cost_usd: f64, tokens: i64, duration_ms: i64) => "run.completed",
        json!({"summary": cut(summary, 300), "needs_action": needs_action, "cost_usd": cost_usd, "tokens": tokens, "duration_ms": duration_ms});
    /// The run failed.
    run_failed(error: &str, reason: FailReason) => "run.failed",
        json!({"error": cut(error, 500), "reason": reason.as_str()});
    /// A lost lease was taken back.
    run_recovered(attempt: i64, reason: &str) => "run.recovered", json!({"attempt": attempt, "reason": reason});
    /// The run went back to the queue by itself.
    run_yielded(reason: &str) => "run.yielded", json!({"reason": reason});
    /// A person ended the run.
    run_cancelled(by: &str, reason: &str) => "run.cancelled", json!({"by": by, "reason": cut(reason, 500)});
    /// A person holds the run.
    run_paused(by: &str, reason: &str) => "run.paused", json!({"by": by, "reason": cut(reason, 500)});
    /// A person lets it go on.
    run_unpaused(by: &str) => "run.unpaused", json!({"by": by});
    /// Another run begins at a checkpoint of this one.
    run_forked(new_run_id: &RunId, checkpoint_id: &CheckpointId) => "run.forked",
        json!({"new_run_id": new_run_id, "checkpoint_id": checkpoint_id});
    /// The guarded statement let an effect not go; `reason` is gate, budget, hash, order, policy or breaker.
    effect_blocked(effect_id: &EffectId, reason: &str, details: Value) => "effect.blocked",
        json!({"effect_id": effect_id, "reason": reason, "details": details});
    /// The outcome of a call is not known yet.
    effect_unknown(effect_id: &EffectId, tool: &str) => "effect.unknown", json!({"effect_id": effect_id, "tool": tool});
    /// It was read back; `outcome` is committed, failed or absent.
    effect_reconciled(effect_id: &EffectId, outcome: &str) => "effect.reconciled",
        json!({"effect_id": effect_id, "outcome": outcome});
    /// A node begins.
    node_started(node: &str) => "node.started", json!({"node": node});
    /// A node ends.
    node_finished(node: &str, duration_ms: i64, error: Option<&str>) => "node.finished",
        match error {
            Some(error) => json!({"node": node, "duration_ms": duration_ms, "error": cut(error, 500)}),
            None => json!({"node": node, "duration_ms": duration_ms}),
        };
    /// A tool has its result.
    tool_called(tool: &str, effect_id: Option<&EffectId>, ok: bool) => "tool.called",
        match effect_id {
            Some(effect_id) => json!({"tool": tool, "effect_id": effect_id, "ok": ok}),
            None => json!({"tool": tool, "ok": ok}),
        };
    /// A text was refused.
    guardrail_blocked(flags: &[String]) => "guardrail.blocked", json!({"flags": flags});
    /// A limit was reached.
    budget_exhausted(report: Value) => "budget.exhausted", report;
}

/// The bus payload that tells of a run's transition.
#[must_use]
pub fn run_message(
    run_id: &RunId,
    workflow_id: &str,
    status: &str,
    run_name: Option<&str>,
    created_by: Option<&str>,
    last_error: Option<&str>,
) -> Value {
    json!({
        "run_id": run_id, "workflow_id": workflow_id, "status": status, "run_name": run_name,
        "created_by": created_by, "last_error": last_error,
    })
}

/// The outcome word of a reconciliation for [`NewEvent::effect_reconciled`].
#[must_use]
pub fn reconciled_as(status: EffectStatus) -> &'static str {
    match status {
        EffectStatus::Committed => "committed",
        EffectStatus::Failed => "failed",
        _ => "absent",
    }
}
