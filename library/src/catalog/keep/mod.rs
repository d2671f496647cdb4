//! Keeping the catalogue at the desk: finding what is to be kept, and keeping it.

mod bibs;
mod copies;

use chrono::NaiveDate;
use domain::{
    BibId, PlaceCode,
    catalog::{FoundBib, FoundPart, KeptBib, KeptCopy, KeptPart, MaterialType, SearchQuery},
    circulation::{ItemState, barcode, title_refusal},
};
use uuid::Uuid;

use super::titles::{Title, titles};
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, fetch_all, fetch_optional},
};

type CopyRow = (Uuid, String, String, Option<String>, String, String, String, Option<String>, Option<String>);

impl Library {
    /// The titles meant: by the barcode of a copy, the id of a bib, an ISBN, or words.
    ///
    /// # Errors
    /// When the database or the index can't be read.
    pub async fn find_bibs(&self, typed: &str) -> Result<Vec<FoundBib>, Fault> {
        if typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.database().begin_read().await?;
        let ids = match known_bib(&mut tx, typed).await? {
            Some(id) => vec![id],
            None => {
                let query = SearchQuery { q: typed.to_owned(), ..SearchQuery::default() };
                self.search(&query).await?.results.into_iter().map(|hit| hit.id).collect()
            }
        };
        Ok(titles(&mut tx, &ids).await?.into_iter().map(found).collect())
    }

    /// A title with all its copies; a merged bib's page is that of the one it went into. `None` when there is no such.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn kept_bib(&self, bib: BibId) -> Result<Option<KeptBib>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let Some(id) = living(&mut tx, bib).await? else { return Ok(None) };
        let Some(title) = titles(&mut tx, &[id]).await?.pop() else { return Ok(None) };
        let mut copies = copies_of(&mut tx, id).await?;
        let mut parts: Vec<KeptPart> = title
            .parts
            .into_iter()
            .map(|part| KeptPart {
                id: part.id,
                label: part.label,
                received_on: part.received_on,
                waiting: part.waiting,
                copies: copies.extract_if(.., |(of, _)| *of == part.id.0).map(|(_, copy)| copy).collect(),
            })
            .collect();
        if title.record.material == MaterialType::Magazine {
            parts.reverse();
        }
        Ok(Some(KeptBib { id, record: title.record, parts, today: self.today() }))
    }
}

/// The bib a barcode or an id names.
async fn known_bib(tx: &mut Tx, typed: &str) -> Result<Option<BibId>, StorageError> {
    let by_barcode = fetch_optional!(
        &mut *tx,
        (Uuid,),
        "select p.bib_id from item i join part p on p.id = i.part_id where i.barcode = $1",
        barcode(typed)
    )?;
    if let Some((bib,)) = by_barcode {
        return Ok(Some(BibId(bib)));
    }
    match typed.trim().parse::<BibId>() {
        Ok(id) => living(tx, id).await,
        Err(_) => Ok(None),
    }
}

/// The bib itself, or the one it was merged into.
async fn living(tx: &mut Tx, bib: BibId) -> Result<Option<BibId>, StorageError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), "select merged_into from bib where id = $1", bib.0)?;
    Ok(row.map(|(into,)| into.map_or(bib, BibId)))
}

fn found(title: Title) -> FoundBib {
    let parts = title.parts.iter().map(|part| FoundPart {
        id: part.id,
        title: title.part_title(part),
        refusal: title_refusal(&part.facts),
        waiting: part.waiting,
        copies: part.facts.copies,
    });
    FoundBib { id: title.id, parts: parts.collect(), record: title.record }
}

async fn copies_of(tx: &mut Tx, bib: BibId) -> Result<Vec<(Uuid, KeptCopy)>, StorageError> {
    let rows = fetch_all!(
        tx,
        CopyRow,
        "select i.part_id, i.barcode, i.branch, i.place, i.shelf_mark, i.loan_rule, i.state, i.lender, d.note
         from item i join part p on p.id = i.part_id left join item_damage d on d.item_id = i.id
         where p.bib_id = $1 order by i.branch, i.barcode",
        bib.0
    )?;
    let copy = |(part, barcode, branch, place, shelf_mark, rule, state, lender, damage): CopyRow| {
        let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
        let copy = KeptCopy {
            barcode,
            place: PlaceCode(place.unwrap_or_else(|| branch.clone())),
            branch: PlaceCode(branch),
            shelf_mark,
            loan_rule: rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?,
            state,
            damage: damage.filter(|_| state == ItemState::Missing),
            lender,
        };
        Ok((part, copy))
    };
    rows.into_iter().map(copy).collect()
}

/// A day as typed; an empty field means today, and no issue came in tomorrow.
fn day_typed(typed: &str, today: NaiveDate) -> Option<NaiveDate> {
    if typed.trim().is_empty() { Some(today) } else { domain::dates::read_date(typed).filter(|day| *day <= today) }
}
