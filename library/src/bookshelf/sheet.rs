//! Lists as CSV: what a patron takes along, and what they bring (R27).

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{
    BibId, BookEntryId, BookListId, PatronId,
    bookshelf::{
        BookEntry, ImportProblem, ImportReport, MAX_ENTRIES, MAX_NOTE, ShelfDone, ShelfRefusal, note, sheet::guarded,
    },
    catalog::{SearchQuery, isbn::Isbn13},
    dates::read_date,
};

use uuid::ContextV7;

use super::{
    csv_lines::{BOM, COLUMNS, Line, Lines, read_lines},
    lists::{Done, entries_of, lists_of, lock, next_place, put_entry},
};
use crate::{
    Fault, Library,
    catalog::{Title, titles},
    clock::{new_id, new_id_in},
    storage::{Tx, Writes, execute, fetch_in, in_write},
};

/// How many entries are written by one statement.
const TOGETHER: usize = 25;

/// A line that was taken in, what of the title's note and date it says, and what was odd about it.
struct Taken {
    entry: BookEntry,
    note: Option<String>,
    day: Option<NaiveDate>,
    problems: Vec<ImportProblem>,
}

/// What the library has of the titles of a file.
struct Known {
    by_id: HashMap<BibId, BibId>,
    by_isbn: HashMap<String, BibId>,
    titles: HashMap<BibId, Title>,
}

