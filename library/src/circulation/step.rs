//! The one place where a reservation changes its state. Every step writes one event of its name.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, EventId, ItemId, LoanId, PlaceCode, ReservationId,
    circulation::{CancelReason, ItemState, ReservationState, Step, may_follow},
};
use serde::{Deserialize, Serialize};

use super::items::put_item;
use crate::{
    Library,
    events::{ActorRole, Event, add_event},
    storage::{StorageError, Tx, Writes},
};

/// How a reservation stands.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Stand {
    pub(super) id: ReservationId,
    pub(super) state: ReservationState,
    pub(super) since: DateTime<Utc>,
    pub(super) item: Option<ItemId>,
    pub(super) hold_until: Option<NaiveDate>,
    pub(super) hold_extended: bool,
}

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
        let mut writes = Writes::default();
        let (event, _) = self.add_step(&mut writes, of, into)?;
        writes.send(tx).await?;
        Ok(event)
    }

    /// Adds a step to what is written together, as [`Library::take_step`]. Answers how the reservation stands after it.
    ///
    /// # Errors
    /// When a step is asked for that the state does not allow.
    pub(super) fn add_step(
        &self,
        writes: &mut Writes,
        of: Stepping,
        into: Into<'_>,
    ) -> Result<(EventId, Stand), StorageError> {
        let (mut item, mut until, mut loan, mut reason, mut note) = (None, None, None, None, None);
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
                item = Some(copy);
                put_item(writes, copy, ItemState::InTransit, to);
                Step::InTransit
            }
            Into::Ready(copy, at, day) => {
                (item, until) = (Some(copy), Some(day));
                put_item(writes, copy, ItemState::OnHoldShelf, at);
                Step::Ready
            }
            Into::Lent(fulfilled_by) => {
                loan = Some(fulfilled_by);
                Step::Fulfilled
            }
            Into::Cancelled(why, said) => {
                (reason, note) = (Some(why), said);
                writes.add("delete from claim where reservation_id = $1", [of.id.0.into()]);
                Step::Cancelled
            }
        };
        if !may_follow(Some(of.state), step) {
            return Err(StorageError::corrupt("reservation", format!("{step} can't follow on {}", of.state)));
        }
        let left = Stand {
            id: of.id,
            state: step.leads_to(),
            since: self.now(),
            item,
            hold_until: until,
            hold_extended: false,
        };
        let event = Event {
            at: left.since,
            kind: step.as_str(),
            actor: of.actor,
            bib: Some(of.bib),
            reservation: Some(of.id),
            loan,
            // What staff write to a patron is the patron's; the log gets the code.
            note: reason.map(CancelReason::as_str).or(note),
        };
        let event = add_event(writes, &event);
        writes.must(
            "the reservation",
            "update reservation set state = $3, since = $4, item_id = $5, hold_until = $6, hold_extended = $7,
                 request_step = null, loan_id = $8, cancelled_for = $9, note = $10
             where id = $1 and state = $2",
            [
                of.id.0.into(),
                of.state.as_str().into(),
                left.state.as_str().into(),
                left.since.into(),
                item.map(|item| item.0).into(),
                until.into(),
                left.hold_extended.into(),
                loan.map(|loan| loan.0).into(),
                reason.map(CancelReason::as_str).into(),
                reason.and(note).into(),
            ],
        );
        Ok((event, left))
    }
}
