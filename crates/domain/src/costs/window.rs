//! Days of UTC that a summary looks at.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

use crate::time::Timestamp;

/// The last days up to today, and the spans that do not depend on how many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    today: NaiveDate,
    first: NaiveDate,
    length: u64,
}

impl Window {
    /// `days` days, today included.
    #[must_use]
    pub fn ending(now: Timestamp, days: u64) -> Self {
        let today = now.date_naive();
        let length = days.max(1);
        Self { today, first: back(today, length - 1), length }
    }

    /// The current day.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// The days of the window, oldest first.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| *day <= self.today)
    }

    /// Whether a day is inside.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        (self.first..=self.today).contains(&day)
    }

    /// Whether a day is one of the last seven.
    #[must_use]
    pub fn in_week(&self, day: NaiveDate) -> bool {
        (back(self.today, 6)..=self.today).contains(&day)
    }

    /// Whether a day belongs to the current month and is not to come.
    #[must_use]
    pub fn in_month(&self, day: NaiveDate) -> bool {
        (self.month_start()..=self.today).contains(&day)
    }

    /// Whether a day belongs to the window of the same length before this one.
    #[must_use]
    pub fn before(&self, day: NaiveDate) -> bool {
        (back(self.first, self.length)..self.first).contains(&day)
    }

    /// Begin of the first day that any of these needs.
    #[must_use]
    pub fn first_needed(&self) -> Timestamp {
        let first = back(self.first, self.length).min(self.month_start()).min(back(self.today, 6));
        first.and_time(NaiveTime::MIN).and_utc()
    }

    /// Whole days of the month after today.
    #[must_use]
    pub fn days_left_in_month(&self) -> i64 {
        let next = self.month_start().checked_add_months(Months::new(1)).unwrap_or(self.today);
        (next - self.today).num_days() - 1
    }

    fn month_start(&self) -> NaiveDate {
        self.today.with_day(1).unwrap_or(self.today)
    }
}

fn back(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}
