//! Versions of the API: one a quarter, each served for a year; others fall forward to the oldest that is served.

use chrono::{Datelike as _, NaiveDate};

/// Versions that are served at one time, besides the next quarter's candidate.
const SERVED: i32 = 4;

/// The version that answers a request for `asked` on `today`.
pub(super) fn served(asked: &str, today: NaiveDate) -> String {
    let newest = quarter(today);
    let is_served =
        asked == "unstable" || number(asked).is_some_and(|asked| (newest - SERVED + 1..=newest + 1).contains(&asked));
    if is_served { asked.to_owned() } else { name(newest - SERVED + 1) }
}

/// Quarters since year 0.
fn quarter(day: NaiveDate) -> i32 {
    day.year() * 4 + i32::try_from(day.month0() / 3).unwrap_or_default()
}

fn number(version: &str) -> Option<i32> {
    let (year, month) = version.split_once('-')?;
    let quarter = match month {
        "01" => 0,
        "04" => 1,
        "07" => 2,
        "10" => 3,
        _ => return None,
    };
    Some(year.parse::<i32>().ok().filter(|year| (2_000..3_000).contains(year))? * 4 + quarter)
}

fn name(quarter: i32) -> String {
    format!("{}-{:02}", quarter.div_euclid(4), quarter.rem_euclid(4) * 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_served_falls_forward() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
        for version in ["2026-10", "2026-01", "2027-01", "unstable"] {
            assert_eq!(served(version, today), version);
        }
        for version in ["2024-07", "2031-01", "2026-02", "latest"] {
            assert_eq!(served(version, today), "2026-01", "{version}");
        }
        let last_day = NaiveDate::from_ymd_opt(2026, 9, 30).unwrap();
        assert_eq!([served("2025-10", last_day), served("2025-10", today)], ["2025-10", "2026-01"]);
    }
}
