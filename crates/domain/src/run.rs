//! A durable run and the changes its status may make.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{CheckpointId, RunId, TicketId, WorkflowId};
use crate::lease::{Fence, MAX_LOST_LEASES};
use crate::state::RunState;
use crate::time::Timestamp;

/// Longest `last_error`, characters.
pub const MAX_ERROR_CHARS: usize = 2_000;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for a worker.
    Queued,
    /// A worker holds it under a lease.
    Running,
    /// Waits for a person.
    WaitingApproval,
    /// Reached the end.
    Completed,
    /// Ended with an error.
    Failed,
    /// Ended by a person.
    Cancelled,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::WaitingApproval, Self::Completed, Self::Failed, Self::Cancelled];

    /// The text in rows and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::WaitingApproval => "waiting_approval",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads rows and filters; `canceled` is accepted too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "canceled" {
            return Some(Self::Cancelled);
        }
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether nothing can happen to the run any more.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether the state machine knows the step from here to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use RunStatus::{Cancelled, Completed, Failed, Queued, Running, WaitingApproval};
        matches!(
            (self, next),
            (Queued, Running | Cancelled)
                | (Running, WaitingApproval | Completed | Failed | Queued | Cancelled)
                | (WaitingApproval, Queued | Failed | Cancelled)
        )
    }
}

/// Why a run failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailReason {
    /// A fault in a node or a workflow.
    Error,
    /// A model provider's failure that outlived its chain.
    ApiError,
    /// A tool's failure that the workflow could not handle.
    ToolError,
    /// A time limit.
    Timeout,
    /// A budget.
    Budget,
    /// The loop detector.
    Loop,
    /// Nobody decided the ticket in time.
    TicketExpired,
    /// Too many lost leases without progress.
    RecoveryExhausted,
}

impl FailReason {
    /// The text in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::ApiError => "api_error",
            Self::ToolError => "tool_error",
            Self::Timeout => "timeout",
            Self::Budget => "budget",
            Self::Loop => "loop",
            Self::TicketExpired => "ticket_expired",
            Self::RecoveryExhausted => "recovery_exhausted",
        }
    }
}

/// One row of `tower_runs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub run_id: RunId,
    /// The definition it executes.
    pub workflow_id: WorkflowId,
    /// The version of that definition, pinned at the start.
    pub workflow_version: Option<i64>,
    /// Where it stands.
    pub status: RunStatus,
    /// 0 to 10, higher first.
    pub priority: i64,
    /// Name for people.
    pub run_name: Option<String>,
    /// State it started with.
    pub input_state: RunState,
    /// Source, limits, links to other runs.
    pub metadata: Value,
    /// Who or what started it.
    pub created_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// First claim.
    pub started_at: Option<Timestamp>,
    /// End.
    pub finished_at: Option<Timestamp>,
    /// Newest checkpoint.
    pub last_checkpoint_id: Option<CheckpointId>,
    /// Newest ticket.
    pub last_ticket_id: Option<TicketId>,
    /// Why it failed, at most [`MAX_ERROR_CHARS`].
    pub last_error: Option<String>,
    /// Lost leases in a row without a new checkpoint.
    pub attempt: i64,
    /// Holder of the lease; none unless running.
    pub lease_owner: Option<String>,
    /// Fence: raised by each claim.
    pub lease_epoch: i64,
    /// End of the lease.
    pub lease_until: Option<Timestamp>,
    /// Held by an operator.
    pub paused: bool,
    /// Runs with one key go one at a time.
    pub serial_key: Option<String>,
    /// How many of one key may go at a time; none: one.
    pub concurrency_limit: Option<i64>,
    /// Not claimed before.
    pub available_at: Option<Timestamp>,
    /// Total active time ends here.
    pub deadline_at: Option<Timestamp>,
    /// Stop at the next checkpoint.
    pub cancel_requested: bool,
    /// Run this is a retry or fork of.
    pub parent_run_id: Option<RunId>,
    /// Checkpoint it was forked from.
    pub parent_checkpoint_id: Option<CheckpointId>,
    /// Model cost so far, millionths of a US dollar.
    pub cost_micros: i64,
    /// Tokens so far.
    pub tokens: i64,
    /// Sequence of its newest event.
    pub event_seq: i64,
}

/// A run about to be inserted as `queued`.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub run_id: RunId,
    /// The definition to execute.
    pub workflow_id: WorkflowId,
    /// The version to pin.
    pub workflow_version: Option<i64>,
    /// 0 to 10.
    pub priority: i64,
    /// Name for people.
    pub run_name: Option<String>,
    /// Initial state.
    pub input_state: RunState,
    /// Source, limits.
    pub metadata: Value,
    /// Who or what starts it.
    pub created_by: String,
    /// Serialises runs of one subject.
    pub serial_key: Option<String>,
    /// Copy of the request's idempotency key.
    pub idempotency_key: Option<String>,
    /// Retry or fork of.
    pub parent: Option<(RunId, Option<CheckpointId>)>,
    /// When.
    pub created_at: Timestamp,
}

