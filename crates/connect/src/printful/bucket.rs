//! The printer's rate limit: one bucket of 120 calls a minute for both versions of its API. Pure.
//!
//! Version 2 refills its bucket by one call each half second. Version 1 counts within fixed windows and locks a caller
//! that went over out for a minute, so that a refusal there stops everything here for as long.

use std::time::Duration;

const CAPACITY: f64 = 120.0;
const PER_SECOND: f64 = 2.0;
/// Lock-out when the refusal does not say how long.
const LOCKOUT: Duration = Duration::from_secs(60);
/// A stated lock-out beyond this is taken for this.
const LONGEST_LOCKOUT: Duration = Duration::from_secs(600);

/// Calls that may still be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    tokens: f64,
    at: Duration,
    locked_until: Duration,
}

impl Default for Bucket {
    fn default() -> Self {
        Self { tokens: CAPACITY, at: Duration::ZERO, locked_until: Duration::ZERO }
    }
}

impl Bucket {
    /// Takes a token at `now` (monotonic) and tells how long to wait before the call. Tokens may be owed, so that
    /// callers who ask at the same moment are let through one after the other.
    pub fn take(&mut self, now: Duration) -> Duration {
        self.refill(now);
        self.tokens -= 1.0;
        let owed = Duration::try_from_secs_f64((-self.tokens / PER_SECOND).max(0.0)).unwrap_or_default();
        owed.max(self.locked_until.saturating_sub(now))
    }

    /// Gives a token back that was not used.
    pub fn give_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(CAPACITY);
    }

    /// Takes in how many calls the printer says are left.
    pub fn observe(&mut self, remaining: f64, now: Duration) {
        self.refill(now);
        if remaining.is_finite() {
            self.tokens = self.tokens.min(remaining.max(0.0));
        }
    }

    /// Takes in a refusal for too many calls, with the wait that it states.
    pub fn refused(&mut self, asked: Option<Duration>, now: Duration) {
        self.observe(0.0, now);
        let until = now.saturating_add(asked.unwrap_or(LOCKOUT).min(LONGEST_LOCKOUT));
        self.locked_until = self.locked_until.max(until);
    }

    fn refill(&mut self, now: Duration) {
        self.tokens = (self.tokens + now.saturating_sub(self.at).as_secs_f64() * PER_SECOND).min(CAPACITY);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_bucket_lets_120_calls_through_and_then_two_a_second() {
        let mut bucket = Bucket::default();
        assert!((0..120).all(|_| bucket.take(Duration::ZERO).is_zero()));
        assert_eq!(bucket.take(Duration::ZERO), Duration::from_millis(500));
        assert_eq!(bucket.take(Duration::ZERO), Duration::from_secs(1));
        assert!(bucket.take(Duration::from_secs(60)).is_zero());
    }

    #[test]
    fn the_printers_own_count_can_only_lower_ours() {
        let mut bucket = Bucket::default();
        bucket.observe(0.0, Duration::ZERO);
        assert_eq!(bucket.take(Duration::ZERO), Duration::from_millis(500));
        bucket.observe(500.0, Duration::ZERO);
        assert!(!bucket.take(Duration::ZERO).is_zero());
    }

    #[test]
    fn a_refusal_stops_everybody_for_as_long_as_it_says() {
        let mut bucket = Bucket::default();
        bucket.refused(None, Duration::ZERO);
        assert_eq!(bucket.take(Duration::ZERO), Duration::from_secs(60));
        assert_eq!(bucket.take(Duration::from_secs(45)), Duration::from_secs(15));
        assert!(bucket.take(Duration::from_secs(61)).is_zero());
        bucket.refused(Some(Duration::from_secs(7)), Duration::from_secs(100));
        assert_eq!(bucket.take(Duration::from_secs(100)), Duration::from_secs(7));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_wait_for_ever(left in any::<f64>(), asked in any::<u64>()) {
            let mut bucket = Bucket::default();
            bucket.observe(left, Duration::ZERO);
            bucket.refused(Some(Duration::from_secs(asked)), Duration::ZERO);
            prop_assert!(bucket.take(Duration::ZERO) <= LONGEST_LOCKOUT);
        }
    }
}
