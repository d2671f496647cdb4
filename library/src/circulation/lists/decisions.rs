//! What staff have to decide on: queues without copies, mails that are refused, 返却申出, copies that are missing.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, LoanId, PartId, PlaceCode, ReservationId,
    circulation::{
        Decisions, DeskList, DoubtfulQueue, ItemState, MissingCopy, Refusal, SaidReturned, WithoutCopies, WriteOff,
        has_run_out, slip_label,
    },
};
use uuid::Uuid;

use super::super::{facts::lock_bibs, items::lock_item, last_copy::queues_without_copies};
use crate::{
    Fault, Library,
    catalog::shown,
    events::{ActorRole, Event, EventKind, record},
    notices::refused_mails,
    storage::{StorageError, Tx, execute, fetch_all, fetch_in, fetch_optional, in_write},
};

type SaidRow = (Uuid, String, String, String, String, String, String, DateTime<Utc>, Option<NaiveDate>);

impl Library {
    /// What staff at a place have to decide on. Queues and mails are everybody's; copies are those of the place.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn decisions(&self, here: &PlaceCode) -> Result<DeskList<Decisions>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let list = self.decisions_in(&mut tx, here).await?;
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, list))
    }

    pub(super) async fn decisions_in(&self, tx: &mut Tx, here: &PlaceCode) -> Result<Decisions, Fault> {
        Ok(Decisions {
            queues: doubtful_queues(tx).await?,
            refused_mails: refused_mails(self, tx).await?,
            said_returned: self.said_returned(tx, here).await?,
            missing: self.missing(tx, here).await?,
        })
    }

    /// Loans whose patron says that the copy was returned: it may stand on the shelf of its branch, or lie where it was
    /// lent.
    async fn said_returned(&self, tx: &mut Tx, here: &PlaceCode) -> Result<Vec<SaidReturned>, StorageError> {
        let rows = fetch_all!(
            tx,
            SaidRow,
            "select l.id, b.record, p.label, i.shelf_mark, i.barcode, i.branch, l.place, l.return_said_at, l.searched_on
             from loan l join item i on i.id = l.item_id
             join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             where l.return_said_at is not null and l.returned_at is null and (i.branch = $1 or l.place = $1)
             order by l.return_said_at, l.id",
            &here.0
        )?;
        let line = |row: SaidRow| {
            let (loan, record, label, shelf_mark, barcode, branch, lent_at, said_at, searched_on) = row;
            Ok(SaidReturned {
                loan: LoanId(loan),
                title: shown(&record, &label)?.title,
                shelf_mark,
                barcode,
                branch: PlaceCode(branch),
                lent_at: PlaceCode(lent_at),
                said_on: self.day_of(said_at),
                searched_on,
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// Copies that are missing and were last at a place, the longest first.
    async fn missing(&self, tx: &mut Tx, here: &PlaceCode) -> Result<Vec<MissingCopy>, StorageError> {
        let days = self.policy().daily.search_days;
        let rows = fetch_all!(
            tx,
            (String, String, Option<NaiveDate>, String, String),
            "select i.barcode, i.shelf_mark, i.missing_since, b.record, p.label
             from item i join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             where i.place = $1 and i.state = 'missing'",
            &here.0
        )?;
        let mut copies = Vec::with_capacity(rows.len());
        for (barcode, shelf_mark, since, record, label) in rows {
            // Missing since before anybody wrote it down is long.
            let long = since.is_none_or(|since| has_run_out(since, days, self.today()));
            copies.push(MissingCopy { title: shown(&record, &label)?.title, shelf_mark, barcode, since, long });
        }
        copies.sort_by(|one, other| (one.since, &one.barcode).cmp(&(other.since, &other.barcode)));
        Ok(copies)
    }

    /// Notes that the desk looked today for what a patron says was returned, and did not find it. It stays on the list.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn searched_in_vain(&self, loan: LoanId) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| async {
            let Some((bib, _)) = lock_said_returned(tx, loan).await? else {
                return Ok::<_, Fault>(Err(Refusal::ListChanged));
            };
            execute!(&mut *tx, "update loan set searched_on = $2 where id = $1", loan.0, self.today())?;
            let event = Event::of(EventKind::Searched, ActorRole::Staff, self.now());
            record(tx, Event { bib: Some(bib), loan: Some(loan), ..event }).await?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Gives up looking for what a patron says was returned: the copy is lost, and the loan ends.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn give_up_said_returned(&self, loan: LoanId) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| async {
            let Some((_, barcode)) = lock_said_returned(tx, loan).await? else {
                return Ok::<_, Fault>(Err(Refusal::ListChanged));
            };
            self.write_off_in(tx, &barcode, WriteOff::Lost, ActorRole::Staff).await
        }
        .await)
    }

    /// Gives up looking for a missing copy: it is lost. One that was scanned meanwhile is not missing.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn give_up_missing(&self, barcode: &str) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| async {
            let item = lock_item(tx, barcode, self.today()).await?;
            if item.is_none_or(|item| item.scanned.state != ItemState::Missing) {
                return Ok::<_, Fault>(Err(Refusal::ListChanged));
            }
            self.write_off_in(tx, barcode, WriteOff::Lost, ActorRole::Staff).await
        }
        .await)
    }
}

