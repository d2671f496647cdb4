//! Lists of titles (R27): 読みたい本, お気に入り, and those the patron names.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    BibId, BookEntryId, BookListId, circulation::Refusal, patrons::CardState, text, text::reading_sort_key,
    words::words,
};

/// The most lists of one patron. A round number nobody who reads will meet, against abuse.
pub const MAX_LISTS: usize = 50;
/// The most titles in one list.
pub const MAX_ENTRIES: usize = 1000;
/// The longest name of a list, in characters.
pub const MAX_NAME: usize = 40;
/// The longest note of an entry, in characters.
pub const MAX_NOTE: usize = 500;
/// The largest file that is taken into a list, in megabytes. A full list whose notes are all as long as they may be has
/// about three.
pub const MAX_FILE_MB: usize = 5;
/// How many titles of a list stand on one page.
pub const ENTRY_PAGE: usize = 50;

words! {
    /// What a list is.
    ListKind, "kind of list" {
        /// 読みたい本; everybody has one.
        Wanted = "wanted",
        /// お気に入り; everybody has one.
        Favourite = "favourite",
        /// One the patron made and named.
        Named = "named",
    }
}

words! {
    /// The orders of a list.
    ListSort, "order of a list" {
        /// As the patron put them.
        Hand = "hand",
        /// What was added last comes first.
        Added = "added",
        /// 書名の五十音順.
        Title = "title",
        /// 著者名の五十音順.
        Creator = "creator",
    }
}

/// The list a title is added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListChoice {
    /// The one of this kind that everybody has.
    Fixed(ListKind),
    /// One of the patron's.
    Own(BookListId),
}

impl FromStr for ListChoice {
    type Err = crate::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.parse() {
            Ok(kind @ (ListKind::Wanted | ListKind::Favourite)) => Ok(Self::Fixed(kind)),
            _ => word.parse().map(Self::Own).map_err(|_| crate::UnknownWord { what: "list", word: word.to_owned() }),
        }
    }
}

/// How a list is shared: by a link that anybody who has it can open, until it is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// What stands in the link.
    pub key: String,
    /// Whether the notes are shown too.
    pub notes: bool,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookList {
    /// Its id.
    pub id: BookListId,
    /// What it is.
    pub kind: ListKind,
    /// As the patron named it; empty for those that everybody has.
    pub name: String,
    /// How many titles are in it.
    pub entries: usize,
    /// How it is shared; `None` when it is not.
    pub share: Option<Share>,
}

/// A title in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookEntry {
    /// Its id; a later one was added later.
    pub id: BookEntryId,
    /// The bib; `None` when the library never had it.
    pub bib: Option<BibId>,
    /// The volume or issue, where one was meant.
    pub label: String,
    /// Title as shown.
    pub title: String,
    /// Names of the creators.
    pub creators: String,
    /// What the title is sorted by, where it is not the title.
    pub reading: String,
    /// The same of the creators.
    pub creator_reading: String,
    /// An ISBN, where there is one.
    pub isbn: String,
    /// The patron's note.
    pub note: String,
    /// The patron's date: the day it was added, until they change it.
    pub day: NaiveDate,
    /// Whether the library has a copy of it now.
    pub held: bool,
}

/// What of a list is shown, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// Words that title, creators or note have to contain.
    pub q: String,
    /// The order.
    pub sort: ListSort,
    /// The page, from 1.
    pub page: usize,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self { q: String::new(), sort: ListSort::Hand, page: 1 }
    }
}

/// A list as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView {
    /// The list.
    pub list: BookList,
    /// All lists of the patron, to move titles to.
    pub lists: Vec<BookList>,
    /// The titles of the page.
    pub entries: Vec<BookEntry>,
    /// How many titles the words leave.
    pub found: usize,
    /// Which page it is, from 1.
    pub page: usize,
}

/// A list as whoever has its link sees it. Whose it is stands nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedList {
    /// What it is.
    pub kind: ListKind,
    /// Its name.
    pub name: String,
    /// Its titles, in the patron's order.
    pub entries: Vec<SharedEntry>,
}

/// A title of a shared list: what its page shows, and nothing that would tell when it was put there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedEntry {
    /// Title as shown.
    pub title: String,
    /// Names of the creators.
    pub creators: String,
    /// The bib, where the library has a copy of it now.
    pub bib: Option<BibId>,
    /// The patron's note, if they share notes; else empty.
    pub note: String,
}

/// What becomes of a title when its list is put into the cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CartFate {
    /// It goes into the cart.
    Goes,
    /// It goes into the cart, but can't be reserved as things stand.
    GoesBut(Refusal),
    /// It is there already.
    InCart,
    /// A volume or issue has to be chosen first.
    ChoosePart,
    /// The library has no copy.
    NotHeld,
    /// It can't be reserved by anybody.
    Refused(Refusal),
    /// The cart is full.
    Full,
}

impl CartFate {
    /// Whether it goes into the cart.
    pub const fn goes(&self) -> bool {
        matches!(self, Self::Goes | Self::GoesBut(_))
    }
}