/// A run that this process holds: the row as claimed, and the fence under which it may write.
#[derive(Debug, Clone)]
pub struct ClaimedRun {
    /// The row, `running`.
    pub run: Run,
    /// Owner and epoch of the claim.
    pub fence: Fence,
    /// Whether this is the run's first claim.
    pub first: bool,
}

/// What becomes of a run whose lease ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Back to the queue, continued from its last checkpoint; `attempt` is the new count.
    Requeue {
        /// Lost leases in a row, this one included.
        attempt: i64,
    },
    /// Too often without progress.
    Fail,
}

/// Decides about a lost lease. `attempt` counts the losses in a row before this one.
#[must_use]
pub fn recover(attempt: i64) -> Recovery {
    if attempt + 1 >= MAX_LOST_LEASES { Recovery::Fail } else { Recovery::Requeue { attempt: attempt + 1 } }
}

/// A change that the present status excludes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the run is {}, so it cannot be {action}", status.as_str())]
pub struct RunRejection {
    /// What was asked for, a participle: `cancelled`, `paused`.
    pub action: &'static str,
    /// Where the run stands.
    pub status: RunStatus,
}

/// Decides whether a person may cancel, pause or continue a run.
///
/// # Errors
/// When the run is terminal.
pub fn require_open(status: RunStatus, action: &'static str) -> Result<(), RunRejection> {
    if status.is_terminal() { Err(RunRejection { action, status }) } else { Ok(()) }
}

/// Decides whether a run may be done again: only one that has ended, because two that go on side by side could do one
/// thing twice.
///
/// # Errors
/// While the run is open.
pub fn require_ended(status: RunStatus, action: &'static str) -> Result<(), RunRejection> {
    if status.is_terminal() { Ok(()) } else { Err(RunRejection { action, status }) }
}

/// `text` cut to `max` characters.
#[must_use]
pub fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

impl Serialize for Run {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut row = serializer.serialize_struct("Run", 22)?;
        row.serialize_field("run_id", &self.run_id)?;
        row.serialize_field("workflow_id", &self.workflow_id)?;
        row.serialize_field("workflow_version", &self.workflow_version)?;
        row.serialize_field("status", &self.status)?;
        row.serialize_field("priority", &self.priority)?;
        row.serialize_field("run_name", &self.run_name)?;
        row.serialize_field("input_state", &self.input_state)?;
        row.serialize_field("metadata", &self.metadata)?;
        row.serialize_field("created_by", &self.created_by)?;
        row.serialize_field("created_at", &self.created_at)?;
        row.serialize_field("updated_at", &self.updated_at)?;
        row.serialize_field("started_at", &self.started_at)?;
        row.serialize_field("finished_at", &self.finished_at)?;
        row.serialize_field("last_checkpoint_id", &self.last_checkpoint_id)?;
        row.serialize_field("last_ticket_id", &self.last_ticket_id)?;
        row.serialize_field("last_error", &self.last_error)?;
        row.serialize_field("attempt", &self.attempt)?;
        row.serialize_field("paused", &self.paused)?;
        row.serialize_field("serial_key", &self.serial_key)?;
        row.serialize_field("available_at", &self.available_at)?;
        row.serialize_field("cost_usd", &micros_to_usd(self.cost_micros))?;
        row.serialize_field("tokens", &self.tokens)?;
        row.end()
    }
}

/// Millionths of a US dollar as the number the API shows, up to six places.
#[must_use]
pub fn micros_to_usd(micros: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "shown to people; sums stay integers")]
    let usd = micros as f64 / 1_000_000.0;
    usd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_a_terminal_status() {
        for from in RunStatus::ALL {
            for to in RunStatus::ALL {
                assert!(!(from.is_terminal() && from.may_become(to)), "{from:?} -> {to:?}");
                assert!(from != to || !from.may_become(to));
            }
        }
    }

    #[test]
    fn a_run_is_either_open_or_may_be_done_again() {
        for status in RunStatus::ALL {
            assert_ne!(require_open(status, "paused").is_ok(), require_ended(status, "retried").is_ok());
        }
        let refused = require_ended(RunStatus::Queued, "retried").unwrap_err();
        assert_eq!(refused.to_string(), "the run is queued, so it cannot be retried");
    }

    #[test]
    fn the_third_lost_lease_in_a_row_fails_the_run() {
        assert_eq!(recover(0), Recovery::Requeue { attempt: 1 });
        assert_eq!(recover(1), Recovery::Requeue { attempt: 2 });
        assert_eq!(recover(2), Recovery::Fail);
    }

    #[test]
    fn both_spellings_of_cancelled_are_read() {
        assert_eq!(RunStatus::parse("canceled"), RunStatus::parse("cancelled"));
        assert_eq!(RunStatus::parse("done"), None);
    }
}
