//! When a place is closed, as its settings say it.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::Label;

/// When a place is closed. Without any of it a place is open every day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Closing {
    /// Days of the week on which it is closed (定期休館日).
    pub weekdays: Vec<DayOfWeek>,
    /// Days of the month on which it is closed, to put the shelves in order (館内整理日).
    pub monthly: Vec<Monthly>,
    /// Whether it is closed on the last day of each month.
    pub month_end: bool,
    /// What a national holiday does.
    pub on_holidays: HolidayRule,
    /// Whether a regular closed day on which it is open, because it is a national holiday, is made up for on the next
    /// day that is neither a holiday nor a regular closed day (振替休館).
    pub substitute: bool,
    /// Days on which it is closed every year (年末年始).
    pub yearly: Vec<YearlySpan>,
    /// Days on which it is closed once (蔵書点検).
    pub dated: Vec<Span>,
    /// Days on which it is open whatever else is said here.
    pub openings: Vec<NaiveDate>,
}

impl Closing {
    /// Whether it is closed on the day's weekday.
    pub(super) fn is_weekly(&self, day: NaiveDate) -> bool {
        self.weekdays.contains(&DayOfWeek::of(day))
    }

    /// Whether it is closed on this day of the month.
    pub(super) fn is_monthly(&self, day: NaiveDate) -> bool {
        (self.month_end && is_month_end(day)) || self.monthly.iter().any(|monthly| monthly.falls_on(day))
    }

    /// Whether it would be closed if no day were a holiday and none were planned.
    pub(super) fn is_regular(&self, day: NaiveDate) -> bool {
        self.is_weekly(day) || self.is_monthly(day)
    }

    /// Why it is closed by plan, if it is.
    pub(super) fn planned(&self, day: NaiveDate) -> Option<Label> {
        if self.openings.contains(&day) {
            return None;
        }
        let label = |name: &String, name_en: &Option<String>| Label { name: name.clone(), name_en: name_en.clone() };
        let dated = self.dated.iter().find(|span| span.from <= day && day <= span.until);
        let dated = dated.map(|span| label(&span.reason, &span.reason_en));
        dated.or_else(|| {
            let yearly = self.yearly.iter().find(|span| span.covers(day));
            yearly.map(|span| label(&span.reason, &span.reason_en))
        })
    }

    /// Whether there is a day in an ordinary year on which it is open.
    pub(crate) fn ever_opens(&self) -> bool {
        // A leap year has every day a year may have.
        let mut days = NaiveDate::from_ymd_opt(2028, 1, 1).into_iter().flat_map(|first| first.iter_days().take(366));
        days.any(|day| !self.is_regular(day) && !self.yearly.iter().any(|span| span.covers(day)))
    }
}

/// Whether the next day is in another month.
fn is_month_end(day: NaiveDate) -> bool {
    day.succ_opt().is_none_or(|next| next.month() != day.month())
}

crate::words::words! {
    /// A day of the week.
    DayOfWeek, "day of the week" {
        /// 日
        Sun = "sun",
        /// 月
        Mon = "mon",
        /// 火
        Tue = "tue",
        /// 水
        Wed = "wed",
        /// 木
        Thu = "thu",
        /// 金
        Fri = "fri",
        /// 土
        Sat = "sat",
    }
}

impl DayOfWeek {
    /// That of a day.
    pub fn of(day: NaiveDate) -> Self {
        match day.weekday() {
            Weekday::Sun => Self::Sun,
            Weekday::Mon => Self::Mon,
            Weekday::Tue => Self::Tue,
            Weekday::Wed => Self::Wed,
            Weekday::Thu => Self::Thu,
            Weekday::Fri => Self::Fri,
            Weekday::Sat => Self::Sat,
        }
    }
}

crate::words::words! {
    /// What a national holiday does to a place.
    #[derive(Default)]
    HolidayRule, "rule for holidays" {
        /// Nothing: it is open or closed as on any day.
        #[default]
        AsUsual = "as-usual",
        /// It is open, on a regular closed day too.
        Open = "open",
        /// It is closed.
        Closed = "closed",
    }
}

crate::words::words! {
    /// Which of its weekdays in a month.
    Week, "week of the month" {
        /// The first.
        First = "first",
        /// The second.
        Second = "second",
        /// The third.
        Third = "third",
        /// The fourth.
        Fourth = "fourth",
        /// The last, be it the fourth or the fifth.
        Last = "last",
    }
}

/// A weekday of each month, as in *the last Thursday*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monthly {
    /// Which of them.
    pub week: Week,
    /// The weekday.
    pub weekday: DayOfWeek,
}

impl Monthly {
    fn falls_on(self, day: NaiveDate) -> bool {
        let nth = day.day0() / 7;
        DayOfWeek::of(day) == self.weekday
            && match self.week {
                Week::First => nth == 0,
                Week::Second => nth == 1,
                Week::Third => nth == 2,
                Week::Fourth => nth == 3,
                Week::Last => day.checked_add_days(Days::new(7)).is_none_or(|next| next.month() != day.month()),
            }
    }
}

/// Days of every year, both ends closed; over the new year when `until` comes before `from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearlySpan {
    /// The first closed day, as `12-29`.
    pub from: MonthDay,
    /// The last closed day, as `01-03`.
    pub until: MonthDay,
    /// Why, in Japanese.
    pub reason: String,
    /// Why, in English.
    #[serde(default)]
    pub reason_en: Option<String>,
}

impl YearlySpan {
    fn covers(&self, day: NaiveDate) -> bool {
        let day = MonthDay::of(day);
        if self.from <= self.until {
            self.from <= day && day <= self.until
        } else {
            self.from <= day || day <= self.until
        }
    }
}

/// Days of one year, both ends closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first closed day.
    pub from: NaiveDate,
    /// The last closed day.
    pub until: NaiveDate,
    /// Why, in Japanese.
    pub reason: String,
    /// Why, in English.
    #[serde(default)]
    pub reason_en: Option<String>,
}

/// A day of any year, written `12-29`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// The day of the year that `day` is.
    pub fn of(day: NaiveDate) -> Self {
        Self { month: day.month(), day: day.day() }
    }
}

/// A text that is no day of a year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day of the year; write month and day like 12-29")]
pub struct NotAMonthDay(pub String);

impl FromStr for MonthDay {
    type Err = NotAMonthDay;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        // In a leap year, so that 02-29 is a day.
        let two_and_two = s.len() == 5 && s.is_ascii();
        let day = two_and_two.then(|| format!("2028-{s}").parse::<NaiveDate>().ok()).flatten();
        day.map(Self::of).ok_or_else(|| NotAMonthDay(s.to_owned()))
    }
}

impl TryFrom<String> for MonthDay {
    type Error = NotAMonthDay;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<MonthDay> for String {
    fn from(day: MonthDay) -> Self {
        day.to_string()
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}
