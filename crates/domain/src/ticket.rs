//! Tickets: what a person is asked, and what counts as an answer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::ids::{CheckpointId, EffectId, InterruptId, TicketId};
use crate::role::Role;
use crate::time::Timestamp;
use crate::tool::Risk;

/// Life of a ticket, seconds.
pub const LIFE_SECONDS: i64 = 24 * 60 * 60;
/// Identity recorded when the program itself ends a ticket because its subject is void.
pub const SYSTEM: &str = "system";

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TicketStatus {
    /// Waits for a person.
    Pending,
    /// Yes.
    Approved,
    /// No; also a ticket withdrawn because its subject is void (then `decided_by` is `system`).
    Rejected,
    /// Nobody answered in time; not a no.
    Expired,
}

impl TicketStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Rejected, Self::Expired];

    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }

    /// Reads the text of rows and filters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What kind of question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketType {
    /// May this call be made?
    ToolCall,
    /// What became of a call whose answer was lost? Approve: try again; reject: treat it as done.
    EffectReconcile,
}

impl TicketType {
    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToolCall => "tool_call",
            Self::EffectReconcile => "effect_reconcile",
        }
    }

    /// Reads the text of rows.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::ToolCall, Self::EffectReconcile].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One row of `tower_tickets`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// The run (or a cascade).
    pub run_id: String,
    /// The kind of question.
    pub ticket_type: TicketType,
    /// Who may decide.
    pub risk_level: Risk,
    /// Where it stands.
    pub status: TicketStatus,
    /// The call: tool, parameters, resolved call.
    pub proposed_action: Value,
    /// What helps to decide.
    pub context_pack: Value,
    /// The answer.
    pub decision_payload: Option<Value>,
    /// The checkpoint it was raised at.
    pub checkpoint_id: Option<CheckpointId>,
    /// The wait it ends.
    pub interrupt_id: Option<InterruptId>,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Hash of the proposed call.
    pub payload_hash: Option<String>,
    /// The effect it decides.
    pub effect_id: Option<EffectId>,
    /// Gate epoch it was raised under.
    pub gate_epoch: Option<i64>,
    /// Rules it was raised under.
    pub policy_version: Option<String>,
}

/// A ticket about to be inserted as `pending`.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// The kind of question.
    pub ticket_type: TicketType,
    /// Who may decide.
    pub risk_level: Risk,
    /// The call.
    pub proposed_action: Value,
    /// What helps to decide.
    pub context_pack: Value,
    /// The checkpoint it is raised at.
    pub checkpoint_id: CheckpointId,
    /// The wait it ends.
    pub interrupt_id: InterruptId,
    /// Hash of the proposed call.
    pub payload_hash: String,
    /// The effect it decides.
    pub effect_id: EffectId,
    /// Gate epoch.
    pub gate_epoch: i64,
    /// Rules in force.
    pub policy_version: String,
    /// When.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No.
    Reject,
}

impl Verdict {
    /// `approve` or `reject`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    /// The status it gives the ticket.
    #[must_use]
    pub fn status(self) -> TicketStatus {
        match self {
            Self::Approve => TicketStatus::Approved,
            Self::Reject => TicketStatus::Rejected,
        }
    }
}

/// Who decides: always the identity of the token, never a name in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// Subject of the token.
    pub subject: String,
    /// Role of the token.
    pub role: Role,
}

/// An answer as it came in.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Yes or no.
    pub verdict: Verdict,
    /// `params`, `reason`, `note`, `harm`, and whatever else was sent.
    pub payload: Map<String, Value>,
    /// The checkpoint the person looked at.
    pub expected_checkpoint: Option<String>,
}

/// Why an answer does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketRejection {
    /// Somebody was faster.
    #[error("Ticket already decided")]
    AlreadyDecided,
    /// Too late.
    #[error("Ticket expired")]
    Expired,
    /// The run went on meanwhile.
    #[error("Stale ticket: expected checkpoint {expected}, got {actual}")]
    Stale {
        /// What the person looked at.
        expected: String,
        /// What the ticket carries.
        actual: String,
    },
    /// The role is too low for the risk.
    #[error("{} role required", if *.needed == Role::Admin { "Admin" } else { "Operator" })]
    RoleTooLow {
        /// Least role that may decide.
        needed: Role,
    },
}

/// The least role that may decide a ticket of `risk`.
#[must_use]
pub fn needed_role(risk: Risk) -> Role {
    match risk {
        Risk::High => Role::Admin,
        Risk::Low | Risk::Medium => Role::Operator,
    }
}

