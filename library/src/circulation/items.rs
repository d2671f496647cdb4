//! A copy as the desk finds it: read under the lock of its bib.

use chrono::NaiveDate;
use domain::{
    BibId, ItemId, PartId, PlaceCode, ReservationId,
    catalog::BibRecord,
    circulation::{HeldFor, ItemState, ScannedItem},
};
use uuid::Uuid;

use super::facts::parse_state;
use crate::storage::{StorageError, Tx, execute, fetch_optional};

/// A copy as its row says.
pub(super) struct Item {
    pub(super) id: ItemId,
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
    /// Until when it is kept for them.
    pub(super) hold_until: Option<NaiveDate>,
    /// Whether any place has an emergency closure ahead, which is seldom: else nobody need ask which.
    pub(super) closures_ahead: bool,
}

type ItemRow = (
    Uuid,
    Uuid,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    Option<NaiveDate>,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    Option<Uuid>,
    Option<NaiveDate>,
    bool,
);

/// Locks the bib of a copy, and with it everything that may happen to the copy, and reads it. `None` when no copy has
/// this barcode.
pub(super) async fn lock_item(tx: &mut Tx, barcode: &str, today: NaiveDate) -> Result<Option<Item>, StorageError> {
    let locked = fetch_optional!(
        &mut *tx,
        (Uuid, String),
        "update bib set revision = revision + 1
         where id = (select p.bib_id from item i join part p on p.id = i.part_id where i.barcode = $1)
         returning id, record",
        barcode
    )?;
    let Some((bib, record)) = locked else { return Ok(None) };
    let row = fetch_optional!(
        &mut *tx,
        ItemRow,
        "select i.id, i.part_id, p.label, i.branch, i.shelf_mark, i.state, i.loan_rule, i.place, i.lender,
                i.lender_due_on, r.id, r.state, r.pickup_place, r.patron_id, r.hold_until,
                exists (select 1 from closure where until_on >= $3)
         from item i join part p on p.id = i.part_id left join reservation r on r.item_id = i.id
         where i.barcode = $1 and p.bib_id = $2",
        barcode,
        bib,
        today
    )?;
    let Some((
        id,
        part,
        label,
        branch,
        shelf_mark,
        state,
        rule,
        place,
        lender,
        lender_due_on,
        held,
        held_state,
        held_place,
        held_by,
        hold_until,
        closures_ahead,
    )) = row
    else {
        // Merged into another bib between the two statements.
        return Err(StorageError::Overtaken);
    };
    let record: BibRecord =
        serde_json::from_str(&record).map_err(|error| StorageError::corrupt("bib record", error))?;
    let title = record.display_title();
    let title = if label.is_empty() { title } else { format!("{title} {label}") };
    let held_for = match (held, held_state, held_place) {
        (Some(id), Some(state), Some(place)) => {
            Some(HeldFor { id: ReservationId(id), state: parse_state(&state)?, pickup_place: PlaceCode(place) })
        }
        _ => None,
    };
    let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
    let branch = PlaceCode(branch);
    Ok(Some(Item {
        id: ItemId(id),
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
        hold_until,
        closures_ahead,
    }))
}

/// Writes where the copy is and what it is doing, unless that is written already.
pub(super) async fn move_item(tx: &mut Tx, item: &Item, state: ItemState, to: &PlaceCode) -> Result<(), StorageError> {
    if item.scanned.state != state || item.place != *to {
        execute!(tx, "update item set state = $2, place = $3 where id = $1", item.id.0, state.as_str(), &to.0)?;
    }
    Ok(())
}