/// Locks the bib of an open loan whose patron says that the copy was returned; answers it and the barcode. `None` when
/// that is not so any more.
async fn lock_said_returned(tx: &mut Tx, loan: LoanId) -> Result<Option<(BibId, String)>, StorageError> {
    let bib = fetch_optional!(
        &mut *tx,
        (Uuid,),
        "select p.bib_id from loan l join part p on p.id = l.part_id where l.id = $1",
        loan.0
    )?;
    let Some((bib,)) = bib else { return Ok(None) };
    lock_bibs(tx, &[BibId(bib)]).await?;
    let row = fetch_optional!(
        tx,
        (Uuid, String),
        "select p.bib_id, i.barcode from loan l join item i on i.id = l.item_id join part p on p.id = l.part_id
         where l.id = $1 and l.return_said_at is not null and l.returned_at is null",
        loan.0
    )?;
    match row {
        // Merged into another bib before the lock was ours.
        Some((of, _)) if of != bib => Err(StorageError::Overtaken),
        row => Ok(row.map(|(bib, barcode)| (BibId(bib), barcode))),
    }
}

/// Queues whose last copy is gone, with those who wait as on their slips.
async fn doubtful_queues(tx: &mut Tx) -> Result<Vec<DoubtfulQueue>, StorageError> {
    let queues = queues_without_copies(tx).await?;
    let waiting: Vec<ReservationId> = queues.iter().flat_map(|queue| queue.waiting.clone()).collect();
    let people = fetch_in!(
        &mut *tx,
        (Uuid, String, String),
        [
            "select r.id, pt.name_kana, pt.card_number from reservation r join patron pt on pt.id = r.patron_id
             where r.id in ",
            ""
        ],
        waiting
    )?;
    let labels: HashMap<Uuid, String> =
        people.into_iter().map(|(id, kana, card)| (id, slip_label(&kana, &card))).collect();
    let parts: Vec<PartId> = queues.iter().map(|queue| queue.part).collect();
    let missing = fetch_in!(
        tx,
        (Uuid, i64),
        [
            "select part_id, count(*) from item where state = 'missing' and lender is null and part_id in ",
            " group by part_id"
        ],
        parts
    )?;
    let missing: HashMap<Uuid, i64> = missing.into_iter().collect();
    let line = |WithoutCopies { part, title, waiting, .. }: WithoutCopies| DoubtfulQueue {
        part,
        title,
        waiting: waiting.iter().filter_map(|id| labels.get(&id.0).cloned()).collect(),
        missing: u32::try_from(missing.get(&part.0).copied().unwrap_or_default()).unwrap_or(u32::MAX),
    };
    Ok(queues.into_iter().map(line).collect())
}
