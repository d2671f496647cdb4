//! Titles and their parts, as an export writes them. They go the way of every catalogue, by [`Library::import`].

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::catalog::{BibRecord, ImportedBib, ImportedPart};
use uuid::Uuid;

use super::{
    How, TakenIn,
    row::{Row, RowFile, RowNote, RowReason},
};
use crate::{
    Fault, Library,
    storage::{Tx, execute, fetch_optional, in_write},
};

/// A title of a file, while its rows come in.
struct Title {
    line: u64,
    source: String,
    bib: ImportedBib,
    merged_into: Option<(String, String)>,
}

impl Library {
    pub(super) async fn take_titles(&self, file: &RowFile, how: How) -> Result<TakenIn, Fault> {
        let mut report = TakenIn { refused: file.refused.clone(), ..TakenIn::default() };
        let titles = read(&file.rows, &mut report);
        let mut tx = self.database().begin_read().await?;
        let titles = with_targets(&mut tx, titles, &mut report).await?;
        drop(tx);
        report.refused.sort_by_key(|note| note.line);
        if how == How::Strict && !report.refused.is_empty() {
            return Ok(TakenIn { left_out: true, ..report });
        }
        if how == How::DryRun {
            // What an import does is known when it is done; then it is undone.
            let mut tx = self.database().begin_write().await?;
            let done = self.titles_in(&mut tx, &titles, report).await;
            tx.rollback().await;
            return Ok(TakenIn { left_out: true, ..done? });
        }
        in_write!(self.database(), |tx| self.titles_in(tx, &titles, report.clone()).await)
    }

    async fn titles_in(&self, tx: &mut Tx, titles: &[Title], mut report: TakenIn) -> Result<TakenIn, Fault> {
        let mut by_source: BTreeMap<&str, Vec<&Title>> = BTreeMap::new();
        for title in titles {
            by_source.entry(&title.source).or_default().push(title);
        }
        for (source, titles) in by_source {
            let bibs: Vec<ImportedBib> = titles.iter().map(|title| title.bib.clone()).collect();
            let counts = self.import_in(tx, source, &bibs).await?;
            report.new += counts.added;
            report.changed += counts.changed;
            report.unchanged += counts.unchanged;
        }
        for title in titles {
            let Some((source, key)) = &title.merged_into else { continue };
            execute!(
                &mut *tx,
                "update bib set merged_into =
                     (select o.id from bib o where o.source = $3 and o.source_key = $4 and o.merged_into is null)
                 where source = $1 and source_key = $2",
                &title.source,
                &title.bib.source_key,
                source,
                key
            )?;
        }
        Ok(report)
    }
}

/// Leaves out merged titles whose target is neither in the file nor in the library.
async fn with_targets(tx: &mut Tx, titles: Vec<Title>, report: &mut TakenIn) -> Result<Vec<Title>, Fault> {
    let unmerged = titles.iter().filter(|title| title.merged_into.is_none());
    let in_file: HashSet<(String, String)> =
        unmerged.map(|title| (title.source.clone(), title.bib.source_key.clone())).collect();
    let mut kept = Vec::with_capacity(titles.len());
    for title in titles {
        if let Some((source, key)) = title.merged_into.as_ref().filter(|target| !in_file.contains(*target)) {
            let there = fetch_optional!(
                &mut *tx,
                (Uuid,),
                "select id from bib where source = $1 and source_key = $2 and merged_into is null",
                source,
                key
            )?;
            if there.is_none() {
                let what = RowReason::NoTitle { source_name: source.clone(), key: key.clone() };
                report.refused.push(RowNote { line: title.line, key: Some(title.bib.source_key.clone()), what });
                continue;
            }
        }
        kept.push(title);
    }
    Ok(kept)
}

/// The titles of the rows, in the order of their first rows. Further rows of a title are its further parts.
fn read(rows: &[Row], report: &mut TakenIn) -> Vec<Title> {
    let mut titles: Vec<Title> = Vec::new();
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    for row in rows {
        let done = of_row(row).and_then(|(source, key, part)| {
            let of = (source, key);
            if let Some(title) = known.get(&of).and_then(|at| titles.get_mut(*at)) {
                title.bib.parts.extend(part);
                return Ok(());
            }
            let record: BibRecord =
                serde_json::from_str(row.must("record")?).map_err(|error| RowReason::Record(error.to_string()))?;
            let merged_into = row.text("merged_into_source").zip(row.text("merged_into_key"));
            known.insert(of.clone(), titles.len());
            titles.push(Title {
                line: row.line,
                source: of.0,
                bib: ImportedBib { source_key: of.1, record, parts: part.into_iter().collect() },
                merged_into: merged_into.map(|(source, key)| (source.to_owned(), key.to_owned())),
            });
            Ok(())
        });
        if let Err(reason) = done {
            report.refused.push(row.note(row.text("key").map(str::to_owned), reason));
        }
    }
    titles
}

/// Source and key of a row, and the part it tells of. A title that was merged has none of its own.
fn of_row(row: &Row) -> Result<(String, String, Option<ImportedPart>), RowReason> {
    let part = ImportedPart {
        label: row.text("part").unwrap_or_default().to_owned(),
        ordinal: row.number("ordinal")?.unwrap_or_default(),
        received_on: row.day("received_on")?,
        items: Vec::new(),
    };
    let merged = row.text("merged_into_key").is_some();
    Ok((row.must("source")?.to_owned(), row.must("key")?.to_owned(), (!merged).then_some(part)))
}
