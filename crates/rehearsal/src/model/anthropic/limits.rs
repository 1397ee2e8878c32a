//! The account's limits, as each answer tells them in its headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use chrono::{SecondsFormat, TimeDelta};
use domain::time::Timestamp;

/// What is limited per minute, and to how much.
const LIMITS: [(&str, u64); 4] =
    [("requests", 50), ("input-tokens", 50_000), ("output-tokens", 10_000), ("tokens", 60_000)];

/// Writes the limits; `limited_for` is the time until requests are let through again when they are used up.
pub(super) fn write(headers: &mut HeaderMap, real_now: Timestamp, limited_for: Option<u32>) {
    for (what, limit) in LIMITS {
        let used_up = limited_for.filter(|_| what == "requests");
        let remaining = if used_up.is_some() { 0 } else { limit - u64::from(what == "requests") };
        let resets = real_now + TimeDelta::seconds(used_up.unwrap_or_default().into());
        let values = [
            ("limit", limit.to_string()),
            ("remaining", remaining.to_string()),
            ("reset", resets.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ];
        for (name, value) in values {
            let name = HeaderName::try_from(format!("anthropic-ratelimit-{what}-{name}"));
            if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
                headers.insert(name, value);
            }
        }
    }
}
