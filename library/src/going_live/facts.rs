//! What the library has, read whole: a file may be about any of it, and a query for each row would take minutes.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    catalog::LoanRule,
    circulation::{ItemState, ReservationState},
    patrons::card_number,
};
use uuid::Uuid;

use super::row::{Row, RowReason};
use crate::storage::{StorageError, Tx, fetch_all};

/// Titles by source and key. A merged title stands for the one it was merged into.
pub(super) struct Titles {
    bibs: HashMap<(String, String), Uuid>,
    parts: HashMap<Uuid, Vec<Part>>,
}

#[derive(Clone)]
pub(super) struct Part {
    pub(super) id: Uuid,
    pub(super) bib: Uuid,
    pub(super) label: String,
    pub(super) ordinal: i64,
}

impl Titles {
    pub(super) async fn read(tx: &mut Tx) -> Result<Self, StorageError> {
        let bibs = fetch_all!(
            &mut *tx,
            (String, String, Uuid),
            "select source, source_key, coalesce(merged_into, id) from bib"
        )?;
        let rows = fetch_all!(&mut *tx, (Uuid, Uuid, String, i64), "select id, bib_id, label, ordinal from part")?;
        let mut parts: HashMap<Uuid, Vec<Part>> = HashMap::new();
        for (id, bib, label, ordinal) in rows {
            parts.entry(bib).or_default().push(Part { id, bib, label, ordinal });
        }
        Ok(Self { bibs: bibs.into_iter().map(|(source, key, id)| ((source, key), id)).collect(), parts })
    }

    /// The title a row names.
    pub(super) fn bib(&self, row: &Row) -> Result<Uuid, RowReason> {
        let (source_name, key) = (row.must("source")?.to_owned(), row.must("key")?.to_owned());
        let of = (source_name, key);
        self.bibs.get(&of).copied().ok_or(RowReason::NoTitle { source_name: of.0, key: of.1 })
    }

    /// The part of a title that a row names; `Err` with its label when the title has none of that name.
    pub(super) fn part(&self, bib: Uuid, row: &Row) -> Result<Part, RowReason> {
        let parts = self.parts.get(&bib).map(Vec::as_slice).unwrap_or_default();
        match (row.text("part"), parts) {
            (None, [only]) => Ok(only.clone()),
            (None, parts) => parts.iter().find(|part| part.label.is_empty()).cloned().ok_or(RowReason::WhichPart),
            (Some(label), parts) => parts
                .iter()
                .find(|part| part.label == label)
                .cloned()
                .ok_or_else(|| RowReason::NoPart(label.to_owned())),
        }
    }

    /// Adds a part behind the last of its title.
    pub(super) fn add(&mut self, bib: Uuid, id: Uuid, label: &str) -> Part {
        let parts = self.parts.entry(bib).or_default();
        let ordinal = parts.iter().map(|part| part.ordinal).max().map_or(0, |last| last + 1);
        let part = Part { id, bib, label: label.to_owned(), ordinal };
        parts.push(part.clone());
        part
    }
}

/// A copy.
#[derive(Clone)]
pub(super) struct Copy {
    pub(super) id: Uuid,
    pub(super) part: Uuid,
    pub(super) bib: Uuid,
    pub(super) branch: String,
    pub(super) shelf_mark: String,
    pub(super) rule: LoanRule,
    pub(super) state: ItemState,
    pub(super) lender: Option<String>,
    pub(super) lender_due_on: Option<NaiveDate>,
    /// The active reservation it was picked or captured for.
    pub(super) held_for: Option<Uuid>,
}

type CopyRow =
    (Uuid, Uuid, Uuid, String, String, String, String, String, Option<String>, Option<NaiveDate>, Option<Uuid>);

/// All copies, by barcode.
pub(super) async fn copies(tx: &mut Tx) -> Result<HashMap<String, Copy>, StorageError> {
    let rows = fetch_all!(
        tx,
        CopyRow,
        "select i.id, i.part_id, p.bib_id, i.barcode, i.branch, i.shelf_mark, i.loan_rule, i.state, i.lender,
                i.lender_due_on, r.id
         from item i join part p on p.id = i.part_id left join reservation r on r.item_id = i.id"
    )?;
    let mut copies = HashMap::with_capacity(rows.len());
    for (id, part, bib, barcode, branch, shelf_mark, rule, state, lender, lender_due_on, held_for) in rows {
        let rule = rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?;
        let state = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
        let copy = Copy { id, part, bib, branch, shelf_mark, rule, state, lender, lender_due_on, held_for };
        copies.insert(barcode, copy);
    }
    Ok(copies)
}