/// A list on its way into the cart, title by title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListForCart {
    /// The list.
    pub list: BookList,
    /// Each title and what becomes of it, in the patron's order.
    pub lines: Vec<(String, CartFate)>,
    /// Whether the card may be used at all.
    pub card: CardState,
}

/// A change of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryChange {
    /// Another note and date, as typed.
    Write {
        /// The note.
        note: String,
        /// The date; empty leaves it as it is.
        day: String,
    },
    /// To the end of another list.
    MoveTo(BookListId),
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// To the first place.
    First,
    /// Out of the list.
    Remove,
}

/// What was done, to be said once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShelfDone {
    /// A title is in this list now.
    Added {
        /// The title.
        title: String,
        /// The list.
        kind: ListKind,
        /// Its name.
        name: String,
        /// Whether it had been there before.
        already: bool,
    },
    /// An entry was changed.
    Changed,
    /// An entry went to another list.
    Moved {
        /// That list.
        kind: ListKind,
        /// Its name.
        name: String,
    },
    /// An entry was taken out.
    Removed,
    /// A list was made or renamed.
    Named,
    /// A list was deleted.
    Deleted,
    /// A list is shared.
    Shared,
    /// A link leads nowhere any more.
    Unshared,
    /// So many titles were put into the cart.
    Carted(usize),
    /// A file was taken in.
    Imported(ImportReport),
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// How many titles are in the list now that were not.
    pub added: usize,
    /// How many were there already; what the file says of note and date is theirs now.
    pub updated: usize,
    /// What was odd, by the line of the file. The first hundred.
    pub problems: Vec<(usize, ImportProblem)>,
    /// How many more there are.
    pub more: usize,
}

/// Most problems that are told one by one.
pub const TOLD: usize = 100;

impl ImportReport {
    /// Notes that so many lines were not looked at, of which these are the first.
    pub fn leave_out(&mut self, first: &[usize], count: usize) {
        first.iter().for_each(|line| self.note(*line, ImportProblem::Full));
        self.more += count.saturating_sub(first.len());
    }

    /// Notes that a line was odd.
    pub fn note(&mut self, line: usize, problem: ImportProblem) {
        if self.problems.len() < TOLD {
            self.problems.push((line, problem));
        } else {
            self.more += 1;
        }
    }
}

words! {
    /// What was odd about a line of a file. Unless it says otherwise, the line was taken in.
    ImportProblem, "problem of an import" {
        /// The library has no such title; it stands in the list as text.
        NotFound = "not-found",
        /// The date can't be read; it is today's, or that which the title has in the list.
        Date = "date",
        /// The note is too long; it was cut. Nothing else is lost.
        Note = "note",
        /// Another cell is too long; it was cut.
        Long = "long",
        /// No title, no id, no ISBN: not taken in.
        Nothing = "nothing",
        /// The list is full: not taken in.
        Full = "full",
        /// The line is no CSV: not taken in.
        Unreadable = "unreadable",
    }
}

/// Why something is not done with a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShelfRefusal {
    /// There is no such list of this patron.
    UnknownList,
    /// There is no such entry in their lists.
    UnknownEntry,
    /// There is no such title.
    UnknownTitle,
    /// A list needs a name.
    NoName,
    /// The name is longer than so many characters.
    NameTooLong(usize),
    /// Another list has this name.
    NameTaken,
    /// The note is longer than so many characters.
    NoteTooLong(usize),
    /// What was typed is no date.
    BadDate,
    /// There are so many lists already.
    TooManyLists(usize),
    /// There are so many titles in the list already.
    ListFull(usize),
    /// The list has none of the titles that can go into the cart.
    NothingToReserve,
    /// Everybody has this list: it can't be renamed or deleted.
    FixedList,
    /// The title stands in the other list already.
    ThereAlready,
    /// The file is no CSV in UTF-8 or CP932 with a line of names that are known.
    BadFile,
    /// The file has more than so many megabytes; nothing of it was taken in.
    FileTooBig(usize),
}

/// Reads the name of a list.
///
/// # Errors
/// Why it can't be one.
pub fn list_name(typed: &str) -> Result<String, ShelfRefusal> {
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        0 => Err(ShelfRefusal::NoName),
        n if n > MAX_NAME => Err(ShelfRefusal::NameTooLong(MAX_NAME)),
        _ => Ok(name),
    }
}

/// Reads a note, which is one line.
///
/// # Errors
/// When it is too long.
pub fn note(typed: &str) -> Result<String, ShelfRefusal> {
    let note = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.chars().count() > MAX_NOTE { Err(ShelfRefusal::NoteTooLong(MAX_NOTE)) } else { Ok(note) }
}

