//! Until when: loans, holds, and what is given up after some days.

use chrono::{Days, NaiveDate};

use crate::{PlaceCode, calendar::Calendar, policy::Policy};

/// The day so many days later.
pub fn days_after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

/// The due date (返却期限) of what is lent at a place today (R16), or renewed today (R24) with `days` of its own.
pub fn due_on(policy: &Policy, calendar: &Calendar<'_>, place: &PlaceCode, today: NaiveDate, days: u32) -> NaiveDate {
    calendar.settle(place, days_after(today, days), policy.calendar.due_on_closed_day)
}

/// The last day a copy that became ready on `ready_on` is kept (取置期限日, R11). The day itself is day 0.
pub fn hold_until(policy: &Policy, calendar: &Calendar<'_>, place: &PlaceCode, ready_on: NaiveDate) -> NaiveDate {
    let day = days_after(ready_on, policy.reservations.hold_days);
    calendar.settle(place, day, policy.calendar.hold_on_closed_day)
}

/// The last day of a hold that staff extend.
pub fn extended_hold(policy: &Policy, calendar: &Calendar<'_>, place: &PlaceCode, until: NaiveDate) -> NaiveDate {
    let day = days_after(until, policy.reservations.hold_extension_days);
    calendar.settle(place, day, policy.calendar.hold_on_closed_day)
}

/// Whether what began on a day and is given `days` is past its last day: a hold since it became ready, a copy in
/// transit, a paused set, a cancelled reservation on its list.
pub fn has_run_out(began_on: NaiveDate, days: u32, today: NaiveDate) -> bool {
    today > days_after(began_on, days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, d).expect("a real day")
    }

    #[test]
    fn the_last_day_is_still_in_time() {
        assert!(!has_run_out(day(1), 14, day(15)));
        assert!(has_run_out(day(1), 14, day(16)));
    }
}
