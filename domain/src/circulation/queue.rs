//! The queue of a title: who comes before whom, who is asleep, who is served next.

use chrono::{DateTime, Utc};

use super::ReservationState;
use crate::{ReservationId, policy::SetWaitsFor};

/// Orders a queue. It never changes after the reservation was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueKey {
    /// The moment of reservation.
    pub placed_at: DateTime<Utc>,
    /// Decides between reservations of one moment.
    pub id: ReservationId,
}

/// Another member of the same ordered set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetMember {
    /// Its place in the reading order, from 1.
    pub ordinal: i64,
    /// Where it stands.
    pub state: ReservationState,
}

/// A waiting reservation as the queue sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// Its place in the queue.
    pub key: QueueKey,
    /// Whether the patron's card may be used; others are passed over and keep their place.
    pub card_active: bool,
    /// Its place in an ordered set and the set's members, itself included or not.
    pub set: Option<(i64, Vec<SetMember>)>,
}

/// Whether a member of an ordered set has to wait for an earlier one (前の資料待ち).
///
/// It looks at the nearest earlier member that is not cancelled: the chain closes over a gap.
pub fn is_dormant(waits_for: SetWaitsFor, ordinal: i64, members: &[SetMember]) -> bool {
    members
        .iter()
        .filter(|member| member.ordinal < ordinal && member.state != ReservationState::Cancelled)
        .max_by_key(|member| member.ordinal)
        .is_some_and(|earlier| match waits_for {
            SetWaitsFor::Ready => !matches!(earlier.state, ReservationState::Ready | ReservationState::Lent),
            SetWaitsFor::Lent => earlier.state != ReservationState::Lent,
        })
}

/// The waiting reservation a free copy goes to: the earliest that is neither dormant nor of a barred card.
/// The place the copy is at plays no part: it decides between copies, never between people.
pub fn first_to_serve(waits_for: SetWaitsFor, waiting: &[QueueEntry]) -> Option<&QueueEntry> {
    waiting
        .iter()
        .filter(|entry| entry.card_active)
        .filter(|entry| !entry.set.as_ref().is_some_and(|(ordinal, members)| is_dormant(waits_for, *ordinal, members)))
        .min_by_key(|entry| entry.key)
}

/// The position of a reservation among the waiting ones, from 1; dormant ones count.
pub fn position(key: QueueKey, waiting: impl IntoIterator<Item = QueueKey>) -> u32 {
    let before = waiting.into_iter().filter(|other| *other < key).count();
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;

    fn key(second: u32, id: u128) -> QueueKey {
        QueueKey {
            placed_at: Utc.with_ymd_and_hms(2026, 4, 1, 9, 0, second).single().expect("a real moment"),
            id: ReservationId(Uuid::from_u128(id)),
        }
    }

    fn entry(second: u32, id: u128) -> QueueEntry {
        QueueEntry { key: key(second, id), card_active: true, set: None }
    }

    fn member(ordinal: i64, state: ReservationState) -> SetMember {
        SetMember { ordinal, state }
    }

    #[test]
    fn the_earliest_is_served_and_one_moment_is_decided_by_id() {
        let queue = [entry(5, 9), entry(3, 8), entry(3, 7)];
        assert_eq!(first_to_serve(SetWaitsFor::Ready, &queue).map(|e| e.key), Some(key(3, 7)));
    }

    #[test]
    fn barred_cards_and_dormant_members_are_passed_over() {
        let mut barred = entry(1, 1);
        barred.card_active = false;
        let mut dormant = entry(2, 2);
        dormant.set = Some((2, vec![member(1, ReservationState::Waiting)]));
        let queue = [barred, dormant, entry(3, 3)];
        assert_eq!(first_to_serve(SetWaitsFor::Ready, &queue).map(|e| e.key), Some(key(3, 3)));
    }

    #[test]
    fn a_member_wakes_when_the_nearest_earlier_one_is_ready_or_lent_by_setting() {
        use ReservationState::{Cancelled, InTransit, Lent, Ready, Waiting};
        for (state, ready, lent) in
            [(Waiting, true, true), (InTransit, true, true), (Ready, false, true), (Lent, false, false)]
        {
            let members = [member(1, state)];
            assert_eq!(is_dormant(SetWaitsFor::Ready, 2, &members), ready, "{state}");
            assert_eq!(is_dormant(SetWaitsFor::Lent, 2, &members), lent, "{state}");
        }
        // The gap of a cancelled member closes: the one before it decides.
        assert!(is_dormant(SetWaitsFor::Ready, 3, &[member(1, Waiting), member(2, Cancelled)]));
        assert!(!is_dormant(SetWaitsFor::Ready, 3, &[member(1, Ready), member(2, Cancelled)]));
        assert!(!is_dormant(SetWaitsFor::Ready, 3, &[member(1, Cancelled), member(2, Cancelled)]));
        // Only the nearest counts, and later ones never do.
        assert!(!is_dormant(SetWaitsFor::Ready, 3, &[member(1, Waiting), member(2, Ready), member(4, Waiting)]));
        assert!(!is_dormant(SetWaitsFor::Ready, 1, &[member(2, Waiting)]));
    }

    #[test]
    fn positions_count_from_one() {
        let keys = [key(1, 1), key(2, 2), key(3, 3)];
        assert_eq!(keys.map(|k| position(k, keys)), [1, 2, 3]);
    }
}
