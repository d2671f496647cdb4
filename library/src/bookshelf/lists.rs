//! Lists and what is in them (R27).

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::{
    BibId, BookEntryId, BookListId, PartId, PatronId,
    bookshelf::{
        BookEntry, BookList, ENTRY_PAGE, EntryChange, ListChoice, ListKind, ListQuery, ListView, MAX_ENTRIES,
        MAX_LISTS, Share, ShelfDone, ShelfRefusal, arrange, list_name, move_entry, note,
    },
    dates::read_date,
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    catalog::{Title, titles},
    clock::new_id,
    storage::{StorageError, Tx, Writes, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// What came of a wish about lists.
pub(super) type Done = Result<Result<ShelfDone, ShelfRefusal>, Fault>;

type ListRow = (Uuid, String, String, Option<String>, bool, i64);
type EntryRow = (Uuid, Option<Uuid>, String, String, String, String, String, String, String, NaiveDate);

impl Library {
    /// The lists of a patron, the two that everybody has first. They are made when they are asked for the first time.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn book_lists(&self, patron: PatronId) -> Result<Vec<BookList>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let lists = lists_of(&mut tx, patron).await?;
        drop(tx);
        if lists.iter().filter(|list| list.kind != ListKind::Named).count() == 2 {
            return Ok(lists);
        }
        in_write!(self.database(), |tx| async {
            self.make_fixed(tx, patron).await?;
            Ok::<_, Fault>(lists_of(tx, patron).await?)
        }
        .await)
    }

    /// A list as its page shows it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn book_list(
        &self,
        patron: PatronId,
        list: BookListId,
        query: &ListQuery,
    ) -> Result<Option<ListView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let lists = lists_of(&mut tx, patron).await?;
        let Some(list) = lists.iter().find(|one| one.id == list).cloned() else { return Ok(None) };
        let found = arrange(entries_of(&mut tx, list.id).await?, query);
        let pages = found.len().div_ceil(ENTRY_PAGE).max(1);
        let page = query.page.clamp(1, pages);
        let mut entries: Vec<BookEntry> =
            found.iter().skip((page - 1) * ENTRY_PAGE).take(ENTRY_PAGE).cloned().collect();
        note_held(&mut tx, &mut entries).await?;
        Ok(Some(ListView { list, lists, entries, found: found.len(), page }))
    }

    /// Puts a title into a list, at its end. One that is there stays where it is, so pressing twice is once.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_to_list(&self, patron: PatronId, to: ListChoice, bib: BibId, part: Option<PartId>) -> Done {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let list = match to {
                ListChoice::Fixed(kind) => {
                    self.make_fixed(tx, patron).await?;
                    lists_of(tx, patron).await?.into_iter().find(|list| list.kind == kind)
                }
                ListChoice::Own(id) => lists_of(tx, patron).await?.into_iter().find(|list| list.id == id),
            };
            let Some(list) = list else { return Ok::<_, Fault>(Err(ShelfRefusal::UnknownList)) };
            let bib = living(tx, bib).await?;
            let Some(title) = titles(tx, &[bib]).await?.pop() else {
                return Ok(Err(ShelfRefusal::UnknownTitle));
            };
            let label = part
                .and_then(|part| title.parts.iter().find(|one| one.id == part))
                .map(|part| part.label.clone())
                .unwrap_or_default();
            let entry = self.entry_of(&title, label);
            let already = stands_there(tx, list.id, title.id, &entry.label).await?.is_some();
            if !already {
                if list.entries >= MAX_ENTRIES {
                    return Ok(Err(ShelfRefusal::ListFull(MAX_ENTRIES)));
                }
                let mut writes = Writes::default();
                put_entry(&mut writes, list.id, &entry, next_place(tx, list.id).await?);
                writes.send(tx).await?;
            }
            Ok(Ok(ShelfDone::Added { title: entry.title, kind: list.kind, name: list.name, already }))
        }
        .await)
    }

    /// Changes an entry of one of the patron's lists.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn change_entry(&self, patron: PatronId, entry: BookEntryId, change: &EntryChange) -> Done {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let row = fetch_optional!(
                &mut *tx,
                (Uuid, Option<Uuid>, String),
                "select e.list_id, e.bib_id, e.label from book_entry e join book_list l on l.id = e.list_id
                 where e.id = $1 and l.patron_id = $2",
                entry.0,
                patron.0
            )?;
            let Some((list, bib, label)) = row else { return Ok::<_, Fault>(Err(ShelfRefusal::UnknownEntry)) };
            let list = BookListId(list);
            match change {
                EntryChange::Write { note: typed, day } => {
                    let note = match note(typed) {
                        Ok(note) => note,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    let day = match (day.trim(), read_date(day)) {
                        ("", _) => None,
                        (_, None) => return Ok(Err(ShelfRefusal::BadDate)),
                        (_, day) => day,
                    };
                    execute!(
                        &mut *tx,
                        "update book_entry set note = $2, day = coalesce($3, day) where id = $1",
                        entry.0,
                        &note,
                        day
                    )?;
                    Ok(Ok(ShelfDone::Changed))
                }
                EntryChange::MoveTo(other) => {
                    let lists = lists_of(tx, patron).await?;
                    let Some(other) = lists.into_iter().find(|one| one.id == *other) else {
                        return Ok(Err(ShelfRefusal::UnknownList));
                    };
                    if other.id != list {
                        if other.entries >= MAX_ENTRIES {
                            return Ok(Err(ShelfRefusal::ListFull(MAX_ENTRIES)));
                        }
                        if let Some(bib) = bib
                            && stands_there(tx, other.id, BibId(bib), &label).await?.is_some()
                        {
                            return Ok(Err(ShelfRefusal::ThereAlready));
                        }
                        let place = next_place(tx, other.id).await?;
                        execute!(
                            &mut *tx,
                            "update book_entry set list_id = $2, place = $3 where id = $1",
                            entry.0,
                            other.id.0,
                            place
                        )?;
                    }
                    Ok(Ok(ShelfDone::Moved { kind: other.kind, name: other.name }))
                }
                EntryChange::Remove => {
                    execute!(&mut *tx, "delete from book_entry where id = $1", entry.0)?;
                    Ok(Ok(ShelfDone::Removed))
                }
                EntryChange::Up | EntryChange::Down | EntryChange::First => {
                    let rows = fetch_all!(
                        &mut *tx,
                        (Uuid,),
                        "select id from book_entry where list_id = $1 order by place, id",
                        list.0
                    )?;
                    let order: Vec<_> = rows.into_iter().map(|(id,)| BookEntryId(id)).collect();
                    for (place, id) in (0i64..).zip(move_entry(&order, entry, change).unwrap_or_default()) {
                        execute!(
                            &mut *tx,
                            "update book_entry set place = $2 where id = $1 and place <> $2",
                            id.0,
                            place
                        )?;
                    }
                    Ok(Ok(ShelfDone::Changed))
                }
            }
        }
        .await)
    }

    /// Makes a list. Answers which.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn make_list(&self, patron: PatronId, name: &str) -> Result<Result<BookListId, ShelfRefusal>, Fault> {
        let name = match list_name(name) {
            Ok(name) => name,
            Err(refusal) => return Ok(Err(refusal)),
        };
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            self.make_fixed(tx, patron).await?;
            let lists = lists_of(tx, patron).await?;
            if lists.iter().any(|list| list.name == name) {
                return Ok::<_, Fault>(Err(ShelfRefusal::NameTaken));
            }
            if lists.len() >= MAX_LISTS {
                return Ok(Err(ShelfRefusal::TooManyLists(MAX_LISTS)));
            }
            let id = new_id(self.now());
            execute!(
                &mut *tx,
                "insert into book_list (id, patron_id, kind, name, share_notes) values ($1, $2, 'named', $3, false)",
                id,
                patron.0,
                &name
            )?;
            Ok(Ok(BookListId(id)))
        }
        .await)
    }

    /// Renames a list.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn rename_list(&self, patron: PatronId, list: BookListId, name: &str) -> Done {
        let name = match list_name(name) {
            Ok(name) => name,
            Err(refusal) => return Ok(Err(refusal)),
        };
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let lists = lists_of(tx, patron).await?;
            match lists.iter().find(|one| one.id == list).map(|one| one.kind) {
                None => return Ok::<_, Fault>(Err(ShelfRefusal::UnknownList)),
                Some(ListKind::Named) => {}
                Some(_) => return Ok(Err(ShelfRefusal::FixedList)),
            }
            if lists.iter().any(|one| one.id != list && one.name == name) {
                return Ok(Err(ShelfRefusal::NameTaken));
            }
            execute!(&mut *tx, "update book_list set name = $2 where id = $1", list.0, &name)?;
            Ok(Ok(ShelfDone::Named))
        }
        .await)
    }

    /// Deletes a list with all that is in it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_list(&self, patron: PatronId, list: BookListId) -> Done {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let deleted = execute!(
                &mut *tx,
                "delete from book_list where id = $1 and patron_id = $2 and kind = 'named'",
                list.0,
                patron.0
            )?;
            if deleted == 1 {
                return Ok::<_, Fault>(Ok(ShelfDone::Deleted));
            }
            let there = lists_of(tx, patron).await?.iter().any(|one| one.id == list);
            Ok(Err(if there { ShelfRefusal::FixedList } else { ShelfRefusal::UnknownList }))
        }
        .await)
    }

    /// Makes the two lists that everybody has.
    async fn make_fixed(&self, tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
        for kind in [ListKind::Wanted, ListKind::Favourite] {
            execute!(
                &mut *tx,
                "insert into book_list (id, patron_id, kind, name, share_notes) values ($1, $2, $3, '', false)
                 on conflict do nothing",
                new_id(self.now()),
                patron.0,
                kind.as_str()
            )?;
        }
        Ok(())
    }

    /// A title as it is kept in a list.
    pub(super) fn entry_of(&self, title: &Title, label: String) -> BookEntry {
        let record = &title.record;
        let shown = record.part_title(&label);
        let reading = record.title_reading.clone().unwrap_or_default();
        // The volume counts in the reading's order too.
        let rest = shown.strip_prefix(&record.title).unwrap_or_default();
        BookEntry {
            id: BookEntryId(new_id(self.now())),
            bib: Some(title.id),
            reading: if reading.is_empty() { reading } else { format!("{reading}{rest}") },
            creators: title.creators(),
            creator_reading: record.creators.first().and_then(|creator| creator.reading.clone()).unwrap_or_default(),
            isbn: record.isbns.first().cloned().unwrap_or_default(),
            title: shown,
            label,
            note: String::new(),
            day: self.today(),
            held: true,
        }
    }
}

