//! How long a provider wants to be left alone, from its headers. Pure.

use std::time::Duration;

use chrono::DateTime;
use domain::time::Timestamp;
use http::HeaderMap;

/// OpenAI's allowances: what is left, and a duration such as `6m0s` until it is full again.
const DURATIONS: [(&str, &str); 2] = [
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
];
/// Anthropic's allowances: what is left, and the moment at which it is full again.
const MOMENTS: [(&str, &str); 4] = [
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
];

/// The wait that `headers` ask for: an explicit one if there is one, else until the last of the used-up allowances is
/// full again.
#[must_use]
pub(crate) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(millis) = text("retry-after-ms").and_then(|value| value.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(millis.max(0.0) / 1_000.0).ok();
    }
    if let Some(wait) = text("retry-after").and_then(|value| seconds_or_date(value, now)) {
        return Some(wait);
    }
    let used_up = |name: &str| text(name).is_some_and(|left| left.parse::<f64>().is_ok_and(|left| left <= 0.0));
    let durations = DURATIONS.iter().filter(|(left, _)| used_up(left)).filter_map(|(_, reset)| duration(text(reset)?));
    let moments = MOMENTS.iter().filter(|(left, _)| used_up(left)).filter_map(|(_, reset)| {
        let at = DateTime::parse_from_rfc3339(text(reset)?).ok()?;
        Some(until(at.to_utc(), now))
    });
    durations.chain(moments).max()
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    (at - now).to_std().unwrap_or_default()
}

fn seconds_or_date(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds.max(0.0)).ok();
    }
    Some(until(DateTime::parse_from_rfc2822(text).ok()?.to_utc(), now))
}

/// Reads `1h2m3.5s`, `20ms` and the like.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = &rest[digits..];
        let end = unit.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(unit.len());
        seconds += number
            * match &unit[..end] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &unit[end..];
    }
    if text.is_empty() { None } else { Duration::try_from_secs_f64(seconds).ok() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        DateTime::parse_from_rfc3339("2026-11-25T06:00:00Z").unwrap().to_utc()
    }

    fn of(pairs: &[(&'static str, &str)]) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        wait(&headers, now())
    }

    #[test]
    fn an_explicit_wait_comes_first() {
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(
            of(&[("retry-after", "3"), ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "9s")]),
            seconds(3)
        );
        assert_eq!(of(&[("retry-after", "Wed, 25 Nov 2026 06:00:20 GMT")]), seconds(20));
        assert_eq!(of(&[("retry-after-ms", "1500"), ("retry-after", "2")]), Some(Duration::from_millis(1_500)));
        assert_eq!(of(&[("retry-after", "soon")]), None);
    }

    #[test]
    fn else_the_used_up_allowance_decides() {
        let requests = [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "1m6.5s")];
        assert_eq!(of(&requests), Some(Duration::from_millis(66_500)));
        assert_eq!(of(&[("x-ratelimit-remaining-tokens", "12"), ("x-ratelimit-reset-tokens", "6m0s")]), None);
        let tokens = [
            ("anthropic-ratelimit-tokens-remaining", "0"),
            ("anthropic-ratelimit-tokens-reset", "2026-11-25T06:00:30Z"),
        ];
        assert_eq!(of(&tokens), Some(Duration::from_secs(30)));
    }

    proptest! {
        #[test]
        fn no_header_text_panics(text in "[ -~]{0,40}") {
            of(&[("retry-after", text.as_str())]);
            of(&[("retry-after-ms", text.as_str())]);
            duration(&text);
        }
    }
}
