//! Scanning a copy in (capture).

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    LoanId, PlaceCode, ReservationId,
    circulation::{
        CheckIn, CheckInDecision, Instruction, ItemState, Refusal, ReservationState, ScanKind, Slip, Step,
        decide_check_in, hold_until, slip_label,
    },
};

use super::{
    facts::{Queue, queue_head},
    items::{Item, lock_item, move_item},
    lists::note_departure,
    step::{Into, Stepping},
    trace::{left_by, moved_by_check_in, remember},
};
use crate::{
    Fault, Library,
    calendar::closures,
    catalog::touch_bib,
    events::{ActorRole, Event, EventKind, record_with},
    notices::{Recipient, recipient, tell_ready},
    storage::{StorageError, Tx, in_write},
};

impl Library {
    /// Checks a copy in at a place: ends its loan, and says what to do with it by the rules of the queue. Scanning
    /// it again says the same again, unless something has changed since.
    ///
    /// # Errors
    /// When the database can't be written; the scan has changed nothing then.
    pub async fn check_in(&self, here: &PlaceCode, barcode: &str) -> Result<Result<CheckIn, Refusal>, Fault> {
        if self.policy().place(here).is_none() {
            return Ok(Err(Refusal::UnknownPlace));
        }
        let barcode = domain::circulation::barcode(barcode);
        let done = in_write!(self.database(), |tx| self.check_in_in(tx, here, &barcode, self.now()).await);
        self.outbox_bell().notify_one();
        done
    }

    /// The same for a scan of that moment, which has passed when it waited in a browser.
    pub(super) async fn check_in_in(
        &self,
        tx: &mut Tx,
        here: &PlaceCode,
        barcode: &str,
        at: DateTime<Utc>,
    ) -> Result<Result<CheckIn, Refusal>, Fault> {
        let Some(item) = lock_item(tx, barcode, self.today()).await? else { return Ok(Err(Refusal::UnknownBarcode)) };
        let waits_for = self.policy().reservations.set_waits_for;
        let captured = item.scanned.held_for.as_ref().is_some_and(|held| held.state.is_captured());
        // A captured copy goes its way whoever waits.
        let queue = if captured { Queue::default() } else { queue_head(tx, item.part, waits_for).await? };
        let decision = match decide_check_in(waits_for, &item.scanned, here, &queue.entries) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let before = moved_by_check_in(tx, &item, &decision).await?;
        if !item.scanned.state.is_alive() {
            // Found again: the search shows its branch once more.
            touch_bib(tx, item.bib, self.now()).await?;
        }
        let ended = self.end_loan(tx, &item, EventKind::CheckedIn, at).await?;
        let instruction = self.carry_out(tx, &item, here, &queue, decision).await?;
        note_departure(tx, &item, here, &instruction, self.now()).await?;
        remember(tx, &item, ScanKind::CheckIn, at, left_by(&item, &instruction, here), ended, before).await?;
        Ok(Ok(CheckIn { title: item.title, barcode: item.barcode, was_on_loan: ended.is_some(), instruction }))
    }

    async fn carry_out(
        &self,
        tx: &mut Tx,
        item: &Item,
        here: &PlaceCode,
        queue: &Queue,
        decision: CheckInDecision,
    ) -> Result<Instruction, Fault> {
        match decision {
            CheckInDecision::Shelve => {
                self.drop_pull(tx, item, None).await?;
                move_item(tx, item, ItemState::OnShelf, here).await?;
                Ok(Instruction::Shelve { shelf_mark: item.shelf_mark.clone() })
            }
            CheckInDecision::SendHome(branch) => {
                self.drop_pull(tx, item, None).await?;
                move_item(tx, item, ItemState::GoingHome, &branch).await?;
                Ok(Instruction::SendHome { branch })
            }
            CheckInDecision::ReturnToLender => {
                self.drop_pull(tx, item, None).await?;
                move_item(tx, item, ItemState::GoingHome, &item.scanned.branch).await?;
                Ok(Instruction::ReturnToLender { lender: item.lender.clone().unwrap_or_default() })
            }
            CheckInDecision::Capture(reservation) => {
                // Whoever it was picked for waits again, before the copy may be another's.
                self.drop_pull(tx, item, Some(reservation)).await?;
                let patron = queue
                    .recipient(reservation)
                    .ok_or_else(|| StorageError::corrupt("queue", "whoever is served is not in it"))?;
                let state = patron.state;
                if patron.pickup_place == *here {
                    let until = self.make_ready(tx, item, patron, state).await?;
                    Ok(Instruction::HoldShelf(slip(item, patron, Some(until))))
                } else {
                    self.put_in_transit(tx, item, patron, state).await?;
                    Ok(Instruction::Transit(slip(item, patron, None)))
                }
            }
            CheckInDecision::Arrived(reservation) => {
                let patron = recipient(tx, reservation).await?;
                let until = self.make_ready(tx, item, &patron, ReservationState::InTransit).await?;
                Ok(Instruction::HoldShelf(slip(item, &patron, Some(until))))
            }
            CheckInDecision::SendOn(reservation, _) => {
                let patron = recipient(tx, reservation).await?;
                // In transit for it already: nothing changes.
                if patron.state == ReservationState::Ready {
                    self.put_in_transit(tx, item, &patron, ReservationState::Ready).await?;
                }
                Ok(Instruction::Transit(slip(item, &patron, None)))
            }
            CheckInDecision::StaysReady(reservation) => {
                let patron = recipient(tx, reservation).await?;
                Ok(Instruction::HoldShelf(slip(item, &patron, item.hold_until)))
            }
        }
    }

