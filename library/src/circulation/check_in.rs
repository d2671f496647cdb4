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
    step::{Into, Stand, Stepping},
    trace::{Scan, left_by},
};
use crate::{
    Fault, Library,
    calendar::closures,
    catalog::touch_bib,
    events::{ActorRole, Event, EventKind, add_event},
    notices::{Recipient, recipient, tell_ready},
    storage::{StorageError, Tx, Writes, in_write},
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
        let mut scan = Scan::default();
        if !item.scanned.state.is_alive() {
            // Found again: the search shows its branch once more.
            touch_bib(tx, item.bib, self.now()).await?;
        }
        let ended = self.end_loan(&mut scan.writes, &item, at);
        let instruction = self.carry_out(tx, &mut scan, &item, here, &queue, decision).await?;
        scan.remember(&item, ScanKind::CheckIn, at, left_by(&item, &instruction, here), ended)?;
        scan.writes.send(tx).await?;
        note_departure(tx, &item, here, &instruction, self.now()).await?;
        Ok(Ok(CheckIn { title: item.title, barcode: item.barcode, was_on_loan: ended.is_some(), instruction }))
    }

    async fn carry_out(
        &self,
        tx: &mut Tx,
        scan: &mut Scan,
        item: &Item,
        here: &PlaceCode,
        queue: &Queue,
        decision: CheckInDecision,
    ) -> Result<Instruction, Fault> {
        match decision {
            CheckInDecision::Shelve => {
                self.drop_pull(tx, scan, item, None).await?;
                move_item(&mut scan.writes, item, ItemState::OnShelf, here);
                Ok(Instruction::Shelve { shelf_mark: item.shelf_mark.clone() })
            }
            CheckInDecision::SendHome(branch) => {
                self.drop_pull(tx, scan, item, None).await?;
                move_item(&mut scan.writes, item, ItemState::GoingHome, &branch);
                Ok(Instruction::SendHome { branch })
            }
            CheckInDecision::ReturnToLender => {
                self.drop_pull(tx, scan, item, None).await?;
                move_item(&mut scan.writes, item, ItemState::GoingHome, &item.scanned.branch);
                Ok(Instruction::ReturnToLender { lender: item.lender.clone().unwrap_or_default() })
            }
            CheckInDecision::Capture(reservation) => {
                // Whoever it was picked for waits again, before the copy may be another's.
                self.drop_pull(tx, scan, item, Some(reservation)).await?;
                let (patron, stand) = queue
                    .recipient(reservation)
                    .ok_or_else(|| StorageError::corrupt("queue", "whoever is served is not in it"))?;
                if patron.pickup_place == *here {
                    let until = self.make_ready(tx, scan, item, patron, stand).await?;
                    Ok(Instruction::HoldShelf(slip(item, patron, Some(until))))
                } else {
                    self.put_in_transit(scan, item, patron, stand)?;
                    Ok(Instruction::Transit(slip(item, patron, None)))
                }
            }
            CheckInDecision::Arrived(reservation) => {
                let patron = recipient(tx, reservation).await?;
                let until = self.make_ready(tx, scan, item, &patron, held(item)?).await?;
                Ok(Instruction::HoldShelf(slip(item, &patron, Some(until))))
            }
            CheckInDecision::SendOn(reservation, _) => {
                let patron = recipient(tx, reservation).await?;
                // In transit for it already: nothing changes.
                if patron.state == ReservationState::Ready {
                    self.put_in_transit(scan, item, &patron, held(item)?)?;
                }
                Ok(Instruction::Transit(slip(item, &patron, None)))
            }
            CheckInDecision::StaysReady(reservation) => {
                let patron = recipient(tx, reservation).await?;
                Ok(Instruction::HoldShelf(slip(item, &patron, held(item)?.hold_until)))
            }
        }
    }

    /// Puts the copy on the hold shelf for this reservation, tells the patron, and answers the last day it is kept.
    async fn make_ready(
        &self,
        tx: &mut Tx,
        scan: &mut Scan,
        item: &Item,
        patron: &Recipient,
        from: Stand,
    ) -> Result<NaiveDate, Fault> {
        let today = self.today();
        let place = &patron.pickup_place;
        let closed = if item.closures_ahead { closures(tx, place, today).await? } else { Vec::new() };
        let calendar = self.calendar(&closed);
        let until = hold_until(self.policy(), &calendar, place, today);
        let ready = Into::Ready(item.id, place, until);
        let (event, left) = self.add_step(&mut scan.writes, stepping(item, from.id, from.state), ready)?;
        scan.moved(from, left);
        tell_ready(self, &mut scan.writes, event, (from.id, patron), &item.title, until)?;
        Ok(until)
    }

    /// Sends the copy to the reservation's pickup place.
    fn put_in_transit(&self, scan: &mut Scan, item: &Item, patron: &Recipient, from: Stand) -> Result<(), Fault> {
        let sent = Into::InTransit(item.id, &patron.pickup_place);
        let (_, left) = self.add_step(&mut scan.writes, stepping(item, from.id, from.state), sent)?;
        scan.moved(from, left);
        Ok(())
    }

    /// Puts the reservation the copy was picked for back into the queue, unless it is the one that gets it. That is sent
    /// by itself, because the copy's place in the index of active reservations must be free before it is another's.
    async fn drop_pull(
        &self,
        tx: &mut Tx,
        scan: &mut Scan,
        item: &Item,
        served: Option<ReservationId>,
    ) -> Result<(), StorageError> {
        if let Some(held) = item.held
            && held.state == ReservationState::Assigned
            && Some(held.id) != served
        {
            let back = Into::Waiting(Step::BackInQueue, Some("copy-elsewhere"));
            let mut writes = Writes::default();
            let (_, left) = self.add_step(&mut writes, stepping(item, held.id, held.state), back)?;
            writes.send(tx).await?;
            scan.moved(held, left);
        }
        Ok(())
    }

    /// Ends the loan the copy is out on, if it is, at that moment. Answers which.
    pub(super) fn end_loan(&self, writes: &mut Writes, item: &Item, at: DateTime<Utc>) -> Option<LoanId> {
        let loan = item.loan.filter(|_| item.scanned.state == ItemState::OnLoan)?;
        let event = Event::of(EventKind::CheckedIn, ActorRole::Staff, self.now());
        add_event(writes, &Event { bib: Some(item.bib), loan: Some(loan), ..event });
        writes.add("delete from claim where loan_id = $1", [loan.0.into()]);
        writes.must(
            "the loan",
            "update loan set returned_at = $2 where id = $1 and returned_at is null",
            [loan.0.into(), at.into()],
        );
        Some(loan)
    }
}

/// How the reservation stands that the copy is captured for.
fn held(item: &Item) -> Result<Stand, StorageError> {
    item.held.ok_or_else(|| StorageError::corrupt("item", "nobody's reservation names it"))
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
