//! Numbers with their ranges and units.

use std::str::FromStr;
use std::time::Duration;

use super::Parser;

pub(crate) const PORT: Parser<u16> = Parser {
    accepts: "a port, 0 to 65535; 0 takes a free one",
    parse: |text, _| text.parse().map_err(|_| "is not a port"),
};
pub(crate) const SECONDS: Parser<Duration> =
    Parser { accepts: "whole seconds, 1 to 86400", parse: |text, _| within(text, 1, 86_400).map(Duration::from_secs) };
pub(crate) const GRACE: Parser<Duration> =
    Parser { accepts: "whole seconds, 0 to 600", parse: |text, _| within(text, 0, 600).map(Duration::from_secs) };
pub(crate) const RATE: Parser<u32> =
    Parser { accepts: "requests per minute, 0 to 1000000; 0 is off", parse: |text, _| within(text, 0, 1_000_000) };
pub(crate) const WORKERS: Parser<u32> = Parser { accepts: "a number, 1 to 256", parse: |text, _| within(text, 1, 256) };
pub(crate) const POOL: Parser<u32> = Parser { accepts: "a number, 2 to 500", parse: |text, _| within(text, 2, 500) };
pub(crate) const SEED: Parser<u64> =
    Parser { accepts: "a whole number from 0", parse: |text, _| within(text, 0, u64::MAX) };
pub(crate) const STORE_ID: Parser<u64> =
    Parser { accepts: "a whole number from 1", parse: |text, _| within(text, 1, u64::MAX) };
pub(crate) const BYTES: Parser<u64> =
    Parser { accepts: "bytes, 1 to 1073741824", parse: |text, _| within(text, 1, 1 << 30) };
pub(crate) const PACE: Parser<f64> = Parser {
    accepts: "orders per hour, 0 to 100000; 0 lets none arrive by themselves",
    parse: |text, _| match number(text) {
        Some(pace) if (0.0..=100_000.0).contains(&pace) => Ok(pace),
        _ => Err("is not a number in its range"),
    },
};
pub(crate) const SPEED: Parser<f64> = Parser {
    accepts: "a number above 0, at most 1000000",
    parse: |text, _| match number(text) {
        Some(speed) if speed > 0.0 && speed <= 1_000_000.0 => Ok(speed),
        _ => Err("is not a number in its range"),
    },
};
pub(crate) const USD_CENTS: Parser<i64> = Parser {
    accepts: "US dollars from 0, with at most 2 decimals",
    parse: |text, _| decimal(text, 2).ok_or("is not an amount"),
};
pub(crate) const USD_MICRO: Parser<i64> = Parser {
    accepts: "US dollars from 0, with at most 6 decimals",
    parse: |text, _| decimal(text, 6).ok_or("is not an amount"),
};

fn within<T: FromStr + PartialOrd>(text: &str, least: T, most: T) -> Result<T, &'static str> {
    let number: T = text.parse().map_err(|_| "is not a whole number in its range")?;
    if number < least || number > most { Err("is outside its range") } else { Ok(number) }
}

/// Plain decimal notation only; `inf`, `nan` and exponents are no settings.
fn number(text: &str) -> Option<f64> {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then(|| text.parse().ok()).flatten()
}

/// A decimal as a whole number of units of `10^-places`.
fn decimal(text: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > places || text.ends_with('.') {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Mode;

    #[test]
    fn amounts_become_whole_units() {
        assert_eq!(decimal("100", 2), Some(10_000));
        assert_eq!(decimal("0.5", 2), Some(50));
        assert_eq!(decimal("10.000001", 6), Some(10_000_001));
        assert!(
            ["", "-1", "1.234", "1e3", "1.", ".5", "99999999999999999999"]
                .iter()
                .all(|text| decimal(text, 2).is_none())
        );
    }

    #[test]
    fn ranges_hold_at_their_ends() {
        let workers = |text| (WORKERS.parse)(text, Mode::Live).is_ok();
        assert!(workers("1") && workers("256") && !workers("0") && !workers("257") && !workers("x"));
        let speed = |text| (SPEED.parse)(text, Mode::Live).is_ok();
        assert!(speed("0.5") && !speed("0") && !speed("inf") && !speed("1e9") && !speed("-1"));
    }
}
