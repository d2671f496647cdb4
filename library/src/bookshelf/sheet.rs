//! Lists as CSV: what a patron takes along, and what they bring (R27).

use std::collections::HashMap;

use domain::{
    BibId, BookEntryId, BookListId, PatronId,
    bookshelf::{BookEntry, ImportProblem, ImportReport, MAX_ENTRIES, MAX_NOTE, ShelfDone, ShelfRefusal, note},
    catalog::{SearchQuery, isbn::Isbn13},
    dates::read_date,
};

use super::lists::{Done, entries_of, lists_of, living, lock, next_place, put_entry, stands_there};
use crate::{
    Fault, Library,
    catalog::titles,
    clock::new_id,
    storage::{Tx, Writes, execute, fetch_optional, in_write},
};

/// Spreadsheets take UTF-8 for what it is by this mark only.
const BOM: &str = "\u{FEFF}";

/// The columns, as they are written. They are read in any order, by these names or the English ones.
const COLUMNS: [(&str, &str); 7] = [
    ("書名", "title"),
    ("著者など", "creators"),
    ("巻号", "part"),
    ("ISBN", "isbn"),
    ("メモ", "note"),
    ("日付", "date"),
    ("書誌ID", "bib"),
];

/// Most problems that are told one by one.
const TOLD: usize = 100;

/// A line of a file, in the order of [`COLUMNS`].
type Line = [String; 7];

impl Library {
    /// A list as CSV in UTF-8, with a mark that says so to spreadsheets. `None` when there is no such list of this patron.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn list_as_csv(&self, patron: PatronId, list: BookListId) -> Result<Option<String>, Fault> {
        let mut tx = self.database().begin_read().await?;
        if !lists_of(&mut tx, patron).await?.iter().any(|one| one.id == list) {
            return Ok(None);
        }
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let failed = |error: csv::Error| Fault::Sheet(error.to_string());
        writer.write_record(COLUMNS.map(|(name, _)| name)).map_err(failed)?;
        for entry in entries_of(&mut tx, list).await? {
            let bib = entry.bib.map(|bib| bib.to_string()).unwrap_or_default();
            let day = entry.day.to_string();
            let cells = [&entry.title, &entry.creators, &entry.label, &entry.isbn, &entry.note, &day, &bib];
            writer.write_record(cells).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| Fault::Sheet(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| Fault::Sheet(error.to_string()))?;
        Ok(Some(format!("{BOM}{text}")))
    }

