//! The hold shelf of a place: what stands ready, and what is to be cleared.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    PartId, PlaceCode, ReservationId,
    circulation::{ClearCopy, DeskList, HeldCopy, HoldShelf, hold_shelf_order, slip_label},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::shown,
    storage::{StorageError, Tx, fetch_all, fetch_in},
};

/// How many slips a copy without a reservation may bear, at most, for the list to be of help.
const LABELS: usize = 3;

type ReadyRow = (Uuid, Option<NaiveDate>, bool, String, String, String, String, String);

impl Library {
    /// The hold shelf of a place.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn hold_shelf(&self, here: &PlaceCode) -> Result<DeskList<HoldShelf>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let list = HoldShelf { to_clear: to_clear(&mut tx, here).await?, ready: ready(self, &mut tx, here).await? };
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, list))
    }
}

/// What stands ready at a place, in the order of the shelf.
async fn ready(library: &Library, tx: &mut Tx, here: &PlaceCode) -> Result<Vec<HeldCopy>, StorageError> {
    let today = library.today();
    let rows = fetch_all!(
        tx,
        ReadyRow,
        "select r.id, r.hold_until, r.hold_extended, i.barcode, pt.name_kana, pt.card_number, b.record, p.label
         from reservation r join item i on i.id = r.item_id join patron pt on pt.id = r.patron_id
         join part p on p.id = i.part_id join bib b on b.id = p.bib_id
         where r.state = 'ready' and r.pickup_place = $1",
        &here.0
    )?;
    let mut copies = Vec::with_capacity(rows.len());
    for (reservation, until, extended, barcode, name_kana, card_number, record, label) in rows {
        let until = until.ok_or_else(|| StorageError::corrupt("reservation", "ready without a deadline"))?;
        copies.push(HeldCopy {
            reservation: ReservationId(reservation),
            label: slip_label(&name_kana, &card_number),
            title: shown(&record, &label)?.title,
            barcode,
            until,
            is_last_day: until <= today,
            extended,
        });
    }
    copies.sort_by_cached_key(|copy| (hold_shelf_order(&copy.label), copy.until, copy.barcode.clone()));
    Ok(copies)
}

/// What stands on the hold shelf of a place for nobody any more, in the order of the shelf.
async fn to_clear(tx: &mut Tx, here: &PlaceCode) -> Result<Vec<ClearCopy>, StorageError> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, String, String, String),
        "select i.part_id, i.barcode, b.record, p.label
         from item i join part p on p.id = i.part_id join bib b on b.id = p.bib_id
         where i.place = $1 and i.state = 'on-hold-shelf'
             and not exists (select 1 from reservation r where r.item_id = i.id)",
        &here.0
    )?;
    let parts: Vec<PartId> = rows.iter().map(|(part, ..)| PartId(*part)).collect();
    let labels = late_labels(tx, here, &parts).await?;
    let mut copies = Vec::with_capacity(rows.len());
    for (part, barcode, record, label) in rows {
        let labels = labels.get(&part).cloned().unwrap_or_default();
        copies.push(ClearCopy { title: shown(&record, &label)?.title, barcode, labels });
    }
    copies.sort_by_cached_key(|copy| {
        (copy.labels.first().map(|label| hold_shelf_order(label)).unwrap_or_default(), copy.barcode.clone())
    });
    Ok(copies)
}

/// The labels of those whose reservation of these titles at a place was cancelled, the latest first.
async fn late_labels(
    tx: &mut Tx,
    here: &PlaceCode,
    parts: &[PartId],
) -> Result<HashMap<Uuid, Vec<String>>, StorageError> {
    let rows = fetch_in!(
        tx,
        (Uuid, String, String, String),
        [
            "select r.part_id, r.pickup_place, pt.name_kana, pt.card_number
             from reservation r join patron pt on pt.id = r.patron_id where r.state = 'cancelled' and r.part_id in ",
            " order by r.since desc, r.id"
        ],
        parts
    )?;
    let mut labels: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (part, _, name_kana, card_number) in rows.into_iter().filter(|(_, place, ..)| *place == here.0) {
        let label = slip_label(&name_kana, &card_number);
        let of = labels.entry(part).or_default();
        if of.len() < LABELS && !of.contains(&label) {
            of.push(label);
        }
    }
    Ok(labels)
}
