//! A copy as the desk finds it: read under the lock of its bib.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, ItemId, LoanId, PartId, PlaceCode, ReservationId,
    catalog::BibRecord,
    circulation::{HeldFor, ItemState, ScannedItem},
};
use uuid::Uuid;

use super::{facts::parse_state, step::Stand};
use crate::{
    catalog::parse_record,
    storage::{StorageError, Tx, Writes, lock_and_fetch},
};

/// A copy as its row says.
pub(super) struct Item {
    pub(super) id: ItemId,
    /// The loan it is out on.
    pub(super) loan: Option<LoanId>,
    pub(super) part: PartId,
    pub(super) bib: BibId,
    pub(super) barcode: String,
    /// Title as shown, with volume and issue.
    pub(super) title: String,
    pub(super) record: BibRecord,
    pub(super) shelf_mark: String,
    pub(super) place: PlaceCode,
    /// The library that lent it to us.
    pub(super) lender: Option<String>,
    pub(super) lender_due_on: Option<NaiveDate>,
    pub(super) scanned: ScannedItem,
    /// For whom the reservation that names it is.
    pub(super) held_by: Option<Uuid>,
    /// How that reservation stands.
    pub(super) held: Option<Stand>,
    /// Whether any place has an emergency closure ahead, which is seldom: else nobody need ask which.
    pub(super) closures_ahead: bool,
}

type ItemRow = (
    Uuid,
    Uuid,
    Uuid,
    String,
    String,
    String,
    Option<String>,
    Option<NaiveDate>,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    Option<Uuid>,
    Option<NaiveDate>,
    Option<Uuid>,
    Option<DateTime<Utc>>,
    Option<bool>,
);

/// Locks the bib of a copy, and with it everything that may happen to the copy, and reads it. `None` when no copy has
/// this barcode.
pub(super) async fn lock_item(tx: &mut Tx, barcode: &str, today: NaiveDate) -> Result<Option<Item>, StorageError> {
    let found = lock_and_fetch!(
        &mut *tx,
        (Uuid, String, String, String, Option<String>, bool),
        ItemRow,
        "update bib set revision = revision + 1
         where id = (select p.bib_id from item i join part p on p.id = i.part_id where i.barcode = $1)
         returning id, record,
             (select p.label from item i join part p on p.id = i.part_id where i.barcode = $1),
             (select i.shelf_mark from item i where i.barcode = $1),
             (select i.lender from item i where i.barcode = $1), exists (select 1 from closure where until_on >= $2)",
        [barcode, today],
        "select i.id, i.part_id, p.bib_id, i.branch, i.state, i.loan_rule, i.place, i.lender_due_on, r.id, r.state, r.pickup_place, r.patron_id, r.hold_until, l.id, r.since, r.hold_extended
         from item i join part p on p.id = i.part_id left join reservation r on r.item_id = i.id
             left join loan l on l.item_id = i.id and l.returned_at is null
         where i.barcode = $1",
        []
    )?;
    let Some(((bib, record, label, shelf_mark, lender, closures_ahead), rows)) = found else { return Ok(None) };
    let Some((
        id,
        part,
        _,
        branch,
        state,
        rule,
        place,
        lender_due_on,
        reservation,
        held_state,
        held_place,
        held_by,
        hold_until,
        loan,
        since,
        hold_extended,
    )) = rows.into_iter().next().filter(|row| row.2 == bib)
    else {
        // Merged into another bib between the two statements.
        return Err(StorageError::Overtaken);
    };
    let record = parse_record(&record)?;
    let title = record.part_title(&label);
    let held = match (reservation, held_state, since) {
        (Some(reservation), Some(state), Some(since)) => Some(Stand {
            id: ReservationId(reservation),
            state: parse_state(&state)?,
            since,
            item: Some(ItemId(id)),
            hold_until,
            hold_extended: hold_extended.unwrap_or_default(),
        }),
        _ => None,
    };
    let held_for = held.as_ref().zip(held_place).map(|(stand, place)| HeldFor {
        id: stand.id,
        state: stand.state,
        pickup_place: PlaceCode(place),
    });
    let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
    let branch = PlaceCode(branch);
    Ok(Some(Item {
        id: ItemId(id),
        loan: loan.map(LoanId),
        part: PartId(part),
        bib: BibId(bib),
        barcode: barcode.to_owned(),
        title,
        record,
        shelf_mark,
        place: place.map_or_else(|| branch.clone(), PlaceCode),
        lender_due_on,
        scanned: ScannedItem {
            id: ItemId(id),
            state,
            branch,
            loan_rule: rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?,
            borrowed: lender.is_some(),
            held_for,
        },
        lender,
        held_by,
        held,
        closures_ahead,
    }))
}

/// Writes where the copy is and what it is doing, unless that is written already.
pub(super) fn move_item(writes: &mut Writes, item: &Item, state: ItemState, to: &PlaceCode) {
    if item.scanned.state != state || item.place != *to {
        put_item(writes, item.id, state, to);
    }
}

/// Writes where a copy is and what it is doing.
pub(super) fn put_item(writes: &mut Writes, item: ItemId, state: ItemState, place: &PlaceCode) {
    writes.add(
        "update item set state = $2, place = $3 where id = $1",
        [item.0.into(), state.as_str().into(), place.0.as_str().into()],
    );
}
