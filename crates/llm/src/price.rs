//! What tokens cost. Integers only: a price is micro-dollars for one million tokens, a cost is micro-dollars.

use std::str::FromStr;

use serde::Deserialize;

use crate::response::Usage;

const MILLION: u128 = 1_000_000;

/// Micro-dollars for one million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Rate(u64);

/// A text that is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no price: expected dollars with at most 6 places, such as 0.075")]
pub struct InvalidRate(String);

impl Rate {
    /// Micro-dollars for one million tokens.
    #[must_use]
    pub fn micros_per_million(self) -> u64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let invalid = || InvalidRate(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || whole.len() > 9 || fraction.len() > 6 {
            return Err(invalid());
        }
        let whole: u64 = whole.parse().map_err(|_| invalid())?;
        let fraction: u64 = format!("{fraction:0<6}").parse().map_err(|_| invalid())?;
        Ok(Self(whole * 1_000_000 + fraction))
    }
}

impl TryFrom<String> for Rate {
    type Error = InvalidRate;

    fn try_from(text: String) -> Result<Self, InvalidRate> {
        text.parse()
    }
}

/// The prices of one model. What is not listed is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Input tokens that touch no cache.
    pub input: Rate,
    /// Output tokens, reasoning included. An embedding model has none.
    pub output: Option<Rate>,
    /// Input read from a cache. Not listed: charged as plain input, which is never less than it can cost.
    pub cache_read: Option<Rate>,
    /// Input written to a cache (kept for 5 minutes).
    pub cache_write: Option<Rate>,
}

/// Tokens times rate; zero tokens cost nothing even at an unknown rate.
fn part(tokens: u64, rate: Option<Rate>) -> Option<u128> {
    match (tokens, rate) {
        (0, _) => Some(0),
        (_, None) => None,
        (tokens, Some(rate)) => Some(u128::from(tokens) * u128::from(rate.0)),
    }
}

impl Price {
    /// Micro-dollars times one million.
    fn exact(&self, usage: &Usage) -> Option<u128> {
        let parts = [
            part(usage.input, Some(self.input))?,
            part(usage.cache_read, self.cache_read.or(Some(self.input)))?,
            part(usage.cache_write, self.cache_write)?,
            part(usage.output, self.output)?,
        ];
        Some(parts.into_iter().fold(0, u128::saturating_add))
    }

    /// The cost of `usage` in micro-dollars, rounded half up once, at the end. None when a part of it has no price.
    #[must_use]
    pub fn cost_micros(&self, usage: &Usage) -> Option<i64> {
        let exact = self.exact(usage)?;
        Some(i64::try_from(exact.saturating_add(MILLION / 2) / MILLION).unwrap_or(i64::MAX))
    }

    /// What to reserve for a call that sends `input` tokens and may answer with `max_output`: rounded up, and counted
    /// as if every input token were written to the cache when that is dearer. None when it cannot be priced.
    #[must_use]
    pub fn reserve_micros(&self, input: u64, max_output: u64) -> Option<i64> {
        let dearest = self.cache_write.map_or(self.input, |write| write.max(self.input));
        let exact = part(input, Some(dearest))?.saturating_add(part(max_output, self.output)?);
        Some(i64::try_from(exact.div_ceil(MILLION)).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    fn mini() -> Price {
        Price { input: rate("0.15"), output: Some(rate("0.60")), cache_read: Some(rate("0.075")), cache_write: None }
    }

    #[test]
    fn a_price_is_read_without_losing_a_digit() {
        assert_eq!(rate("2.50").micros_per_million(), 2_500_000);
        assert_eq!(rate("0.075").micros_per_million(), 75_000);
        assert_eq!(rate("0").micros_per_million(), 0);
        assert_eq!(rate("0.000001").micros_per_million(), 1);
        for wrong in ["", ".", "1.", ".5", "-1", "1e3", "0.0000001", "1,5", "12345678901"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn cached_input_is_charged_at_its_own_price() {
        let usage = Usage { input: 1_000, cache_read: 9_000, output: 500, ..Usage::default() };
        // 150 + 675 + 300 micro-dollars.
        assert_eq!(mini().cost_micros(&usage), Some(1_125));
    }

    #[test]
    fn rounding_happens_once_and_half_goes_up() {
        let usage = |input| Usage { input, ..Usage::default() };
        assert_eq!(mini().cost_micros(&usage(3)), Some(0)); // 0.45
        assert_eq!(mini().cost_micros(&usage(10)), Some(2)); // 1.5
        assert_eq!(mini().reserve_micros(3, 0), Some(1)); // a reservation rounds up
    }

    #[test]
    fn what_has_no_price_has_no_cost_rather_than_the_cost_zero() {
        let written = Usage { cache_write: 1, ..Usage::default() };
        assert_eq!(mini().cost_micros(&written), None);
        let embedding = Price { output: None, ..mini() };
        assert_eq!(embedding.cost_micros(&Usage { output: 1, ..Usage::default() }), None);
        assert_eq!(embedding.cost_micros(&Usage { input: 1_000_000, ..Usage::default() }), Some(150_000));
        assert_eq!(embedding.reserve_micros(10, 1), None);
    }

    proptest! {
        #[test]
        fn cost_is_within_half_a_micro_of_the_exact_sum(
            input in 0_u64..5_000_000, cache_read in 0_u64..5_000_000, cache_write in 0_u64..5_000_000, output in 0_u64..5_000_000,
            rates in proptest::array::uniform4(0_u64..100_000_000),
        ) {
            let [i, o, r, w] = rates.map(Rate);
            let price = Price { input: i, output: Some(o), cache_read: Some(r), cache_write: Some(w) };
            let usage = Usage { input, output, cache_read, cache_write, ..Usage::default() };
            let exact = i128::from(input) * i128::from(i.0) + i128::from(cache_read) * i128::from(r.0)
                + i128::from(cache_write) * i128::from(w.0) + i128::from(output) * i128::from(o.0);
            let cost = i128::from(price.cost_micros(&usage).unwrap());
            prop_assert!((cost * 1_000_000 - exact).abs() <= 500_000);
        }

        #[test]
        fn a_reservation_covers_every_split_of_the_input_when_reads_are_no_dearer(
            parts in proptest::array::uniform3(0_u64..1_000_000), output in 0_u64..100_000, spare in 0_u64..100_000,
            rates in proptest::array::uniform3(0_u64..50_000_000),
        ) {
            let [i, o, w] = rates;
            let price = Price { input: Rate(i), output: Some(Rate(o)), cache_read: Some(Rate(i / 10)), cache_write: Some(Rate(w)) };
            let usage = Usage { input: parts[0], cache_read: parts[1], cache_write: parts[2], output, ..Usage::default() };
            let reserve = price.reserve_micros(parts.iter().sum(), output + spare).unwrap();
            prop_assert!(reserve >= price.cost_micros(&usage).unwrap());
        }

        #[test]
        fn no_count_overflows(tokens in any::<u64>()) {
            let price = Price { input: Rate(u64::MAX), output: Some(Rate(u64::MAX)), cache_read: None, cache_write: None };
            let usage = Usage { input: tokens, output: tokens, ..Usage::default() };
            prop_assert!(price.cost_micros(&usage).unwrap() >= 0);
        }
    }
}
