//! The library's calendar (図書館カレンダー, R30): on which days a branch or pickup place is open, and where a due
//! date or a deadline goes that falls on a closed day.

mod closing;
mod holidays;
mod hours;
mod month;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{PlaceCode, home::PlaceToday, policy::Policy};

pub use closing::{Closing, DayOfWeek, HolidayRule, MonthDay, Monthly, NotAMonthDay, Span, Week, YearlySpan};
pub use holidays::{BUILT_IN_HOLIDAYS, Holiday, HolidayError, HolidayFault, parse_holidays};
pub use hours::{Hours, NotHours, OpeningHours};
pub use month::{CalendarDay, CalendarMonth, YearMonth};

/// How far [`Calendar::next_open`] looks ahead, in days.
const LOOK_AHEAD: u64 = 400;

/// How far a substitute closed day may lie behind the holiday it makes up for, in days; more than any run of holidays
/// and regular closed days has.
const LOOK_BACK: u64 = 31;

crate::words::words! {
    /// Where a due date or a deadline goes that falls on a closed day.
    #[derive(Default)]
    ClosedDayRule, "rule for closed days" {
        /// To the next day the place is open.
        #[default]
        NextOpenDay = "next-open-day",
        /// It stays where it is.
        Keep = "keep",
    }
}

/// An emergency closure (臨時休館): a place stays closed for days nobody had planned. Both days are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Which place.
    pub place: PlaceCode,
    /// The first closed day.
    pub from: NaiveDate,
    /// The last closed day.
    pub until: NaiveDate,
    /// Why, as the patron reads it; may be empty.
    pub reason: String,
}

impl Closure {
    /// Whether the place is closed on `day` by this closure.
    pub fn covers(&self, place: &PlaceCode, day: NaiveDate) -> bool {
        self.place == *place && self.from <= day && day <= self.until
    }
}

/// What a closure that is only thought of would move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosureEffect {
    /// Due dates that fall on its days.
    pub loans: u64,
    /// Deadlines of the hold shelf that do.
    pub holds: u64,
    /// The day they all move to.
    pub moved_to: NaiveDate,
}

/// What a day is at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// 開館
    Open,
    /// A day of the week on which the place is always closed (定期休館日).
    Weekly,
    /// A day of the month for putting the shelves in order (館内整理日).
    Monthly,
    /// A national holiday (祝日).
    Holiday(Label),
    /// Closed in place of a regular closed day on which the place was open because it was a holiday (振替休館).
    Substitute,
    /// Days planned in the settings: year's end, stocktaking (年末年始、蔵書点検).
    Special(Label),
    /// An emergency closure (臨時休館).
    Closure {
        /// Why, as the patron reads it; may be empty.
        reason: String,
    },
}

/// A name in Japanese and, where somebody wrote it down, in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// In Japanese.
    pub name: String,
    /// In English.
    pub name_en: Option<String>,
}

impl DayKind {
    /// Whether the place is open.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }
}

/// The open and closed days of every place, as settings and emergency closures have them.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    policy: &'a Policy,
    closures: &'a [Closure],
}

impl<'a> Calendar<'a> {
    /// The calendar of these settings and closures. It only borrows, so it may be made wherever it is needed.
    pub const fn new(policy: &'a Policy, closures: &'a [Closure]) -> Self {
        Self { policy, closures }
    }

    /// What `day` is at `place` (R30).
    ///
    /// An emergency closure wins over everything, then an opening named in the settings, then planned closed days,
    /// then holidays, then the regular closed days. A place the settings do not know is open every day.
    pub fn day(&self, place: &PlaceCode, day: NaiveDate) -> DayKind {
        if let Some(closure) = self.closures.iter().find(|closure| closure.covers(place, day)) {
            return DayKind::Closure { reason: closure.reason.clone() };
        }
        let Some(closing) = self.policy.place(place).map(|place| &place.closing) else { return DayKind::Open };
        if closing.openings.contains(&day) {
            return DayKind::Open;
        }
        if let Some(label) = closing.planned(day) {
            return DayKind::Special(label);
        }
        match (closing.on_holidays, self.holiday(day)) {
            (HolidayRule::Open, Some(_)) => return DayKind::Open,
            (HolidayRule::Closed, Some(holiday)) => return DayKind::Holiday(holiday.label()),
            (HolidayRule::AsUsual, _) | (_, None) => {}
        }
        if closing.is_weekly(day) {
            return DayKind::Weekly;
        }
        if closing.is_monthly(day) {
            return DayKind::Monthly;
        }
        if self.is_substitute(closing, day) { DayKind::Substitute } else { DayKind::Open }
    }

