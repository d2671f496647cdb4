//! The one place where a reservation changes its state. Every step writes one event of its name.

use chrono::NaiveDate;
use domain::{
    BibId, EventId, ItemId, LoanId, ReservationId,
    circulation::{CancelReason, ReservationState, Step, may_follow},
};

use crate::{
    Library,
    events::{ActorRole, Event, record},
    storage::{StorageError, Tx, execute},
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
    /// This copy travels to it.
    InTransit(ItemId),
    /// This copy stands ready until that day.
    Ready(ItemId, NaiveDate),
    /// This loan fulfilled it.
    Lent(LoanId),
    /// For this reason, with what staff say to the patron.
    Cancelled(CancelReason, Option<&'a str>),
}

impl Library {
    /// Takes a step.
    ///
    /// # Errors
    /// When the database can't be written, or a step is asked for that the state does not allow.
    pub(super) async fn take_step(&self, tx: &mut Tx, of: Stepping, into: Into<'_>) -> Result<EventId, StorageError> {
        let (step, item, until, loan, reason, note) = match into {
            Into::Waiting(step, note) => (step, None, None, None, None, note),
            Into::Assigned(item) => (Step::Assigned, Some(item), None, None, None, None),
            Into::InTransit(item) => (Step::InTransit, Some(item), None, None, None, None),
            Into::Ready(item, until) => (Step::Ready, Some(item), Some(until), None, None, None),
            Into::Lent(loan) => (Step::Fulfilled, None, None, Some(loan), None, None),
            Into::Cancelled(reason, note) => (Step::Cancelled, None, None, None, Some(reason), note),
        };
        if !may_follow(Some(of.state), step) {
            return Err(StorageError::corrupt("reservation", format!("{step} can't follow on {}", of.state)));
        }
        let now = self.now();
        let changed = execute!(
            &mut *tx,
            "update reservation set state = $3, since = $4, item_id = $5, hold_until = $6, hold_extended = false,
                 request_step = null, loan_id = $7, cancelled_for = $8, note = $9
             where id = $1 and state = $2",
            of.id.0,
            of.state.as_str(),
            step.leads_to().as_str(),
            now,
            item.map(|item| item.0),
            until,
            loan.map(|loan| loan.0),
            reason.map(CancelReason::as_str),
            reason.and(note)
        )?;
        expect_one(changed)?;
        record(
            tx,
            Event {
                at: now,
                kind: step.as_str(),
                actor: of.actor,
                bib: Some(of.bib),
                reservation: Some(of.id),
                loan,
                // What staff write to a patron is the patron's; the log gets the code.
                note: reason.map(CancelReason::as_str).or(note),
            },
        )
        .await
    }

    /// Cancels a reservation and lets its patron reserve the title again.
    pub(super) async fn cancel_step(
        &self,
        tx: &mut Tx,
        of: Stepping,
        reason: CancelReason,
        note: Option<&str>,
    ) -> Result<EventId, StorageError> {
        execute!(&mut *tx, "delete from claim where reservation_id = $1", of.id.0)?;
        self.take_step(tx, of, Into::Cancelled(reason, note)).await
    }
}

/// A write that had to touch one row and did not found the world other than the rule saw it.
pub(super) fn expect_one(changed: u64) -> Result<(), StorageError> {
    if changed == 1 { Ok(()) } else { Err(StorageError::corrupt("reservation", format!("{changed} rows changed"))) }
}
