//! When a failed attempt is repeated and after which wait. Pure.

use std::time::Duration;

use crate::error::{NetError, NotSent};
use crate::request::Idempotency;

/// Statuses after which a repetition may help, whoever the upstream is.
const RETRYABLE: [u16; 5] = [429, 500, 502, 503, 504];
/// No wait is shorter.
const FLOOR: Duration = Duration::from_millis(100);
/// Share of the delay by which it may be longer or shorter, so that callers do not come back all at once.
const JITTER: f64 = 0.3;

/// How an upstream's failures are repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Repetitions after the first attempt.
    pub max_retries: u32,
    /// Delay before the first repetition; doubled for each further one.
    pub base: Duration,
    /// Longest delay before jitter.
    pub max: Duration,
    /// Statuses that this upstream uses for passing trouble beyond the common ones.
    pub also_retry: &'static [u16],
    /// Statuses that the caller sees to itself, because it keeps the upstream's rate limit for all of its calls.
    pub leave: &'static [u16],
    /// Header by which the upstream itself says `true` or `false` to a repetition; it overrides the status.
    pub verdict_header: Option<&'static str>,
}

impl RetryPolicy {
    /// Three repetitions, from one second, at most thirty.
    pub const STANDARD: Self = Self {
        max_retries: 3,
        base: Duration::from_secs(1),
        max: Duration::from_secs(30),
        also_retry: &[],
        leave: &[],
        verdict_header: None,
    };
    /// One attempt.
    pub const NONE: Self = Self { max_retries: 0, ..Self::STANDARD };

    /// Whether the failure of attempt `attempt` (0-based) is followed by another one.
    #[must_use]
    pub fn repeats(&self, error: &NetError, attempt: u32, idempotency: Idempotency) -> bool {
        idempotency != Idempotency::Unsafe && attempt < self.max_retries && self.may_pass(error)
    }

    /// Whether the trouble may pass by itself.
    fn may_pass(&self, error: &NetError) -> bool {
        match error {
            NetError::NotSent { reason, .. } => matches!(reason, NotSent::Dns | NotSent::Connect),
            NetError::Timeout { .. } | NetError::Reset { .. } => true,
            NetError::TooLarge { .. } | NetError::Redirect { .. } | NetError::AfterUnclear { .. } => false,
            NetError::Status { reply, .. } if self.leave.contains(&reply.status.as_u16()) => false,
            NetError::Status { reply, .. } => {
                let verdict = self.verdict_header.and_then(|name| reply.header(name));
                match verdict {
                    Some("true") => true,
                    Some("false") => false,
                    _ => {
                        let status = reply.status.as_u16();
                        RETRYABLE.contains(&status) || self.also_retry.contains(&status)
                    }
                }
            }
        }
    }

    /// The wait before repetition `n` (0-based): `min(base * 2^n, max)`, thirty per cent up or down by `chance`
    /// (0 to 1), never below a tenth of a second and never below what the upstream asked for.
    #[must_use]
    pub fn delay(&self, n: u32, chance: f64, asked: Option<Duration>) -> Duration {
        let doubled = self.base.saturating_mul(2_u32.saturating_pow(n)).min(self.max);
        let factor = 1.0 + JITTER * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
        doubled.mul_f64(factor).max(FLOOR).max(asked.unwrap_or_default())
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::STANDARD
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reply::Reply;

    fn status(code: u16, verdict: Option<&str>) -> NetError {
        let mut headers = http::HeaderMap::new();
        if let Some(verdict) = verdict {
            headers.insert("stripe-should-retry", verdict.parse().unwrap());
        }
        let status = http::StatusCode::from_u16(code).unwrap();
        let reply = Box::new(Reply { status, headers, body: bytes::Bytes::new() });
        NetError::Status { service: "x", reply, retry_after_s: None }
    }

    #[test]
    fn only_passing_trouble_is_repeated() {
        let policy = RetryPolicy::STANDARD;
        for code in [429, 500, 502, 503, 504] {
            assert!(policy.repeats(&status(code, None), 0, Idempotency::Safe), "{code}");
        }
        for code in [400, 401, 403, 404, 409, 422, 501, 529] {
            assert!(!policy.repeats(&status(code, None), 0, Idempotency::Safe), "{code}");
        }
        let overloaded = RetryPolicy { also_retry: &[529], ..policy };
        assert!(overloaded.repeats(&status(529, None), 0, Idempotency::Safe));
    }

    #[test]
    fn an_unsafe_request_is_never_repeated() {
        let refused = NetError::NotSent { service: "x", reason: NotSent::Connect, source: None };
        for error in [status(503, None), refused, NetError::Timeout { service: "x", written: true }] {
            assert!(!RetryPolicy::STANDARD.repeats(&error, 0, Idempotency::Unsafe));
            assert!(RetryPolicy::STANDARD.repeats(&error, 0, Idempotency::Keyed));
        }
    }

    #[test]
    fn the_upstreams_own_verdict_overrides_the_status() {
        let policy = RetryPolicy { verdict_header: Some("stripe-should-retry"), ..RetryPolicy::STANDARD };
        assert!(policy.repeats(&status(409, Some("true")), 0, Idempotency::Keyed));
        assert!(!policy.repeats(&status(503, Some("false")), 0, Idempotency::Keyed));
    }

    #[test]
    fn an_open_breaker_is_final() {
        let open = NetError::NotSent { service: "x", reason: NotSent::CircuitOpen { seconds_left: 9 }, source: None };
        assert!(!RetryPolicy::STANDARD.repeats(&open, 0, Idempotency::Safe));
    }

    #[test]
    fn a_status_that_the_caller_sees_to_is_left_to_it() {
        let policy = RetryPolicy { leave: &[429], ..RetryPolicy::STANDARD };
        assert!(!policy.repeats(&status(429, None), 0, Idempotency::Safe));
        assert!(policy.repeats(&status(503, None), 0, Idempotency::Safe));
    }

    proptest! {
        #[test]
        fn a_delay_stays_within_its_band(n in 0_u32..40, chance in 0.0_f64..=1.0) {
            let policy = RetryPolicy::STANDARD;
            let plain = 2_f64.powi(i32::try_from(n).unwrap()).min(30.0);
            let delay = policy.delay(n, chance, None).as_secs_f64();
            prop_assert!(delay >= plain * 0.7 - 1e-6 && delay <= plain * 1.3 + 1e-6);
            prop_assert!(delay >= 0.1);
        }

        #[test]
        fn the_upstreams_wish_is_the_least_wait(n in 0_u32..40, chance in 0.0_f64..=1.0, asked in 0_u64..100_000) {
            let asked = Duration::from_millis(asked);
            prop_assert!(RetryPolicy::STANDARD.delay(n, chance, Some(asked)) >= asked);
        }

        #[test]
        fn a_tiny_base_still_waits_a_tenth_of_a_second(base in 0_u64..50, n in 0_u32..2) {
            let policy = RetryPolicy { base: Duration::from_millis(base), ..RetryPolicy::STANDARD };
            prop_assert!(policy.delay(n, 0.0, None) >= FLOOR);
        }
    }
}
