//! Undoing the last scan of a copy, while its day lasts and nothing was built on it.
//!
//! Each scan leaves in `last_scan` what it changed: the copy, the loan, and how the reservations stood before and after.
//! Undoing takes the reservations back by steps of their own, so that the log tells what happened, and puts the rest back
//! as it was. A mail that the scan wrote is withdrawn, or followed by another when it may have been sent.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ItemId, LoanId, OpId, PatronId, PlaceCode, ReservationId,
    circulation::{
        CheckInDecision, Instruction, ItemState, Refusal, ReservationState, ScanKind, Step, UndoFacts, Undone,
        undo_refusal, way_back,
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    check_in::stepping,
    facts::{lock_patron, parse_state},
    items::{Item, lock_item, move_item},
    step::Into,
    twice::{Earlier, earlier_at_desk},
};
use crate::{
    Fault, Library,
    catalog::touch_bib,
    events::{ActorRole, Event, EventKind, record},
    notices::{recipient, tell_ready, tell_vanished, withdraw_mails},
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional, in_write},
};

/// Where a copy is and what it is doing.
type Whereabouts = (ItemState, PlaceCode);

/// What a scan changed.
#[derive(PartialEq, Serialize, Deserialize)]
struct Change {
    kind: ScanKind,
    at: DateTime<Utc>,
    was: Whereabouts,
    left: Whereabouts,
    /// The loan it made or ended.
    loan: Option<LoanId>,
    moved: Vec<Moved>,
}

/// A reservation that a scan moved.
#[derive(PartialEq, Serialize, Deserialize)]
struct Moved {
    before: Stand,
    left: Stand,
}

/// How a reservation stands.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Stand {
    id: ReservationId,
    state: ReservationState,
    since: DateTime<Utc>,
    item: Option<ItemId>,
    hold_until: Option<NaiveDate>,
    hold_extended: bool,
}

type StandRow = (Uuid, String, DateTime<Utc>, Option<Uuid>, Option<NaiveDate>, bool);

/// How up to two reservations stand.
async fn stands(
    tx: &mut Tx,
    first: Option<ReservationId>,
    second: Option<ReservationId>,
) -> Result<Vec<Stand>, StorageError> {
    if first.or(second).is_none() {
        return Ok(Vec::new());
    }
    let id = |id: Option<ReservationId>| id.map_or(Uuid::nil(), |id| id.0);
    let rows = fetch_all!(
        tx,
        StandRow,
        "select id, state, since, item_id, hold_until, hold_extended from reservation where id in ($1, $2)",
        id(first),
        id(second)
    )?;
    let read = |(id, state, since, item, hold_until, hold_extended): StandRow| {
        let state = parse_state(&state)?;
        Ok(Stand { id: ReservationId(id), state, since, item: item.map(ItemId), hold_until, hold_extended })
    };
    rows.into_iter().map(read).collect()
}

/// How the reservations stand that a check-in is about to move.
pub(super) async fn moved_by_check_in(
    tx: &mut Tx,
    item: &Item,
    decision: &CheckInDecision,
) -> Result<Vec<Stand>, StorageError> {
    let served = match decision {
        CheckInDecision::StaysReady(_) => return Ok(Vec::new()),
        CheckInDecision::Capture(id) | CheckInDecision::Arrived(id) | CheckInDecision::SendOn(id, _) => Some(*id),
        CheckInDecision::Shelve | CheckInDecision::SendHome(_) | CheckInDecision::ReturnToLender => None,
    };
    stands(tx, served, item.scanned.held_for.as_ref().map(|held| held.id)).await
}

/// How the reservations stand that a check-out is about to move.
pub(super) async fn moved_by_check_out(
    tx: &mut Tx,
    item: &Item,
    own: Option<(ReservationId, ReservationState)>,
) -> Result<Vec<Stand>, StorageError> {
    stands(tx, own.map(|(id, _)| id), item.scanned.held_for.as_ref().map(|held| held.id)).await
}

/// Where a check-in leaves the copy.
pub(super) fn left_by(item: &Item, instruction: &Instruction, here: &PlaceCode) -> Whereabouts {
    match instruction {
        Instruction::HoldShelf(_) => (ItemState::OnHoldShelf, here.clone()),
        Instruction::Transit(slip) => (ItemState::InTransit, slip.pickup_place.clone()),
        Instruction::Shelve { .. } => (ItemState::OnShelf, here.clone()),
        Instruction::SendHome { .. } | Instruction::ReturnToLender { .. } => {
            (ItemState::GoingHome, item.scanned.branch.clone())
        }
    }
}