/// Makes every other write about this patron's bookshelf wait, so that bounds are counted right.
pub(super) async fn lock(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    execute!(tx, "update patron set revision = revision + 1 where id = $1", patron.0).map(|_| ())
}

/// The lists of a patron, those that everybody has first, then by name.
pub(crate) async fn lists_of(tx: &mut Tx, patron: PatronId) -> Result<Vec<BookList>, StorageError> {
    let rows = fetch_all!(
        tx,
        ListRow,
        "select l.id, l.kind, l.name, l.share_key, l.share_notes,
             (select count(*) from book_entry e where e.list_id = l.id)
         from book_list l where l.patron_id = $1",
        patron.0
    )?;
    let mut lists = rows.into_iter().map(read_list).collect::<Result<Vec<_>, _>>()?;
    lists.sort_by_cached_key(|list| (list.kind, domain::text::reading_sort_key(&list.name), list.name.clone()));
    Ok(lists)
}

pub(super) fn read_list((id, kind, name, key, notes, entries): ListRow) -> Result<BookList, StorageError> {
    Ok(BookList {
        id: BookListId(id),
        kind: kind.parse().map_err(|error| StorageError::corrupt("kind of list", error))?,
        name,
        entries: usize::try_from(entries).unwrap_or_default(),
        share: key.map(|key| Share { key, notes }),
    })
}

