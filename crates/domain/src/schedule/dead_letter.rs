//! Failed scheduled work: when it is tried again, and when it is left to a person.

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::Value;

use crate::time::Timestamp;

/// Tries before an entry is left to a person; the first run counts.
pub const MAX_ATTEMPTS: i64 = 3;
/// From a failure to the first retry, and the step by which later ones are further apart.
pub const FIRST_RETRY: TimeDelta = TimeDelta::minutes(5);

/// One row of `dead_letter_queue`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadLetter {
    /// Row id.
    pub id: i64,
    /// The job that failed.
    pub job_id: String,
    /// `{"trigger_source","task_description","original_payload","run_id"}`.
    pub payload: Value,
    /// Why, redacted.
    pub error: String,
    /// Tries so far.
    pub attempts: i64,
    /// Tries at most.
    pub max_attempts: i64,
    /// When it first failed.
    pub created_at: Timestamp,
    /// When it is tried again; none: by hand only.
    pub next_retry_at: Option<Timestamp>,
    /// When it came to a good end.
    pub resolved_at: Option<Timestamp>,
    /// The retry in flight.
    pub retry_run_id: Option<String>,
}

/// What a failed retry leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterFailure {
    /// Tries so far.
    pub attempts: i64,
    /// The next one; none: the entry is exhausted.
    pub next_retry_at: Option<Timestamp>,
}

/// Counts a failed retry: the next one is five minutes times the tries before it away.
#[must_use]
pub fn after_failure(attempts: i64, max_attempts: i64, now: Timestamp) -> AfterFailure {
    let tried = attempts + 1;
    let wait = FIRST_RETRY * i32::try_from(attempts.max(1)).unwrap_or(i32::MAX);
    AfterFailure { attempts: tried, next_retry_at: (tried < max_attempts).then_some(now + wait) }
}

/// Whether an entry may be tried again by itself.
#[must_use]
pub fn is_due(letter: &DeadLetter, now: Timestamp) -> bool {
    letter.resolved_at.is_none()
        && letter.retry_run_id.is_none()
        && letter.attempts < letter.max_attempts
        && letter.next_retry_at.is_some_and(|at| at <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_come_after_five_and_ten_minutes_and_then_no_more() {
        let failed: Timestamp = "2026-11-25T10:00:00Z".parse().expect("a moment");
        let first_retry = failed + FIRST_RETRY;
        let after_first = after_failure(1, MAX_ATTEMPTS, first_retry);
        assert_eq!(after_first, AfterFailure { attempts: 2, next_retry_at: Some(first_retry + FIRST_RETRY) });
        let second_retry = first_retry + FIRST_RETRY;
        assert_eq!(after_failure(2, MAX_ATTEMPTS, second_retry), AfterFailure { attempts: 3, next_retry_at: None });
    }

    #[test]
    fn what_is_resolved_in_flight_or_exhausted_is_not_due() {
        let now: Timestamp = "2026-11-25T10:00:00Z".parse().expect("a moment");
        let letter = DeadLetter {
            id: 1,
            job_id: "order_check".into(),
            payload: Value::Null,
            error: String::new(),
            attempts: 1,
            max_attempts: MAX_ATTEMPTS,
            created_at: now,
            next_retry_at: Some(now),
            resolved_at: None,
            retry_run_id: None,
        };
        assert!(is_due(&letter, now));
        assert!(!is_due(&DeadLetter { resolved_at: Some(now), ..letter.clone() }, now));
        assert!(!is_due(&DeadLetter { retry_run_id: Some("run_1".into()), ..letter.clone() }, now));
        assert!(!is_due(&DeadLetter { attempts: 3, ..letter.clone() }, now));
        assert!(!is_due(&letter, now - TimeDelta::seconds(1)));
    }
}
