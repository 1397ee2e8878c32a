//! The shop's cost bucket: how long to wait before a query. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// What is known of the bucket, from the last answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Throttle {
    maximum: f64,
    available: f64,
    restore_rate: f64,
    seen_at: Duration,
    costs: BTreeMap<&'static str, f64>,
}

impl Throttle {
    /// Takes in `extensions.cost` of an answer to `op` that arrived at `now` (monotonic).
    pub fn observe(&mut self, op: &'static str, cost: &Value, now: Duration) {
        if let Some(requested) = cost["requestedQueryCost"].as_f64() {
            self.costs.insert(op, requested);
        }
        let status = &cost["throttleStatus"];
        let figures = (
            status["maximumAvailable"].as_f64(),
            status["currentlyAvailable"].as_f64(),
            status["restoreRate"].as_f64(),
        );
        if let (Some(maximum), Some(available), Some(rate)) = figures {
            (self.maximum, self.available, self.restore_rate, self.seen_at) = (maximum, available, rate, now);
        }
    }

    /// The wait until the bucket holds what `op` cost last time: `(need - available) / restore rate`.
    #[must_use]
    pub fn wait(&self, op: &'static str, now: Duration) -> Duration {
        let Some(need) = self.costs.get(op) else { return Duration::ZERO };
        if self.restore_rate <= 0.0 {
            return Duration::ZERO;
        }
        let since = now.saturating_sub(self.seen_at).as_secs_f64();
        let available = (self.available + since * self.restore_rate).min(self.maximum);
        // A cost above the whole bucket would wait for ever; the shop refuses it with a clear error instead.
        let lacking = need.min(self.maximum) - available;
        Duration::try_from_secs_f64((lacking / self.restore_rate).max(0.0)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn seen(need: f64, available: f64, rate: f64) -> Throttle {
        let mut throttle = Throttle::default();
        let status = json!({"maximumAvailable": 2000.0, "currentlyAvailable": available, "restoreRate": rate});
        throttle.observe("orders", &json!({"requestedQueryCost": need, "throttleStatus": status}), Duration::ZERO);
        throttle
    }

    #[test]
    fn an_unknown_operation_or_bucket_does_not_wait() {
        assert_eq!(Throttle::default().wait("orders", Duration::ZERO), Duration::ZERO);
        assert_eq!(seen(100.0, 0.0, 100.0).wait("products", Duration::ZERO), Duration::ZERO);
        assert_eq!(seen(100.0, 0.0, 0.0).wait("orders", Duration::ZERO), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn after_the_wait_there_is_enough(need in 1.0_f64..1000.0, available in 0.0_f64..2000.0, rate in 1.0_f64..1000.0) {
            let throttle = seen(need, available, rate);
            let wait = throttle.wait("orders", Duration::ZERO);
            prop_assert!((wait.as_secs_f64() - ((need - available) / rate).max(0.0)).abs() < 1e-6);
            prop_assert!(throttle.wait("orders", wait + Duration::from_millis(1)) < Duration::from_millis(1));
        }
    }
}