/// What is in a list, in the patron's order. Whether the library has it is not known yet, see [`note_held`].
pub(crate) async fn entries_of(tx: &mut Tx, list: BookListId) -> Result<Vec<BookEntry>, StorageError> {
    let rows = fetch_all!(
        tx,
        EntryRow,
        "select id, bib_id, label, title, reading, creators, creator_reading, isbn, note, day
         from book_entry where list_id = $1 order by place, id",
        list.0
    )?;
    let read = |(id, bib, label, title, reading, creators, creator_reading, isbn, note, day): EntryRow| BookEntry {
        id: BookEntryId(id),
        bib: bib.map(BibId),
        label,
        title,
        creators,
        reading,
        creator_reading,
        isbn,
        note,
        day,
        held: bib.is_some(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Finds out which of the titles the library has copies of.
pub(super) async fn note_held(tx: &mut Tx, entries: &mut [BookEntry]) -> Result<(), StorageError> {
    let ids: Vec<BibId> = entries.iter().filter_map(|entry| entry.bib).collect();
    let found: HashMap<BibId, Title> = titles(tx, &ids).await?.into_iter().map(|title| (title.id, title)).collect();
    for entry in entries {
        let title = entry.bib.and_then(|bib| found.get(&bib));
        entry.held = title.is_some_and(|title| title.parts.iter().any(|part| part.facts.copies > 0));
    }
    Ok(())
}

/// The bib itself, or the one it was merged into.
pub(super) async fn living(tx: &mut Tx, bib: BibId) -> Result<BibId, StorageError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), "select merged_into from bib where id = $1", bib.0)?;
    Ok(row.and_then(|(into,)| into).map_or(bib, BibId))
}

