//! The shop's cost bucket: how long to wait before a query. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// Assumed of an operation that was never asked for.
const UNKNOWN_COST: f64 = 150.0;
/// Assumed of the bucket until an answer tells: a shop on the smallest plan.
const ASSUMED_MAXIMUM: f64 = 1000.0;
const ASSUMED_RATE: f64 = 100.0;

/// What is known of the bucket. Points are taken when a query is let go, not when its answer comes, so that many queries
/// at once line up instead of overdrawing the bucket together.
#[derive(Debug, Clone, PartialEq)]
pub struct Throttle {
    maximum: f64,
    /// What is left at `seen_at`; below zero: promised to queries that wait.
    available: f64,
    restore_rate: f64,
    seen_at: Duration,
    in_flight: f64,
    costs: BTreeMap<&'static str, f64>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            maximum: ASSUMED_MAXIMUM,
            available: ASSUMED_MAXIMUM,
            restore_rate: ASSUMED_RATE,
            seen_at: Duration::ZERO,
            in_flight: 0.0,
            costs: BTreeMap::new(),
        }
    }
}

impl Throttle {
    /// Takes the points of one query of `op` and tells how long it has to wait for them: `(need - available) / restore
    /// rate`. The points come back with [`Throttle::answered`].
    pub fn take(&mut self, op: &'static str, now: Duration) -> Taken {
        // A cost above the whole bucket would wait for ever; the shop refuses it with a clear error instead.
        let need = self.costs.get(op).copied().unwrap_or(UNKNOWN_COST).min(self.maximum);
        let since = now.saturating_sub(self.seen_at).as_secs_f64();
        let available = (self.available + since * self.restore_rate).min(self.maximum);
        (self.available, self.seen_at) = (available - need, now);
        self.in_flight += need;
        let wait = Duration::try_from_secs_f64(((need - available) / self.restore_rate).max(0.0)).unwrap_or_default();
        Taken { wait, need }
    }

    /// Takes in the end of a query: `cost` is `extensions.cost` of its answer, null when there was none; `throttled`
    /// when it was refused for want of points.
    pub fn answered(&mut self, op: &'static str, taken: &Taken, cost: &Value, throttled: bool, now: Duration) {
        self.in_flight = (self.in_flight - taken.need).max(0.0);
        if let Some(requested) = cost["requestedQueryCost"].as_f64() {
            self.costs.insert(op, requested);
        }
        let status = &cost["throttleStatus"];
        let figures = (
            status["maximumAvailable"].as_f64(),
            status["currentlyAvailable"].as_f64(),
            status["restoreRate"].as_f64().filter(|rate| *rate > 0.0),
        );
        if let (Some(maximum), Some(available), Some(rate)) = figures {
            (self.maximum, self.restore_rate, self.seen_at) = (maximum, rate, now);
            self.available = available - self.in_flight;
        } else if throttled {
            // Refused without a figure: nothing is there, whatever we had thought.
            (self.available, self.seen_at) = (-self.in_flight, now);
        }
    }
}

/// Points that a query was promised.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Not to be sent before.
    pub wait: Duration,
    need: f64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn cost(need: f64, available: f64, rate: f64) -> Value {
        let status = json!({"maximumAvailable": 2000.0, "currentlyAvailable": available, "restoreRate": rate});
        json!({"requestedQueryCost": need, "throttleStatus": status})
    }

    fn seen(need: f64, available: f64, rate: f64) -> Throttle {
        let mut throttle = Throttle::default();
        let taken = throttle.take("orders", Duration::ZERO);
        throttle.answered("orders", &taken, &cost(need, available, rate), false, Duration::ZERO);
        throttle
    }

    #[test]
    fn many_queries_at_once_line_up() {
        let mut throttle = seen(100.0, 1000.0, 100.0);
        let waits: Vec<u64> = (0..14).map(|_| throttle.take("orders", Duration::ZERO).wait.as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    }

    #[test]
    fn an_answer_counts_what_is_still_on_its_way() {
        let mut throttle = seen(100.0, 1000.0, 100.0);
        let first = throttle.take("orders", Duration::ZERO);
        throttle.take("orders", Duration::ZERO);
        throttle.answered("orders", &first, &cost(100.0, 900.0, 100.0), false, Duration::ZERO);
        // 900 are there, 100 of them promised: 8 more may go.
        let waits = (0..9).map(|_| throttle.take("orders", Duration::ZERO).wait);
        assert_eq!(waits.filter(|wait| wait.is_zero()).count(), 8);
    }

    #[test]
    fn a_lost_answer_gives_its_points_back_in_time() {
        let mut throttle = Throttle::default();
        let taken = throttle.take("orders", Duration::ZERO);
        throttle.answered("orders", &taken, &Value::Null, false, Duration::ZERO);
        assert_eq!(throttle.take("orders", Duration::from_secs(10)).wait, Duration::ZERO);
    }

    #[test]
    fn a_refusal_without_figures_empties_the_bucket() {
        let mut throttle = seen(100.0, 1000.0, 100.0);
        let taken = throttle.take("orders", Duration::ZERO);
        throttle.answered("orders", &taken, &Value::Null, true, Duration::ZERO);
        assert_eq!(throttle.take("orders", Duration::ZERO).wait, Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn after_the_wait_there_is_enough(need in 1.0_f64..1000.0, available in 0.0_f64..2000.0, rate in 1.0_f64..1000.0) {
            let mut throttle = seen(need, available, rate);
            let wait = throttle.clone().take("orders", Duration::ZERO).wait;
            prop_assert!((wait.as_secs_f64() - ((need - available) / rate).max(0.0)).abs() < 1e-6);
            prop_assert!(throttle.take("orders", wait + Duration::from_millis(1)).wait < Duration::from_millis(1));
        }
    }
}
