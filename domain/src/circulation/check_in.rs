//! What to do with a copy that was scanned in (capture).

use super::{ItemState, QueueEntry, Refusal, ReservationState, capture_for};
use crate::{ItemId, PlaceCode, ReservationId, catalog::LoanRule, policy::SetWaitsFor};

/// The active reservation that names a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFor {
    /// The reservation.
    pub id: ReservationId,
    /// Assigned, in transit or ready.
    pub state: ReservationState,
    /// Where it is to be picked up.
    pub pickup_place: PlaceCode,
}

/// The copy that was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedItem {
    /// Which.
    pub id: ItemId,
    /// What the record says.
    pub state: ItemState,
    /// The branch it belongs to.
    pub branch: PlaceCode,
    /// Whether it may leave the library; others are never captured (R18).
    pub loan_rule: LoanRule,
    /// Whether another library lent it: then it is for one reservation only, and goes back there.
    pub borrowed: bool,
    /// The reservation that names it.
    pub held_for: Option<HeldFor>,
}

/// A barcode as it comes from a scanner or a keyboard: spaces around it go, and full-width letters, which an input
/// method left on makes, become what they stand for.
pub fn barcode(typed: &str) -> String {
    let plain = |c: char| match c {
        '！'..='～' => char::from_u32(c as u32 - '！' as u32 + '!' as u32).unwrap_or(c),
        c => c,
    };
    typed.trim().chars().map(plain).collect()
}

/// What to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckInDecision {
    /// It is captured for this waiting reservation; the pickup place decides between ready and in transit.
    Capture(ReservationId),
    /// It arrived where its patron picks it up: ready.
    Arrived(ReservationId),
    /// It is captured for this reservation and has to go on to this place.
    SendOn(ReservationId, PlaceCode),
    /// It stands ready here and stays; scanning it releases nothing.
    StaysReady(ReservationId),
    /// Another library lent it, and nobody here is to have it any more.
    ReturnToLender,
    /// Nobody waits; it belongs on a shelf here.
    Shelve,
    /// Nobody waits; it goes back to its branch.
    SendHome(PlaceCode),
}

/// Decides what happens to a copy scanned at `here`, judged on the present state.
///
/// `queue` are the queued reservations of its title; up to the first awake waiting one is enough.
///
/// # Errors
/// A withdrawn copy is refused.
pub fn decide_check_in(
    waits_for: SetWaitsFor,
    item: &ScannedItem,
    here: &PlaceCode,
    queue: &[QueueEntry],
) -> Result<CheckInDecision, Refusal> {
    if item.state == ItemState::Withdrawn {
        return Err(Refusal::ItemWithdrawn);
    }
    if let Some(held) = item.held_for.as_ref().filter(|held| held.state.is_captured()) {
        return Ok(match (held.state, held.pickup_place == *here) {
            (ReservationState::Ready, true) => CheckInDecision::StaysReady(held.id),
            (_, true) => CheckInDecision::Arrived(held.id),
            (_, false) => CheckInDecision::SendOn(held.id, held.pickup_place.clone()),
        });
    }
    if item.borrowed {
        let own = queue.iter().find(|entry| entry.assigned == Some(item.id) && entry.is_awake(waits_for));
        return Ok(own.map_or(CheckInDecision::ReturnToLender, |own| CheckInDecision::Capture(own.key.id)));
    }
    if item.loan_rule == LoanRule::Lendable
        && let Some(entry) = capture_for(waits_for, item.id, queue)
    {
        return Ok(CheckInDecision::Capture(entry.key.id));
    }
    Ok(if item.branch == *here { CheckInDecision::Shelve } else { CheckInDecision::SendHome(item.branch.clone()) })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::{super::QueueKey, *};

    fn place(code: &str) -> PlaceCode {
        PlaceCode(code.into())
    }

    fn item(held_for: Option<HeldFor>) -> ScannedItem {
        ScannedItem {
            id: ItemId(Uuid::from_u128(50)),
            state: ItemState::OnLoan,
            branch: place("central"),
            loan_rule: LoanRule::Lendable,
            borrowed: false,
            held_for,
        }
    }

    fn id(n: u128) -> ReservationId {
        ReservationId(Uuid::from_u128(n))
    }

    fn waiting(n: u128) -> QueueEntry {
        QueueEntry {
            key: QueueKey { placed_at: DateTime::UNIX_EPOCH, id: id(n) },
            card_active: true,
            assigned: None,
            set: None,
        }
    }

    fn decide(item: &ScannedItem, here: &str, queue: &[QueueEntry]) -> Result<CheckInDecision, Refusal> {
        decide_check_in(SetWaitsFor::Ready, item, &place(here), queue)
    }

    #[test]
    fn a_copy_goes_to_the_first_in_the_queue_wherever_it_was_scanned() {
        let queue = [waiting(2), waiting(1)];
        for here in ["central", "north"] {
            assert_eq!(decide(&item(None), here, &queue), Ok(CheckInDecision::Capture(id(1))));
        }
    }

    #[test]
    fn a_copy_for_reading_in_the_library_is_never_captured() {
        let reference = ScannedItem { loan_rule: LoanRule::InLibraryOnly, ..item(None) };
        assert_eq!(decide(&reference, "central", &[waiting(1)]), Ok(CheckInDecision::Shelve));
    }

    #[test]
    fn a_captured_copy_goes_its_way_and_stays_when_it_is_there() {
        let held = |state| item(Some(HeldFor { id: id(7), state, pickup_place: place("north") }));
        let queue = [waiting(1)];
        let transit = held(ReservationState::InTransit);
        assert_eq!(decide(&transit, "north", &queue), Ok(CheckInDecision::Arrived(id(7))));
        assert_eq!(decide(&transit, "east", &queue), Ok(CheckInDecision::SendOn(id(7), place("north"))));
        let ready = held(ReservationState::Ready);
        assert_eq!(decide(&ready, "north", &queue), Ok(CheckInDecision::StaysReady(id(7))));
        assert_eq!(decide(&ready, "east", &queue), Ok(CheckInDecision::SendOn(id(7), place("north"))));
    }

    #[test]
    fn nobody_waits() {
        assert_eq!(decide(&item(None), "central", &[]), Ok(CheckInDecision::Shelve));
        assert_eq!(decide(&item(None), "north", &[]), Ok(CheckInDecision::SendHome(place("central"))));
        let withdrawn = ScannedItem { state: ItemState::Withdrawn, ..item(None) };
        assert_eq!(decide(&withdrawn, "central", &[]), Err(Refusal::ItemWithdrawn));
    }

    #[test]
    fn a_barcode_is_read_as_scanners_and_input_methods_send_it() {
        assert_eq!(barcode(" ９１０００７０１\r\n"), "91000701");
        assert_eq!(barcode("Ａ-1"), "A-1");
    }

    #[test]
    fn a_copy_of_another_library_is_for_one_reservation_and_goes_back() {
        let borrowed = ScannedItem { borrowed: true, ..item(None) };
        assert_eq!(decide(&borrowed, "central", &[waiting(1)]), Ok(CheckInDecision::ReturnToLender));
        let mut own = waiting(2);
        own.assigned = Some(borrowed.id);
        assert_eq!(decide(&borrowed, "north", &[waiting(1), own]), Ok(CheckInDecision::Capture(id(2))));
    }
}
