//! How old a version of the Admin API is. Pure.
//!
//! A version appears on the first day of the quarter it is named for and is supported for at least twelve months;
//! after that the shop answers with the oldest one that it still supports ("falls forward").

use chrono::{Months, NaiveDate};
use domain::time::Timestamp;

/// Months after which a newer version should be planned for.
const OLD_MONTHS: u32 = 9;
/// Months for which a version is supported.
const SUPPORTED_MONTHS: u32 = 12;

/// Whether a version may still be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionAge {
    /// Supported for a good while yet.
    Current,
    /// Older than nine months; supported until then.
    Old {
        /// Last day of the promised support.
        until: NaiveDate,
    },
    /// Older than twelve months: answers may follow another version.
    Expired {
        /// Last day of the promised support.
        until: NaiveDate,
    },
}

/// The age of `version` (`2026-10`) at `now`; none when the text is no version.
#[must_use]
pub fn version_age(version: &str, now: Timestamp) -> Option<VersionAge> {
    let released = NaiveDate::parse_from_str(&format!("{version}-01"), "%Y-%m-%d").ok()?;
    let until = released.checked_add_months(Months::new(SUPPORTED_MONTHS))?;
    let old = released.checked_add_months(Months::new(OLD_MONTHS))?;
    let today = now.date_naive();
    Some(match today {
        today if today > until => VersionAge::Expired { until },
        today if today > old => VersionAge::Old { until },
        _ => VersionAge::Current,
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn nine_months_are_old_and_twelve_are_too_old() {
        let until = NaiveDate::from_ymd_opt(2027, 10, 1).unwrap();
        for (day, age) in [
            ("2026-08-01", VersionAge::Current),
            ("2027-07-01", VersionAge::Current),
            ("2027-07-02", VersionAge::Old { until }),
            ("2027-10-01", VersionAge::Old { until }),
            ("2027-10-02", VersionAge::Expired { until }),
        ] {
            let now = DateTime::parse_from_rfc3339(&format!("{day}T12:00:00Z")).unwrap().to_utc();
            assert_eq!(version_age("2026-10", now), Some(age), "{day}");
            assert_eq!(version_age("latest", now), None);
        }
    }
}
