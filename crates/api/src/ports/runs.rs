//! Questions about runs and tickets, and their answers.

use chrono::DateTime;
use domain::ids::{CheckpointId, RunId, TicketId};
use domain::run::RunStatus;
use domain::state::RunState;
use domain::ticket::TicketStatus;
use domain::time::{Timestamp, to_text};
use domain::tool::Risk;
use serde::Serialize;
use serde_json::{Map, Value};

/// A start request whose shape and ranges are in order.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// The workflow; none: the active one.
    pub workflow_id: Option<String>,
    /// Initial state, messages in their stored form.
    pub input_state: RunState,
    /// Name for people.
    pub run_name: Option<String>,
    /// As given, with the token's subject as `actor`, and without the names that belong to the engine.
    pub metadata: Map<String, Value>,
    /// As given.
    pub created_by: String,
    /// 0 to 10.
    pub priority: i64,
    /// Runs of one key go one at a time.
    pub serial_key: Option<String>,
    /// Makes the request repeatable.
    pub idempotency: Option<IdempotencyKey>,
}

/// A key that a client gave to a request so that it may send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// 1 to 255 visible ASCII characters.
    pub key: String,
    /// Hash of the canonical body; another body under the same key is refused.
    pub body_hash: String,
}

/// The answer to a start.
#[derive(Debug, Clone)]
pub struct Started {
    /// The run.
    pub run_id: RunId,
    /// Where it stands.
    pub status: RunStatus,
    /// False when the idempotency key brought back an earlier run.
    pub fresh: bool,
}

/// Doing a run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryRun {
    /// Makes the request repeatable: 1 to 255 visible ASCII characters.
    pub key: String,
    /// Begin here; none: at the start.
    pub checkpoint_id: Option<CheckpointId>,
}

/// Which part of a list.
#[derive(Debug, Clone)]
pub struct Page<C> {
    /// At most so many.
    pub limit: i64,
    /// Skip so many; 0 when there is a cursor.
    pub offset: i64,
    /// Only what comes after this place.
    pub after: Option<C>,
}

/// A place in the list of runs, which goes by `updated_at` and then `run_id`, both descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCursor {
    /// Last change of the last run seen.
    pub updated_at: Timestamp,
    /// Its id.
    pub run_id: RunId,
}

impl RunCursor {
    /// The text in answers.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}~{}", to_text(self.updated_at), self.run_id)
    }

    /// Reads the text of an answer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('~')?;
        Some(Self { updated_at: DateTime::parse_from_rfc3339(at).ok()?.to_utc(), run_id: id.parse().ok()? })
    }
}

/// Which runs; every member that is set narrows the list.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only these.
    pub status: Option<RunStatus>,
    /// Only of this workflow.
    pub workflow_id: Option<String>,
    /// Only with this key.
    pub serial_key: Option<String>,
    /// Only with this text in the name or id.
    pub text: Option<String>,
    /// Changed at or after.
    pub since: Option<Timestamp>,
    /// Changed before.
    pub until: Option<Timestamp>,
}

/// Held or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseState {
    /// Not claimed; stops at its next checkpoint.
    Paused,
    /// Goes on.
    Running,
}

/// Which tickets.
#[derive(Debug, Clone, Copy, Default)]
pub struct TicketFilter {
    /// Only these; none: all.
    pub status: Option<TicketStatus>,
    /// Only of this risk.
    pub risk: Option<Risk>,
}

/// The newest state of a run and what it waits for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSnapshot {
    /// The state.
    pub values: RunState,
    /// Nodes that are due.
    pub next: Vec<String>,
    /// Nodes under way or parked.
    pub tasks: Vec<SnapshotTask>,
    /// The checkpoint it was read from.
    pub checkpoint_id: CheckpointId,
}

/// One node of a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotTask {
    /// Unique within the snapshot.
    pub id: String,
    /// The node.
    pub name: String,
    /// What it waits for.
    pub interrupts: Vec<Interrupt>,
}

/// One wait for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Interrupt {
    /// The interrupt id of the ticket.
    pub id: String,
    /// What is asked.
    pub value: Value,
}

impl Interrupt {
    /// The wait that a ticket ends.
    #[must_use]
    pub fn of_ticket(id: impl Into<String>, ticket_id: TicketId, proposed_action: &Value) -> Self {
        Self { id: id.into(), value: serde_json::json!({"ticket_id": ticket_id, "proposed_action": proposed_action}) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_what_it_wrote() {
        let cursor = RunCursor {
            updated_at: DateTime::from_timestamp_micros(1_780_000_000_123_456).unwrap(),
            run_id: "run_0123456789abcdef".parse().unwrap(),
        };
        assert_eq!(RunCursor::parse(&cursor.to_text()), Some(cursor));
        assert_eq!(RunCursor::parse("2026-01-01T00:00:00Z~order"), None);
        assert_eq!(RunCursor::parse(""), None);
    }
}