/// The entries that contain every word, in this order. They come in the patron's own.
pub fn arrange(mut entries: Vec<BookEntry>, query: &ListQuery) -> Vec<BookEntry> {
    let words: Vec<String> = query.q.split_whitespace().map(text::folded).collect();
    if !words.is_empty() {
        entries.retain(|entry| {
            let all = [&entry.title, &entry.reading, &entry.creators, &entry.creator_reading, &entry.note]
                .map(|part| text::folded(part));
            words.iter().all(|word| all.iter().any(|part| part.contains(word.as_str())))
        });
    }
    let or = |reading: &str, written: &str| reading_sort_key(if reading.is_empty() { written } else { reading });
    match query.sort {
        ListSort::Hand => {}
        ListSort::Added => entries.sort_by_key(|entry| std::cmp::Reverse(entry.id)),
        ListSort::Title => entries.sort_by_cached_key(|entry| or(&entry.reading, &entry.title)),
        ListSort::Creator => entries.sort_by_cached_key(|entry| {
            (entry.creators.is_empty(), or(&entry.creator_reading, &entry.creators), or(&entry.reading, &entry.title))
        }),
    }
    entries
}

/// The same order with one entry moved; `None` when nothing moves.
pub fn move_entry(order: &[BookEntryId], entry: BookEntryId, change: &EntryChange) -> Option<Vec<BookEntryId>> {
    let from = order.iter().position(|id| *id == entry)?;
    let to = match change {
        EntryChange::Up => from.checked_sub(1)?,
        EntryChange::Down => Some(from + 1).filter(|to| *to < order.len())?,
        EntryChange::First => Some(0).filter(|to| *to != from)?,
        _ => return None,
    };
    let mut order = order.to_vec();
    let moved = order.remove(from);
    order.insert(to, moved);
    Some(order)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn entry(n: u128, title: &str, reading: &str, creators: &str, note: &str) -> BookEntry {
        BookEntry {
            id: BookEntryId(Uuid::from_u128(n)),
            bib: None,
            label: String::new(),
            title: title.to_owned(),
            creators: creators.to_owned(),
            reading: reading.to_owned(),
            creator_reading: String::new(),
            isbn: String::new(),
            note: note.to_owned(),
            day: NaiveDate::default(),
            held: true,
        }
    }

    fn titles(q: &str, sort: ListSort) -> Vec<String> {
        let entries = vec![
            entry(2, "坊っちゃん", "ボッチャン", "夏目 漱石", "夏に読む"),
            entry(1, "こころ", "ココロ", "夏目 漱石", ""),
            entry(3, "雪国", "ユキグニ", "", "母の本"),
        ];
        let query = ListQuery { q: q.to_owned(), sort, page: 1 };
        arrange(entries, &query).into_iter().map(|entry| entry.title).collect()
    }

    #[test]
    fn r27_a_list_is_sorted_four_ways() {
        assert_eq!(titles("", ListSort::Hand), ["坊っちゃん", "こころ", "雪国"]);
        assert_eq!(titles("", ListSort::Added), ["雪国", "坊っちゃん", "こころ"]);
        assert_eq!(titles("", ListSort::Title), ["こころ", "坊っちゃん", "雪国"]);
        assert_eq!(titles("", ListSort::Creator), ["こころ", "坊っちゃん", "雪国"], "without a name at the end");
    }

    #[test]
    fn r27_words_are_looked_for_in_title_creators_and_note() {
        assert_eq!(titles("漱石", ListSort::Title), ["こころ", "坊っちゃん"]);
        assert_eq!(titles("漱石　夏に", ListSort::Title), ["坊っちゃん"]);
        assert_eq!(titles("ゆきぐに", ListSort::Title), ["雪国"], "by its reading, however it is typed");
        assert_eq!(titles("ない", ListSort::Title), Vec::<String>::new());
    }

    #[test]
    fn r27_names_and_notes_have_an_end() {
        assert_eq!(list_name("　夏の　 本 "), Ok("夏の 本".to_owned()));
        assert_eq!(list_name(" \n"), Err(ShelfRefusal::NoName));
        assert_eq!(list_name(&"あ".repeat(41)), Err(ShelfRefusal::NameTooLong(40)));
        assert_eq!(note("a\r\nb "), Ok("a b".to_owned()));
        assert_eq!(note(&"あ".repeat(501)), Err(ShelfRefusal::NoteTooLong(500)));
    }

    #[test]
    fn a_list_is_chosen_by_its_word_or_its_id() {
        assert_eq!("wanted".parse(), Ok(ListChoice::Fixed(ListKind::Wanted)));
        assert!("named".parse::<ListChoice>().is_err(), "which of them?");
        let id = BookListId(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse(), Ok(ListChoice::Own(id)));
    }

    proptest! {
        #[test]
        fn moving_loses_and_doubles_nothing(n in 1u128..8, steps in prop::collection::vec((0u128..9, 0u8..3), 0..30)) {
            let mut order: Vec<_> = (0..n).map(|n| BookEntryId(Uuid::from_u128(n))).collect();
            for (which, how) in steps {
                let change = [EntryChange::Up, EntryChange::Down, EntryChange::First][usize::from(how)].clone();
                let id = BookEntryId(Uuid::from_u128(which));
                if let Some(moved) = move_entry(&order, id, &change) {
                    prop_assert_ne!(&moved, &order);
                    order = moved;
                }
            }
            let mut all = order.clone();
            all.sort();
            prop_assert_eq!(all, (0..n).map(|n| BookEntryId(Uuid::from_u128(n))).collect::<Vec<_>>());
        }
    }
}
