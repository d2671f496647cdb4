//! Scanning a copy in (capture).

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    LoanId, PlaceCode, ReservationId,
    circulation::{
        CheckIn, CheckInDecision, Instruction, ItemState, Refusal, ReservationState, ScanKind, Slip, Step,
        decide_check_in, hold_until,
    },
};
use uuid::Uuid;

use super::{
    facts::queue_head,
    items::{Item, lock_item, move_item},
    step::{Into, Stepping},
    trace::{left_by, moved_by_check_in, remember},
};
use crate::{
    Fault, Library,
    calendar::closures,
    catalog::touch_bib,
    events::{ActorRole, Event, EventKind, record},
    notices::{Recipient, recipient, tell_ready},
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
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
        let queue = if captured { Vec::new() } else { queue_head(tx, item.part, waits_for).await? };
        let decision = match decide_check_in(waits_for, &item.scanned, here, &queue) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let before = moved_by_check_in(tx, &item, &decision).await?;
        if !item.scanned.state.is_alive() {
            // Found again: the search shows its branch once more.
            touch_bib(tx, item.bib, self.now()).await?;
        }
        let ended = self.end_loan(tx, &item, EventKind::CheckedIn, at).await?;
        let instruction = self.carry_out(tx, &item, here, decision).await?;
        remember(tx, &item, ScanKind::CheckIn, at, left_by(&item, &instruction, here), ended, before).await?;
        Ok(Ok(CheckIn { title: item.title, barcode: item.barcode, was_on_loan: ended.is_some(), instruction }))
    }

    async fn carry_out(
        &self,
        tx: &mut Tx,
        item: &Item,
        here: &PlaceCode,
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
                let patron = recipient(tx, reservation).await?;
                let state = patron.state;
                if patron.pickup_place == *here {
                    let until = self.make_ready(tx, item, &patron, state).await?;
                    Ok(Instruction::HoldShelf(slip(item, &patron, Some(until))))
                } else {
                    self.put_in_transit(tx, item, &patron, state).await?;
                    Ok(Instruction::Transit(slip(item, &patron, None)))
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
        let until = hold_until(self.policy(), &calendar, &patron.pickup_place, today);
        move_item(tx, item, ItemState::OnHoldShelf, &patron.pickup_place).await?;
        let event = self.take_step(tx, stepping(item, patron.reservation, from), Into::Ready(item.id, until)).await?;
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
        move_item(tx, item, ItemState::InTransit, &patron.pickup_place).await?;
        self.take_step(tx, stepping(item, patron.reservation, from), Into::InTransit(item.id)).await?;
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
        let now = self.now();
        let loan = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "update loan set returned_at = $2 where item_id = $1 and returned_at is null returning id",
            item.id.0,
            at
        )?;
        let Some((loan,)) = loan else { return Ok(None) };
        execute!(&mut *tx, "delete from claim where loan_id = $1", loan)?;
        record(tx, Event { bib: Some(item.bib), loan: Some(LoanId(loan)), ..Event::of(kind, ActorRole::Staff, now) })
            .await?;
        Ok(Some(LoanId(loan)))
    }
}

/// A step that staff's scan of a copy makes a reservation take.
pub(super) fn stepping(item: &Item, id: ReservationId, state: ReservationState) -> Stepping {
    Stepping { id, state, bib: item.bib, actor: ActorRole::Staff }
}

/// The slip: first kana of the name and the last four digits of the card, enough for the patron and the desk to tell
/// slips apart, and nothing for anybody else.
fn slip(item: &Item, patron: &Recipient, until: Option<NaiveDate>) -> Slip {
    let digits: Vec<char> = patron.card_number.chars().collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(4)).collect();
    Slip {
        pickup_place: patron.pickup_place.clone(),
        label: format!("{} {last}", patron.name_kana.chars().next().unwrap_or('－')),
        title: item.title.clone(),
        barcode: item.barcode.clone(),
        until,
    }
}
