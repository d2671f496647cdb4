//! The queue of a title: who comes before whom, who is asleep, who is served next.

use chrono::{DateTime, Utc};

use super::ReservationState;
use crate::{ItemId, ReservationId, policy::SetWaitsFor};

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

/// A reservation's place in an ordered set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetPlace {
    /// Its place in the reading order, from 1.
    pub ordinal: i64,
    /// The set's members, itself included or not.
    pub members: Vec<SetMember>,
    /// Whether an earlier member expired and the patron has not said yet how to go on.
    pub paused: bool,
}

/// A queued reservation as the queue sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueEntry {
    /// Its place in the queue.
    pub key: QueueKey,
    /// Whether the patron's card may be used; others are passed over and keep their place.
    pub card_active: bool,
    /// The copy that was picked for it (pull list).
    pub assigned: Option<ItemId>,
    /// Its place in an ordered set.
    pub set: Option<SetPlace>,
}

impl QueueEntry {
    /// Whether it can be served now. One that is dormant, paused or of a barred card is passed over and keeps its place.
    pub fn is_awake(&self, waits_for: SetWaitsFor) -> bool {
        self.card_active && !self.is_paused() && !self.is_dormant(waits_for)
    }

    /// Whether it waits for an earlier member of its set (前の資料待ち).
    pub fn is_dormant(&self, waits_for: SetWaitsFor) -> bool {
        self.set.as_ref().is_some_and(|set| is_dormant(waits_for, set.ordinal, &set.members))
    }

    /// Whether its set waits for the patron's word (確認待ち).
    pub fn is_paused(&self) -> bool {
        self.set.as_ref().is_some_and(|set| set.paused)
    }
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

/// The reservation a free copy goes to: (a) the one it was assigned to, unless an earlier one is waiting; (b) the
/// earliest waiting; (c) the earliest that another copy was assigned to, whose pull is dropped. Those that sleep are
/// passed over. The place the copy is at plays no part: it decides between copies, never between people.
///
/// It is enough to hand over the queue up to its first awake waiting entry: nobody behind that one can win.
pub fn capture_for(waits_for: SetWaitsFor, copy: ItemId, queue: &[QueueEntry]) -> Option<&QueueEntry> {
    let awake = || queue.iter().filter(|entry| entry.is_awake(waits_for));
    let waiting = awake().filter(|entry| entry.assigned.is_none()).min_by_key(|entry| entry.key);
    let own = awake().find(|entry| entry.assigned == Some(copy));
    match (own, waiting) {
        (Some(own), Some(waiting)) if waiting.key < own.key => Some(waiting),
        (Some(own), _) => Some(own),
        (None, Some(waiting)) => Some(waiting),
        (None, None) => awake().min_by_key(|entry| entry.key),
    }
}

/// The position of a reservation among the queued ones, from 1; those that sleep count.
pub fn position(key: QueueKey, queued: impl IntoIterator<Item = QueueKey>) -> u32 {
    let before = queued.into_iter().filter(|other| *other < key).count();
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
        QueueEntry { key: key(second, id), card_active: true, assigned: None, set: None }
    }

    fn copy(n: u128) -> ItemId {
        ItemId(Uuid::from_u128(n))
    }

    fn served(queue: &[QueueEntry]) -> Option<QueueKey> {
        capture_for(SetWaitsFor::Ready, copy(1), queue).map(|entry| entry.key)
    }

    fn member(ordinal: i64, state: ReservationState) -> SetMember {
        SetMember { ordinal, state }
    }

    #[test]
    fn the_earliest_is_served_and_one_moment_is_decided_by_id() {
        let queue = [entry(5, 9), entry(3, 8), entry(3, 7)];
        assert_eq!(served(&queue), Some(key(3, 7)));
    }

    #[test]
    fn barred_cards_and_dormant_members_are_passed_over() {
        let mut barred = entry(1, 1);
        barred.card_active = false;
        let mut dormant = entry(2, 2);
        let set = |state, paused| Some(SetPlace { ordinal: 2, members: vec![member(1, state)], paused });
        dormant.set = set(ReservationState::Waiting, false);
        let mut paused = entry(3, 3);
        paused.set = set(ReservationState::Ready, true);
        let queue = [barred, dormant, paused, entry(4, 4)];
        assert_eq!(served(&queue), Some(key(4, 4)));
        assert_eq!(served(&queue[..3]), None);
    }

    #[test]
    fn a_pull_goes_to_whom_it_was_for_unless_somebody_earlier_waits() {
        let pulled = |second, id, n| QueueEntry { assigned: Some(copy(n)), ..entry(second, id) };
        // (a) its own, though a later one waits; (b) an earlier waiting one; another copy's pull only when nobody waits (c).
        assert_eq!(served(&[pulled(2, 2, 1), entry(3, 3)]), Some(key(2, 2)));
        assert_eq!(served(&[pulled(2, 2, 1), entry(1, 1)]), Some(key(1, 1)));
        assert_eq!(served(&[pulled(2, 2, 9), entry(3, 3)]), Some(key(3, 3)));
        assert_eq!(served(&[pulled(2, 2, 9), pulled(3, 3, 8)]), Some(key(2, 2)));
        let mut asleep = pulled(1, 1, 1);
        asleep.card_active = false;
        assert_eq!(served(&[asleep, entry(3, 3)]), Some(key(3, 3)), "a pull for one that sleeps is dropped");
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
