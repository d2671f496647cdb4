//! A copy as the desk finds it: read under the lock of its bib.

use chrono::NaiveDate;
use domain::{
    BibId, ItemId, LoanId, PartId, PlaceCode, ReservationId,
    catalog::BibRecord,
    circulation::{HeldFor, ItemState, ScannedItem},
};
use uuid::Uuid;

use super::facts::parse_state;
use crate::{
    catalog::parse_record,
    storage::{StorageError, Tx, execute, lock_and_fetch},
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
    /// Until when it is kept for them.
    pub(super) hold_until: Option<NaiveDate>,
    /// Whether any place has an emergency closure ahead, which is seldom: else nobody need ask which.
    pub(super) closures_ahead: bool,
}

type ItemRow = (
    Uuid,
    Uuid,
    Uuid,
    String,
    bool,
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
    Option<Uuid>,
);

/// Locks the bib of a copy, and with it everything that may happen to the copy, and reads it. `None` when no copy has
/// this barcode.
pub(super) async fn lock_item(tx: &mut Tx, barcode: &str, today: NaiveDate) -> Result<Option<Item>, StorageError> {
    let found = lock_and_fetch!(
        &mut *tx,
        (Uuid, String, String, String),
        ItemRow,
        "update bib set revision = revision + 1
         where id = (select p.bib_id from item i join part p on p.id = i.part_id where i.barcode = $1)
         returning id, record,
             (select p.label from item i join part p on p.id = i.part_id where i.barcode = $1),
             (select i.shelf_mark from item i where i.barcode = $1)",
        [barcode],
        "select i.id, i.part_id, p.bib_id, i.branch, exists (select 1 from closure where until_on >= $2), i.state, i.loan_rule, i.place, i.lender,
             i.lender_due_on, r.id, r.state, r.pickup_place, r.patron_id, r.hold_until, l.id
         from item i join part p on p.id = i.part_id left join reservation r on r.item_id = i.id
             left join loan l on l.item_id = i.id and l.returned_at is null
         where i.barcode = $1",
        [today]
    )?;
    let Some(((bib, record, label, shelf_mark), rows)) = found else { return Ok(None) };
    let Some((
        id,
        part,
        _,
        branch,
        closures_ahead,
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
        loan,
    )) = rows.into_iter().next().filter(|row| row.2 == bib)
    else {
        // Merged into another bib between the two statements.
        return Err(StorageError::Overtaken);
    };
    let record = parse_record(&record)?;
    let title = record.part_title(&label);
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
