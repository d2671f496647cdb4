//! A month of the calendar, as its page shows it (R30).

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{DayKind, Label};
use crate::{PlaceCode, UnknownWord};

/// A month of a year, written `2026-04`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearMonth {
    // The first day, so that there is no month that is none.
    first: NaiveDate,
}

impl YearMonth {
    /// Months before this one that the calendar shows.
    const BACK: u32 = 12;
    /// Months after this one that the calendar shows.
    const AHEAD: u32 = 24;

    /// The month of a day.
    pub fn of(day: NaiveDate) -> Self {
        Self { first: day.with_day(1).unwrap_or(day) }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.first.year()
    }

    /// The month, from 1.
    pub fn month(self) -> u32 {
        self.first.month()
    }

    /// The month before.
    pub fn before(self) -> Self {
        self.shifted(NaiveDate::checked_sub_months, 1)
    }

    /// The month after.
    pub fn after(self) -> Self {
        self.shifted(NaiveDate::checked_add_months, 1)
    }

    /// Its first day.
    pub const fn first_day(self) -> NaiveDate {
        self.first
    }

    /// This month if the calendar shows it on `today`, else the nearest that it does: a year back, two ahead.
    pub fn offered(self, today: NaiveDate) -> Self {
        let this = Self::of(today);
        let first = this.shifted(NaiveDate::checked_sub_months, Self::BACK);
        self.clamp(first, this.shifted(NaiveDate::checked_add_months, Self::AHEAD))
    }

    /// Its days, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| day.month() == self.first.month())
    }

    fn shifted(self, shift: fn(NaiveDate, chrono::Months) -> Option<NaiveDate>, months: u32) -> Self {
        Self { first: shift(self.first, chrono::Months::new(months)).unwrap_or(self.first) }
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl FromStr for YearMonth {
    type Err = UnknownWord;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let month = s.split_once('-').and_then(|(year, month)| {
            let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let written = year.len() == 4 && month.len() == 2 && digits(year) && digits(month);
            written.then(|| NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)).flatten()
        });
        month.map(|first| Self { first }).ok_or_else(|| UnknownWord { what: "month", word: s.to_owned() })
    }
}

impl TryFrom<String> for YearMonth {
    type Error = UnknownWord;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<YearMonth> for String {
    fn from(month: YearMonth) -> Self {
        month.to_string()
    }
}

/// A day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// The day.
    pub day: NaiveDate,
    /// What it is at the place.
    pub kind: DayKind,
    /// The national holiday it is, whether the place is open or not.
    pub holiday: Option<Label>,
}

/// A month of the calendar of a place (R30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarMonth {
    /// Whose calendar.
    pub place: PlaceCode,
    /// The month.
    pub month: YearMonth,
    /// Its days, in order.
    pub days: Vec<CalendarDay>,
    /// The day it is.
    pub today: NaiveDate,
    /// The month before, if it is offered.
    pub previous: Option<YearMonth>,
    /// The month after, if it is offered.
    pub next: Option<YearMonth>,
    /// Whether the list of national holidays reaches as far as this month's year.
    pub holidays_known: bool,
}

impl CalendarMonth {
    /// Its weeks, from Sunday to Saturday; `None` where a day belongs to another month.
    pub fn weeks(&self) -> Vec<[Option<&CalendarDay>; 7]> {
        let mut weeks: Vec<[Option<&CalendarDay>; 7]> = Vec::with_capacity(6);
        for (n, day) in self.days.iter().enumerate() {
            let weekday = day.day.weekday().num_days_from_sunday() as usize;
            if n == 0 || weekday == 0 {
                weeks.push([None; 7]);
            }
            if let Some(slot) = weeks.last_mut().and_then(|week| week.get_mut(weekday)) {
                *slot = Some(day);
            }
        }
        weeks
    }
}