    /// Puts the copy on the hold shelf for this reservation, tells the patron, and answers the last day it is kept.
    async fn make_ready(
        &self,
        tx: &mut Tx,
        item: &Item,
        patron: &Recipient,
        from: ReservationState,
    ) -> Result<NaiveDate, Fault> {
        let today = self.today();
        let place = &patron.pickup_place;
        let closed = if item.closures_ahead { closures(tx, place, today).await? } else { Vec::new() };
        let calendar = self.calendar(&closed);
        let until = hold_until(self.policy(), &calendar, place, today);
        let ready = Into::Ready(item.id, place, until);
        let event = self.take_step(tx, stepping(item, patron.reservation, from), ready).await?;
        tell_ready(self, tx, event, patron, &item.title, until).await?;
        Ok(until)
    }

    /// Sends the copy to the reservation's pickup place.
    async fn put_in_transit(
        &self,
        tx: &mut Tx,
        item: &Item,
        patron: &Recipient,
        from: ReservationState,
    ) -> Result<(), Fault> {
        let sent = Into::InTransit(item.id, &patron.pickup_place);
        self.take_step(tx, stepping(item, patron.reservation, from), sent).await?;
        Ok(())
    }

    /// Puts the reservation the copy was picked for back into the queue, unless it is the one that gets it.
    pub(super) async fn drop_pull(
        &self,
        tx: &mut Tx,
        item: &Item,
        served: Option<ReservationId>,
    ) -> Result<(), StorageError> {
        if let Some(held) = &item.scanned.held_for
            && held.state == ReservationState::Assigned
            && Some(held.id) != served
        {
            let of = stepping(item, held.id, ReservationState::Assigned);
            self.take_step(tx, of, Into::Waiting(Step::BackInQueue, Some("copy-elsewhere"))).await?;
        }
        Ok(())
    }

    /// Ends the loan the copy is out on, if it is, at that moment. Answers which.
    pub(super) async fn end_loan(
        &self,
        tx: &mut Tx,
        item: &Item,
        kind: EventKind,
        at: DateTime<Utc>,
    ) -> Result<Option<LoanId>, Fault> {
        if item.scanned.state != ItemState::OnLoan {
            return Ok(None);
        }
        let Some(loan) = item.loan else { return Ok(None) };
        let event = Event { bib: Some(item.bib), loan: Some(loan), ..Event::of(kind, ActorRole::Staff, self.now()) };
        let ended = record_with!(
            &mut *tx,
            event,
            ["delete from claim where loan_id = $5"],
            "update loan set returned_at = $9 where id = $5 and returned_at is null returning id",
            at
        )?;
        ended.ok_or_else(|| StorageError::corrupt("loan", "it is over, though it was not under its lock"))?;
        Ok(Some(loan))
    }
}

/// A step that staff's scan of a copy makes a reservation take.
pub(super) fn stepping(item: &Item, id: ReservationId, state: ReservationState) -> Stepping {
    Stepping { id, state, bib: item.bib, actor: ActorRole::Staff }
}

/// The slip of a captured copy.
fn slip(item: &Item, patron: &Recipient, until: Option<NaiveDate>) -> Slip {
    Slip {
        pickup_place: patron.pickup_place.clone(),
        label: slip_label(&patron.name_kana, &patron.card_number),
        title: item.title.clone(),
        barcode: item.barcode.clone(),
        until,
    }
}
