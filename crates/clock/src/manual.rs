//! A clock that moves only when told to.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use domain::time::Timestamp;
use tokio::sync::watch;

use crate::{Clock, Sleep};

/// Time under the control of a test or a simulation. Sleepers wake when the clock is moved past their moment.
#[derive(Debug)]
pub struct ManualClock {
    start: Timestamp,
    elapsed: watch::Sender<Duration>,
    order: Mutex<()>,
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self { start, elapsed: watch::Sender::new(Duration::ZERO), order: Mutex::new(()) }
    }

    /// A clock that stands at a fixed, arbitrary moment, for tests to which the date does not matter.
    #[must_use]
    pub fn at_epoch() -> Self {
        Self::new(DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default())
    }

    /// Moves the clock forward and wakes the sleepers whose moment has come.
    pub fn advance(&self, by: Duration) {
        let _guard = self.order.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.elapsed.send_modify(|elapsed| *elapsed += by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.start + TimeDelta::from_std(*self.elapsed.borrow()).unwrap_or_default()
    }

    fn monotonic(&self) -> Duration {
        *self.elapsed.borrow()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        let mut elapsed = self.elapsed.subscribe();
        let until = *elapsed.borrow() + duration;
        Box::pin(async move {
            // The sender lives as long as `self`, so waiting cannot fail while this future is polled.
            let _ = elapsed.wait_for(|now| *now >= until).await;
        })
    }
}
