//! Live events of runs, tickets and deliveries, told after the commit that made them true.

use domain::ids::TicketId;
use domain::live::LiveEvent;
use domain::ticket::Ticket;
use domain::tool::Risk;
use serde_json::{Value, json};
use store::tickets::Withdrawn;

use crate::services::Services;

impl Services {
    /// Tells the subscribers of this process. `fields` is asked only when there are any.
    pub(crate) fn tell(&self, kind: &'static str, run_id: Option<&str>, fields: impl FnOnce() -> Value) {
        if self.live.is_watched() {
            self.live.publish(LiveEvent::new(kind, self.clock.now(), run_id, fields()));
        }
    }

    /// A run has this status now.
    pub(crate) fn tell_run(&self, run_id: &str, status: &str) {
        self.tell("tower_run", Some(run_id), || json!({"run_id": run_id, "status": status}));
    }

    /// A ticket has this status now.
    pub(crate) fn tell_ticket(&self, ticket_id: TicketId, run_id: &str, status: &str, risk: Risk) {
        self.tell(
            "tower_ticket",
            Some(run_id),
            || json!({"ticket_id": ticket_id, "run_id": run_id, "status": status, "risk_level": risk.as_str()}),
        );
    }

    /// Tickets were withdrawn, and their runs queued to hear of it.
    pub(crate) fn tell_withdrawn(&self, withdrawn: &[Withdrawn]) {
        for ticket in withdrawn {
            self.tell_ticket(ticket.ticket_id, ticket.run_id.as_str(), "rejected", ticket.risk_level);
            self.tell_run(ticket.run_id.as_str(), "queued");
        }
    }

    /// The ticket that a cancelled run had waited for.
    pub(crate) fn tell_closed(&self, ticket: &Ticket) {
        self.tell_ticket(ticket.id, &ticket.run_id, ticket.status.as_str(), ticket.risk_level);
    }
}
