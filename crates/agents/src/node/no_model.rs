//! What a node does when no model answers: wait in the queue, or fail in words that a person can act on.
//!
//! A call goes through the whole chain before it fails, so every provider of it is being left alone then. If one of them
//! may be asked again soon, the run waits for that moment in the queue, where it holds up nobody; trying again before it
//! would only be refused. If not, the run fails at once and says what has to be done.

use chrono::TimeDelta;
use domain::run::FailReason;
use domain::time::Timestamp;
use llm::{ErrorClass, LlmError};
use tower::NodeFailure;

/// Longest time that a run waits for an answer, from the first call that got none.
const WAIT_MAX: TimeDelta = TimeDelta::minutes(15);
/// Least time in the queue.
const WAIT_MIN: TimeDelta = TimeDelta::seconds(1);

/// Until when to wait, if the wait is worth it. `since`: the first call in a row that got no answer.
pub(crate) fn wait(available_at: Option<Timestamp>, since: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let until = available_at?.max(now + WAIT_MIN);
    (until <= since + WAIT_MAX).then_some(until)
}

/// The failure of a call that is not waited for: reason, provider, remedy.
pub(crate) fn failure(error: &LlmError) -> NodeFailure {
    let reason = match error {
        LlmError::Refused(_) => FailReason::Budget,
        LlmError::NoTimeLeft => FailReason::Timeout,
        _ => FailReason::ApiError,
    };
    let mut text = error.to_string();
    if let Some(remedy) = error.remedy() {
        text = format!("{text}; to mend it: {remedy}");
    }
    let failure = NodeFailure::new(text, reason);
    // Nobody can be asked within the time of a retry.
    let paused = error.available_at().is_some();
    let refused = matches!(error.class(), ErrorClass::CreditsExhausted | ErrorClass::AuthFailure);
    if paused || refused { failure.hopeless() } else { failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_run_waits_at_most_fifteen_minutes_counted_from_the_first_call_without_an_answer() {
        assert_eq!(wait(Some(at(600)), at(0), at(0)), Some(at(600)));
        assert_eq!(wait(Some(at(900)), at(0), at(300)), Some(at(900)));
        assert_eq!(wait(Some(at(901)), at(0), at(300)), None);
        assert_eq!(wait(Some(at(1_800)), at(0), at(0)), None);
        assert_eq!(wait(None, at(0), at(0)), None, "what waiting does not mend is not waited for");
    }

    #[test]
    fn a_moment_that_has_passed_is_no_reason_to_ask_in_a_tight_loop() {
        assert_eq!(wait(Some(at(0)), at(0), at(10)), Some(at(11)));
    }
}
