//! Titles entered and corrected at the desk.

use domain::{
    BibId, OpId,
    catalog::{BibForm, BibRecord, KeepProblem, SearchQuery, read_bib},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::titles::parse_record,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

/// The source of titles entered at the desk.
const DESK: &str = "desk";

impl Library {
    /// Enters a title. The same request again, by its `op`, makes no second one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_bib(&self, op: OpId, form: &BibForm) -> Result<Result<BibId, Vec<KeepProblem>>, Fault> {
        let entered = match read_bib(form, None) {
            Ok(entered) => entered,
            Err(problems) => return Ok(Err(problems)),
        };
        if let Some(isbn) = entered.isbns.first()
            && self.other_with_isbn(isbn, BibId(op.0)).await?
        {
            return Ok(Err(vec![KeepProblem::IsbnTaken]));
        }
        // The request's id becomes the bib's, so that the same request finds what it made.
        let id = op.0;
        let json = write_record(&entered)?;
        in_write!(self.database(), |tx| async {
            let now = self.now();
            let new = execute!(
                &mut *tx,
                "insert into bib (id, source, source_key, record, title, material, revision, changed_at)
                 values ($1, $2, $3, $4, $5, $6, 0, $7) on conflict (id) do nothing",
                id,
                DESK,
                id.to_string(),
                &json,
                &entered.title,
                entered.material.as_str(),
                now
            )?;
            if new == 1 {
                let part = new_id(now);
                execute!(&mut *tx, "insert into part (id, bib_id, label, ordinal) values ($1, $2, '', 0)", part, id)?;
                note(tx, self, BibId(id), EventKind::BibKept).await?;
            }
            Ok::<_, Fault>(Ok(BibId(id)))
        }
        .await)
    }

    /// Corrects a title. Its kind of material can't change while somebody has reserved or borrowed it, since their
    /// limits were counted by it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn edit_bib(&self, bib: BibId, form: &BibForm) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        in_write!(self.database(), |tx| self.edit_bib_in(tx, bib, form).await)
    }

    async fn edit_bib_in(
        &self,
        tx: &mut Tx,
        bib: BibId,
        form: &BibForm,
    ) -> Result<Result<(), Vec<KeepProblem>>, Fault> {
        let row = fetch_optional!(
            &mut *tx,
            (String,),
            "update bib set revision = revision + 1 where id = $1 and merged_into is null returning record",
            bib.0
        )?;
        let Some((known,)) = row else { return Ok(Err(vec![KeepProblem::Gone])) };
        let known = parse_record(&known)?;
        let entered = match read_bib(form, Some(&known)) {
            Ok(entered) => entered,
            Err(problems) => return Ok(Err(problems)),
        };
        if entered.material != known.material {
            let tied = fetch_optional!(
                &mut *tx,
                (Uuid,),
                "select c.part_id from claim c join part p on p.id = c.part_id where p.bib_id = $1 limit 1",
                bib.0
            )?;
            if tied.is_some() {
                return Ok(Err(vec![KeepProblem::MaterialInUse]));
            }
        }
        if entered != known {
            execute!(
                &mut *tx,
                "update bib set record = $2, title = $3, material = $4, changed_at = $5 where id = $1",
                bib.0,
                write_record(&entered)?,
                &entered.title,
                entered.material.as_str(),
                self.now()
            )?;
            note(tx, self, bib, EventKind::BibKept).await?;
        }
        Ok(Ok(()))
    }

    /// Whether another title has this ISBN, as far as the search index knows.
    async fn other_with_isbn(&self, isbn: &str, own: BibId) -> Result<bool, Fault> {
        let query = SearchQuery { q: isbn.to_owned(), ..SearchQuery::default() };
        let hits = self.search(&query).await?.results;
        Ok(hits.iter().any(|hit| hit.id != own && hit.record.isbns.iter().any(|of| of == isbn)))
    }
}

fn write_record(record: &BibRecord) -> Result<String, StorageError> {
    serde_json::to_string(record).map_err(|error| StorageError::corrupt("bib record", error))
}

/// Writes to the log that staff kept something of a title.
pub(super) async fn note(tx: &mut Tx, library: &Library, bib: BibId, kind: EventKind) -> Result<(), StorageError> {
    let event = Event::of(kind, ActorRole::Staff, library.now());
    record(tx, Event { bib: Some(bib), ..event }).await?;
    Ok(())
}
