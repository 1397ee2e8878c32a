//! A circuit breaker: after enough failures in a row, calls fail at once instead of waiting for a service that is down.
//!
//! `closed` lets calls through. Five failures in a row open it for a minute; then it is half open and admits exactly
//! one probe. A probe that succeeds closes it, one that fails opens it for another minute. What counts as a failure is
//! the caller's matter; a call whose outcome counts as neither is ended with [`Breaker::neutral`].

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Failures in a row that open it.
pub const FAILURES_TO_OPEN: u32 = 5;

/// Seconds that it stays open.
pub const OPEN_SECONDS: i64 = 60;

/// State as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// Calls fail at once.
    Open,
    /// One probe goes through.
    HalfOpen,
}

impl BreakerState {
    /// The text in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Leave to make one call. Its end is told by `success`, `failure` or `neutral`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// An ordinary call.
    Call,
    /// The one probe of a half-open breaker.
    Probe,
}

/// A refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("circuit open for another {seconds_left} s")]
pub struct Open {
    /// Whole seconds, rounded up, until it is worth trying again; at least 1.
    pub seconds_left: u64,
}

/// What is shown of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerSnapshot {
    /// State at the moment asked for.
    pub state: BreakerState,
    /// Failures in a row.
    pub failure_count: u32,
    /// The last of them.
    pub last_failure: Option<Timestamp>,
    /// When it will admit a probe; none while closed.
    pub opens_until: Option<Timestamp>,
}

/// The breaker of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    last_failure: Option<Timestamp>,
    open_until: Option<Timestamp>,
    probe_since: Option<Timestamp>,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to make a call.
    ///
    /// A probe whose end is never told (its task died) holds its place for the length of an open period only.
    ///
    /// # Errors
    /// When the breaker is open or its one probe is under way.
    pub fn admit(&mut self, now: Timestamp) -> Result<Admission, Open> {
        let Some(until) = self.open_until else { return Ok(Admission::Call) };
        if now < until {
            return Err(Open { seconds_left: seconds_between(now, until) });
        }
        if let Some(since) = self.probe_since {
            let until = later(since);
            if now < until {
                return Err(Open { seconds_left: seconds_between(now, until) });
            }
        }
        self.probe_since = Some(now);
        Ok(Admission::Probe)
    }

    /// A call went well. Returns true when that closed the breaker.
    ///
    /// Late good news of a call from before the opening closes nothing; only the probe does.
    pub fn success(&mut self, admission: Admission) -> bool {
        match (self.open_until, admission) {
            (None, _) => self.failures = 0,
            (Some(_), Admission::Probe) if self.probe_since.is_some() => {
                *self = Self { last_failure: self.last_failure, ..Self::default() };
                return true;
            }
            (Some(_), _) => {}
        }
        false
    }

    /// A call failed. Returns true when that opened the breaker, anew or again.
    pub fn failure(&mut self, admission: Admission, now: Timestamp) -> bool {
        self.last_failure = self.last_failure.max(Some(now));
        match (self.open_until, admission) {
            (None, _) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures < FAILURES_TO_OPEN {
                    return false;
                }
            }
            (Some(_), Admission::Probe) if self.probe_since.is_some() => {
                self.failures = self.failures.saturating_add(1);
            }
            (Some(_), _) => return false,
        }
        self.open_until = Some(later(now));
        self.probe_since = None;
        true
    }

    /// A call ended in a way that says nothing of the service (cancelled, refused locally, 4xx).
    pub fn neutral(&mut self, admission: Admission) {
        if admission == Admission::Probe {
            self.probe_since = None;
        }
    }

    /// Closes it by hand.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// What it looks like at `now`.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp) -> BreakerSnapshot {
        let state = match self.open_until {
            None => BreakerState::Closed,
            Some(until) if now < until => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        };
        BreakerSnapshot {
            state,
            failure_count: self.failures,
            last_failure: self.last_failure,
            opens_until: self.open_until,
        }
    }
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add_signed(Duration::seconds(OPEN_SECONDS)).unwrap_or(now)
}

fn seconds_between(now: Timestamp, until: Timestamp) -> u64 {
    let milliseconds = (until - now).num_milliseconds().max(0);
    u64::try_from(milliseconds).unwrap_or(0).div_ceil(1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::new();
        for second in 0..5 {
            let admission = breaker.admit(at(second)).unwrap();
            breaker.failure(admission, at(second));
        }
        breaker
    }

    #[test]
    fn five_failures_in_a_row_open_it_for_a_minute() {
        let mut breaker = opened();
        assert_eq!(breaker.snapshot(at(4)).state, BreakerState::Open);
        assert_eq!(breaker.admit(at(10)), Err(Open { seconds_left: 54 }));
        assert_eq!(breaker.snapshot(at(64)).state, BreakerState::HalfOpen);
    }

    #[test]
    fn a_success_between_failures_starts_the_count_again() {
        let mut breaker = Breaker::new();
        for second in 0..20 {
            let admission = breaker.admit(at(second)).unwrap();
            if second % 5 == 4 {
                breaker.success(admission);
            } else {
                breaker.failure(admission, at(second));
            }
        }
        assert_eq!(breaker.snapshot(at(20)).state, BreakerState::Closed);
    }

    #[test]
    fn half_open_admits_one_probe_and_its_end_decides() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(at(64)), Ok(Admission::Probe));
        assert!(breaker.admit(at(65)).is_err());
        assert!(breaker.failure(Admission::Probe, at(66)));
        assert!(breaker.admit(at(125)).is_err());
        assert_eq!(breaker.admit(at(126)), Ok(Admission::Probe));
        breaker.neutral(Admission::Probe);
        assert_eq!(breaker.admit(at(127)), Ok(Admission::Probe));
        assert!(breaker.success(Admission::Probe));
        assert_eq!(breaker.snapshot(at(128)).failure_count, 0);
    }

    #[test]
    fn late_news_of_older_calls_moves_nothing_while_open() {
        let mut breaker = opened();
        assert!(!breaker.success(Admission::Call));
        assert!(!breaker.failure(Admission::Call, at(30)));
        assert_eq!(breaker.snapshot(at(30)).opens_until, Some(at(64)));
    }

    /// The same machine, told as a history: `streak` failures, or open since a moment.
    #[derive(Debug)]
    enum Model {
        Closed { streak: u32 },
        OpenSince(i64),
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_small_model(calls in prop::collection::vec((0_i64..40, any::<bool>()), 0..200)) {
            let mut breaker = Breaker::new();
            let mut model = Model::Closed { streak: 0 };
            let mut now = 0;
            for (wait, good) in calls {
                now += wait;
                let admitted = breaker.admit(at(now));
                let expected = match model { Model::Closed { .. } => true, Model::OpenSince(since) => now >= since + 60 };
                prop_assert_eq!(admitted.is_ok(), expected);
                let Ok(admission) = admitted else { continue };
                if good { breaker.success(admission); } else { breaker.failure(admission, at(now)); }
                model = match (model, good) {
                    (_, true) => Model::Closed { streak: 0 },
                    (Model::Closed { streak }, false) if streak < 4 => Model::Closed { streak: streak + 1 },
                    (_, false) => Model::OpenSince(now),
                };
            }
        }
    }
}
