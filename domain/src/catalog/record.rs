//! What is known of a title, apart from how it came in and how it is stored.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{PlaceCode, words::words};

words! {
    /// The kind of material (資料区分); decides the limit it counts against and whether it can be reserved.
    MaterialType, "material type" {
        /// 本
        Book = "book",
        /// 雑誌
        Magazine = "magazine",
        /// 紙芝居, picture-story cards
        Kamishibai = "kamishibai",
        /// CD
        Cd = "cd",
        /// DVD
        Dvd = "dvd",
        /// LD, laser disc
        Ld = "ld",
    }
}

words! {
    /// What is counted together against one limit (R16, R17).
    LimitGroup, "limit group" {
        /// Books and magazines together, counted in 冊.
        BooksAndMagazines = "books-and-magazines",
        /// Picture-story cards, counted in 点.
        Kamishibai = "kamishibai",
        /// CDs, counted in 点.
        Cds = "cds",
        /// DVDs and LDs, counted in 点.
        Videos = "videos",
    }
}

impl MaterialType {
    /// The limit this material counts against (R16, R17).
    pub const fn limit_group(self) -> LimitGroup {
        match self {
            Self::Book | Self::Magazine => LimitGroup::BooksAndMagazines,
            Self::Kamishibai => LimitGroup::Kamishibai,
            Self::Cd => LimitGroup::Cds,
            Self::Dvd | Self::Ld => LimitGroup::Videos,
        }
    }
}

words! {
    /// Whether a copy may leave the library. It is the copy's rule, not the subject's (R18).
    LoanRule, "loan rule" {
        /// May be lent.
        Lendable = "lendable",
        /// 禁帯出: read in the library only.
        InLibraryOnly = "in-library-only",
    }
}

/// A person or body that made the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// As printed, family name first where the source says so: `夏目 漱石`.
    pub name: String,
    /// Reading in kana, where the source has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// What they did, as the source says: `著`, `訳`, `絵`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// What is known of a title. Text is kept as the source has it; folding for search happens in the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BibRecord {
    /// Title proper.
    pub title: String,
    /// Reading of the title in kana.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_reading: Option<String>,
    /// The rest of the title (副題).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Volume of a work that is catalogued volume by volume: `上`, `2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// Makers in the order of the source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub creators: Vec<Creator>,
    /// Publisher's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Year of publication in the western calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// ISBNs as 13 digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub isbns: Vec<String>,
    /// Numbers of the Nippon Decimal Classification, `913.6`; a leading `K` (children) is kept apart by sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ndc: Vec<String>,
    /// Series and the number within it, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Subject headings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Pages and size, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extent: Option<String>,
    /// Kind of material.
    pub material: MaterialType,
}

impl BibRecord {
    /// The title as shown in lists: title proper and volume.
    pub fn display_title(&self) -> String {
        match &self.volume {
            Some(volume) => format!("{} {volume}", self.title),
            None => self.title.clone(),
        }
    }

    /// The title of one of its parts as shown: title proper, volume, and the part's label where it has one.
    pub fn part_title(&self, label: &str) -> String {
        let title = self.display_title();
        if label.is_empty() { title } else { format!("{title} {label}") }
    }
}

/// A bib as an import hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedBib {
    /// Key within the source; importing the same key again updates the bib (S2).
    pub source_key: String,
    /// What is known of the title.
    pub record: BibRecord,
    /// At least one part; a bib whose copies are all alike has one with an empty label.
    pub parts: Vec<ImportedPart>,
}

/// A part of a bib and its copies, as an import hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedPart {
    /// Volume or issue as people call it (`2026年11月号`), empty when the bib has only this part.
    pub label: String,
    /// Order of the parts within the bib; issues count upwards.
    pub ordinal: i64,
    /// The day an issue of a magazine was received. The latest received is the newest (R18).
    pub received_on: Option<NaiveDate>,
    /// The copies.
    pub items: Vec<ImportedItem>,
}

/// A copy, as an import hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedItem {
    /// Barcode, unique in the library.
    pub barcode: String,
    /// The branch it belongs to.
    pub branch: PlaceCode,
    /// Shelf mark (請求記号).
    pub shelf_mark: String,
    /// Whether it may leave the library.
    pub loan_rule: LoanRule,
}

/// The newest issue of a magazine: the latest received, which can't be reserved until the next one is (R18).
/// Issues received on one day are told apart by their ordinal.
pub fn newest_issue<Id: Copy>(parts: impl IntoIterator<Item = (Id, Option<NaiveDate>, i64)>) -> Option<Id> {
    parts
        .into_iter()
        .filter_map(|(id, received_on, ordinal)| received_on.map(|day| ((day, ordinal), id)))
        .max_by_key(|(order, _)| *order)
        .map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r18_the_newest_issue_is_the_latest_received() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d);
        assert_eq!(newest_issue([(1, day(1), 1), (2, day(9), 2), (3, None, 3)]), Some(2), "not yet received: not it");
        assert_eq!(newest_issue([(1, day(9), 2), (2, day(9), 1)]), Some(1), "a double issue received on one day");
        assert_eq!(newest_issue([(1, None, 1)]), None);
    }
}
