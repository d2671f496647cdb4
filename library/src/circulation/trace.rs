//! What a scan leaves behind so that it can be undone: what it changed, and that the copy was seen.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    ItemId, LoanId, PlaceCode, ReservationId,
    circulation::{Instruction, ItemState, ScanKind},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{facts::parse_state, items::Item, step::Stand};
use crate::storage::{StorageError, Tx, Writes, fetch_all, fetch_optional};

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

/// A scan of a copy that is being carried out: what it writes, all at once in the end, and what it moves.
#[derive(Default)]
pub(super) struct Scan {
    pub(super) writes: Writes,
    moved: Vec<Moved>,
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

impl Scan {
    /// Notes how the scan moved a reservation.
    pub(super) fn moved(&mut self, before: Stand, left: Stand) {
        self.moved.push(Moved { before, left });
    }

    /// Remembers what the scan changed, in place of what the one before it did; one that changed nothing leaves that to be
    /// undone still.
    ///
    /// # Errors
    /// When it can't be written down.
    pub(super) fn remember(
        &mut self,
        item: &Item,
        kind: ScanKind,
        at: DateTime<Utc>,
        left: Whereabouts,
        loan: Option<LoanId>,
    ) -> Result<(), StorageError> {
        let moved = std::mem::take(&mut self.moved);
        let was = (item.scanned.state, item.place.clone());
        if loan.is_none() && moved.is_empty() && was == left {
            self.writes.add(
                "insert into last_scan (item_id, seen_at) values ($1, $2)
                 on conflict (item_id) do update set seen_at = excluded.seen_at",
                [item.id.0.into(), at.into()],
            );
            return Ok(());
        }
        let change = Change { kind, at, was, left, loan, moved };
        let json = serde_json::to_string(&change).map_err(|error| StorageError::corrupt("scan", error))?;
        self.seen(item, at, Some(json));
        Ok(())
    }

    /// Forgets what could be undone, since the scan did more than can be taken back.
    pub(super) fn remember_nothing(&mut self, item: &Item, at: DateTime<Utc>) {
        self.seen(item, at, None);
    }

    fn seen(&mut self, item: &Item, at: DateTime<Utc>, change: Option<String>) {
        self.writes.add(
            "insert into last_scan (item_id, seen_at, change) values ($1, $2, $3)
             on conflict (item_id) do update set seen_at = excluded.seen_at, change = excluded.change",
            [item.id.0.into(), at.into(), change.into()],
        );
    }
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
