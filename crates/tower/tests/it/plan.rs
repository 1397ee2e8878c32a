//! Steps of a plan, and time that passes under the eyes of a worker.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Process, TowerWorld};

pub(crate) fn make(key: &str, risk: &str) -> Value {
    json!({"tool": "make", "params": {"key": key, "risk": risk}})
}

pub(crate) fn sleep(seconds: u64) -> Value {
    json!({"sleep": seconds})
}

/// Lets time pass in steps short enough for the heartbeat to keep the leases.
pub(crate) fn pass(world: &TowerWorld, process: &Process, seconds: u64) {
    for _ in 0..seconds.div_ceil(10) {
        world.clock.advance(Duration::from_secs(10));
        process.turns(40);
    }
}
