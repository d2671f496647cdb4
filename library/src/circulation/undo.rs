//! Undoing the last scan of a copy, while its day lasts and nothing was built on it.
//!
//! Each scan leaves behind what it changed (`trace.rs`): the copy, the loan, and how the reservations stood before and
//! after. Undoing takes the reservations back by steps of their own, so that the log tells what happened, and puts the rest back
//! as it was. A mail that the scan wrote is withdrawn, or followed by another when it may have been sent.

use chrono::{DateTime, Utc};
use domain::{
    ItemId, LoanId, OpId, PatronId, PlaceCode,
    circulation::{Refusal, ReservationState, ScanKind, Step, UndoFacts, Undone, undo_refusal, way_back},
};
use uuid::Uuid;

use super::{
    check_in::stepping,
    facts::lock_patron,
    items::{Item, lock_item, move_item},
    step::Into,
    trace::{Change, Moved, change_of, stands},
    twice::{Earlier, earlier_at_desk},
};
use crate::{
    Fault, Library,
    bookshelf::forget_loan,
    catalog::touch_bib,
    events::{ActorRole, Event, EventKind, record},
    notices::{ready_mail_was_dropped, recipient, tell_ready, tell_vanished, withdraw_mails},
    storage::{StorageError, Tx, Writes, execute, fetch_optional, in_write},
};

/// The loan a scan made or ended.
struct Loan {
    id: LoanId,
    part: Uuid,
    /// Whose; nobody's once the tie is cut.
    patron: Option<PatronId>,
    open: bool,
    renewals: i64,
}

async fn loan_of(tx: &mut Tx, id: Option<LoanId>) -> Result<Option<Loan>, StorageError> {
    let Some(id) = id else { return Ok(None) };
    let row = fetch_optional!(
        tx,
        (Uuid, Option<Uuid>, Option<DateTime<Utc>>, i64),
        "select part_id, patron_id, returned_at, renewals from loan where id = $1",
        id.0
    )?;
    Ok(row.map(|(part, patron, returned, renewals)| Loan {
        id,
        part,
        patron: patron.map(PatronId),
        open: returned.is_none(),
        renewals,
    }))
}

impl Library {
    /// Undoes the last scan of a copy that changed something, while the day of the scan lasts. The same request again,
    /// by its `op`, gets the same answer.
    ///
    /// # Errors
    /// When the database can't be written; nothing is undone then.
    pub async fn undo_scan(&self, op: OpId, barcode: &str) -> Result<Result<Undone, Refusal>, Fault> {
        let barcode = domain::circulation::barcode(barcode);
        let done = in_write!(self.database(), |tx| self.undo_in(tx, op, &barcode).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn undo_in(&self, tx: &mut Tx, op: OpId, barcode: &str) -> Result<Result<Undone, Refusal>, Fault> {
        match earlier_at_desk(tx, op).await? {
            Earlier::None => {}
            Earlier::Forgotten => return Ok(Err(Refusal::NothingToUndo)),
            Earlier::Answer(undone) => return Ok(Ok(undone)),
        }
        let Some(seen) = change_of(tx, barcode).await? else { return Ok(Err(Refusal::NothingToUndo)) };
        if let Some(patron) = loan_of(tx, seen.loan).await?.and_then(|loan| loan.patron) {
            lock_patron(tx, patron).await?;
        }
        let Some(item) = lock_item(tx, barcode, self.today()).await? else { return Ok(Err(Refusal::UnknownBarcode)) };
        // Read again under the locks; whoever was faster is seen by the next try.
        let Some(change) = change_of(tx, barcode).await?.filter(|change| *change == seen) else {
            return Err(StorageError::Overtaken.into());
        };
        let loan = loan_of(tx, change.loan).await?;
        if let Some(refusal) = undo_refusal(&self.undo_facts(tx, &item, &change, loan.as_ref()).await?) {
            return Ok(Err(refusal));
        }
        let mut told_again = false;
        // Whoever has the copy now lets go of it first.
        for moved in in_order(&change.moved) {
            told_again |= self.take_back(tx, &item, moved, &change.was.1).await?;
        }
        match (change.kind, loan) {
            (ScanKind::CheckOut, Some(loan)) => unlend(tx, &loan, &change).await?,
            (ScanKind::CheckIn, Some(loan)) => reopen(tx, &loan).await?,
            (_, None) => {}
        }
        let mut writes = Writes::default();
        move_item(&mut writes, &item, change.was.0, &change.was.1);
        writes.send(tx).await?;
        if !change.was.0.is_alive() {
            touch_bib(tx, item.bib, self.now()).await?;
        }
        execute!(&mut *tx, "update last_scan set change = null where item_id = $1", item.id.0)?;
        let kind = match change.kind {
            ScanKind::CheckOut => EventKind::CheckOutUndone,
            ScanKind::CheckIn => EventKind::CheckInUndone,
        };
        let event = Event::of(kind, ActorRole::Staff, self.now());
        record(tx, Event { bib: Some(item.bib), loan: change.loan, ..event }).await?;
        let undone = Undone { kind: change.kind, title: item.title, barcode: item.barcode, told_again };
        self.keep_at_desk(tx, op, &undone).await?;
        Ok(Ok(undone))
    }

    async fn undo_facts(
        &self,
        tx: &mut Tx,
        item: &Item,
        change: &Change,
        loan: Option<&Loan>,
    ) -> Result<UndoFacts, StorageError> {
        let mut ids = change.moved.iter().map(|moved| moved.left.id);
        let now = stands(tx, ids.next(), ids.next()).await?;
        let moved_it = |id| change.moved.iter().any(|moved| moved.left.id == id);
        let loan_as_left = match (change.loan, loan) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(loan)) => {
                let as_left = match change.kind {
                    ScanKind::CheckOut => loan.open && loan.renewals == 0,
                    ScanKind::CheckIn => !loan.open,
                };
                as_left && loan.patron.is_some()
            }
        };
        let mut places_free = change.moved.iter().all(|moved| way_back(moved.left.state, moved.before.state).is_some());
        for copy in change.moved.iter().filter_map(|moved| moved.before.item).filter(|copy| *copy != item.id) {
            places_free &= is_free(tx, copy).await?;
        }
        if let Some((patron, loan)) = loan.and_then(|loan| Some((loan.patron?, loan)))
            && change.kind == ScanKind::CheckIn
        {
            places_free &= !has_claim(tx, patron, loan.part).await?;
        }
        Ok(UndoFacts {
            scanned_on: self.day_of(change.at),
            today: self.today(),
            copy_as_left: item.scanned.state == change.left.0
                && item.place == change.left.1
                && item.scanned.held_for.as_ref().is_none_or(|held| moved_it(held.id)),
            loan_as_left,
            reservations_as_left: change.moved.iter().all(|moved| now.contains(&moved.left)),
            places_free,
        })
    }

