//! What the loan history brings to a marathon, where its patron allows it (R29).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Entry, Frame, Read};
use crate::{HistoryEntryId, bookshelf::HistoryEntry, catalog::MaterialType, text};

/// How a borrowed book stands in a marathon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// It counts, as read on the day it was borrowed.
    Counts,
    /// It was noted by hand as well, and counts as that.
    Noted,
    /// Its patron says that they did not read it.
    Unread,
}

/// A book out of the opened history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Borrowed {
    /// Its entry.
    pub id: HistoryEntryId,
    /// Title as it was shown.
    pub title: String,
    /// The day it was borrowed, and its pages where the record says them.
    pub read: Read,
    /// Whether it counts.
    pub stands: Stands,
}

/// What the history has to do with a marathon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FromHistory {
    /// The patron keeps none.
    NotKept,
    /// It does not count in this marathon.
    NotAllowed,
    /// It counts, and it is closed: what is in it is missing here.
    Closed,
    /// It counts and is open: what was borrowed within the marathon, the latest first.
    Open(Vec<Borrowed>),
}

impl FromHistory {
    /// The books that count.
    pub fn counted(&self) -> impl Iterator<Item = &Borrowed> {
        let all = if let Self::Open(all) = self { all.as_slice() } else { &[] };
        all.iter().filter(|one| one.stands == Stands::Counts)
    }
}

/// What is read, and not listened to or watched.
const fn is_read(material: MaterialType) -> bool {
    match material {
        MaterialType::Book | MaterialType::Magazine | MaterialType::Kamishibai => true,
        MaterialType::Cd | MaterialType::Dvd | MaterialType::Ld => false,
    }
}

/// What was borrowed within a marathon, the latest first. A book that was borrowed again is one book, on its first day; one
/// that was noted by hand within the marathon counts there and not here.
pub fn borrowed(history: &[(HistoryEntryId, HistoryEntry)], by_hand: &[Entry], frame: &Frame) -> Vec<Borrowed> {
    let within = |day| day >= frame.from && day <= frame.until;
    let noted: Vec<String> =
        by_hand.iter().filter(|entry| within(entry.read.day)).map(|entry| text::key(&entry.title)).collect();
    let mut books: BTreeMap<(String, String), Borrowed> = BTreeMap::new();
    for (id, entry) in history.iter().filter(|(_, entry)| is_read(entry.material) && within(entry.lent_on)) {
        let title = text::key(&entry.title);
        let stands = match () {
            () if entry.unread => Stands::Unread,
            () if noted.contains(&title) => Stands::Noted,
            () => Stands::Counts,
        };
        let read = Read { day: entry.lent_on, pages: entry.pages.unwrap_or(0) };
        let book = Borrowed { id: *id, title: entry.title.clone(), read, stands };
        // One that was read at its second loan was read.
        let order = |book: &Borrowed| (book.stands == Stands::Unread, book.read.day, book.id);
        books
            .entry((title, text::key(&entry.creators)))
            .and_modify(|known| {
                if order(&book) < order(known) {
                    known.clone_from(&book);
                }
            })
            .or_insert(book);
    }
    let mut books: Vec<Borrowed> = books.into_values().collect();
    books.sort_by(|a, b| (b.read.day, &a.title, a.id).cmp(&(a.read.day, &b.title, b.id)));
    books
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;
    use crate::{BibId, ReadId};

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, n).unwrap_or_default()
    }

    fn frame() -> Frame {
        Frame { name: String::new(), from: day(2), until: day(30) }
    }

    fn lent(n: u128, title: &str, on: u32) -> (HistoryEntryId, HistoryEntry) {
        let entry = HistoryEntry {
            bib: BibId(Uuid::from_u128(n)),
            title: title.to_owned(),
            creators: "夏目 漱石".to_owned(),
            material: MaterialType::Book,
            lent_on: day(on),
            pages: Some(120),
            unread: false,
        };
        (HistoryEntryId(Uuid::from_u128(n)), entry)
    }

    fn by_hand(title: &str, on: u32) -> Entry {
        Entry { id: ReadId(Uuid::nil()), read: Read { day: day(on), pages: 0 }, title: title.to_owned() }
    }

    fn stand(history: &[(HistoryEntryId, HistoryEntry)], by_hand: &[Entry]) -> Vec<(u128, Stands)> {
        borrowed(history, by_hand, &frame()).iter().map(|one| (one.id.0.as_u128(), one.stands)).collect()
    }

    #[test]
    fn r29_what_was_borrowed_within_the_marathon_counts_on_that_day() {
        let history = [lent(4, "明暗", 31), lent(3, "門", 30), lent(2, "こころ", 2), lent(1, "坊っちゃん", 1)];
        assert_eq!(stand(&history, &[]), [(3, Stands::Counts), (2, Stands::Counts)], "the latest first");
        let all = borrowed(&history, &[], &frame());
        assert_eq!(all[1].read, Read { day: day(2), pages: 120 });
    }

    #[test]
    fn r29_a_book_is_counted_once() {
        let again = [lent(2, "こころ", 20), lent(1, "こころ", 5)];
        assert_eq!(stand(&again, &[]), [(1, Stands::Counts)], "borrowed again, on its first day");
        let noted = [by_hand("ｺｺﾛ", 9), by_hand("", 9), by_hand("門", 1)];
        let history = [lent(3, "門", 8), lent(2, "ココロ", 5), lent(1, "こころ", 5)];
        let expected = [(3, Stands::Counts), (1, Stands::Noted)];
        assert_eq!(stand(&history, &noted), expected, "the one noted outside of the marathon does not count there");
        let mut other = lent(2, "こころ", 6);
        other.1.creators = "別の 人".to_owned();
        assert_eq!(stand(&[other, lent(1, "こころ", 5)], &[]).len(), 2, "another book of this title");
    }

    #[test]
    fn r29_what_was_not_read_does_not_count() {
        let unread = |n, title: &str, on| {
            let (id, entry) = lent(n, title, on);
            (id, HistoryEntry { unread: true, ..entry })
        };
        assert_eq!(stand(&[unread(1, "こころ", 5)], &[]), [(1, Stands::Unread)]);
        let second = [lent(2, "こころ", 20), unread(1, "こころ", 5)];
        assert_eq!(stand(&second, &[]), [(2, Stands::Counts)], "it was at the second loan");
        for material in [MaterialType::Cd, MaterialType::Dvd, MaterialType::Ld] {
            let (id, entry) = lent(1, "こころ", 5);
            assert_eq!(stand(&[(id, HistoryEntry { material, ..entry })], &[]), []);
        }
        for material in [MaterialType::Magazine, MaterialType::Kamishibai] {
            let (id, entry) = lent(1, "こころ", 5);
            assert_eq!(stand(&[(id, HistoryEntry { material, ..entry })], &[]).len(), 1);
        }
    }
}
