//! The one place where a reservation changes its state. Every step writes one event of its name.

use chrono::NaiveDate;
use domain::{
    BibId, EventId, ItemId, LoanId, PlaceCode, ReservationId,
    circulation::{CancelReason, ItemState, ReservationState, Step, may_follow},
};

use crate::{
    Library,
    events::{ActorRole, Event, record_with},
    storage::{StorageError, Tx},
};

/// A reservation about to take a step.
#[derive(Clone, Copy)]
pub(super) struct Stepping {
    pub(super) id: ReservationId,
    /// Where it stands, read under the lock of its bib.
    pub(super) state: ReservationState,
    pub(super) bib: BibId,
    pub(super) actor: ActorRole,
}

/// What a step brings with it.
#[derive(Clone, Copy)]
pub(super) enum Into<'a> {
    /// Back in the queue, or into it.
    Waiting(Step, Option<&'a str>),
    /// This copy was picked for it.
    Assigned(ItemId),
    /// This copy travels to it, to that place.
    InTransit(ItemId, &'a PlaceCode),
    /// This copy stands ready at that place until that day.
    Ready(ItemId, &'a PlaceCode, NaiveDate),
    /// This loan fulfilled it.
    Lent(LoanId),
    /// For this reason, with what staff say to the patron.
    Cancelled(CancelReason, Option<&'a str>),
}

impl Library {
    /// Takes a step. A copy that is captured by it is written where it is then; a reservation that is cancelled leaves its
    /// patron free to reserve the title again.
    ///
    /// # Errors
    /// When the database can't be written, or a step is asked for that the state does not allow.
    pub(super) async fn take_step(&self, tx: &mut Tx, of: Stepping, into: Into<'_>) -> Result<EventId, StorageError> {
        let mut item = None;
        let mut captured: Option<(ItemId, ItemState, &PlaceCode)> = None;
        let (mut until, mut loan, mut reason, mut note) = (None, None, None, None);
        let step = match into {
            Into::Waiting(step, why) => {
                note = why;
                step
            }
            Into::Assigned(copy) => {
                item = Some(copy);
                Step::Assigned
            }
            Into::InTransit(copy, to) => {
                (item, captured) = (Some(copy), Some((copy, ItemState::InTransit, to)));
                Step::InTransit
            }
            Into::Ready(copy, at, day) => {
                (item, captured, until) = (Some(copy), Some((copy, ItemState::OnHoldShelf, at)), Some(day));
                Step::Ready
            }
            Into::Lent(fulfilled_by) => {
                loan = Some(fulfilled_by);
                Step::Fulfilled
            }
            Into::Cancelled(why, said) => {
                (reason, note) = (Some(why), said);
                Step::Cancelled
            }
        };
        if !may_follow(Some(of.state), step) {
            return Err(StorageError::corrupt("reservation", format!("{step} can't follow on {}", of.state)));
        }
        let event = record_with!(
            &mut *tx,
            Event {
                at: self.now(),
                kind: step.as_str(),
                actor: of.actor,
                bib: Some(of.bib),
                reservation: Some(of.id),
                loan,
                // What staff write to a patron is the patron's; the log gets the code.
                note: reason.map(CancelReason::as_str).or(note),
            },
            [
                "delete from claim where reservation_id = $4 and $9 = 'cancelled'",
                "update item set state = $15, place = $16 where id = $17"
            ],
            "update reservation set state = $9, since = $2, item_id = $10, hold_until = $11, hold_extended = false,
                 request_step = null, loan_id = $5, cancelled_for = $12, note = $13
             where id = $4 and state = $14 returning id",
            step.leads_to().as_str(),
            item.map(|item| item.0),
            until,
            reason.map(CancelReason::as_str),
            reason.and(note),
            of.state.as_str(),
            captured.map(|(_, state, _)| state.as_str()),
            captured.map(|(_, _, place)| place.0.as_str()),
            captured.map(|(item, ..)| item.0)
        )?;
        event.ok_or_else(|| StorageError::corrupt("reservation", "it is not where it was under its lock"))
    }
}
