//! Scanning a copy in (capture).

use chrono::NaiveDate;
use domain::{
    BibId, ItemId, LoanId, PartId, PlaceCode, ReservationId,
    circulation::{
        CheckIn, CheckInDecision, HeldFor, Instruction, ItemState, Refusal, ReservationState, ScannedItem, Slip,
        decide_check_in, hold_until,
    },
};
use uuid::Uuid;

use super::facts::{lock_bibs, waiting_queue};
use crate::{
    Fault, Library,
    catalog::part_title,
    events::{ActorRole, Event, EventKind, record},
    notices::tell_ready,
    storage::{StorageError, Tx, execute, fetch_one, fetch_optional, in_write},
};

/// A copy as its row says.
struct ItemRow {
    id: ItemId,
    part: PartId,
    bib: BibId,
    shelf_mark: String,
    state: ItemState,
    scanned: ScannedItem,
}

/// What a check-in writes for the reservation a copy is captured for.
struct Captured {
    reservation: ReservationId,
    pickup_place: PlaceCode,
    until: Option<NaiveDate>,
}

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
        let done = in_write!(self.database(), |tx| self.check_in_in(tx, here, &barcode).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn check_in_in(
        &self,
        tx: &mut Tx,
        here: &PlaceCode,
        barcode: &str,
    ) -> Result<Result<CheckIn, Refusal>, Fault> {
        let Some(bib) = bib_of_barcode(tx, barcode).await? else { return Ok(Err(Refusal::UnknownBarcode)) };
        lock_bibs(tx, &[bib]).await?;
        // Read again now that nobody else can change it.
        let Some(item) = scanned_item(tx, barcode).await? else { return Ok(Err(Refusal::UnknownBarcode)) };
        let queue = waiting_queue(tx, item.part).await?;
        let waits_for = self.policy().reservations.set_waits_for;
        let decision = match decide_check_in(waits_for, &item.scanned, here, &queue) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let was_on_loan = self.end_loan(tx, &item).await?;
        let title = part_title(tx, item.bib, item.part).await?;
        let instruction = self.carry_out(tx, &item, here, decision, &title, barcode).await?;
        Ok(Ok(CheckIn { title, barcode: barcode.to_owned(), was_on_loan, instruction }))
    }

    async fn carry_out(
        &self,
        tx: &mut Tx,
        item: &ItemRow,
        here: &PlaceCode,
        decision: CheckInDecision,
        title: &str,
        barcode: &str,
    ) -> Result<Instruction, Fault> {
        let captured = match decision {
            CheckInDecision::Shelve => {
                set_item_state(tx, item, ItemState::OnShelf).await?;
                return Ok(Instruction::Shelve { shelf_mark: item.shelf_mark.clone() });
            }
            CheckInDecision::SendHome(branch) => {
                set_item_state(tx, item, ItemState::GoingHome).await?;
                return Ok(Instruction::SendHome { branch });
            }
            CheckInDecision::Capture(reservation) => {
                let (place,) = fetch_one!(
                    &mut *tx,
                    (String,),
                    "select pickup_place from reservation where id = $1",
                    reservation.0
                )?;
                let pickup_place = PlaceCode(place);
                let until = if pickup_place == *here {
                    Some(self.make_ready(tx, item, reservation).await?)
                } else {
                    self.put_in_transit(tx, item, reservation).await?;
                    None
                };
                Captured { reservation, pickup_place, until }
            }
            CheckInDecision::Arrived(reservation) => {
                let until = self.make_ready(tx, item, reservation).await?;
                Captured { reservation, pickup_place: here.clone(), until: Some(until) }
            }
            CheckInDecision::SendOn(reservation, pickup_place) => {
                self.put_in_transit(tx, item, reservation).await?;
                Captured { reservation, pickup_place, until: None }
            }
            CheckInDecision::StaysReady(reservation) => {
                let (until,) = fetch_one!(
                    &mut *tx,
                    (Option<NaiveDate>,),
                    "select hold_until from reservation where id = $1",
                    reservation.0
                )?;
                Captured { reservation, pickup_place: here.clone(), until }
            }
        };
        let slip = Slip {
            label: slip_label(tx, captured.reservation).await?,
            pickup_place: captured.pickup_place,
            title: title.to_owned(),
            barcode: barcode.to_owned(),
            until: captured.until,
        };
        Ok(if slip.until.is_some() { Instruction::HoldShelf(slip) } else { Instruction::Transit(slip) })
    }

    /// Puts the copy on the hold shelf for this reservation, tells the patron, and answers the last day it is kept.
    async fn make_ready(&self, tx: &mut Tx, item: &ItemRow, reservation: ReservationId) -> Result<NaiveDate, Fault> {
        let now = self.now();
        let ready_on = self.day_of(now);
        let until = hold_until(&self.policy().reservations, ready_on);
        set_item_state(tx, item, ItemState::OnHoldShelf).await?;
        let changed = execute!(
            &mut *tx,
            "update reservation set state = 'ready', item_id = $2, ready_on = $3, hold_until = $4
             where id = $1 and state in ('waiting', 'in-transit')",
            reservation.0,
            item.id.0,
            ready_on,
            until
        )?;
        expect_one(changed)?;
        let event = self.log(tx, item, EventKind::Ready, reservation, now).await?;
        tell_ready(self, tx, event, reservation, until).await?;
        Ok(until)
    }

    /// Sends the copy to the reservation's pickup place. Sending on what is in transit for it already changes nothing.
    async fn put_in_transit(&self, tx: &mut Tx, item: &ItemRow, reservation: ReservationId) -> Result<(), Fault> {
        if item.scanned.held_for.as_ref().is_some_and(|held| held.state == ReservationState::InTransit) {
            return Ok(());
        }
        set_item_state(tx, item, ItemState::InTransit).await?;
        let changed = execute!(
            &mut *tx,
            "update reservation set state = 'in-transit', item_id = $2, ready_on = null, hold_until = null
             where id = $1 and state in ('waiting', 'ready')",
            reservation.0,
            item.id.0
        )?;
        expect_one(changed)?;
        self.log(tx, item, EventKind::InTransit, reservation, self.now()).await?;
        Ok(())
    }

    /// Ends the loan the copy is out on, if it is. Answers whether it was.
    async fn end_loan(&self, tx: &mut Tx, item: &ItemRow) -> Result<bool, Fault> {
        let now = self.now();
        let loan = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "update loan set returned_at = $2 where item_id = $1 and returned_at is null returning id",
            item.id.0,
            now
        )?;
        let Some((loan,)) = loan else { return Ok(false) };
        execute!(&mut *tx, "delete from claim where loan_id = $1", loan)?;
        record(
            tx,
            Event {
                at: now,
                kind: EventKind::CheckedIn,
                actor: ActorRole::Staff,
                bib: item.bib,
                reservation: None,
                loan: Some(LoanId(loan)),
            },
        )
        .await?;
        Ok(true)
    }

    async fn log(
        &self,
        tx: &mut Tx,
        item: &ItemRow,
        kind: EventKind,
        reservation: ReservationId,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<domain::EventId, StorageError> {
        record(
            tx,
            Event { at, kind, actor: ActorRole::Staff, bib: item.bib, reservation: Some(reservation), loan: None },
        )
        .await
    }
}

