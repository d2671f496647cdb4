//! What lists need to know of titles, read for many at once: never a query per row.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, PartId, PlaceCode,
    catalog::{BibRecord, BranchAvailability, LoanRule, MaterialType, newest_issue},
    circulation::{ItemState, PartFacts},
};
use uuid::Uuid;

use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_in, in_list};

/// A bib with its parts and copies.
pub(crate) struct Title {
    pub(crate) id: BibId,
    pub(crate) record: BibRecord,
    /// By ordinal.
    pub(crate) parts: Vec<TitlePart>,
}

/// A part of a bib and the state of its copies.
pub(crate) struct TitlePart {
    pub(crate) id: PartId,
    pub(crate) label: String,
    pub(crate) received_on: Option<NaiveDate>,
    pub(crate) facts: PartFacts,
    pub(crate) availability: Vec<BranchAvailability>,
    pub(crate) waiting: u32,
}

impl Title {
    /// The title of one of its parts as shown: title proper, volume, issue.
    pub(crate) fn part_title(&self, part: &TitlePart) -> String {
        let title = self.record.display_title();
        if part.label.is_empty() { title } else { format!("{title} {}", part.label) }
    }

    /// The names of its creators, as printed.
    pub(crate) fn creators(&self) -> String {
        self.record.creators.iter().map(|creator| creator.name.as_str()).collect::<Vec<_>>().join("、")
    }
}

/// Reads these bibs, in the order given; ids that are unknown or merged away are left out.
pub(crate) async fn titles(tx: &mut Tx, ids: &[BibId]) -> Result<Vec<Title>, StorageError> {
    let bibs = fetch_in!(
        tx,
        (Uuid, String),
        concat!("select id, record from bib where merged_into is null and id in ", in_list!()),
        ids
    )?;
    let mut records: HashMap<Uuid, BibRecord> = HashMap::with_capacity(bibs.len());
    for (id, record) in bibs {
        records.insert(id, parse_record(&record)?);
    }
    let mut parts = parts_of(tx, ids, &records).await?;
    Ok(ids
        .iter()
        .filter_map(|id| {
            let record = records.remove(&id.0)?;
            Some(Title { id: *id, record, parts: parts.remove(&id.0).unwrap_or_default() })
        })
        .collect())
}

/// Reads a stored record.
pub(super) fn parse_record(json: &str) -> Result<BibRecord, StorageError> {
    serde_json::from_str(json).map_err(|error| StorageError::corrupt("bib record", error))
}

type PartRow = (Uuid, Uuid, String, i64, Option<NaiveDate>);
type CopiesRow = (Uuid, String, String, String, i64);

async fn parts_of(
    tx: &mut Tx,
    ids: &[BibId],
    records: &HashMap<Uuid, BibRecord>,
) -> Result<HashMap<Uuid, Vec<TitlePart>>, StorageError> {
    let rows = fetch_in!(
        tx,
        PartRow,
        concat!(
            "select bib_id, id, label, ordinal, received_on from part where bib_id in ",
            in_list!(),
            " order by ordinal, label"
        ),
        ids
    )?;
    let copies = fetch_in!(
        tx,
        CopiesRow,
        concat!(
            "select i.part_id, i.branch, i.state, i.loan_rule, count(*) from item i
             join part p on p.id = i.part_id where i.lender is null and p.bib_id in ",
            in_list!(),
            " group by i.part_id, i.branch, i.state, i.loan_rule order by i.branch"
        ),
        ids
    )?;
    let waiting = fetch_in!(
        tx,
        (Uuid, i64),
        concat!(
            "select r.part_id, count(*) from reservation r
             join part p on p.id = r.part_id where r.state in ('waiting', 'assigned') and p.bib_id in ",
            in_list!(),
            " group by r.part_id"
        ),
        ids
    )?;
    let waiting: HashMap<Uuid, i64> = waiting.into_iter().collect();
    let mut copies_of: HashMap<Uuid, Vec<CopiesRow>> = HashMap::new();
    for row in copies {
        copies_of.entry(row.0).or_default().push(row);
    }

    let mut parts: HashMap<Uuid, Vec<TitlePart>> = HashMap::new();
    let mut issues: HashMap<Uuid, Vec<(Uuid, Option<NaiveDate>, i64)>> = HashMap::new();
    for (bib, id, label, ordinal, received_on) in rows {
        let Some(record) = records.get(&bib) else { continue };
        if record.material == MaterialType::Magazine {
            issues.entry(bib).or_default().push((id, received_on, ordinal));
        }
        let (facts, availability) =
            count_copies(record.material, copies_of.get(&id).map(Vec::as_slice).unwrap_or_default())?;
        parts.entry(bib).or_default().push(TitlePart {
            id: PartId(id),
            label,
            received_on,
            facts,
            availability,
            waiting: small(waiting.get(&id).copied().unwrap_or_default()),
        });
    }
    for (bib, issues) in issues {
        let newest = newest_issue(issues);
        for part in parts.get_mut(&bib).into_iter().flatten() {
            part.facts.newest_issue = newest == Some(part.id.0);
        }
    }
    Ok(parts)
}

