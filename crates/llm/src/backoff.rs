//! Leaving a provider alone after it failed: a pure rule, and the shared state of this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use domain::time::Timestamp;

use crate::classify::{Detail, ErrorClass, Failure};
use crate::provider::Provider;

/// Longest back-off after ordinary trouble.
const ORDINARY_MAX: Duration = Duration::from_secs(300);
/// Least back-off after a refused key: nobody mends a key within seconds.
const AUTH_MIN: Duration = Duration::from_secs(600);
/// Pause of a provider whose credit is gone.
const CREDIT_PAUSE: Duration = Duration::from_secs(1_800);

/// Consecutive failures of one provider, and until when it is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// Failures since the last success.
    pub failures: u32,
    /// The moment from which it may be asked again.
    pub until: Timestamp,
    /// The class of the last failure.
    pub class: ErrorClass,
}

/// Whether a failure is the provider's, rather than this request's or this model's.
#[must_use]
pub fn concerns_provider(failure: &Failure) -> bool {
    !matches!(failure.class, ErrorClass::ModelError | ErrorClass::ContentRefused)
        && failure.detail != Detail::CircuitOpen
}

/// Whether the same failure must be expected of every other model of the provider, at once.
#[must_use]
pub fn stops_provider(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::AuthFailure | ErrorClass::CreditsExhausted)
}

/// The state after one more failure: `min(2^n, 300)` seconds after the n-th in a row, at least ten minutes for a refused
/// key, thirty minutes for exhausted credit, and never less than the provider asked for.
#[must_use]
pub fn after_failure(before: Option<&BackOff>, failure: &Failure, now: Timestamp) -> BackOff {
    let failures = before.map_or(0, |state| state.failures).saturating_add(1);
    let ordinary = Duration::from_secs(2_u64.saturating_pow(failures)).min(ORDINARY_MAX);
    let pause = match failure.class {
        ErrorClass::AuthFailure => ordinary.max(AUTH_MIN),
        ErrorClass::CreditsExhausted => CREDIT_PAUSE,
        _ => ordinary,
    };
    let pause = pause.max(failure.retry_after.unwrap_or_default());
    let until =
        TimeDelta::from_std(pause).ok().and_then(|pause| now.checked_add_signed(pause)).unwrap_or(Timestamp::MAX_UTC);
    // A failure of a call that began earlier must not shorten a longer pause.
    BackOff { failures, until: before.map_or(until, |state| state.until.max(until)), class: failure.class }
}

/// The back-off of every provider, shared by all calls of this process.
#[derive(Debug, Default)]
pub struct BackOffs(Mutex<HashMap<Provider, BackOff>>);

impl BackOffs {
    fn with<T>(&self, use_it: impl FnOnce(&mut HashMap<Provider, BackOff>) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The back-off that is in force at `now`.
    #[must_use]
    pub fn active(&self, provider: Provider, now: Timestamp) -> Option<BackOff> {
        self.with(|all| all.get(&provider).copied().filter(|state| now < state.until))
    }

    /// Notes a failure, if it is the provider's.
    pub fn failed(&self, provider: Provider, failure: &Failure, now: Timestamp) {
        if concerns_provider(failure) {
            self.with(|all| {
                let next = after_failure(all.get(&provider), failure, now);
                all.insert(provider, next);
            });
        }
    }

    /// Notes a success, or a person's word that the trouble is mended: the provider is asked again at once.
    pub fn succeeded(&self, provider: Provider) {
        self.with(|all| all.remove(&provider));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(1_780_000_000 + second, 0).unwrap()
    }

    fn of(class: ErrorClass) -> Failure {
        Failure::new(class, "m")
    }

    #[test]
    fn each_failure_in_a_row_doubles_the_pause_up_to_five_minutes() {
        let mut state = None;
        let mut pauses = Vec::new();
        for _ in 0..10 {
            let next = after_failure(state.as_ref(), &of(ErrorClass::ServerError), at(0));
            pauses.push((next.until - at(0)).num_seconds());
            state = Some(next);
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn a_refused_key_and_an_empty_account_pause_longer() {
        let pause = |failure| (after_failure(None, &failure, at(0)).until - at(0)).num_seconds();
        assert_eq!(pause(of(ErrorClass::AuthFailure)), 600);
        assert_eq!(pause(of(ErrorClass::CreditsExhausted)), 1_800);
        assert_eq!(pause(Failure { retry_after: Some(Duration::from_secs(45)), ..of(ErrorClass::RateLimit) }), 45);
        assert!(
            after_failure(None, &Failure { retry_after: Some(Duration::MAX), ..of(ErrorClass::RateLimit) }, at(0))
                .until
                > at(0)
        );
    }

    #[test]
    fn a_late_small_failure_does_not_shorten_a_long_pause() {
        let paused = after_failure(None, &of(ErrorClass::CreditsExhausted), at(0));
        assert_eq!(after_failure(Some(&paused), &of(ErrorClass::Timeout), at(1)).until, at(1_800));
    }

    #[test]
    fn a_success_ends_the_back_off_and_a_bad_request_starts_none() {
        let all = BackOffs::default();
        all.failed(Provider::OpenAi, &of(ErrorClass::ModelError), at(0));
        assert_eq!(all.active(Provider::OpenAi, at(0)), None);
        all.failed(Provider::OpenAi, &of(ErrorClass::Timeout), at(0));
        assert!(all.active(Provider::OpenAi, at(1)).is_some());
        assert_eq!(all.active(Provider::OpenAi, at(2)), None);
        assert_eq!(all.active(Provider::Anthropic, at(1)), None);
        all.succeeded(Provider::OpenAi);
        assert_eq!(all.active(Provider::OpenAi, at(1)), None);
    }
}