/// A write that had to touch one row and did not found the world other than the rule saw it.
fn expect_one(changed: u64) -> Result<(), StorageError> {
    if changed == 1 { Ok(()) } else { Err(StorageError::corrupt("reservation", format!("{changed} rows changed"))) }
}

async fn bib_of_barcode(tx: &mut Tx, barcode: &str) -> Result<Option<BibId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select p.bib_id from item i join part p on p.id = i.part_id where i.barcode = $1",
        barcode
    )?;
    Ok(row.map(|(bib,)| BibId(bib)))
}

type ScannedRow = (Uuid, Uuid, Uuid, String, String, String, String, Option<Uuid>, Option<String>, Option<String>);

async fn scanned_item(tx: &mut Tx, barcode: &str) -> Result<Option<ItemRow>, StorageError> {
    let row = fetch_optional!(
        tx,
        ScannedRow,
        "select i.id, i.part_id, p.bib_id, i.branch, i.shelf_mark, i.state, i.loan_rule, r.id, r.state, r.pickup_place
         from item i join part p on p.id = i.part_id
         left join reservation r on r.item_id = i.id and r.state in ('in-transit', 'ready')
         where i.barcode = $1",
        barcode
    )?;
    let Some((id, part, bib, branch, shelf_mark, state, loan_rule, held, held_state, held_place)) = row else {
        return Ok(None);
    };
    let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
    let held_for = match (held, held_state, held_place) {
        (Some(id), Some(state), Some(place)) => Some(HeldFor {
            id: ReservationId(id),
            state: state
                .parse::<ReservationState>()
                .map_err(|error| StorageError::corrupt("reservation state", error))?,
            pickup_place: PlaceCode(place),
        }),
        _ => None,
    };
    let scanned = ScannedItem {
        state,
        branch: PlaceCode(branch),
        loan_rule: loan_rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?,
        held_for,
    };
    Ok(Some(ItemRow { id: ItemId(id), part: PartId(part), bib: BibId(bib), shelf_mark, state, scanned }))
}

async fn set_item_state(tx: &mut Tx, item: &ItemRow, state: ItemState) -> Result<(), StorageError> {
    if item.state != state {
        execute!(tx, "update item set state = $2 where id = $1", item.id.0, state.as_str())?;
    }
    Ok(())
}

/// First kana of the name and the last four digits of the card: enough for the patron and the desk to tell slips
/// apart, and nothing for anybody else.
async fn slip_label(tx: &mut Tx, reservation: ReservationId) -> Result<String, StorageError> {
    let (kana, card) = fetch_one!(
        tx,
        (String, String),
        "select p.name_kana, p.card_number from reservation r join patron p on p.id = r.patron_id where r.id = $1",
        reservation.0
    )?;
    let digits: Vec<char> = card.chars().collect();
    let last: String = digits.iter().skip(digits.len().saturating_sub(4)).collect();
    Ok(format!("{} {last}", kana.chars().next().unwrap_or('－')))
}