fn count_copies(
    material: MaterialType,
    rows: &[CopiesRow],
) -> Result<(PartFacts, Vec<BranchAvailability>), StorageError> {
    let mut facts = PartFacts { material, newest_issue: false, lendable_copies: 0, copies: 0 };
    let mut availability: Vec<BranchAvailability> = Vec::new();
    for (_, branch, state, loan_rule, count) in rows {
        let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
        let rule: LoanRule = loan_rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?;
        if !state.is_alive() {
            continue;
        }
        let count = small(*count);
        facts.copies += count;
        if rule == LoanRule::Lendable {
            facts.lendable_copies += count;
        }
        let available = if state == ItemState::OnShelf { count } else { 0 };
        match availability.iter_mut().find(|at| at.branch.0 == *branch) {
            Some(at) => {
                at.available += available;
                at.total += count;
            }
            None => {
                availability.push(BranchAvailability { branch: PlaceCode(branch.clone()), available, total: count })
            }
        }
    }
    Ok((facts, availability))
}

/// A count of rows; more than four thousand million does not happen.
fn small(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The bibs these parts belong to, each once.
pub(crate) async fn bibs_of_parts(tx: &mut Tx, parts: &[PartId]) -> Result<Vec<BibId>, StorageError> {
    let rows = fetch_in!(tx, (Uuid,), concat!("select bib_id from part where id in ", in_list!()), parts)?;
    let mut bibs: Vec<BibId> = rows.into_iter().map(|(id,)| BibId(id)).collect();
    bibs.sort_unstable();
    bibs.dedup();
    Ok(bibs)
}

/// The titles these parts belong to, and where in them each part is.
pub(crate) async fn part_facts(tx: &mut Tx, parts: &[PartId]) -> Result<Vec<Title>, StorageError> {
    let bibs = bibs_of_parts(tx, parts).await?;
    titles(tx, &bibs).await
}

/// Where the copies of a bib stand: part, branch, shelf mark.
pub(super) async fn shelf_marks(tx: &mut Tx, bib: BibId) -> Result<Vec<(PartId, PlaceCode, String)>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, String, String),
        "select distinct i.part_id, i.branch, i.shelf_mark from item i join part p on p.id = i.part_id
         where p.bib_id = $1 and i.lender is null and i.state not in ('missing', 'lost', 'withdrawn') order by 2, 3",
        bib.0
    )?;
    Ok(rows.into_iter().map(|(part, branch, mark)| (PartId(part), PlaceCode(branch), mark)).collect())
}

/// Says that something the search index shows of this bib has changed.
pub(crate) async fn touch_bib(tx: &mut Tx, bib: BibId, now: DateTime<Utc>) -> Result<(), StorageError> {
    execute!(tx, "update bib set changed_at = $2 where id = $1", bib.0, now)?;
    Ok(())
}
