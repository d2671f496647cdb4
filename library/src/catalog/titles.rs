//! What lists need to know of titles, read for many at once: never a query per row.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, PartId, PlaceCode,
    catalog::{BibRecord, BranchAvailability, LoanRule, MaterialType, newest_issue},
    circulation::{ItemState, PartFacts},
};
use uuid::Uuid;

use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_in};

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
    /// How many stand in its queue.
    pub(crate) waiting: u32,
    /// When the last of them came.
    pub(crate) last_placed_at: Option<DateTime<Utc>>,
}

impl Title {
    /// The title of one of its parts as shown: title proper, volume, issue.
    pub(crate) fn part_title(&self, part: &TitlePart) -> String {
        self.record.part_title(&part.label)
    }

    /// The names of its creators, as printed.
    pub(crate) fn creators(&self) -> String {
        self.record.creators.iter().map(|creator| creator.name.as_str()).collect::<Vec<_>>().join("、")
    }
}

/// Reads these bibs, in the order given; ids that are unknown or merged away are left out.
pub(crate) async fn titles(tx: &mut Tx, ids: &[BibId]) -> Result<Vec<Title>, StorageError> {
    let mut found = rows_of(tx, ids).await?;
    let known = ids.iter().filter_map(|id| {
        let Rows { record, parts } = found.remove(&id.0)?;
        Some((*id, record?, parts))
    });
    known.map(|(id, record, rows)| title(id, parse_record(&record)?, rows)).collect()
}

/// Reads the parts of bibs whose records are known.
pub(crate) async fn with_parts(tx: &mut Tx, bibs: Vec<(BibId, BibRecord)>) -> Result<Vec<Title>, StorageError> {
    let ids: Vec<BibId> = bibs.iter().map(|(id, _)| *id).collect();
    let mut found = rows_of(tx, &ids).await?;
    bibs.into_iter().map(|(id, record)| title(id, record, found.remove(&id.0).unwrap_or_default().parts)).collect()
}

fn title(id: BibId, record: BibRecord, rows: Vec<PartRow>) -> Result<Title, StorageError> {
    let parts = parts(&record, rows)?;
    Ok(Title { id, record, parts })
}

/// Reads a stored record.
pub(crate) fn parse_record(json: &str) -> Result<BibRecord, StorageError> {
    serde_json::from_str(json).map_err(|error| StorageError::corrupt("bib record", error))
}

/// A part, its label, ordinal and day of receipt, how many wait for it and when the last of them came; its copies, a line each:
/// branch, state, loan rule.
type PartRow = (Uuid, String, i64, Option<NaiveDate>, i64, Option<DateTime<Utc>>, Option<String>);

/// What there is of a bib.
#[derive(Default)]
struct Rows {
    /// As stored; none of a bib that is merged away.
    record: Option<String>,
    parts: Vec<PartRow>,
}

/// A bib, its record beside its first part, and a [`PartRow`] of it if it has any.
type Row = (
    Uuid,
    Option<String>,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
    Option<NaiveDate>,
    i64,
    Option<DateTime<Utc>>,
    Option<String>,
);

/// What there is of these bibs, in one statement, so that it is of one moment. A part is one row with all of its copies, since SQLite
/// hands rows over one by one.
async fn rows_of(tx: &mut Tx, ids: &[BibId]) -> Result<HashMap<Uuid, Rows>, StorageError> {
    let rows = fetch_in!(
        tx,
        Row,
        [
            "select b.id,
                 case when b.merged_into is null and (p.id is null
                     or p.label = (select min(first.label) from part first where first.bib_id = b.id)) then b.record end,
                 p.id, p.label, p.ordinal, p.received_on,
                 (select count(*) from reservation r
                     where r.part_id = p.id and r.state in ('waiting', 'assigned')) as waiting,
                 (select max(r.placed_at) from reservation r
                     where r.part_id = p.id and r.state in ('waiting', 'assigned')) as last_placed_at,
                 (select string_agg(i.branch || ' ' || i.state || ' ' || i.loan_rule, '\n') from item i
                     where i.part_id = p.id and i.lender is null) as copies
             from bib b left join part p on p.bib_id = b.id
             where b.id in ",
            ""
        ],
        ids
    )?;
    let mut of_bib: HashMap<Uuid, Rows> = HashMap::with_capacity(ids.len());
    for (bib, record, part, label, ordinal, received_on, waiting, last_placed_at, copies) in rows {
        let rows = of_bib.entry(bib).or_default();
        if record.is_some() {
            rows.record = record;
        }
        if let (Some(part), Some(label), Some(ordinal)) = (part, label, ordinal) {
            rows.parts.push((part, label, ordinal, received_on, waiting, last_placed_at, copies));
        }
    }
    Ok(of_bib)
}

