//! The printer's rate limit: one bucket of 120 calls a minute for both versions of its API. Pure.

use std::time::Duration;

const CAPACITY: f64 = 120.0;
const PER_SECOND: f64 = 2.0;

/// Calls that may still be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Default for Bucket {
    fn default() -> Self {
        Self { tokens: CAPACITY, at: Duration::ZERO }
    }
}

impl Bucket {
    /// Takes a token at `now` (monotonic) and tells how long to wait before the call. Tokens may be owed, so that
    /// callers who ask at the same moment are let through one after the other.
    pub fn take(&mut self, now: Duration) -> Duration {
        self.refill(now);
        self.tokens -= 1.0;
        Duration::try_from_secs_f64((-self.tokens / PER_SECOND).max(0.0)).unwrap_or_default()
    }

    /// Takes in how many calls the printer says are left.
    pub fn observe(&mut self, remaining: f64, now: Duration) {
        self.refill(now);
        if remaining.is_finite() {
            self.tokens = self.tokens.min(remaining.max(0.0));
        }
    }

    fn refill(&mut self, now: Duration) {
        self.tokens = (self.tokens + now.saturating_sub(self.at).as_secs_f64() * PER_SECOND).min(CAPACITY);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
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
}
