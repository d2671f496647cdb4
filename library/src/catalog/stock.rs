//! Taking bibs, parts and items into the stock (S2).

use domain::{
    PlaceCode,
    catalog::{ImportedBib, ImportedItem, ImportedPart},
    circulation::ItemState,
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    clock::new_id,
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

/// What an import did with a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Bibs that are new.
    pub added: u64,
    /// Bibs that were known and differ.
    pub changed: u64,
    /// Bibs that were known and are the same.
    pub unchanged: u64,
    /// Copies that are new.
    pub items_added: u64,
    /// Source keys of bibs that were left out, and why.
    pub rejected: Vec<(String, ImportRefusal)>,
}

/// Why a bib was left out, though it could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// A copy is at a place the policy does not name, or one without shelves.
    #[error("`{0}` is no branch with shelves in the policy file")]
    UnknownBranch(PlaceCode),
    /// A copy is to belong to another part of the title, while somebody has it or it is on its way to somebody.
    #[error("copy {0} is in use and can't be moved to another volume or issue now")]
    ItemInUse(String),
    /// A barcode belongs to a copy of another title.
    #[error("barcode {0} belongs to a copy of another title")]
    BarcodeTaken(String),
}

/// The state of a copy that nobody has and nobody is about to have.
const ON_SHELF: &str = ItemState::OnShelf.as_str();

/// What became of one bib.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Added,
    Changed,
    Unchanged,
}

impl Library {
    /// Takes a batch of bibs of one source into the stock, in one transaction. A bib that is known by its source
    /// key is updated, never doubled; importing the same again changes nothing. Parts and copies the source no
    /// longer names stay, since people may have reserved or borrowed them.
    ///
    /// # Errors
    /// When the database can't be written; nothing of the batch is there then.
    pub async fn import(&self, source: &str, bibs: &[ImportedBib]) -> Result<ImportCounts, Fault> {
        in_write!(self.database(), |tx| self.import_in(tx, source, bibs).await)
    }

    /// The same inside a transaction.
    pub(crate) async fn import_in(
        &self,
        tx: &mut Tx,
        source: &str,
        bibs: &[ImportedBib],
    ) -> Result<ImportCounts, Fault> {
        let mut counts = ImportCounts::default();
        for bib in bibs {
            if let Some(refusal) = self.import_refusal(tx, source, bib).await? {
                counts.rejected.push((bib.source_key.clone(), refusal));
                continue;
            }
            match self.import_bib(tx, source, bib, &mut counts.items_added).await? {
                Fate::Added => counts.added += 1,
                Fate::Changed => counts.changed += 1,
                Fate::Unchanged => counts.unchanged += 1,
            }
        }
        Ok(counts)
    }

    /// Looks before anything of the bib is written, so that a refused bib leaves no half behind.
    async fn import_refusal(
        &self,
        tx: &mut Tx,
        source: &str,
        bib: &ImportedBib,
    ) -> Result<Option<ImportRefusal>, StorageError> {
        let target = known_bib(tx, source, &bib.source_key).await?.map(|known| known.target());
        let mut seen: Vec<&str> = Vec::new();
        for (part, item) in bib.parts.iter().flat_map(|part| part.items.iter().map(move |item| (part, item))) {
            if !self.policy().place(&item.branch).is_some_and(|place| place.holds_stock) {
                return Ok(Some(ImportRefusal::UnknownBranch(item.branch.clone())));
            }
            let owner = fetch_optional!(
                &mut *tx,
                (Uuid, String, String),
                "select p.bib_id, p.label, i.state from item i join part p on p.id = i.part_id where i.barcode = $1",
                &item.barcode
            )?;
            if owner.as_ref().is_some_and(|(.., label, state)| *label != part.label && state != ON_SHELF) {
                return Ok(Some(ImportRefusal::ItemInUse(item.barcode.clone())));
            }
            let taken = owner.is_some_and(|(of, ..)| Some(of) != target);
            if taken || seen.contains(&item.barcode.as_str()) {
                return Ok(Some(ImportRefusal::BarcodeTaken(item.barcode.clone())));
            }
            seen.push(&item.barcode);
        }
        Ok(None)
    }

