//! Named parts of a sum, rounded so that they still add up to it.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

/// Micro-dollars of the last place that is shown.
const UNIT: i64 = 100;

/// US dollars with four places.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "sums of model costs are far below 2^53 units")]
pub fn dollars(micros: i64) -> f64 {
    units(micros) as f64 / 10_000.0
}

fn units(micros: i64) -> i64 {
    micros.saturating_add(UNIT / 2).div_euclid(UNIT)
}

/// Parts of a sum by name, in units of the last place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shares(Vec<(String, i64)>);

impl Shares {
    /// Rounds the parts by the method of the largest remainder: their sum is the rounded sum.
    #[must_use]
    pub fn of(parts: impl IntoIterator<Item = (String, i64)>) -> Self {
        let parts: Vec<(String, i64)> = parts.into_iter().collect();
        let total = units(parts.iter().map(|(_, micros)| micros).sum());
        let mut rounded: Vec<i64> = parts.iter().map(|(_, micros)| micros.div_euclid(UNIT)).collect();
        let missing = total - rounded.iter().sum::<i64>();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(parts[*index].1.rem_euclid(UNIT)));
        for index in order.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
            rounded[index] += 1;
        }
        Self(parts.into_iter().map(|(name, _)| name).zip(rounded).collect())
    }

    /// The same parts, the largest first; equal ones by name.
    #[must_use]
    pub fn dearest_first(mut self) -> Self {
        self.0.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        self
    }

    /// Names and US dollars.
    #[expect(clippy::cast_precision_loss, reason = "sums of model costs are far below 2^53 units")]
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, units)| (name.as_str(), *units as f64 / 10_000.0))
    }

    /// As the members of a JSON object.
    #[must_use]
    pub fn into_members(self) -> Map<String, Value> {
        self.iter().map(|(name, usd)| (name.to_owned(), Value::from(usd))).collect()
    }
}

impl Serialize for Shares {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, usd) in self.iter() {
            map.serialize_entry(name, &usd)?;
        }
        map.end()
    }
}
