//! How moments and money look on the wires.

use chrono::{SecondsFormat, TimeDelta};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How world time follows real time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WorldTime {
    /// A moment of real time.
    pub real: Timestamp,
    /// The moment of world time that it was.
    pub world: Timestamp,
    /// World seconds per real second since.
    pub speed: f64,
}

impl WorldTime {
    /// World time at a moment of real time.
    #[must_use]
    pub fn at(&self, real_now: Timestamp) -> Timestamp {
        let real = (real_now - self.real).num_microseconds().unwrap_or(0).max(0);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "microseconds of a few years")]
        let world = (real as f64 * self.speed) as i64;
        self.world + TimeDelta::microseconds(world)
    }
}

/// `2026-11-25T05:00:00Z`, as GraphQL and Printful send it.
#[must_use]
pub fn iso(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `2026-11-25T05:00:00+00:00`, as the shop's webhooks send it.
#[must_use]
pub fn shop_time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// A decimal string with two places, `3900` as `39.00`.
#[must_use]
pub fn money(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    #[test]
    fn money_has_two_places() {
        assert_eq!(super::money(3_900), "39.00");
        assert_eq!(super::money(5), "0.05");
        assert_eq!(super::money(-5), "-0.05");
    }
}
