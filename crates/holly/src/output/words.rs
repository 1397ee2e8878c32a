//! Ages, spans, amounts and names in words.

use domain::money::Money;
use domain::time::Timestamp;

/// `text` without control characters, each run of them being one space: what comes from outside must not move the
/// cursor of whoever looks at it.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            sign if sign.is_control() || is_reordering(sign) => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            sign => out.push(sign),
        }
    }
    out.trim().to_owned()
}

/// Marks that change the direction of text and so can make it read as something else.
fn is_reordering(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How long ago `then` was, or how far ahead it is: `3 min ago`, `in 2 h`.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now - then).num_seconds();
    match seconds {
        -4..=4 => "just now".to_owned(),
        5.. => format!("{} ago", span_s(seconds)),
        _ => format!("in {}", span_s(-seconds)),
    }
}

fn span_s(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ if seconds < 2 * DAY => "1 day".to_owned(),
        _ => format!("{} days", seconds / DAY),
    }
}

/// A span of milliseconds: `850 ms`, `3.2 s`, `4 min 10 s`.
pub(crate) fn span_ms(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// An amount in minor units: `39.00 USD`; without a currency the bare number, which is all that is known.
pub(crate) fn money(minor: i64, currency: Option<&str>) -> String {
    match currency {
        Some(currency) => Money::new(currency, minor).to_string(),
        None => minor.to_string(),
    }
}

/// What models cost, US dollars with four places; less than that is not called nothing.
pub(crate) fn usd(amount: f64) -> String {
    if amount == 0.0 {
        "0 USD".to_owned()
    } else if amount.abs() < 0.0001 {
        "under 0.0001 USD".to_owned()
    } else {
        format!("{amount:.4} USD")
    }
}

/// A name of the interface as words: `waiting_approval` is `waiting approval`.
pub(crate) fn status_words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn ages_are_told_in_the_largest_unit_that_fits() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        for (seconds, words) in [
            (0, "just now"),
            (4, "just now"),
            (-3, "just now"),
            (5, "5 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (239, "3 min ago"),
            (3_600, "1 h ago"),
            (86_399, "23 h ago"),
            (86_400, "1 day ago"),
            (172_800, "2 days ago"),
            (-90, "in 1 min"),
            (-86_000, "in 23 h"),
        ] {
            assert_eq!(age(now - TimeDelta::seconds(seconds), now), words, "{seconds}");
        }
    }

    #[test]
    fn spans_have_a_unit() {
        for (ms, words) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (3_259, "3.2 s"),
            (60_000, "1 min 0 s"),
            (250_000, "4 min 10 s"),
            (3_660_000, "1 h 1 min"),
        ] {
            assert_eq!(span_ms(ms), words);
        }
    }

    #[test]
    fn amounts_have_the_places_of_their_currency() {
        assert_eq!(money(3_900, Some("usd")), "39.00 USD");
        assert_eq!(money(-5, Some("EUR")), "-0.05 EUR");
        assert_eq!(money(3_900, Some("JPY")), "3900 JPY");
        assert_eq!(money(3_900, None), "3900");
        assert_eq!(usd(0.0), "0 USD");
        assert_eq!(usd(0.000_02), "under 0.0001 USD");
        assert_eq!(usd(0.012_34), "0.0123 USD");
    }

    #[test]
    fn text_from_outside_cannot_move_the_cursor_or_turn_around() {
        assert_eq!(plain("\u{1b}[31mred\r\nline\ttab"), "[31mred line tab");
        assert_eq!(plain("pay \u{202e}001$"), "pay 001$");
        assert_eq!(plain("Größe 12 · ✓"), "Größe 12 · ✓");
    }
}