/// Remembers what a scan changed, in place of what the one before it did; one that changed nothing leaves that to be
/// undone still.
pub(super) async fn remember(
    tx: &mut Tx,
    item: &Item,
    kind: ScanKind,
    at: DateTime<Utc>,
    left: Whereabouts,
    loan: Option<LoanId>,
    before: Vec<Stand>,
) -> Result<(), StorageError> {
    let mut ids = before.iter().map(|stand| stand.id);
    let after = stands(tx, ids.next(), ids.next()).await?;
    let pair = |before: Stand| {
        let left = after.iter().find(|left| left.id == before.id && **left != before)?;
        Some(Moved { before, left: *left })
    };
    let moved: Vec<Moved> = before.into_iter().filter_map(pair).collect();
    let was = (item.scanned.state, item.place.clone());
    if loan.is_none() && moved.is_empty() && was == left {
        return seen(tx, item, at).await;
    }
    let change = Change { kind, at, was, left, loan, moved };
    let json = serde_json::to_string(&change).map_err(|error| StorageError::corrupt("scan", error))?;
    execute!(
        tx,
        "insert into last_scan (item_id, seen_at, change) values ($1, $2, $3)
         on conflict (item_id) do update set seen_at = excluded.seen_at, change = excluded.change",
        item.id.0,
        at,
        json
    )?;
    Ok(())
}

/// Remembers that a copy was seen at a desk.
async fn seen(tx: &mut Tx, item: &Item, at: DateTime<Utc>) -> Result<(), StorageError> {
    execute!(
        tx,
        "insert into last_scan (item_id, seen_at) values ($1, $2)
         on conflict (item_id) do update set seen_at = excluded.seen_at",
        item.id.0,
        at
    )?;
    Ok(())
}

/// Forgets what could be undone, when a scan did more than can be taken back.
pub(super) async fn seen_for_good(tx: &mut Tx, item: &Item, at: DateTime<Utc>) -> Result<(), StorageError> {
    seen(tx, item, at).await?;
    execute!(tx, "update last_scan set change = null where item_id = $1", item.id.0)?;
    Ok(())
}

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

async fn change_of(tx: &mut Tx, barcode: &str) -> Result<Option<Change>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Option<String>,),
        "select s.change from last_scan s join item i on i.id = s.item_id where i.barcode = $1",
        barcode
    )?;
    let Some((Some(json),)) = row else { return Ok(None) };
    serde_json::from_str(&json).map(Some).map_err(|error| StorageError::corrupt("scan", error))
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
            told_again |= self.take_back(tx, &item, moved).await?;
        }
        match (change.kind, loan) {
            (ScanKind::CheckOut, Some(loan)) => unlend(tx, &loan, &change).await?,
            (ScanKind::CheckIn, Some(loan)) => reopen(tx, &loan).await?,
            (_, None) => {}
        }
        move_item(tx, &item, change.was.0, &change.was.1).await?;
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
    async fn take_back(&self, tx: &mut Tx, item: &Item, moved: &Moved) -> Result<bool, Fault> {
        let Moved { before, left } = moved;
        let was_told = withdraw_mails(tx, before.id, left.since).await?;
        let copy = || before.item.ok_or_else(|| StorageError::corrupt("scan", "a reservation lacks its copy"));
        let until = || before.hold_until.ok_or_else(|| StorageError::corrupt("scan", "ready without a deadline"));
        let mut event = None;
        let mut state = left.state;
        for step in way_back(left.state, before.state).unwrap_or_default() {
            let into = match step {
                Step::Assigned => Into::Assigned(copy()?),
                Step::InTransit => Into::InTransit(copy()?),
                Step::Ready => Into::Ready(copy()?, until()?),
                step => Into::Waiting(step, Some("scan-undone")),
            };
            event = Some(self.take_step(tx, stepping(item, before.id, state), into).await?);
            state = step.leads_to();
        }
        if before.hold_extended {
            execute!(&mut *tx, "update reservation set hold_extended = true where id = $1", before.id.0)?;
        }
        let Some(event) = event.filter(|_| was_told) else { return Ok(false) };
        let patron = recipient(tx, before.id).await?;
        match before.hold_until {
            // They had been told that it vanished; it is there.
            Some(until) => tell_ready(self, tx, event, &patron, &item.title, until).await?,
            // They had been told that it is ready; it is not.
            None => tell_vanished(self, tx, event, &patron, &item.title).await?,
        }
        Ok(true)
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
