//! One breaker per service, shared by every call and probe of the process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clock::SharedClock;
use domain::breaker::{self, Breaker};
use domain::time::Timestamp;
use serde::Serialize;

/// The services that always have a breaker, so that a listing is complete before the first call.
pub const SERVICES: [&str; 9] =
    ["ollama", "stripe", "shopify", "printful", "instagram", "chromadb", "redis", "openai", "anthropic"];

/// Told when a breaker opens: the service, and when it will let a probe through.
type OnOpen = dyn Fn(&'static str, Timestamp) + Send + Sync;

/// The breakers of a process. Clones share them.
#[derive(Clone)]
pub struct Breakers {
    clock: SharedClock,
    inner: Arc<Inner>,
}

struct Inner {
    breakers: Mutex<BTreeMap<&'static str, Breaker>>,
    on_open: Option<Box<OnOpen>>,
}

/// A breaker as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerStatus {
    /// The service.
    pub name: &'static str,
    /// `closed`, `open` or `half_open`.
    pub state: &'static str,
    /// Failures in a row.
    pub failure_count: u32,
    /// When the last one was.
    pub last_failure: Option<Timestamp>,
    /// Until when it refuses; none unless open.
    pub opens_until: Option<Timestamp>,
}

/// The breaker refused the call; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("circuit open: {service} ({seconds_left} s left)")]
pub struct CircuitOpen {
    /// The service.
    pub service: &'static str,
    /// Seconds until a probe is let through.
    pub seconds_left: u64,
}

impl Breakers {
    /// Closed breakers for all [`SERVICES`].
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        Self::build(clock, None)
    }

    /// The same, with a callback for the moment at which one opens. It is called outside the lock and must not block.
    #[must_use]
    pub fn with_listener(
        clock: SharedClock,
        on_open: impl Fn(&'static str, Timestamp) + Send + Sync + 'static,
    ) -> Self {
        Self::build(clock, Some(Box::new(on_open)))
    }

    fn build(clock: SharedClock, on_open: Option<Box<OnOpen>>) -> Self {
        let breakers = SERVICES.into_iter().map(|name| (name, Breaker::default())).collect();
        Self { clock, inner: Arc::new(Inner { breakers: Mutex::new(breakers), on_open }) }
    }

    /// Asks to make one call. The outcome must be told to the admission; dropping it tells that there is none.
    ///
    /// # Errors
    /// When the breaker is open, or half open with its one probe under way.
    pub fn admit(&self, service: &'static str) -> Result<Admission, CircuitOpen> {
        let now = self.clock.now();
        match self.lock().entry(service).or_default().admit(now) {
            Ok(kind) => Ok(Admission { breakers: self.clone(), service, kind: Some(kind) }),
            Err(open) => Err(CircuitOpen { service, seconds_left: open.seconds_left }),
        }
    }

    /// How each breaker stands, by name.
    #[must_use]
    pub fn snapshot(&self) -> Vec<BreakerStatus> {
        let now = self.clock.now();
        self.lock().iter().map(|(name, breaker)| status(name, breaker, now)).collect()
    }

    fn failed(&self, service: &'static str, kind: breaker::Admission) {
        let now = self.clock.now();
        let opened = {
            let mut breakers = self.lock();
            let breaker = breakers.entry(service).or_default();
            breaker.failure(kind, now).then(|| breaker.snapshot(now).opens_until).flatten()
        };
        if let Some(until) = opened {
            tracing::warn!(service, %until, "circuit opened");
            if let Some(on_open) = &self.inner.on_open {
                on_open(service, until);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Breaker>> {
        self.inner.breakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Breakers").field(&self.snapshot()).finish()
    }
}

/// Leave to make one call.
#[derive(Debug)]
#[must_use = "tell the breaker how the call ended"]
pub struct Admission {
    breakers: Breakers,
    service: &'static str,
    kind: Option<breaker::Admission>,
}

impl Admission {
    /// The service answered.
    pub fn success(mut self) {
        if let Some(kind) = self.kind.take() {
            self.breakers.lock().entry(self.service).or_default().success(kind);
        }
    }

    /// The service is in trouble: no connection, no answer, or an answer of its own failure.
    pub fn failure(mut self) {
        if let Some(kind) = self.kind.take() {
            self.breakers.failed(self.service, kind);
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        // The caller gave up, or the answer says nothing of the service's health. The place of the probe is free again.
        if let Some(kind) = self.kind.take() {
            self.breakers.lock().entry(self.service).or_default().neutral(kind);
        }
    }
}

fn status(name: &'static str, breaker: &Breaker, now: Timestamp) -> BreakerStatus {
    let seen = breaker.snapshot(now);
    BreakerStatus {
        name,
        state: seen.state.as_str(),
        failure_count: seen.failure_count,
        last_failure: seen.last_failure,
        opens_until: seen.opens_until,
    }
}
