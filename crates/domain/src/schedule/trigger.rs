//! When a job is due: at even intervals, or at an hour of the day in the owner's time zone.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use crate::time::Timestamp;

/// The time zone of daily and weekly jobs, by its IANA name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self(Tz::UTC);
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| format!("`{text}` is no time zone; use an IANA name such as Europe/Berlin"))
    }
}

/// When a job is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Every so many minutes, counted from 1970, so that all processes agree without a common start.
    Every {
        /// Minutes.
        minutes: u32,
    },
    /// Each day at a full hour.
    Daily {
        /// 0 to 23.
        hour: u32,
    },
    /// Once a week at a full hour.
    Weekly {
        /// The day.
        day: Weekday,
        /// 0 to 23.
        hour: u32,
    },
}

impl Trigger {
    /// The first due moment after `after`.
    ///
    /// An hour that daylight saving skips is due when the clocks have moved on; an hour that comes twice is due the first
    /// time only.
    #[must_use]
    pub fn next_after(&self, after: Timestamp, zone: Zone) -> Timestamp {
        match *self {
            Self::Every { minutes } => {
                let step = i64::from(minutes.max(1)) * 60;
                let next = (after.timestamp().div_euclid(step) + 1) * step;
                Utc.timestamp_opt(next, 0).single().unwrap_or(after + TimeDelta::seconds(step))
            }
            Self::Daily { hour } => next_hour(after, zone, hour, None),
            Self::Weekly { day, hour } => next_hour(after, zone, hour, Some(day)),
        }
    }

    /// The usual distance between two fires.
    #[must_use]
    pub fn period(&self) -> TimeDelta {
        match *self {
            Self::Every { minutes } => TimeDelta::minutes(i64::from(minutes)),
            Self::Daily { .. } => TimeDelta::days(1),
            Self::Weekly { .. } => TimeDelta::days(7),
        }
    }
}

fn next_hour(after: Timestamp, zone: Zone, hour: u32, day: Option<Weekday>) -> Timestamp {
    let today = after.with_timezone(&zone.0).date_naive();
    // Eight days hold every weekday twice at most and once at least, whatever the zone's changes.
    (0..=8)
        .filter_map(|ahead| today.checked_add_days(Days::new(ahead)))
        .filter(|date| day.is_none_or(|day| date.weekday() == day))
        .filter_map(|date| at_hour(date, hour, zone))
        .find(|moment| *moment > after)
        .unwrap_or(after + TimeDelta::days(1))
}

fn at_hour(date: NaiveDate, hour: u32, zone: Zone) -> Option<Timestamp> {
    let time = NaiveTime::from_hms_opt(hour, 0, 0)?;
    (0..=4).find_map(|later| {
        let local = date.and_time(time) + TimeDelta::minutes(30 * later);
        match zone.0.from_local_datetime(&local) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => Some(moment.with_timezone(&Utc)),
            LocalResult::None => None,
        }
    })
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every { minutes } => write!(f, "interval[{}:{:02}:00]", minutes / 60, minutes % 60),
            Self::Daily { hour } => write!(f, "cron[hour='{hour}', minute='0']"),
            Self::Weekly { day, hour } => {
                let day = day.to_string().to_lowercase();
                write!(f, "cron[day_of_week='{day}', hour='{hour}', minute='0']")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn berlin() -> Zone {
        "Europe/Berlin".parse().expect("a zone")
    }

    #[test]
    fn triggers_read_as_operators_know_them() {
        assert_eq!(Trigger::Every { minutes: 30 }.to_string(), "interval[0:30:00]");
        assert_eq!(Trigger::Every { minutes: 360 }.to_string(), "interval[6:00:00]");
        assert_eq!(Trigger::Daily { hour: 9 }.to_string(), "cron[hour='9', minute='0']");
        let monday = Trigger::Weekly { day: Weekday::Mon, hour: 9 };
        assert_eq!(monday.to_string(), "cron[day_of_week='mon', hour='9', minute='0']");
    }

    #[test]
    fn a_daily_job_is_due_at_the_owners_hour() {
        let nine = Trigger::Daily { hour: 9 };
        assert_eq!(nine.next_after(at("2026-07-01T06:59:59Z"), berlin()), at("2026-07-01T07:00:00Z"));
        assert_eq!(nine.next_after(at("2026-07-01T07:00:00Z"), berlin()), at("2026-07-02T07:00:00Z"));
        assert_eq!(nine.next_after(at("2026-12-01T07:30:00Z"), berlin()), at("2026-12-01T08:00:00Z"));
    }

    #[test]
    fn an_hour_that_daylight_saving_skips_is_due_when_it_is_over() {
        let two = Trigger::Daily { hour: 2 };
        assert_eq!(two.next_after(at("2026-03-28T12:00:00Z"), berlin()), at("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn an_hour_that_comes_twice_is_due_once() {
        let two = Trigger::Daily { hour: 2 };
        let first = two.next_after(at("2026-10-24T12:00:00Z"), berlin());
        assert_eq!(first, at("2026-10-25T00:00:00Z"));
        assert_eq!(two.next_after(first, berlin()), at("2026-10-26T01:00:00Z"));
    }

    #[test]
    fn a_weekly_job_waits_for_its_day() {
        let monday = Trigger::Weekly { day: Weekday::Mon, hour: 9 };
        assert_eq!(monday.next_after(at("2026-11-23T09:00:00Z"), Zone::UTC), at("2026-11-30T09:00:00Z"));
        assert_eq!(monday.next_after(at("2026-11-23T08:59:00Z"), Zone::UTC), at("2026-11-23T09:00:00Z"));
    }

    #[test]
    fn a_zone_that_does_not_exist_is_refused_by_name() {
        let error = "Mars/Olympus".parse::<Zone>().expect_err("no such zone");
        assert!(error.contains("Mars/Olympus"), "{error}");
    }

    proptest! {
        #[test]
        fn the_next_fire_is_later_and_not_later_than_two_periods(seconds in 0_i64..4_000_000_000, which in 0_usize..4) {
            let triggers = [
                Trigger::Every { minutes: 5 },
                Trigger::Every { minutes: 360 },
                Trigger::Daily { hour: 2 },
                Trigger::Weekly { day: Weekday::Sun, hour: 3 },
            ];
            let after = Utc.timestamp_opt(seconds, 0).single().expect("a moment");
            let next = triggers[which].next_after(after, berlin());
            prop_assert!(next > after);
            prop_assert!(next - after <= triggers[which].period() * 2);
            prop_assert_eq!(next, triggers[which].next_after(next - TimeDelta::seconds(1), berlin()));
        }
    }
}
