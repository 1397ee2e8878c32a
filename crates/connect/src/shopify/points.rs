//! The points that one call holds: they come back with its answer, and when the call is dropped before one came.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clock::SharedClock;
use serde_json::Value;

use super::throttle::{Taken, Throttle};

/// Points taken for one call of `op`.
pub(super) struct Points<'a> {
    throttle: &'a Mutex<Throttle>,
    clock: &'a SharedClock,
    op: &'static str,
    /// None once they were given back.
    taken: Option<Taken>,
}

impl<'a> Points<'a> {
    pub(super) fn take(throttle: &'a Mutex<Throttle>, clock: &'a SharedClock, op: &'static str) -> Self {
        let taken = lock(throttle).take(op, clock.monotonic());
        Self { throttle, clock, op, taken: Some(taken) }
    }

    /// How long the call has to wait before it may be sent.
    pub(super) fn wait(&self) -> Duration {
        self.taken.as_ref().map_or(Duration::ZERO, |taken| taken.wait)
    }

    /// Takes in the end of the call, as [`Throttle::answered`].
    pub(super) fn answered(mut self, cost: &Value, throttled: bool) {
        self.give_back(cost, throttled);
    }

    fn give_back(&mut self, cost: &Value, throttled: bool) {
        if let Some(taken) = self.taken.take() {
            lock(self.throttle).answered(self.op, &taken, cost, throttled, self.clock.monotonic());
        }
    }
}

impl Drop for Points<'_> {
    fn drop(&mut self) {
        self.give_back(&Value::Null, false);
    }
}

fn lock(throttle: &Mutex<Throttle>) -> MutexGuard<'_, Throttle> {
    throttle.lock().unwrap_or_else(PoisonError::into_inner)
}
