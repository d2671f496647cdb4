//! About how long a patron will wait: said only where it can be said honestly.
//!
//! It counts on what the records say: every copy on loan comes back on its due date, everyone in front keeps it for the
//! whole loan. The shorter figure lets everyone collect at once, the longer one lets everyone use the whole time of the
//! hold. Copies that are overdue are not counted on. Nobody is told anything when no copy can be counted on, or when
//! it would take more than a year.

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::days_after;
use crate::policy::Policy;

/// When a copy can be counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyOutlook {
    /// It stands on a shelf.
    Free,
    /// It is on loan until this day.
    DueOn(NaiveDate),
    /// It is captured for somebody, who will have it next.
    Captured,
}

/// About how long a patron will wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitEstimate {
    /// At least about so many weeks.
    pub from_weeks: u32,
    /// At most about so many weeks.
    pub to_weeks: u32,
}

/// The longest wait that is told, in weeks.
const LONGEST: u32 = 52;

/// About how long the reservation at this position waits; `None` where nothing true can be said.
pub fn estimate_wait(policy: &Policy, position: u32, copies: &[CopyOutlook], today: NaiveDate) -> Option<WaitEstimate> {
    let loan = policy.loans.days;
    let hold = policy.reservations.hold_days;
    let free_on = |with_hold: u32| -> BinaryHeap<Reverse<NaiveDate>> {
        copies
            .iter()
            .filter_map(|copy| match copy {
                CopyOutlook::Free => Some(today),
                CopyOutlook::DueOn(day) => (*day >= today).then_some(*day),
                CopyOutlook::Captured => Some(days_after(today, loan + with_hold)),
            })
            .map(Reverse)
            .collect()
    };
    let weeks = |with_hold: u32| -> Option<f64> {
        let mut free = free_on(with_hold);
        for _ in 1..position {
            let Reverse(day) = free.pop()?;
            free.push(Reverse(days_after(day, loan + with_hold)));
        }
        let Reverse(day) = free.pop()?;
        i32::try_from((day - today).num_days()).ok().map(|days| f64::from(days) / 7.0)
    };
    let whole = |weeks: f64| (weeks <= f64::from(LONGEST)).then_some(weeks as u32);
    let from_weeks = whole(weeks(0)?.floor())?;
    let to_weeks = whole(weeks(hold)?.ceil())?;
    Some(WaitEstimate { from_weeks, to_weeks: to_weeks.max(1) })
}