    /// Takes a reservation back to where it stood. Answers whether its patron is told by mail that what a mail said is
    /// not so any more.
    async fn take_back(&self, tx: &mut Tx, item: &Item, moved: &Moved, place: &PlaceCode) -> Result<bool, Fault> {
        let Moved { before, left } = moved;
        let was_told = withdraw_mails(tx, before.id, left.since).await?;
        let copy = || before.item.ok_or_else(|| StorageError::corrupt("scan", "a reservation lacks its copy"));
        let until = || before.hold_until.ok_or_else(|| StorageError::corrupt("scan", "ready without a deadline"));
        let mut event = None;
        let mut state = left.state;
        for step in way_back(left.state, before.state).unwrap_or_default() {
            let into = match step {
                Step::Assigned => Into::Assigned(copy()?),
                Step::InTransit => Into::InTransit(copy()?, place),
                Step::Ready => Into::Ready(copy()?, place, until()?),
                step => Into::Waiting(step, Some("scan-undone")),
            };
            event = Some(self.take_step(tx, stepping(item, before.id, state), into).await?);
            state = step.leads_to();
        }
        if before.hold_extended {
            execute!(&mut *tx, "update reservation set hold_extended = true where id = $1", before.id.0)?;
        }
        let Some(event) = event else { return Ok(false) };
        let dropped = before.state == ReservationState::Ready
            && !was_told
            && ready_mail_was_dropped(tx, before.id, before.since).await?;
        if !was_told && !dropped {
            return Ok(false);
        }
        let patron = recipient(tx, before.id).await?;
        if dropped && !patron.has_mail() {
            return Ok(false);
        }
        let mut writes = Writes::default();
        match before.hold_until {
            // They had been told that it vanished, or not yet that it is ready; it is there.
            Some(until) => tell_ready(self, &mut writes, event, (before.id, &patron), &item.title, until)?,
            // They had been told that it is ready; it is not.
            None => tell_vanished(self, &mut writes, event, (before.id, &patron), &item.title)?,
        }
        writes.send(tx).await?;
        Ok(was_told)
    }
}

/// Those that hold a copy now before those that are to have it again.
fn in_order(moved: &[Moved]) -> impl Iterator<Item = &Moved> {
    let holds = |moved: &&Moved| moved.left.item.is_some();
    moved.iter().filter(holds).chain(moved.iter().filter(move |moved| !holds(moved)))
}

/// Whether a copy stands on its shelf and nothing was planned with it.
async fn is_free(tx: &mut Tx, copy: ItemId) -> Result<bool, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select i.id from item i where i.id = $1 and i.state = 'on-shelf'
             and not exists (select 1 from reservation r where r.item_id = i.id)",
        copy.0
    )?;
    Ok(row.is_some())
}

async fn has_claim(tx: &mut Tx, patron: PatronId, part: Uuid) -> Result<bool, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select part_id from claim where patron_id = $1 and part_id = $2",
        patron.0,
        part
    )?;
    Ok(row.is_some())
}

/// The loan was never made: the patron's claim goes back to their reservation, where they had one.
async fn unlend(tx: &mut Tx, loan: &Loan, change: &Change) -> Result<(), StorageError> {
    match change.moved.iter().find(|moved| moved.left.state == ReservationState::Lent) {
        Some(own) => execute!(
            &mut *tx,
            "update claim set reservation_id = $2, loan_id = null where loan_id = $1",
            loan.id.0,
            own.before.id.0
        )?,
        None => execute!(&mut *tx, "delete from claim where loan_id = $1", loan.id.0)?,
    };
    execute!(&mut *tx, "delete from late_scan where loan_id = $1", loan.id.0)?;
    forget_loan(tx, loan.id).await?;
    execute!(tx, "delete from loan where id = $1", loan.id.0)?;
    Ok(())
}

/// The copy never came back: the loan is open again.
async fn reopen(tx: &mut Tx, loan: &Loan) -> Result<(), StorageError> {
    execute!(&mut *tx, "update loan set returned_at = null where id = $1", loan.id.0)?;
    execute!(
        tx,
        "insert into claim (patron_id, part_id, loan_id) values ($1, $2, $3)",
        loan.patron.map(|patron| patron.0),
        loan.part,
        loan.id.0
    )?;
    Ok(())
}