impl Known {
    fn of(&self, bib: &str, isbn: &str) -> Option<&Title> {
        let by_id = bib.parse().ok().and_then(|bib: BibId| self.by_id.get(&bib));
        self.titles.get(by_id.or_else(|| self.by_isbn.get(isbn))?)
    }
}

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
            writer.write_record(cells.map(|cell| guarded(cell).into_owned())).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| Fault::Sheet(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| Fault::Sheet(error.to_string()))?;
        Ok(Some(format!("{BOM}{text}")))
    }

    /// Takes a file into a list, behind what is there: a title is found by our id, else by its ISBN; one that the library
    /// does not have stands there as text, so nothing is lost. A title that is in the list already gets note and date of
    /// the file, where it has them.
    ///
    /// All that has to be looked up is looked up before the write, so that a long file keeps nobody from writing.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn take_in_list(&self, patron: PatronId, list: BookListId, file: &[u8]) -> Done {
        let file = file.to_vec();
        // A large one takes longer than a request may hold a thread of the others.
        let lines = tokio::task::spawn_blocking(move || read_lines(&file)).await?;
        let Some(Lines { read, left_out: (first, count) }) = lines else { return Ok(Err(ShelfRefusal::BadFile)) };
        let known = self.known_titles(&read).await?;
        let taken = self.all_taken(&read, &known);
        let mut done = in_write!(self.database(), |tx| self.take_in_list_in(tx, patron, list, &taken).await)?;
        if let Ok(ShelfDone::Imported(report)) = &mut done {
            report.leave_out(&first, count);
        }
        Ok(done)
    }

    /// What the lines are about. What comes later in the file is added later, though all of it in one moment.
    fn all_taken(
        &self,
        read: &[(usize, Result<Line, ()>)],
        known: &Known,
    ) -> Vec<(usize, Result<Taken, ImportProblem>)> {
        let order = ContextV7::new();
        let now = self.now();
        let taken = |line: &Line| {
            let mut taken = self.taken(line, known).ok_or(ImportProblem::Nothing)?;
            taken.entry.id = BookEntryId(new_id_in(&order, now));
            Ok(taken)
        };
        let line = |(number, line): &(usize, Result<Line, ()>)| {
            (*number, line.as_ref().map_err(|()| ImportProblem::Unreadable).and_then(taken))
        };
        read.iter().map(line).collect()
    }

    /// What a line is about. `None` when it is about nothing.
    fn taken(&self, line: &Line, known: &Known) -> Option<Taken> {
        let [title, creators, label, isbn, typed_note, day, bib] = &line.cells;
        let mut problems = Vec::new();
        problems.extend(line.cut.then_some(ImportProblem::Long));
        let found = known.of(bib, isbn);
        if found.is_none() && title.is_empty() && isbn.is_empty() {
            return None;
        }
        let note = note(typed_note).unwrap_or_else(|_| {
            problems.push(ImportProblem::Note);
            typed_note.chars().take(MAX_NOTE).collect()
        });
        let note = Some(note).filter(|note| !note.is_empty());
        let read = read_date(day);
        if read.is_none() && !day.is_empty() {
            problems.push(ImportProblem::Date);
        }
        let entry = match found {
            Some(found) => {
                let part = found.parts.iter().find(|part| part.label == *label);
                self.entry_of(found, part.map(|part| part.label.clone()).unwrap_or_default())
            }
            None => {
                problems.push(ImportProblem::NotFound);
                self.text_entry(title, creators, label, isbn)
            }
        };
        Some(Taken { entry, note, day: read, problems })
    }

    async fn take_in_list_in(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        list: BookListId,
        lines: &[(usize, Result<Taken, ImportProblem>)],
    ) -> Done {
        lock(tx, patron).await?;
        if !lists_of(tx, patron).await?.iter().any(|one| one.id == list) {
            return Ok(Err(ShelfRefusal::UnknownList));
        }
        // A title of ours stands there once for each volume; a text once for each of its words.
        let key = |entry: &BookEntry| {
            let text = if entry.bib.is_none() { entry.title.clone() } else { String::new() };
            (entry.bib, text, entry.label.clone())
        };
        let mut there: HashMap<_, BookEntryId> =
            entries_of(tx, list).await?.iter().map(|entry| (key(entry), entry.id)).collect();
        let mut report = ImportReport::default();
        let mut place = next_place(tx, list).await?;
        let mut fresh: Vec<(BookEntry, i64)> = Vec::new();
        for (number, line) in lines {
            let Taken { entry, note, day, problems } = match line {
                Ok(taken) => taken,
                Err(problem) => {
                    report.note(*number, *problem);
                    continue;
                }
            };
            problems.iter().for_each(|problem| report.note(*number, *problem));
            if let Some(id) = there.get(&key(entry)) {
                report.updated += 1;
                match fresh.iter_mut().find(|(fresh, _)| fresh.id == *id) {
                    Some((fresh, _)) => {
                        fresh.note = note.clone().unwrap_or_else(|| std::mem::take(&mut fresh.note));
                        fresh.day = day.unwrap_or(fresh.day);
                    }
                    None if note.is_none() && day.is_none() => {}
                    None => {
                        execute!(
                            &mut *tx,
                            "update book_entry set note = coalesce($2, note), day = coalesce($3, day) where id = $1",
                            id.0,
                            note.as_deref(),
                            *day
                        )?;
                    }
                }
                continue;
            }
            if there.len() >= MAX_ENTRIES {
                report.note(*number, ImportProblem::Full);
                continue;
            }
            there.insert(key(entry), entry.id);
            let note = note.clone().unwrap_or_default();
            fresh.push((BookEntry { note, day: day.unwrap_or(entry.day), ..entry.clone() }, place));
            place += 1;
        }
        report.added = fresh.len();
        for together in fresh.chunks(TOGETHER) {
            let mut writes = Writes::default();
            together.iter().for_each(|(entry, place)| put_entry(&mut writes, list, entry, *place));
            writes.send(tx).await?;
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

    /// The titles these lines name: by our id, and only where there is none by the ISBN.
    async fn known_titles(&self, lines: &[(usize, Result<Line, ()>)]) -> Result<Known, Fault> {
        let lines: Vec<&[String; 7]> =
            lines.iter().filter_map(|(_, line)| line.as_ref().ok()).map(|line| &line.cells).collect();
        let named: BTreeSet<BibId> = lines.iter().filter_map(|[.., bib]| bib.parse().ok()).collect();
        let named: Vec<BibId> = named.into_iter().collect();
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_in!(
            &mut tx,
            (uuid::Uuid, Option<uuid::Uuid>),
            ["select id, merged_into from bib where id in ", ""],
            named
        )?;
        drop(tx);
        let by_id: HashMap<BibId, BibId> =
            rows.into_iter().map(|(id, into)| (BibId(id), BibId(into.unwrap_or(id)))).collect();
        let mut by_isbn: HashMap<String, BibId> = HashMap::new();
        let mut asked: BTreeSet<&str> = BTreeSet::new();
        for [_, _, _, isbn, _, _, bib] in lines {
            let ours = bib.parse().is_ok_and(|bib: BibId| by_id.contains_key(&bib));
            if !ours
                && !isbn.is_empty()
                && asked.insert(isbn)
                && let Some(bib) = self.bib_by_isbn(isbn).await?
            {
                by_isbn.insert(isbn.clone(), bib);
            }
        }
        let bibs: BTreeSet<BibId> = by_id.values().chain(by_isbn.values()).copied().collect();
        let bibs: Vec<BibId> = bibs.into_iter().collect();
        let mut tx = self.database().begin_read().await?;
        let titles = titles(&mut tx, &bibs).await?.into_iter().map(|title| (title.id, title)).collect();
        Ok(Known { by_id, by_isbn, titles })
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