/// The entry of a title in a list.
pub(super) async fn stands_there(
    tx: &mut Tx,
    list: BookListId,
    bib: BibId,
    label: &str,
) -> Result<Option<BookEntryId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select id from book_entry where list_id = $1 and bib_id = $2 and label = $3",
        list.0,
        bib.0,
        label
    )?;
    Ok(row.map(|(id,)| BookEntryId(id)))
}

/// The place behind all others.
pub(super) async fn next_place(tx: &mut Tx, list: BookListId) -> Result<i64, StorageError> {
    let (last,) = fetch_one!(tx, (i64,), "select coalesce(max(place), -1) from book_entry where list_id = $1", list.0)?;
    Ok(last + 1)
}

pub(super) fn put_entry(writes: &mut Writes, list: BookListId, entry: &BookEntry, place: i64) {
    writes.add(
        "insert into book_entry (id, list_id, bib_id, label, title, reading, creators, creator_reading, isbn, note, day, place)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [
            entry.id.0.into(),
            list.0.into(),
            entry.bib.map(|bib| bib.0).into(),
            entry.label.as_str().into(),
            entry.title.as_str().into(),
            entry.reading.as_str().into(),
            entry.creators.as_str().into(),
            entry.creator_reading.as_str().into(),
            entry.isbn.as_str().into(),
            entry.note.as_str().into(),
            entry.day.into(),
            place.into(),
        ],
    );
}

/// Erases all lists of a patron.
pub(crate) async fn erase_lists(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    execute!(
        &mut *tx,
        "delete from book_entry where list_id in (select id from book_list where patron_id = $1)",
        patron.0
    )?;
    execute!(tx, "delete from book_list where patron_id = $1", patron.0).map(|_| ())
}