    /// Whether `place` is open on `day`.
    pub fn is_open(&self, place: &PlaceCode, day: NaiveDate) -> bool {
        self.day(place, day).is_open()
    }

    /// `day` itself when `place` is open then, else the first day after it on which it is. A place that stays closed
    /// for more than a year has no such day: then it is `day`.
    pub fn next_open(&self, place: &PlaceCode, day: NaiveDate) -> NaiveDate {
        day.iter_days().take(LOOK_AHEAD as usize).find(|day| self.is_open(place, *day)).unwrap_or(day)
    }

    /// Where a due date or a deadline on `day` goes under `rule`.
    pub fn settle(&self, place: &PlaceCode, day: NaiveDate, rule: ClosedDayRule) -> NaiveDate {
        match rule {
            ClosedDayRule::Keep => day,
            ClosedDayRule::NextOpenDay => self.next_open(place, day),
        }
    }

    /// The days of a month at a place, in order.
    pub fn month(&self, place: &PlaceCode, month: YearMonth) -> Vec<CalendarDay> {
        month
            .days()
            .map(|day| CalendarDay { day, kind: self.day(place, day), holiday: self.holiday(day).map(Holiday::label) })
            .collect()
    }

    /// The page of a month at a place, as shown on `today`; a month that is not offered becomes the nearest that is.
    pub fn page(&self, place: &PlaceCode, month: YearMonth, today: NaiveDate) -> CalendarMonth {
        let month = month.offered(today);
        let neighbour = |other: YearMonth| (other.offered(today) == other).then_some(other);
        let known_until = self.policy.calendar.holidays.iter().map(|holiday| holiday.day.year()).max();
        CalendarMonth {
            place: place.clone(),
            month,
            days: self.month(place, month),
            today,
            previous: neighbour(month.before()),
            next: neighbour(month.after()),
            holidays_known: known_until.is_some_and(|year| month.year() <= year),
        }
    }

    /// What `day` is at every place, and from when until when those are open that are.
    pub fn everywhere(&self, day: NaiveDate) -> Vec<PlaceToday> {
        let is_holiday = self.holiday(day).is_some();
        let places = self.policy.places.iter();
        places
            .map(|place| {
                let kind = self.day(&place.code, day);
                let hours = place.hours.on(day, is_holiday).filter(|_| kind.is_open());
                PlaceToday { place: place.code.clone(), kind, hours }
            })
            .collect()
    }

    fn holiday(&self, day: NaiveDate) -> Option<&'a Holiday> {
        self.policy.calendar.holidays.iter().find(|holiday| holiday.day == day)
    }

    /// Whether a regular closed day was open for a holiday and `day` is the first after it that is neither a holiday
    /// nor a regular closed day.
    fn is_substitute(&self, closing: &Closing, day: NaiveDate) -> bool {
        if !closing.substitute || closing.on_holidays != HolidayRule::Open {
            return false;
        }
        (1..=LOOK_BACK)
            .map_while(|back| day.checked_sub_days(Days::new(back)))
            .map(|before| (before, closing.is_regular(before), self.holiday(before).is_some()))
            .take_while(|(_, regular, holiday)| *regular || *holiday)
            // A holiday on which it was closed all the same, at year's end, has nothing to make up for.
            .any(|(before, regular, holiday)| regular && holiday && closing.planned(before).is_none())
    }
}

#[cfg(test)]
mod tests;
