//! Query points: what a document costs and how many are left.

use domain::time::Timestamp;

use super::document::Field;

const SIZE: f64 = 1_000.0;
const PER_SECOND: f64 = 100.0;

/// Points at a moment of world time.
#[derive(Debug)]
pub(crate) struct Bucket {
    points: f64,
    since: Option<Timestamp>,
}

/// What a request found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Left {
    /// Points after it.
    pub(super) available: f64,
    /// Whether there were enough for it; otherwise nothing was taken.
    pub(super) enough: bool,
}

impl Bucket {
    pub(crate) fn full() -> Self {
        Self { points: SIZE, since: None }
    }

    /// Takes all points away.
    pub(crate) fn drain(&mut self, now: Timestamp) {
        self.points = 0.0;
        self.since = Some(now);
    }

    pub(super) fn take(&mut self, now: Timestamp, cost: u32) -> Left {
        let since = self.since.replace(now).unwrap_or(now);
        let seconds = (now - since).to_std().map_or(0.0, |passed| passed.as_secs_f64());
        self.points = (self.points + seconds * PER_SECOND).min(SIZE);
        let enough = self.points >= f64::from(cost);
        if enough {
            self.points -= f64::from(cost);
        }
        Left { available: self.points.floor(), enough }
    }
}

/// One point per object; a connection counts its nodes, long ones at a falling rate; a mutation ten.
pub(super) fn cost(fields: &[Field]) -> u32 {
    fields.iter().map(field_cost).sum()
}

fn field_cost(field: &Field) -> u32 {
    if field.fields.is_empty() {
        return 0;
    }
    let inner = cost(&field.fields);
    match field.args.get("first").and_then(serde_json::Value::as_u64) {
        Some(first) => {
            let first = u32::try_from(first).unwrap_or(u32::MAX);
            let counted = if first <= 10 { first } else { 10 + (first - 10) / 5 };
            2 + counted.saturating_mul(inner.max(1)) / 2
        }
        None if field.args.is_empty() => 1 + inner,
        None => 10 + inner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_back_with_time() {
        let start = Timestamp::from_timestamp(1_780_000_000, 0).unwrap();
        let mut bucket = Bucket::full();
        assert!(bucket.take(start, 900).enough);
        assert_eq!(bucket.take(start, 200), Left { available: 100.0, enough: false });
        assert!(bucket.take(start + chrono::TimeDelta::seconds(1), 200).enough);
        bucket.drain(start + chrono::TimeDelta::seconds(60));
        assert_eq!(bucket.take(start + chrono::TimeDelta::seconds(60), 1), Left { available: 0.0, enough: false });
    }
}
