//! The bus messages that go out with a change, one per transition.

use clock::Ids;
use domain::event::{OutboxMessage, SYSTEM_HEALTH, TOWER_EVENTS, TOWER_TICKETS, run_message};
use domain::ids::{RunId, TicketId};
use domain::run::Run;
use serde_json::{Value, json};

/// Makes the messages; each gets an id of its own.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a>(pub &'a Ids);

impl Messages<'_> {
    fn message(self, stream: &'static str, msg_type: &'static str, payload: Value) -> OutboxMessage {
        OutboxMessage { msg_id: self.0.hex(8), stream, msg_type, payload }
    }

    /// `run.queued` of a new run.
    #[must_use]
    pub fn queued(self, run: &domain::run::NewRun) -> OutboxMessage {
        let payload = json!({
            "run_id": run.run_id, "workflow_id": run.workflow_id, "status": "queued",
            "run_name": run.run_name, "created_by": run.created_by,
        });
        self.message(TOWER_EVENTS, "run.queued", payload)
    }

    /// `scheduler.fired`: a job started a run.
    #[must_use]
    pub fn scheduler_fired(self, run: &domain::run::NewRun, source: &str, exploratory: bool) -> OutboxMessage {
        let payload = json!({
            "trigger_source": source, "run_id": run.run_id, "workflow_id": run.workflow_id, "exploratory": exploratory,
        });
        self.message(SYSTEM_HEALTH, "scheduler.fired", payload)
    }

    /// `dlq.insert` or `dlq.exhausted`.
    #[must_use]
    pub fn dead_letter(self, msg_type: &'static str, dlq_id: i64, job_id: &str, error: &str) -> OutboxMessage {
        self.message(SYSTEM_HEALTH, msg_type, json!({"dlq_id": dlq_id, "job_id": job_id, "error": error}))
    }

    /// A transition of a run: `run.completed`, `run.failed`, `run.cancelled`.
    #[must_use]
    pub fn transition(
        self,
        run: &Run,
        msg_type: &'static str,
        status: &str,
        last_error: Option<&str>,
        extra: Value,
    ) -> OutboxMessage {
        let mut payload = run_message(
            &run.run_id,
            run.workflow_id.as_str(),
            status,
            run.run_name.as_deref(),
            run.created_by.as_deref(),
            last_error,
        );
        if let (Some(payload), Value::Object(extra)) = (payload.as_object_mut(), extra) {
            payload.extend(extra);
        }
        self.message(TOWER_EVENTS, msg_type, payload)
    }

    /// `run.waiting_approval`.
    #[must_use]
    pub fn waiting(
        self,
        run_id: &RunId,
        ticket_id: TicketId,
        ticket_type: &str,
        risk: &str,
        checkpoint: &str,
    ) -> OutboxMessage {
        let payload = json!({
            "run_id": run_id, "ticket_id": ticket_id, "ticket_type": ticket_type, "risk_level": risk, "checkpoint_id": checkpoint,
        });
        self.message(TOWER_EVENTS, "run.waiting_approval", payload)
    }

    /// `ticket.created`.
    #[must_use]
    pub fn ticket_created(
        self,
        run_id: &RunId,
        ticket_id: TicketId,
        ticket_type: &str,
        risk: &str,
        tldr: &str,
        proposed: &Value,
    ) -> OutboxMessage {
        let payload = json!({
            "ticket_id": ticket_id, "run_id": run_id, "ticket_type": ticket_type, "risk_level": risk, "tldr": tldr,
            "proposed_action": proposed,
        });
        self.message(TOWER_TICKETS, "ticket.created", payload)
    }

    /// `ticket.decided`.
    #[must_use]
    pub fn ticket_decided(self, run_id: &str, ticket_id: TicketId, status: &str, decided_by: &str) -> OutboxMessage {
        let payload = json!({"ticket_id": ticket_id, "run_id": run_id, "status": status, "decided_by": decided_by});
        self.message(TOWER_TICKETS, "ticket.decided", payload)
    }

    /// `ticket.expired`.
    #[must_use]
    pub fn ticket_expired(self, run_id: &str, ticket_id: TicketId) -> OutboxMessage {
        let payload = json!({"ticket_id": ticket_id, "run_id": run_id, "status": "expired"});
        self.message(TOWER_TICKETS, "ticket.expired", payload)
    }

    /// `tool.approval_requested`.
    #[must_use]
    pub fn approval_requested(self, tool: &str, risk: &str, agent_id: &str, preview: &str) -> OutboxMessage {
        let preview: String = preview.chars().take(200).collect();
        let payload = json!({"tool": tool, "risk": risk, "agent_id": agent_id, "args_preview": preview});
        self.message(TOWER_EVENTS, "tool.approval_requested", payload)
    }
}