    async fn import_bib(
        &self,
        tx: &mut Tx,
        source: &str,
        bib: &ImportedBib,
        items_added: &mut u64,
    ) -> Result<Fate, Fault> {
        let now = self.now();
        let record = serde_json::to_string(&bib.record).map_err(|error| StorageError::corrupt("bib record", error))?;
        let material = bib.record.material.as_str();
        let known = known_bib(tx, source, &bib.source_key).await?;
        let (id, mut fate) = match known.map(|known| (known.target(), known.merged_into, known.record)) {
            None => {
                let id = new_id(now);
                execute!(
                    &mut *tx,
                    "insert into bib (id, source, source_key, record, title, material, revision, changed_at)
                     values ($1, $2, $3, $4, $5, $6, 0, $7)",
                    id,
                    source,
                    &bib.source_key,
                    &record,
                    &bib.record.title,
                    material,
                    now
                )?;
                (id, Fate::Added)
            }
            // What it was merged into keeps its own description.
            Some((id, Some(_), _)) => (id, Fate::Unchanged),
            Some((id, None, old)) if old == record => (id, Fate::Unchanged),
            Some((id, None, _)) => {
                execute!(
                    &mut *tx,
                    "update bib set record = $2, title = $3, material = $4, changed_at = $5 where id = $1",
                    id,
                    &record,
                    &bib.record.title,
                    material,
                    now
                )?;
                (id, Fate::Changed)
            }
        };
        let mut touched = false;
        for part in &bib.parts {
            touched |= self.import_part(tx, id, part, items_added).await?;
        }
        if touched && fate == Fate::Unchanged {
            execute!(&mut *tx, "update bib set changed_at = $2 where id = $1", id, now)?;
            fate = Fate::Changed;
        }
        Ok(fate)
    }

    /// Answers whether anything changed.
    async fn import_part(
        &self,
        tx: &mut Tx,
        bib: Uuid,
        part: &ImportedPart,
        items_added: &mut u64,
    ) -> Result<bool, Fault> {
        let known = fetch_optional!(
            &mut *tx,
            (Uuid, i64, Option<chrono::NaiveDate>),
            "select id, ordinal, received_on from part where bib_id = $1 and label = $2",
            bib,
            &part.label
        )?;
        let (id, mut changed) = match known {
            None => {
                let id = new_id(self.now());
                execute!(
                    &mut *tx,
                    "insert into part (id, bib_id, label, ordinal, received_on) values ($1, $2, $3, $4, $5)",
                    id,
                    bib,
                    &part.label,
                    part.ordinal,
                    part.received_on
                )?;
                (id, true)
            }
            Some((id, ordinal, received_on)) if (ordinal, received_on) == (part.ordinal, part.received_on) => {
                (id, false)
            }
            Some((id, ..)) => {
                execute!(
                    &mut *tx,
                    "update part set ordinal = $2, received_on = $3 where id = $1",
                    id,
                    part.ordinal,
                    part.received_on
                )?;
                (id, true)
            }
        };
        for item in &part.items {
            changed |= self.import_item(tx, id, item, items_added).await?;
        }
        Ok(changed)
    }

    /// A known copy keeps its state: where it is now, the desk knows better than the source.
    async fn import_item(
        &self,
        tx: &mut Tx,
        part: Uuid,
        item: &ImportedItem,
        items_added: &mut u64,
    ) -> Result<bool, Fault> {
        let known = fetch_optional!(
            &mut *tx,
            (Uuid, Uuid, String, String, String),
            "select id, part_id, branch, shelf_mark, loan_rule from item where barcode = $1",
            &item.barcode
        )?;
        let rule = item.loan_rule.as_str();
        match known {
            None => {
                execute!(
                    &mut *tx,
                    "insert into item (id, part_id, barcode, branch, place, shelf_mark, loan_rule, state)
                     values ($1, $2, $3, $4, $4, $5, $6, 'on-shelf')",
                    new_id(self.now()),
                    part,
                    &item.barcode,
                    &item.branch.0,
                    &item.shelf_mark,
                    rule
                )?;
                *items_added += 1;
                Ok(true)
            }
            Some((_, of, branch, mark, old_rule))
                if of == part && branch == item.branch.0 && mark == item.shelf_mark && old_rule == rule =>
            {
                Ok(false)
            }
            Some((id, ..)) => {
                execute!(
                    &mut *tx,
                    "update item set part_id = $2, branch = $3, shelf_mark = $4, loan_rule = $5,
                         place = case when state = 'on-shelf' then $3 else place end where id = $1",
                    id,
                    part,
                    &item.branch.0,
                    &item.shelf_mark,
                    rule
                )?;
                Ok(true)
            }
        }
    }
}

/// A bib that came from a source before.
struct KnownBib {
    id: Uuid,
    record: String,
    merged_into: Option<Uuid>,
}

impl KnownBib {
    /// Where its parts and copies belong: itself, or the bib it was merged into.
    fn target(&self) -> Uuid {
        self.merged_into.unwrap_or(self.id)
    }
}

async fn known_bib(tx: &mut Tx, source: &str, key: &str) -> Result<Option<KnownBib>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid, String, Option<Uuid>),
        "select id, record, merged_into from bib where source = $1 and source_key = $2",
        source,
        key
    )?;
    Ok(row.map(|(id, record, merged_into)| KnownBib { id, record, merged_into }))
}
