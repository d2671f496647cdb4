//! Renewal (貸出延長, R24).

use chrono::NaiveDate;

use super::Refusal;
use crate::{patrons::CardState, policy::LoanPolicy};

/// What has to be known of a loan to renew it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalFacts {
    /// Whether the patron's card may be used.
    pub card: CardState,
    /// Whether another library lent the copy.
    pub borrowed: bool,
    /// The present due date.
    pub due_on: NaiveDate,
    /// How often it was renewed.
    pub renewals: u32,
    /// Whether anyone's reservation of the title stands in the queue: waiting, assigned, dormant or paused. The
    /// remark 予約 on 貸出状況 is this very value (R23).
    pub others_wait: bool,
    /// The due date it would have: so many days from today, moved by the calendar.
    pub would_be_due_on: NaiveDate,
}

/// The new due date, or why there is none (R24, R25).
///
/// # Errors
/// The refusal the patron is told.
pub fn decide_renewal(policy: &LoanPolicy, facts: &RenewalFacts, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    match facts.card {
        CardState::Active => {}
        CardState::Suspended => return Err(Refusal::CardSuspended),
        CardState::Expired => return Err(Refusal::CardExpired),
    }
    if facts.borrowed {
        Err(Refusal::BorrowedCopy)
    } else if today > facts.due_on {
        Err(Refusal::Overdue)
    } else if facts.renewals >= policy.renewals {
        Err(Refusal::RenewedAlready)
    } else if facts.others_wait {
        Err(Refusal::OthersWaiting)
    } else if facts.would_be_due_on <= facts.due_on {
        Err(Refusal::NotLater { due_on: facts.due_on })
    } else {
        Ok(facts.would_be_due_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, d).expect("a real day")
    }

    fn decide(today: u32, change: impl FnOnce(&mut RenewalFacts)) -> Result<NaiveDate, Refusal> {
        let mut facts = RenewalFacts {
            card: CardState::Active,
            borrowed: false,
            due_on: day(15),
            renewals: 0,
            others_wait: false,
            would_be_due_on: day(today + 14),
        };
        change(&mut facts);
        decide_renewal(&LoanPolicy::default(), &facts, day(today))
    }

    #[test]
    fn r24_two_weeks_from_the_day_of_renewal_once() {
        assert_eq!(decide(8, |_| {}), Ok(day(22)));
        assert_eq!(decide(15, |_| {}), Ok(day(29)), "on the due date it is not overdue");
        assert_eq!(decide(8, |f| f.renewals = 1), Err(Refusal::RenewedAlready));
        assert_eq!(decide(8, |f| f.others_wait = true), Err(Refusal::OthersWaiting));
        assert_eq!(decide(1, |_| {}), Err(Refusal::NotLater { due_on: day(15) }), "renewed on the day it was lent");
    }

    #[test]
    fn r25_overdue_borrowed_and_barred() {
        assert_eq!(decide(16, |_| {}), Err(Refusal::Overdue));
        assert_eq!(decide(8, |f| f.borrowed = true), Err(Refusal::BorrowedCopy));
        assert_eq!(decide(8, |f| f.card = CardState::Suspended), Err(Refusal::CardSuspended));
    }
}
