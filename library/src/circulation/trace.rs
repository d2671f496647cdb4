//! What a scan leaves behind so that it can be undone: what it changed, and that the copy was seen.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ItemId, LoanId, PlaceCode, ReservationId,
    circulation::{CheckInDecision, Instruction, ItemState, ReservationState, ScanKind},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{facts::parse_state, items::Item};
use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional};

/// Where a copy is and what it is doing.
pub(super) type Whereabouts = (ItemState, PlaceCode);

/// What a scan changed.
#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) kind: ScanKind,
    pub(super) at: DateTime<Utc>,
    pub(super) was: Whereabouts,
    pub(super) left: Whereabouts,
    /// The loan it made or ended.
    pub(super) loan: Option<LoanId>,
    pub(super) moved: Vec<Moved>,
}

/// A reservation that a scan moved.
#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct Moved {
    pub(super) before: Stand,
    pub(super) left: Stand,
}

/// How a reservation stands.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Stand {
    pub(super) id: ReservationId,
    pub(super) state: ReservationState,
    pub(super) since: DateTime<Utc>,
    pub(super) item: Option<ItemId>,
    pub(super) hold_until: Option<NaiveDate>,
    pub(super) hold_extended: bool,
}

type StandRow = (Uuid, String, DateTime<Utc>, Option<Uuid>, Option<NaiveDate>, bool);

/// How up to two reservations stand.
pub(super) async fn stands(
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

/// What the last scan of a copy that changed something changed, while it can be undone.
pub(super) async fn change_of(tx: &mut Tx, barcode: &str) -> Result<Option<Change>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Option<String>,),
        "select s.change from last_scan s join item i on i.id = s.item_id where i.barcode = $1",
        barcode
    )?;
    let Some((Some(json),)) = row else { return Ok(None) };
    serde_json::from_str(&json).map(Some).map_err(|error| StorageError::corrupt("scan", error))
}
