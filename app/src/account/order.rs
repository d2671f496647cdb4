//! The pull-downs 順番 of 予約状況: what they hold, and the order they ask for.

use std::cmp::Ordering;

use domain::{OrderedSetId, ReservationId, circulation::ReservationView};

/// What a pull-down stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The reservation.
    pub id: ReservationId,
    /// The number it was shown with; `None` when it is in no set.
    pub was: Option<u32>,
    /// The number chosen; `None` is 指定しない.
    pub order: Option<u32>,
}

/// The value of an option: the reservation, the number it was shown with, the number chosen.
pub fn value(id: ReservationId, was: Option<u32>, order: Option<u32>) -> String {
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    format!("{id}:{}:{}", number(was), number(order))
}

/// The pull-downs of a form. What can't be read is left out: nobody but a browser of ours writes it.
pub fn read(values: &[String]) -> Vec<Wish> {
    let read = |value: &String| {
        let (id, numbers) = value.split_once(':')?;
        let (was, order) = numbers.split_once(':')?;
        Some(Wish { id: id.parse().ok()?, was: was.parse().ok(), order: order.parse().ok() })
    };
    values.iter().filter_map(read).collect()
}

/// The reservations that were given a number, in the order asked for. Where two have the same number, the one that was
/// moved takes the place and the other makes room.
pub fn in_order(wishes: &[Wish]) -> Vec<ReservationId> {
    let mut numbered: Vec<(u32, Ordering, ReservationId)> = wishes
        .iter()
        .filter_map(|wish| {
            let order = wish.order?;
            Some((order, order.cmp(&wish.was.unwrap_or(order)), wish.id))
        })
        .collect();
    numbered.sort_by_key(|(order, moved, _)| (*order, *moved));
    numbered.into_iter().map(|(_, _, id)| id).collect()
}

/// The members of a set whose place can be changed, in their order, with their numbers.
pub fn movable(reservations: &[ReservationView], set: OrderedSetId) -> Vec<(ReservationId, u32)> {
    let mut movable: Vec<_> = reservations
        .iter()
        .filter_map(|one| Some((one.id, one.in_set.filter(|place| place.set == set && place.movable)?.order)))
        .collect();
    movable.sort_by_key(|(_, order)| *order);
    movable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> ReservationId {
        format!("00000000-0000-0000-0000-0000000000{n:02}").parse().expect("a uuid")
    }

    fn asked(wishes: &[(u8, Option<u32>, Option<u32>)]) -> Vec<ReservationId> {
        let sent: Vec<String> = wishes.iter().map(|(n, was, order)| value(id(*n), *was, *order)).collect();
        in_order(&read(&sent))
    }

    fn ids(of: &[u8]) -> Vec<ReservationId> {
        of.iter().copied().map(id).collect()
    }

    #[test]
    fn one_that_was_moved_takes_the_place_and_the_others_make_room() {
        let set = |orders: [u32; 3]| {
            asked(&[(1, Some(1), Some(orders[0])), (2, Some(2), Some(orders[1])), (3, Some(3), Some(orders[2]))])
        };
        assert_eq!(set([1, 2, 3]), ids(&[1, 2, 3]), "nothing was moved");
        assert_eq!(set([1, 2, 1]), ids(&[3, 1, 2]), "up to the first place");
        assert_eq!(set([3, 2, 3]), ids(&[2, 3, 1]), "down to the last place");
        assert_eq!(set([2, 2, 3]), ids(&[2, 1, 3]), "down by one");
        assert_eq!(set([1, 2, 2]), ids(&[1, 3, 2]), "up by one");
        assert_eq!(set([3, 2, 1]), ids(&[3, 2, 1]), "two of them");
    }

    #[test]
    fn without_a_number_it_stays_out() {
        assert_eq!(asked(&[(1, None, Some(2)), (2, None, None), (3, None, Some(1))]), ids(&[3, 1]));
        assert_eq!(asked(&[(1, None, Some(1)), (2, None, Some(1))]), ids(&[1, 2]), "in the order of the page");
        assert_eq!(asked(&[(1, None, None)]), ids(&[]));
        assert_eq!(in_order(&read(&["rubbish".to_owned(), "a:b:c".to_owned()])), ids(&[]));
    }
}
