//! Moments. Times are always parameters here; nothing in this crate reads a clock.

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment in UTC, whole microseconds.
pub type Timestamp = DateTime<Utc>;

/// RFC 3339 with microseconds and `Z`: sorts as text, and is what SQLite stores.
#[must_use]
pub fn to_text(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
