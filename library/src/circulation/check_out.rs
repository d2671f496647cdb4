//! Lending a copy (R16).

use chrono::{DateTime, Utc};
use domain::{
    LoanId, PatronId, PlaceCode, ReservationId,
    circulation::{
        By, CheckOutFacts, CheckedOut, HeldBy, ItemState, Refusal, ReservationState, ScanKind, Step, check_out_refusal,
        due_on,
    },
};
use uuid::Uuid;

use super::{
    check_in::stepping,
    facts::{lock_patron, ties},
    items::{Item, lock_item},
    step::{Into, Stepping},
    trace::{moved_by_check_out, remember},
};
use crate::{
    Fault, Library,
    calendar::closures,
    clock::new_id,
    events::{ActorRole, Event, EventKind, overruled, record_with},
    notices::{recipient, tell_vanished},
    storage::{StorageError, Tx, fetch_optional, in_write},
};

impl Library {
    /// Lends a copy to a patron. Their own reservation of the title is fulfilled by it.
    ///
    /// # Errors
    /// When the database can't be written; nothing is lent then.
    pub async fn check_out(
        &self,
        by: &By,
        here: &PlaceCode,
        patron: PatronId,
        barcode: &str,
    ) -> Result<Result<CheckedOut, Refusal>, Fault> {
        if self.policy().place(here).is_none() {
            return Ok(Err(Refusal::UnknownPlace));
        }
        let barcode = domain::circulation::barcode(barcode);
        let done = in_write!(self.database(), |tx| self.check_out_in(tx, by, here, patron, &barcode).await);
        self.outbox_bell().notify_one();
        done
    }

    pub(super) async fn check_out_in(
        &self,
        tx: &mut Tx,
        by: &By,
        here: &PlaceCode,
        patron: PatronId,
        barcode: &str,
    ) -> Result<Result<CheckedOut, Refusal>, Fault> {
        let locked = lock_patron(tx, patron).await?.ok_or(Fault::AccountGone)?;
        let Some(item) = lock_item(tx, barcode, self.today()).await? else { return Ok(Err(Refusal::UnknownBarcode)) };
        // A copy another library lent counts as held from the day it was taken in.
        let held = item
            .scanned
            .held_for
            .as_ref()
            .filter(|held| held.state.is_captured() || item.scanned.borrowed)
            .and(item.held_by);
        let ties = ties(tx, patron).await?;
        let facts = CheckOutFacts {
            card: locked.card,
            material: item.record.material,
            item: item.scanned.state,
            loan_rule: item.scanned.loan_rule,
            borrowed: item.scanned.borrowed,
            held_for: match held {
                None => HeldBy::Nobody,
                Some(holder) if holder == patron.0 => HeldBy::ThisPatron,
                Some(_) => HeldBy::Another,
            },
            others_wait: others_wait(tx, &item, patron).await?,
            has_it_on_loan: ties.has_on_loan(item.part),
            loans: ties.lent(),
        };
        if let Some(refusal) = check_out_refusal(&self.policy().loans, by, &facts) {
            return Ok(Err(refusal));
        }
        let now = self.now();
        let own = ties.reservation_of(item.part);
        let before = moved_by_check_out(tx, &item, own).await?;
        let lent = self.lend(tx, by, here, patron, &item, own, now).await?;
        let left = (ItemState::OnLoan, here.clone());
        remember(tx, &item, ScanKind::CheckOut, now, left, Some(lent.loan), before).await?;
        Ok(Ok(lent))
    }

    /// Lends the copy at that moment, from whose day the due date is counted.
    #[expect(clippy::too_many_arguments, reason = "a loan is all of these")]
    pub(super) async fn lend(
        &self,
        tx: &mut Tx,
        by: &By,
        here: &PlaceCode,
        patron: PatronId,
        item: &Item,
        reserved: Option<(ReservationId, ReservationState)>,
        at: DateTime<Utc>,
    ) -> Result<CheckedOut, Fault> {
        let now = self.now();
        let today = self.day_of(at);
        let loan = LoanId(new_id(now));
        let due_on = match item.lender_due_on {
            Some(day) => day,
            None => {
                let closed = if item.closures_ahead { closures(tx, here, today).await? } else { Vec::new() };
                due_on(self.policy(), &self.calendar(&closed), here, today, self.policy().loans.days)
            }
        };
        self.audit_by(tx, by, None, patron).await?;
        // Lending any copy of the title fulfils the patron's reservation of it, and the claim passes on to the loan. A
        // copy captured for them elsewhere is released at its next scan: no active reservation names it any more.
        let lent = record_with!(
            &mut *tx,
            Event {
                bib: Some(item.bib),
                loan: Some(loan),
                note: overruled(by),
                ..Event::of(EventKind::CheckedOut, ActorRole::Staff, now)
            },
            [
                "insert into loan (id, item_id, part_id, patron_id, place, lent_at, due_on, renewals)
                 values ($5, $9, $10, $11, $12, $14, $13, 0)",
                "insert into claim (patron_id, part_id, loan_id) values ($11, $10, $5)
                 on conflict (patron_id, part_id) do update set reservation_id = null, loan_id = excluded.loan_id"
            ],
            "update item set state = 'on-loan', place = $12 where id = $9 returning id",
            item.id.0,
            item.part.0,
            patron.0,
            &here.0,
            due_on,
            at
        )?;
        lent.ok_or_else(|| StorageError::corrupt("item", "it is gone, though it was there under its lock"))?;
        if let Some((reservation, state)) = reserved {
            self.take_step(tx, stepping(item, reservation, state), Into::Lent(loan)).await?;
        }
        self.take_from_another(tx, patron, item).await?;
        Ok(CheckedOut { loan, title: item.title.clone(), due_on })
    }

    /// The reservation of somebody else that names the copy goes back into the queue: it was picked for them and a
    /// walk-in was faster, or staff overruled.
    async fn take_from_another(&self, tx: &mut Tx, patron: PatronId, item: &Item) -> Result<(), Fault> {
        let Some(held) = item.scanned.held_for.as_ref().filter(|_| item.held_by != Some(patron.0)) else {
            return Ok(());
        };
        let of: Stepping = stepping(item, held.id, held.state);
        let event = self.take_step(tx, of, Into::Waiting(Step::BackInQueue, Some("lent-to-another"))).await?;
        if held.state == ReservationState::Ready {
            let patron = recipient(tx, held.id).await?;
            tell_vanished(self, tx, event, &patron, &item.title).await?;
        }
        Ok(())
    }
}

/// Whether anybody but this patron stands in the queue of the title.
async fn others_wait(tx: &mut Tx, item: &Item, patron: PatronId) -> Result<bool, StorageError> {
    // It matters for a copy on the hold shelf only.
    if item.scanned.state != ItemState::OnHoldShelf {
        return Ok(false);
    }
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select id from reservation
         where part_id = $1 and state in ('waiting', 'assigned') and patron_id <> $2 limit 1",
        item.part.0,
        patron.0
    )?;
    Ok(row.is_some())
}
