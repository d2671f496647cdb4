//! What may be changed and cancelled (R19): the table of requirements, in one function for the button and for what it
//! does.

use super::{Refusal, ReservationState};

/// Where a reservation stands, as the patron reads it, without its numbers and dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 予約中
    Waiting,
    /// 前の資料待ち
    Dormant,
    /// 確認待ち
    Paused,
    /// 準備中
    Assigned,
    /// 移送中
    InTransit,
    /// 用意できました
    Ready,
    /// 手配中
    NotOwned,
}

impl Standing {
    /// Where a reservation stands; `None` when it is over. One that a copy was picked for, but that sleeps, is read
    /// as what keeps it asleep: the copy is not on its way to anybody.
    pub fn of(state: ReservationState, dormant: bool, paused: bool) -> Option<Self> {
        Some(match state {
            ReservationState::Waiting | ReservationState::Assigned if paused => Self::Paused,
            ReservationState::Waiting | ReservationState::Assigned if dormant => Self::Dormant,
            ReservationState::Waiting => Self::Waiting,
            ReservationState::Assigned => Self::Assigned,
            ReservationState::InTransit => Self::InTransit,
            ReservationState::Ready => Self::Ready,
            ReservationState::NotOwned => Self::NotOwned,
            ReservationState::Lent | ReservationState::Cancelled => return None,
        })
    }
}

/// What a patron may do with a reservation; where it is refused, the reason stands in place of the button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Why the pickup place can't be changed.
    pub place: Option<Refusal>,
    /// Why the contact method can't be changed.
    pub contact: Option<Refusal>,
    /// Why it can't be cancelled here.
    pub cancel: Option<Refusal>,
}

/// What a patron may do with a reservation that stands so (R19).
pub fn permissions(standing: Standing) -> Permissions {
    let (place, contact, cancel) = match standing {
        Standing::Waiting | Standing::Dormant | Standing::Paused => (None, None, None),
        Standing::Assigned => (Some(Refusal::BeingPrepared), None, None),
        Standing::InTransit => (Some(Refusal::OnItsWay), Some(Refusal::OnItsWay), None),
        Standing::Ready => (Some(Refusal::ReadyAlready), Some(Refusal::ReadyAlready), None),
        Standing::NotOwned => {
            (Some(Refusal::NotOwnedYet), Some(Refusal::NotOwnedYet), Some(Refusal::CancelByTelephone))
        }
    };
    Permissions { place, contact, cancel }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r19_the_table() {
        let may = |standing| {
            let allowed = permissions(standing);
            [allowed.place.is_none(), allowed.contact.is_none(), allowed.cancel.is_none()]
        };
        assert_eq!(may(Standing::Waiting), [true, true, true]);
        assert_eq!(may(Standing::Dormant), [true, true, true]);
        assert_eq!(may(Standing::Paused), [true, true, true]);
        assert_eq!(may(Standing::Assigned), [false, true, true]);
        assert_eq!(may(Standing::InTransit), [false, false, true]);
        assert_eq!(may(Standing::Ready), [false, false, true]);
        assert_eq!(may(Standing::NotOwned), [false, false, false]);
        assert_eq!(permissions(Standing::NotOwned).cancel, Some(Refusal::CancelByTelephone));
    }

    #[test]
    fn a_pull_for_one_that_sleeps_changes_nothing_for_the_patron() {
        assert_eq!(Standing::of(ReservationState::Assigned, true, false), Some(Standing::Dormant));
        assert_eq!(Standing::of(ReservationState::Assigned, true, true), Some(Standing::Paused));
        assert_eq!(Standing::of(ReservationState::Ready, true, true), Some(Standing::Ready));
        assert_eq!(Standing::of(ReservationState::Lent, false, false), None);
    }
}
