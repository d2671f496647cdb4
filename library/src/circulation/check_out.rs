//! Lending a copy (R16).

use chrono::{DateTime, Utc};
use domain::{
    LoanId, PatronId, PlaceCode,
    bookshelf::{HistoryEntry, pages_of},
    circulation::{
        By, CheckOutFacts, CheckedOut, HeldBy, ItemState, Refusal, ReservationState, ScanKind, Step, check_out_refusal,
        due_on,
    },
};
use uuid::Uuid;

use super::{
    check_in::stepping,
    facts::{lock_patron, ties},
    items::{Item, lock_item, put_item},
    step::{Into, Stand},
    trace::Scan,
};
use crate::{
    Fault, Library,
    calendar::closures,
    events::{ActorRole, Event, EventKind, add_event, overruled},
    notices::{may_know_of_ready, recipient, tell_vanished},
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
        let mut scan = Scan::default();
        let lent = self.lend(tx, &mut scan, by, here, patron, &item, own, now).await?;
        scan.remember(&item, ScanKind::CheckOut, now, (ItemState::OnLoan, here.clone()), Some(lent.loan))?;
        scan.writes.send(tx).await?;
        Ok(Ok(lent))
    }

    /// Lends the copy at that moment, from whose day the due date is counted.
    #[expect(clippy::too_many_arguments, reason = "a loan is all of these")]
    pub(super) async fn lend(
        &self,
        tx: &mut Tx,
        scan: &mut Scan,
        by: &By,
        here: &PlaceCode,
        patron: PatronId,
        item: &Item,
        reserved: Option<Stand>,
        at: DateTime<Utc>,
    ) -> Result<CheckedOut, Fault> {
        let now = self.now();
        let today = self.day_of(at);
        let loan = LoanId(Uuid::new_v4());
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
        let event = Event::of(EventKind::CheckedOut, ActorRole::Staff, now);
        let event = Event { bib: Some(item.bib), loan: Some(loan), note: overruled(by), ..event };
        add_event(&mut scan.writes, &event);
        scan.writes.add(
            "insert into loan (id, item_id, part_id, patron_id, place, lent_at, due_on, renewals)
             values ($1, $2, $3, $4, $5, $6, $7, 0)",
            [
                loan.0.into(),
                item.id.0.into(),
                item.part.0.into(),
                patron.0.into(),
                here.0.as_str().into(),
                at.into(),
                due_on.into(),
            ],
        );
        scan.writes.add(
            "insert into claim (patron_id, part_id, loan_id) values ($1, $2, $3)
             on conflict (patron_id, part_id) do update set reservation_id = null, loan_id = excluded.loan_id",
            [patron.0.into(), item.part.0.into(), loan.0.into()],
        );
        let entry = HistoryEntry {
            bib: item.bib,
            title: item.title.clone(),
            creators: item.record.creators.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("、"),
            material: item.record.material,
            lent_on: today,
            pages: item.record.extent.as_deref().and_then(pages_of),
            unread: false,
        };
        self.keep_in_history(tx, &mut scan.writes, patron, loan, &entry).await?;
        put_item(&mut scan.writes, item.id, ItemState::OnLoan, here);
        if let Some(own) = reserved {
            let (_, left) = self.add_step(&mut scan.writes, stepping(item, own.id, own.state), Into::Lent(loan))?;
            scan.moved(own, left);
        }
        self.take_from_another(tx, scan, patron, item).await?;
        Ok(CheckedOut { loan, title: item.title.clone(), due_on })
    }

    /// The reservation of somebody else that names the copy goes back into the queue: it was picked for them and a
    /// walk-in was faster, or staff overruled.
    async fn take_from_another(
        &self,
        tx: &mut Tx,
        scan: &mut Scan,
        patron: PatronId,
        item: &Item,
    ) -> Result<(), Fault> {
        let Some(held) = item.held.filter(|_| item.held_by != Some(patron.0)) else { return Ok(()) };
        let knows = held.state == ReservationState::Ready && may_know_of_ready(tx, held.id, held.since).await?;
        let back = Into::Waiting(Step::BackInQueue, Some("lent-to-another"));
        let (event, left) = self.add_step(&mut scan.writes, stepping(item, held.id, held.state), back)?;
        scan.moved(held, left);
        if knows {
            let patron = recipient(tx, held.id).await?;
            tell_vanished(self, &mut scan.writes, event, (held.id, &patron), &item.title)?;
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
