//! Undoing the last scan of a copy: what may still be undone, and by which steps its reservations go back.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Refusal, ReservationState, Step};
use crate::words::words;

words! {
    /// What a scan was for.
    ScanKind, "kind of scan" {
        /// 貸出
        CheckOut = "check-out",
        /// 返却
        CheckIn = "check-in",
    }
}

/// What has to be known to undo a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UndoFacts {
    /// The day of the scan.
    pub scanned_on: NaiveDate,
    /// Today. The tie between patron and title is cut at the day's end, and with it the window of undoing.
    pub today: NaiveDate,
    /// Whether the copy is where the scan left it.
    pub copy_as_left: bool,
    /// Whether the loan that the scan made or ended is as the scan left it.
    pub loan_as_left: bool,
    /// Whether the reservations it moved are as it left them.
    pub reservations_as_left: bool,
    /// Whether everything can have its former place again: no copy was picked for somebody else since, and the patron
    /// has not reserved anew what would be on loan to them.
    pub places_free: bool,
}

/// Why a scan can't be undone; `None` when it can. It can while the day lasts and nothing else has happened to what it
/// changed: what came after it was built on it.
pub fn undo_refusal(facts: &UndoFacts) -> Option<Refusal> {
    if facts.scanned_on != facts.today {
        return Some(Refusal::NothingToUndo);
    }
    let untouched = facts.copy_as_left && facts.loan_as_left && facts.reservations_as_left && facts.places_free;
    (!untouched).then_some(Refusal::ChangedSince)
}

/// The steps by which a reservation goes back from where a scan left it to where it stood before. `None` when there
/// is no such way.
pub fn way_back(left: ReservationState, before: ReservationState) -> Option<Vec<Step>> {
    use ReservationState::{Assigned, Cancelled, InTransit, Lent, NotOwned, Ready, Waiting};
    let mut way = Vec::new();
    match (left, before) {
        (left, before) if left == before => return Some(way),
        (Lent, _) => way.push(Step::Undone),
        (Cancelled | NotOwned, _) => return None,
        (Assigned | InTransit | Ready, Waiting | Assigned) => way.push(Step::BackInQueue),
        _ => {}
    }
    match before {
        Waiting => {}
        Assigned => way.push(Step::Assigned),
        InTransit => way.push(Step::InTransit),
        Ready => way.push(Step::Ready),
        _ => return None,
    }
    Some(way)
}

/// A scan that was undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// What it was for.
    pub kind: ScanKind,
    /// Title as shown.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// Whether somebody had been told by mail what is not so any more, and is told again.
    pub told_again: bool,
}

#[cfg(test)]
mod tests {
    use super::{super::may_follow, *};

    fn facts() -> UndoFacts {
        let day = NaiveDate::from_ymd_opt(2026, 4, 1).expect("a real day");
        UndoFacts {
            scanned_on: day,
            today: day,
            copy_as_left: true,
            loan_as_left: true,
            reservations_as_left: true,
            places_free: true,
        }
    }

    #[test]
    fn only_what_nothing_was_built_on_is_undone() {
        assert_eq!(undo_refusal(&facts()), None);
        for change in [
            |facts: &mut UndoFacts| facts.copy_as_left = false,
            |facts: &mut UndoFacts| facts.loan_as_left = false,
            |facts: &mut UndoFacts| facts.reservations_as_left = false,
            |facts: &mut UndoFacts| facts.places_free = false,
        ] {
            let mut facts = facts();
            change(&mut facts);
            assert_eq!(undo_refusal(&facts), Some(Refusal::ChangedSince));
        }
    }

    #[test]
    fn the_window_is_the_day() {
        let yesterday = facts().today.pred_opt().expect("a real day");
        assert_eq!(undo_refusal(&UndoFacts { scanned_on: yesterday, ..facts() }), Some(Refusal::NothingToUndo));
    }

    #[test]
    fn every_way_back_is_made_of_steps_that_may_follow() {
        for left in ReservationState::ALL {
            for before in ReservationState::ALL.iter().filter(|state| state.is_active()) {
                let Some(way) = way_back(*left, *before) else { continue };
                let forth = Step::ALL.iter().any(|step| may_follow(Some(*before), *step) && step.leads_to() == *left);
                if !forth {
                    continue;
                }
                let end = way.iter().fold(*left, |at, step| {
                    assert!(may_follow(Some(at), *step), "{left} back to {before}: {step} from {at}");
                    step.leads_to()
                });
                assert_eq!(end, *before, "{left} back to {before}");
            }
        }
    }

    #[test]
    fn what_was_not_owned_does_not_go_back() {
        assert_eq!(way_back(ReservationState::Lent, ReservationState::NotOwned), None);
    }
}