/// Decides whether `answer` counts. The store repeats the guards in its statement, so of two that pass here one wins.
///
/// # Errors
/// The first reason why it does not.
pub fn decide(ticket: &Ticket, answer: &Answer, by: &Decider, now: Timestamp) -> Result<(), TicketRejection> {
    let needed = needed_role(ticket.risk_level);
    if !by.role.includes(needed) {
        return Err(TicketRejection::RoleTooLow { needed });
    }
    match ticket.status {
        TicketStatus::Pending => {}
        TicketStatus::Expired => return Err(TicketRejection::Expired),
        TicketStatus::Approved | TicketStatus::Rejected => return Err(TicketRejection::AlreadyDecided),
    }
    if now >= ticket.expires_at {
        return Err(TicketRejection::Expired);
    }
    let actual = ticket.checkpoint_id.as_ref().map(CheckpointId::as_str).unwrap_or_default();
    match &answer.expected_checkpoint {
        Some(expected) if expected != actual => {
            Err(TicketRejection::Stale { expected: expected.clone(), actual: actual.to_owned() })
        }
        _ => Ok(()),
    }
}

/// What a person sees beside the question.
#[derive(Debug, Clone, Default)]
pub struct ContextPack {
    /// One line.
    pub tldr: Option<String>,
    /// Why the run stopped here.
    pub why_stopped: Option<String>,
    /// The call in one line, redacted.
    pub preview: String,
    /// What it changes.
    pub impact: String,
    /// `risk:<level>`, `tool:<name>`, and what the tool adds.
    pub risk_flags: Vec<String>,
    /// Further members: `agent_id`, `money`, `subject`.
    pub extra: Map<String, Value>,
}

impl ContextPack {
    /// The JSON that the ticket carries.
    #[must_use]
    pub fn into_json(self) -> Value {
        let mut pack = self.extra;
        pack.insert("tldr".into(), json!(self.tldr.as_deref().unwrap_or("Approval required")));
        pack.insert(
            "why_stopped".into(),
            json!(self.why_stopped.as_deref().unwrap_or("Action requires human approval")),
        );
        pack.insert("proposed_action_preview".into(), json!(self.preview));
        pack.insert("impact".into(), json!(self.impact));
        pack.insert("risk_flags".into(), json!(self.risk_flags));
        pack.insert(
            "options".into(),
            json!({
                "approve": "Run the call as shown",
                "approve_with_edits": "Run the call with changed parameters",
                "reject": "Do not run it; the agent goes on without it",
            }),
        );
        Value::Object(pack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn ticket(status: TicketStatus, risk: Risk) -> Ticket {
        Ticket {
            id: TicketId(1),
            run_id: "run_0123456789abcdef".into(),
            ticket_type: TicketType::ToolCall,
            risk_level: risk,
            status,
            proposed_action: json!({}),
            context_pack: json!({}),
            decision_payload: None,
            checkpoint_id: Some("cp_0123456789ab".parse().unwrap()),
            interrupt_id: None,
            created_at: now(),
            decided_at: None,
            decided_by: None,
            expires_at: now() + TimeDelta::seconds(LIFE_SECONDS),
            payload_hash: None,
            effect_id: None,
            gate_epoch: None,
            policy_version: None,
        }
    }

    fn answer(expected: Option<&str>) -> Answer {
        Answer { verdict: Verdict::Approve, payload: Map::new(), expected_checkpoint: expected.map(str::to_owned) }
    }

    fn by(role: Role) -> Decider {
        Decider { subject: "owner".into(), role }
    }

    #[test]
    fn an_answer_to_another_checkpoint_is_stale() {
        let pending = ticket(TicketStatus::Pending, Risk::Low);
        let verdict = decide(&pending, &answer(Some("cp_aaaaaaaaaaaa")), &by(Role::Operator), now());
        assert!(matches!(verdict, Err(TicketRejection::Stale { .. })));
        assert_eq!(decide(&pending, &answer(Some("cp_0123456789ab")), &by(Role::Operator), now()), Ok(()));
    }

    #[test]
    fn high_risk_needs_an_admin() {
        let pending = ticket(TicketStatus::Pending, Risk::High);
        let verdict = decide(&pending, &answer(None), &by(Role::Operator), now());
        assert_eq!(verdict.unwrap_err().to_string(), "Admin role required");
        assert_eq!(decide(&pending, &answer(None), &by(Role::Admin), now()), Ok(()));
    }

    proptest! {
        #[test]
        fn only_a_pending_unexpired_ticket_can_be_decided(status in 0..4_usize, age in 0..200_000_i64) {
            let ticket = ticket(TicketStatus::ALL[status], Risk::Medium);
            let at = now() + TimeDelta::seconds(age);
            let counts = decide(&ticket, &answer(None), &by(Role::Admin), at).is_ok();
            prop_assert_eq!(counts, ticket.status == TicketStatus::Pending && age < LIFE_SECONDS);
        }
    }
}