fn parts(record: &BibRecord, mut rows: Vec<PartRow>) -> Result<Vec<TitlePart>, StorageError> {
    // By ordinal, then label, which the engines don't sort alike.
    rows.sort_by(|a, b| (a.2, &a.1, a.0).cmp(&(b.2, &b.1, b.0)));
    let mut parts: Vec<TitlePart> = Vec::with_capacity(rows.len());
    let mut issues: Vec<(Uuid, Option<NaiveDate>, i64)> = Vec::with_capacity(rows.len());
    for (id, label, ordinal, received_on, waiting, last_placed_at, copies) in rows {
        issues.push((id, received_on, ordinal));
        let (facts, availability) = count_copies(record.material, copies.as_deref().unwrap_or_default())?;
        parts.push(TitlePart {
            id: PartId(id),
            label,
            received_on,
            facts,
            availability,
            waiting: small(waiting),
            last_placed_at,
        });
    }
    if record.material == MaterialType::Magazine {
        let newest = newest_issue(issues);
        for part in &mut parts {
            part.facts.newest_issue = newest == Some(part.id.0);
        }
    }
    Ok(parts)
}

/// Counts the copies of a part, a line each.
fn count_copies(material: MaterialType, lines: &str) -> Result<(PartFacts, Vec<BranchAvailability>), StorageError> {
    let mut facts = PartFacts { material, newest_issue: false, lendable_copies: 0, copies: 0 };
    let mut availability: Vec<BranchAvailability> = Vec::new();
    for line in lines.lines() {
        // From the right, as a library names its branches and we the rest.
        let mut words = line.rsplitn(3, ' ');
        let (Some(rule), Some(state), Some(branch)) = (words.next(), words.next(), words.next()) else {
            return Err(StorageError::corrupt("copy", "a line without branch, state and loan rule"));
        };
        let state: ItemState = state.parse().map_err(|error| StorageError::corrupt("item state", error))?;
        let rule: LoanRule = rule.parse().map_err(|error| StorageError::corrupt("loan rule", error))?;
        if !state.is_alive() {
            continue;
        }
        facts.copies += 1;
        if rule == LoanRule::Lendable {
            facts.lendable_copies += 1;
        }
        let available = u32::from(state == ItemState::OnShelf);
        match availability.iter_mut().find(|at| at.branch.0 == branch) {
            Some(at) => {
                at.available += available;
                at.total += 1;
            }
            None => {
                availability.push(BranchAvailability { branch: PlaceCode(branch.to_owned()), available, total: 1 });
            }
        }
    }
    availability.sort_by(|a, b| a.branch.0.cmp(&b.branch.0));
    Ok((facts, availability))
}

/// A count of rows; more than four thousand million does not happen.
fn small(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The bibs these parts belong to, each once.
pub(crate) async fn bibs_of_parts(tx: &mut Tx, parts: &[PartId]) -> Result<Vec<BibId>, StorageError> {
    let rows = fetch_in!(tx, (Uuid,), ["select bib_id from part where id in ", ""], parts)?;
    let mut bibs: Vec<BibId> = rows.into_iter().map(|(id,)| BibId(id)).collect();
    bibs.sort_unstable();
    bibs.dedup();
    Ok(bibs)
}

/// The title a part belongs to, and the part.
pub(crate) fn title_of(titles: &[Title], part: PartId) -> Option<(&Title, &TitlePart)> {
    titles.iter().find_map(|title| Some((title, title.parts.iter().find(|p| p.id == part)?)))
}

/// The part, to be changed as what is written about it changes it.
pub(crate) fn title_of_mut(titles: &mut [Title], part: PartId) -> Option<&mut TitlePart> {
    titles.iter_mut().find_map(|title| title.parts.iter_mut().find(|p| p.id == part))
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
