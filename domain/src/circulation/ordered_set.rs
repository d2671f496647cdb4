//! Ordered sets after the fact: made of reservations, extended, put into another order.

use super::{Refusal, ReservationState};
use crate::{OrderedSetId, ReservationId};

/// A reservation of the patron who arranges a set; members that are over count too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnReservation {
    /// Which.
    pub id: ReservationId,
    /// Where it stands.
    pub state: ReservationState,
    /// The set it is in and its place there.
    pub set: Option<(OrderedSetId, i64)>,
}

/// The new places of the members that are named, in the order named.
///
/// `set` is the set to be arranged, or `None` to make one. All its members that wait must be named, with or without
/// others that wait and are in no set. Members that a copy was picked or captured for, or that are over, keep their
/// places; the others share the places that are left, and new ones come behind. `taken` is the last place ever
/// given in the set.
///
/// # Errors
/// Why it can't be arranged so.
pub fn arrange_set(
    set: Option<OrderedSetId>,
    own: &[OwnReservation],
    taken: i64,
    order: &[ReservationId],
) -> Result<Vec<(ReservationId, i64)>, Refusal> {
    let mut places = Vec::with_capacity(order.len());
    let mut new = 0;
    for (n, id) in order.iter().enumerate() {
        let found = own.iter().find(|one| one.id == *id).ok_or(Refusal::UnknownReservation)?;
        if order.iter().take(n).any(|before| before == id) {
            return Err(Refusal::SetChanged);
        }
        match found.set {
            None => new += 1,
            Some((of, ordinal)) if Some(of) == set => places.push(ordinal),
            Some(_) => return Err(Refusal::InAnotherSet),
        }
        if found.state != ReservationState::Waiting {
            return Err(Refusal::NotMovable);
        }
    }
    let in_set = |one: &&OwnReservation| set.is_some() && one.set.is_some_and(|(of, _)| Some(of) == set);
    if own.iter().filter(in_set).any(|one| one.state == ReservationState::Waiting && !order.contains(&one.id)) {
        return Err(Refusal::SetChanged);
    }
    if set.is_none() && order.len() < 2 {
        return Err(Refusal::SetTooShort);
    }
    places.sort_unstable();
    places.extend((1..=new).map(|n| taken + n));
    Ok(order.iter().copied().zip(places).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const SET: OrderedSetId = OrderedSetId(Uuid::from_u128(100));

    fn id(n: u128) -> ReservationId {
        ReservationId(Uuid::from_u128(n))
    }

    fn ids(of: &[u128]) -> Vec<ReservationId> {
        of.iter().copied().map(id).collect()
    }

    fn own(n: u128, state: ReservationState, ordinal: Option<i64>) -> OwnReservation {
        OwnReservation { id: id(n), state, set: ordinal.map(|ordinal| (SET, ordinal)) }
    }

    use ReservationState::{Assigned, Ready, Waiting};

    #[test]
    fn a_set_is_made_in_the_order_named() {
        let all = [own(1, Waiting, None), own(2, Waiting, None), own(3, Waiting, None)];
        assert_eq!(arrange_set(None, &all, 0, &ids(&[3, 1])), Ok(vec![(id(3), 1), (id(1), 2)]));
        assert_eq!(arrange_set(None, &all, 0, &ids(&[3])), Err(Refusal::SetTooShort));
        assert_eq!(arrange_set(None, &all, 0, &ids(&[3, 9])), Err(Refusal::UnknownReservation));
        assert_eq!(arrange_set(None, &all, 0, &ids(&[3, 3])), Err(Refusal::SetChanged));
    }

    #[test]
    fn what_is_captured_keeps_its_place_and_the_rest_moves_around_it() {
        let all = [own(1, Ready, Some(1)), own(2, Waiting, Some(2)), own(3, Waiting, Some(3)), own(4, Waiting, None)];
        assert_eq!(arrange_set(Some(SET), &all, 3, &ids(&[4, 3, 2])), Ok(vec![(id(4), 2), (id(3), 3), (id(2), 4)]));
        assert_eq!(arrange_set(Some(SET), &all, 3, &ids(&[3])), Err(Refusal::SetChanged), "2 was left out");
        assert_eq!(arrange_set(Some(SET), &all, 3, &ids(&[3, 2, 1])), Err(Refusal::NotMovable));
        let fetched = [own(1, Assigned, Some(1)), own(2, Waiting, Some(2))];
        assert_eq!(arrange_set(Some(SET), &fetched, 2, &ids(&[2])), Ok(vec![(id(2), 2)]));
        assert_eq!(arrange_set(None, &all, 0, &ids(&[2, 4])), Err(Refusal::InAnotherSet));
    }

    proptest! {
        #[test]
        fn no_place_is_given_twice(states in prop::collection::vec(0u8..3, 1..8), extra in 0u128..4, turn in 0usize..8) {
            let state = |n: u8| [Waiting, Ready, Assigned][usize::from(n)];
            let mut all: Vec<_> =
                (1u128..).zip(1i64..).zip(&states).map(|((n, place), s)| own(n, state(*s), Some(place))).collect();
            all.extend((0..extra).map(|n| own(100 + n, Waiting, None)));
            let mut order: Vec<_> = all.iter().filter(|one| one.state == Waiting).map(|one| one.id).collect();
            if !order.is_empty() {
                let turn = turn % order.len();
                order.rotate_left(turn);
            }
            let taken = i64::try_from(states.len()).unwrap_or(i64::MAX);
            let placed = arrange_set(Some(SET), &all, taken, &order).expect("everything that waits is named");
            let fixed = all.iter().filter(|one| one.state != Waiting).filter_map(|one| one.set.map(|(_, place)| place));
            let mut places: Vec<_> = placed.iter().map(|(_, place)| *place).chain(fixed).collect();
            let count = places.len();
            places.sort_unstable();
            places.dedup();
            prop_assert_eq!(places.len(), count);
            prop_assert!(placed.windows(2).all(|pair| pair[0].1 < pair[1].1), "in the order named");
        }
    }
}