    /// Takes a file into a list, behind what is there: a title is found by our id, else by its ISBN; one that the library
    /// does not have stands there as text, so nothing is lost. A title that is in the list already gets note and date of
    /// the file.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn take_in_list(&self, patron: PatronId, list: BookListId, file: &[u8]) -> Done {
        let Some(lines) = read_lines(file) else { return Ok(Err(ShelfRefusal::BadFile)) };
        let mut bibs: HashMap<String, Option<BibId>> = HashMap::new();
        for (_, line) in &lines {
            let isbn = line.as_ref().ok().map(|[_, _, _, isbn, ..]| isbn.clone()).filter(|isbn| !isbn.is_empty());
            if let Some(isbn) = isbn
                && !bibs.contains_key(&isbn)
            {
                bibs.insert(isbn.clone(), self.bib_by_isbn(&isbn).await?);
            }
        }
        in_write!(self.database(), |tx| self.take_in_list_in(tx, patron, list, &lines, &bibs).await)
    }

    async fn take_in_list_in(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        list: BookListId,
        lines: &[(usize, Result<Line, ()>)],
        by_isbn: &HashMap<String, Option<BibId>>,
    ) -> Done {
        lock(tx, patron).await?;
        let Some(into) = lists_of(tx, patron).await?.into_iter().find(|one| one.id == list) else {
            return Ok(Err(ShelfRefusal::UnknownList));
        };
        let mut texts: Vec<(String, String)> = entries_of(tx, list)
            .await?
            .into_iter()
            .filter(|entry| entry.bib.is_none())
            .map(|entry| (entry.title, entry.label))
            .collect();
        let (mut report, mut count) = (ImportReport::default(), into.entries);
        let mut place = next_place(tx, list).await?;
        for (number, line) in lines {
            let mut odd = |problem| match report.problems.len() {
                TOLD => report.more += 1,
                _ => report.problems.push((*number, problem)),
            };
            let Ok([title, creators, label, isbn, typed_note, day, bib]) = line else {
                odd(ImportProblem::Unreadable);
                continue;
            };
            let bib = match self.bib_of_line(tx, bib).await? {
                Some(bib) => Some(bib),
                None => by_isbn.get(isbn).copied().flatten(),
            };
            if bib.is_none() && title.is_empty() && isbn.is_empty() {
                odd(ImportProblem::Nothing);
                continue;
            }
            let note = note(typed_note).unwrap_or_else(|_| {
                odd(ImportProblem::Note);
                typed_note.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NOTE).collect()
            });
            let read = read_date(day);
            if read.is_none() && !day.is_empty() {
                odd(ImportProblem::Date);
            }
            let mut entry = match bib {
                Some(bib) => match titles(tx, &[bib]).await?.pop() {
                    Some(found) => {
                        let label = found.parts.iter().find(|part| part.label == *label).map(|part| part.label.clone());
                        Some(self.entry_of(&found, label.unwrap_or_default()))
                    }
                    None => None,
                },
                None => None,
            };
            if entry.is_none() {
                odd(ImportProblem::NotFound);
            }
            let entry = BookEntry {
                note,
                day: read.unwrap_or_else(|| self.today()),
                ..entry.take().unwrap_or_else(|| self.text_entry(title, creators, label, isbn))
            };
            let there = match entry.bib {
                Some(bib) => stands_there(tx, list, bib, &entry.label).await?,
                None => None,
            };
            if let Some(there) = there {
                execute!(
                    &mut *tx,
                    "update book_entry set note = $2, day = $3 where id = $1",
                    there.0,
                    &entry.note,
                    entry.day
                )?;
                report.updated += 1;
                continue;
            }
            let text = (entry.title.clone(), entry.label.clone());
            if entry.bib.is_none() && texts.contains(&text) {
                report.updated += 1;
                continue;
            }
            if count >= MAX_ENTRIES {
                odd(ImportProblem::Full);
                continue;
            }
            if entry.bib.is_none() {
                texts.push(text);
            }
            let mut writes = Writes::default();
            put_entry(&mut writes, list, &entry, place);
            writes.send(tx).await?;
            (place, count) = (place + 1, count + 1);
            report.added += 1;
        }
        Ok(Ok(ShelfDone::Imported(report)))
    }

    /// A title that the library does not have.
    fn text_entry(&self, title: &str, creators: &str, label: &str, isbn: &str) -> BookEntry {
        BookEntry {
            id: BookEntryId(new_id(self.now())),
            bib: None,
            label: label.to_owned(),
            title: if title.is_empty() { isbn.to_owned() } else { title.to_owned() },
            creators: creators.to_owned(),
            reading: String::new(),
            creator_reading: String::new(),
            isbn: isbn.to_owned(),
            note: String::new(),
            day: self.today(),
            held: false,
        }
    }

    /// The bib a line names by our id.
    async fn bib_of_line(&self, tx: &mut Tx, typed: &str) -> Result<Option<BibId>, Fault> {
        let Ok(bib) = typed.parse::<BibId>() else { return Ok(None) };
        let there = fetch_optional!(&mut *tx, (uuid::Uuid,), "select id from bib where id = $1", bib.0)?;
        if there.is_none() {
            return Ok(None);
        }
        Ok(Some(living(tx, bib).await?))
    }

    /// The bib with this ISBN.
    async fn bib_by_isbn(&self, typed: &str) -> Result<Option<BibId>, Fault> {
        let Ok(isbn) = typed.parse::<Isbn13>() else { return Ok(None) };
        let query = SearchQuery { q: isbn.as_str().to_owned(), ..SearchQuery::default() };
        let found = self.search(&query).await?.results;
        let has_it = |isbns: &[String]| {
            isbns.iter().any(|one| one.parse::<Isbn13>().is_ok_and(|one| one.as_str() == isbn.as_str()))
        };
        Ok(found.into_iter().find(|hit| has_it(&hit.record.isbns)).map(|hit| hit.id))
    }
}

/// The lines of a file with their numbers. `None` when it is no CSV with a column that is known.
fn read_lines(file: &[u8]) -> Option<Vec<(usize, Result<Line, ()>)>> {
    let text = std::str::from_utf8(file).ok()?;
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().ok()?.iter().map(|name| name.trim().to_lowercase()).collect();
    let at = COLUMNS.map(|(ja, en)| names.iter().position(|name| name == en || *name == ja.to_lowercase()));
    // By one of these a title is known.
    if [at[0], at[3], at[6]].iter().all(Option::is_none) {
        return None;
    }
    let mut lines = Vec::new();
    for (n, record) in reader.records().enumerate() {
        let Ok(record) = record else {
            lines.push((n + 2, Err(())));
            continue;
        };
        let number = record.position().map_or(n + 2, |position| usize::try_from(position.line()).unwrap_or(n + 2));
        let line = at.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned());
        if line.iter().any(|cell| !cell.is_empty()) {
            lines.push((number, Ok(line)));
        }
    }
    Some(lines)
}
