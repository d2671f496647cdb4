//! Whether a notice is still true when its turn to be sent has come, and which cancellations are told of.

use chrono::NaiveDate;

use super::NoticeKind;
use crate::{
    circulation::{CancelReason, ReservationState},
    policy::NoticePolicy,
};

/// How what a notice tells of stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A reservation.
    Reservation {
        /// Its state.
        state: ReservationState,
        /// 取置期限日, where it is ready.
        hold_until: Option<NaiveDate>,
    },
    /// A loan.
    Loan {
        /// Whether it runs.
        open: bool,
        /// 返却期限
        due_on: NaiveDate,
    },
    /// An ordered set.
    Set {
        /// Whether it is paused.
        paused: bool,
    },
    /// A link of a mail.
    Link {
        /// Whether it leads somewhere.
        open: bool,
    },
    /// Something that happened and stays so.
    Past,
    /// It is not there any more, or nobody's.
    Gone,
}

/// Whether a notice that was written some time ago is still worth sending. `told` is the date it speaks of.
///
/// What was cancelled, returned, renewed, undone or used meanwhile is not told of any more (R15 and R25 would be wrong to
/// hear about), nor is a deadline that has passed.
pub fn is_still_true(kind: NoticeKind, told: Option<NaiveDate>, now: Standing, today: NaiveDate) -> bool {
    use ReservationState as State;
    match (kind, now) {
        // Its deadline may have been moved meanwhile: the mail says the present one.
        (NoticeKind::Ready, Standing::Reservation { state: State::Ready, hold_until }) => {
            hold_until.is_some_and(|until| until >= today)
        }
        (NoticeKind::Expiring, Standing::Reservation { state: State::Ready, hold_until }) => {
            hold_until == told && hold_until.is_some_and(|until| until >= today)
        }
        (NoticeKind::Vanished, Standing::Reservation { state, .. }) => {
            matches!(state, State::Waiting | State::Assigned | State::InTransit)
        }
        (NoticeKind::Cancelled, Standing::Reservation { state, .. }) => state == State::Cancelled,
        (NoticeKind::Paused, Standing::Set { paused }) => paused,
        (NoticeKind::Due, Standing::Loan { open, due_on }) => open && told == Some(due_on) && today <= due_on,
        (NoticeKind::Overdue, Standing::Loan { open, due_on }) => open && told == Some(due_on) && today > due_on,
        (NoticeKind::PasswordLink | NoticeKind::AddressLink, Standing::Link { open }) => open,
        (
            NoticeKind::PasswordChanged
            | NoticeKind::PasskeyAdded
            | NoticeKind::DeviceAdded
            | NoticeKind::AddressChanged
            | NoticeKind::OneTime,
            Standing::Past,
        ) => true,
        _ => false,
    }
}

/// Whether a patron is told that their reservation was cancelled for this reason: what they did themselves they know, and
/// what ran out is told only where the library wishes so (R15).
pub const fn tells_of(policy: &NoticePolicy, reason: CancelReason) -> bool {
    match reason {
        CancelReason::Patron | CancelReason::Merged => false,
        CancelReason::Staff | CancelReason::Declined | CancelReason::Withdrawn => policy.cancelled,
        CancelReason::Expired | CancelReason::Unanswered => policy.expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, day).expect("sound")
    }

    fn reservation(state: ReservationState, hold_until: Option<u32>) -> Standing {
        Standing::Reservation { state, hold_until: hold_until.map(day) }
    }

    #[test]
    fn ready_is_told_while_the_copy_stands_there() {
        use ReservationState::{Cancelled, InTransit, Lent, Ready, Waiting};
        let tell = |now| is_still_true(NoticeKind::Ready, Some(day(15)), now, day(2));
        assert!(tell(reservation(Ready, Some(15))));
        assert!(tell(reservation(Ready, Some(20))), "the deadline was moved: the mail says the new one");
        assert!(!tell(reservation(Ready, Some(1))), "over, though the day's work has not come to it yet");
        for state in [Cancelled, InTransit, Lent, Waiting] {
            assert!(!tell(reservation(state, None)), "{state}");
        }
        assert!(!tell(Standing::Gone));
    }

    #[test]
    fn a_deadline_is_reminded_of_as_long_as_it_is_that_one() {
        use ReservationState::{Lent, Ready};
        let tell = |now, today| is_still_true(NoticeKind::Expiring, Some(day(15)), now, day(today));
        assert!(tell(reservation(Ready, Some(15)), 15));
        assert!(!tell(reservation(Ready, Some(15)), 16));
        assert!(!tell(reservation(Ready, Some(22)), 14), "extended");
        assert!(!tell(reservation(Lent, None), 14));
    }

    #[test]
    fn loans_are_reminded_of_while_they_run_to_that_day() {
        let tell = |kind, open, due, today| {
            is_still_true(kind, Some(day(15)), Standing::Loan { open, due_on: day(due) }, day(today))
        };
        assert!(tell(NoticeKind::Due, true, 15, 13));
        assert!(!tell(NoticeKind::Due, false, 15, 13), "returned");
        assert!(!tell(NoticeKind::Due, true, 27, 13), "renewed");
        assert!(!tell(NoticeKind::Due, true, 15, 16), "not soon any more");
        assert!(tell(NoticeKind::Overdue, true, 15, 22));
        assert!(!tell(NoticeKind::Overdue, false, 15, 22));
        assert!(!tell(NoticeKind::Overdue, true, 25, 22), "a closure moved it");
    }

    #[test]
    fn the_rest() {
        use ReservationState::{Assigned, Cancelled, Ready, Waiting};
        let tell = |kind, now| is_still_true(kind, None, now, day(2));
        assert!(tell(NoticeKind::Vanished, reservation(Waiting, None)));
        assert!(tell(NoticeKind::Vanished, reservation(Assigned, None)));
        assert!(!tell(NoticeKind::Vanished, reservation(Ready, Some(9))), "it is there again");
        assert!(!tell(NoticeKind::Vanished, reservation(Cancelled, None)));
        assert!(tell(NoticeKind::Cancelled, reservation(Cancelled, None)));
        assert!(!tell(NoticeKind::Cancelled, reservation(Waiting, None)));
        assert!(tell(NoticeKind::Paused, Standing::Set { paused: true }));
        assert!(!tell(NoticeKind::Paused, Standing::Set { paused: false }), "answered meanwhile");
        assert!(!tell(NoticeKind::PasswordLink, Standing::Link { open: false }));
        assert!(tell(NoticeKind::PasswordChanged, Standing::Past));
    }

    #[test]
    fn r15_what_ran_out_is_told_only_where_the_library_wishes() {
        use CancelReason::{Declined, Expired, Merged, Patron, Staff, Unanswered, Withdrawn};
        let told = |policy: &NoticePolicy| {
            CancelReason::ALL.iter().copied().filter(|reason| tells_of(policy, *reason)).collect::<Vec<_>>()
        };
        assert_eq!(told(&NoticePolicy::default()), [Staff, Declined, Withdrawn]);
        let all = told(&NoticePolicy { expired: true, ..NoticePolicy::default() });
        assert!(
            all.contains(&Expired) && all.contains(&Unanswered) && !all.contains(&Patron) && !all.contains(&Merged)
        );
        let none = NoticePolicy { cancelled: false, ..NoticePolicy::default() };
        assert!(told(&none).is_empty());
    }
}