/// A card holder, as far as loans and queues ask.
#[derive(Clone, Copy)]
pub(super) struct Holder {
    pub(super) id: Uuid,
    pub(super) has_mail: bool,
}

/// All card holders, by card number.
pub(super) async fn holders(tx: &mut Tx) -> Result<HashMap<String, Holder>, StorageError> {
    let rows = fetch_all!(
        tx,
        (String, Uuid, bool),
        "select card_number, id, case when ready_mail = 2 then mail2 is not null and mail2_confirmed
             else mail1 is not null and mail1_confirmed end from patron"
    )?;
    Ok(rows.into_iter().map(|(card, id, has_mail)| (card, Holder { id, has_mail })).collect())
}

/// The card holder a row names.
pub(super) fn holder(holders: &HashMap<String, Holder>, row: &Row) -> Result<Holder, RowReason> {
    let card = card_number(row.must("card")?);
    holders.get(&card).copied().ok_or(RowReason::NoCard(card))
}

/// A loan.
#[derive(Clone, Copy)]
pub(super) struct Lent {
    pub(super) id: Uuid,
    pub(super) item: Uuid,
    pub(super) patron: Option<Uuid>,
    pub(super) lent_at: DateTime<Utc>,
    pub(super) due_on: NaiveDate,
    pub(super) renewals: i64,
    pub(super) returned: bool,
}

/// Loans that are open, or that have ended and still name their patron.
pub(super) async fn loans(tx: &mut Tx) -> Result<Vec<Lent>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, Uuid, Option<Uuid>, DateTime<Utc>, NaiveDate, i64, bool),
        "select id, item_id, patron_id, lent_at, due_on, renewals, returned_at is not null from loan
         where returned_at is null or patron_id is not null"
    )?;
    let lent = |(id, item, patron, lent_at, due_on, renewals, returned)| Lent {
        id,
        item,
        patron,
        lent_at,
        due_on,
        renewals,
        returned,
    };
    Ok(rows.into_iter().map(lent).collect())
}

/// A reservation that still names its patron.
#[derive(Clone)]
pub(super) struct Reserved {
    pub(super) id: Uuid,
    pub(super) patron: Uuid,
    pub(super) part: Uuid,
    pub(super) placed_at: DateTime<Utc>,
    pub(super) state: ReservationState,
    pub(super) pickup_place: String,
    pub(super) contact: String,
    pub(super) set: Option<(Uuid, i64)>,
}

type ReservedRow = (Uuid, Uuid, Uuid, DateTime<Utc>, String, String, String, Option<Uuid>, Option<i64>);

/// All of them.
pub(super) async fn reservations(tx: &mut Tx) -> Result<Vec<Reserved>, StorageError> {
    let rows = fetch_all!(
        tx,
        ReservedRow,
        "select id, patron_id, part_id, placed_at, state, pickup_place, contact, set_id, set_ordinal
         from reservation where patron_id is not null"
    )?;
    rows.into_iter()
        .map(|(id, patron, part, placed_at, state, pickup_place, contact, set, ordinal)| {
            let state = state.parse().map_err(|error| StorageError::corrupt("reservation state", error))?;
            Ok(Reserved { id, patron, part, placed_at, state, pickup_place, contact, set: set.zip(ordinal) })
        })
        .collect()
}

/// What a patron has to do with a title.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    Reserved(Uuid),
    Lent(Uuid),
}

/// All claims, by patron and part.
pub(super) async fn claims(tx: &mut Tx) -> Result<HashMap<(Uuid, Uuid), Tie>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, Uuid, Option<Uuid>, Option<Uuid>),
        "select patron_id, part_id, reservation_id, loan_id from claim"
    )?;
    let tie = |reservation: Option<Uuid>, loan: Option<Uuid>| reservation.map(Tie::Reserved).or(loan.map(Tie::Lent));
    Ok(rows
        .into_iter()
        .filter_map(|(patron, part, reservation, loan)| Some(((patron, part), tie(reservation, loan)?)))
        .collect())
}
