//! Playing in what a desk scanned while the server could not be reached, each scan once.

use chrono::{DateTime, Utc};
use domain::{
    LoanId, OpId, PatronId, PlaceCode,
    circulation::{
        By, CheckedOut, HeldBy, ItemState, LateLoan, LateLoanFacts, LateScan, Played, Refusal, ScanKind, barcode,
        counts_at, late_loan, scanned_at,
    },
    patrons::card_number,
};
use uuid::Uuid;

use super::{
    facts::{lock_patron, ties},
    items::{Item, lock_item},
    trace::Scan,
    twice::{Earlier, earlier_at_desk},
};
use crate::{
    Fault, Library,
    catalog::touch_bib,
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

/// What came of a late loan that could be recorded: the loan, unless it was known, and what staff have to know.
pub(super) type Recorded = Option<(CheckedOut, Option<Refusal>)>;

/// A copy that a person left with.
pub(super) struct LateLending<'a> {
    pub(super) here: &'a PlaceCode,
    pub(super) card: &'a str,
    pub(super) barcode: &'a str,
    pub(super) at: DateTime<Utc>,
}

type OpenLoan = (Uuid, Option<Uuid>, DateTime<Utc>);

impl Library {
    /// Plays in a scan that waited in a browser for so many milliseconds. The same scan again, by its `op`, gets the same
    /// answer. What can't be recorded is kept for staff, never dropped.
    ///
    /// # Errors
    /// When the database can't be written; the scan waits on.
    pub async fn play_in(&self, scan: &LateScan, milliseconds_ago: i64) -> Result<Played, Fault> {
        let at = scanned_at(self.now(), milliseconds_ago);
        let done = in_write!(self.database(), |tx| self.play_in_in(tx, scan, at).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn play_in_in(&self, tx: &mut Tx, scan: &LateScan, at: DateTime<Utc>) -> Result<Played, Fault> {
        match earlier_at_desk(tx, scan.op).await? {
            Earlier::None => {}
            Earlier::Forgotten => return Ok(Played::Earlier),
            Earlier::Answer(played) => return Ok(played),
        }
        let played = match &scan.card {
            _ if self.policy().place(&scan.place).is_none() => Played::Kept(Refusal::UnknownPlace),
            None => self.take_back_late(tx, scan, at).await?,
            Some(card) => {
                let lending = LateLending { here: &scan.place, card, barcode: &scan.barcode, at };
                match self.lend_late(tx, &By::Staff, &lending).await? {
                    Ok(None) => Played::Known,
                    Ok(Some((lent, remark))) => Played::Lent { lent, remark },
                    Err(refusal) => Played::Kept(refusal),
                }
            }
        };
        match &played {
            Played::Kept(why) => self.put_on_list(tx, scan, at, why, None).await?,
            Played::Lent { lent, remark: Some(why) } => {
                self.put_on_list(tx, scan, at, why, Some(lent.loan)).await?;
            }
            Played::Lent { .. } | Played::TakenBack(_) | Played::Known | Played::Earlier => {}
        }
        self.keep_at_desk(tx, scan.op, &played).await?;
        Ok(played)
    }

    async fn take_back_late(&self, tx: &mut Tx, scan: &LateScan, at: DateTime<Utc>) -> Result<Played, Fault> {
        let code = barcode(&scan.barcode);
        let Some(item) = lock_item(tx, &code, self.today()).await? else {
            return Ok(Played::Kept(Refusal::UnknownBarcode));
        };
        let loan = open_loan(tx, &item).await?;
        let Some(at) = counts_at(at, last_seen(tx, &item, loan.as_ref()).await?) else { return Ok(Played::Known) };
        Ok(match self.check_in_in(tx, &scan.place, &code, at).await? {
            Ok(done) => Played::TakenBack(done),
            Err(refusal) => Played::Kept(refusal),
        })
    }

    /// Records that a person left with a copy, by the rule of [`late_loan`].
    pub(super) async fn lend_late(
        &self,
        tx: &mut Tx,
        by: &By,
        lending: &LateLending<'_>,
    ) -> Result<Result<Recorded, Refusal>, Fault> {
        let LateLending { here, card, barcode: scanned, at } = *lending;
        let Some(patron) = patron_of(tx, card).await? else { return Ok(Err(Refusal::UnknownCard)) };
        let Some(locked) = lock_patron(tx, patron).await? else { return Ok(Err(Refusal::UnknownCard)) };
        let Some(item) = lock_item(tx, &barcode(scanned), self.day_of(at)).await? else {
            return Ok(Err(Refusal::UnknownBarcode));
        };
        let loan = open_loan(tx, &item).await?;
        let counts = counts_at(at, last_seen(tx, &item, loan.as_ref()).await?);
        let ties = ties(tx, patron).await?;
        let theirs = |holder: Option<Uuid>| match holder {
            None => HeldBy::Nobody,
            Some(holder) if holder == patron.0 => HeldBy::ThisPatron,
            Some(_) => HeldBy::Another,
        };
        let held = item.scanned.held_for.as_ref().filter(|held| held.state.is_captured() || item.scanned.borrowed);
        let group = item.record.material.limit_group();
        let facts = LateLoanFacts {
            card: locked.card,
            item: item.scanned.state,
            loan_rule: item.scanned.loan_rule,
            borrowed: item.scanned.borrowed,
            held_for: theirs(held.and(item.held_by)),
            on_loan_to: theirs(loan.as_ref().and_then(|(_, patron, _)| *patron)),
            has_another_copy: ties.has_on_loan(item.part),
            scanned_since: counts.is_none(),
            group,
            open: ties.lent().iter().find(|(of, _)| *of == group).map_or(0, |(_, open)| *open),
        };
        let remark = match late_loan(&self.policy().loans, by, &facts) {
            LateLoan::Known => return Ok(Ok(None)),
            LateLoan::Ask(refusal) => return Ok(Err(refusal)),
            LateLoan::Record(remark) => remark,
        };
        let at = counts.unwrap_or(at);
        if !item.scanned.state.is_alive() {
            touch_bib(tx, item.bib, self.now()).await?;
        }
        // It must have come back from whom the record says has it.
        let mut scan = Scan::default();
        let ended = self.end_loan(&mut scan.writes, &item, at);
        // The copy's place in the index of open loans must be free before it is lent again.
        scan.writes.send(tx).await?;
        let own = ties.reservation_of(item.part);
        let lent = self.lend(tx, &mut scan, by, here, patron, &item, own, at).await?;
        if ended.is_some() {
            scan.remember_nothing(&item, at);
        } else {
            scan.remember(&item, ScanKind::CheckOut, at, (ItemState::OnLoan, here.clone()), Some(lent.loan))?;
        }
        scan.writes.send(tx).await?;
        Ok(Ok(Some((lent, remark))))
    }

    /// Puts a scan on staff's list. One that is recorded names its loan and not the card, so that it says whose it is
    /// only as long as the loan does.
    async fn put_on_list(
        &self,
        tx: &mut Tx,
        scan: &LateScan,
        at: DateTime<Utc>,
        why: &Refusal,
        loan: Option<LoanId>,
    ) -> Result<(), StorageError> {
        let why = serde_json::to_string(why).map_err(|error| StorageError::corrupt("refusal", error))?;
        let OpId(id) = scan.op;
        execute!(
            tx,
            "insert into late_scan (id, place, card, barcode, lent, scanned_at, played_at, why, loan_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id,
            &scan.place.0,
            scan.card.as_ref().filter(|_| loan.is_none()),
            &scan.barcode,
            scan.card.is_some(),
            at,
            self.now(),
            why,
            loan.map(|loan| loan.0)
        )?;
        Ok(())
    }
}

async fn patron_of(tx: &mut Tx, card: &str) -> Result<Option<PatronId>, StorageError> {
    let row = fetch_optional!(tx, (Uuid,), "select id from patron where card_number = $1", card_number(card))?;
    Ok(row.map(|(id,)| PatronId(id)))
}

/// The open loan of a copy.
async fn open_loan(tx: &mut Tx, item: &Item) -> Result<Option<OpenLoan>, StorageError> {
    fetch_optional!(
        tx,
        OpenLoan,
        "select id, patron_id, lent_at from loan where item_id = $1 and returned_at is null",
        item.id.0
    )
}

/// When a copy was last seen at a desk, as far as that is still known.
async fn last_seen(tx: &mut Tx, item: &Item, loan: Option<&OpenLoan>) -> Result<Option<DateTime<Utc>>, StorageError> {
    let row = fetch_optional!(tx, (DateTime<Utc>,), "select seen_at from last_scan where item_id = $1", item.id.0)?;
    Ok(row.map(|(seen_at,)| seen_at).max(loan.map(|(_, _, lent_at)| *lent_at)))
}
