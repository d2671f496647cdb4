//! 貸出履歴 (R28): what a patron borrowed since they chose to keep it. It is sealed to them; these types are of an open one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{BibId, HistoryEntryId, catalog::MaterialType, patrons::DoorRefusal};

/// How many entries stand on one page.
pub const HISTORY_PAGE: usize = 50;

/// A loan as its entry tells it once it is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The bib. It may have been merged into another since, whose page its address leads to.
    pub bib: BibId,
    /// Title as it was shown, with volume and issue.
    pub title: String,
    /// Names of the creators.
    pub creators: String,
    /// Kind of material.
    pub material: MaterialType,
    /// The day it was lent.
    pub lent_on: NaiveDate,
    /// How many pages it has, where the record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// Whether its patron says that they did not read it: it counts in no marathon (R29).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unread: bool,
}

/// An entry and what it is deleted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// Its id, drawn at random: it tells nothing.
    pub id: HistoryEntryId,
    /// What was borrowed.
    pub entry: HistoryEntry,
}

/// The history as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryView {
    /// 利用しない, and there is none.
    Off,
    /// There is one, and nothing here to open it with.
    Closed {
        /// Whether loans are being kept.
        keeping: bool,
    },
    /// It is open.
    Open {
        /// Whether loans are being kept.
        keeping: bool,
        /// The entries of the page, the latest first.
        lines: Vec<HistoryLine>,
        /// How many there are in all.
        total: usize,
        /// Which page it is, from 1.
        page: usize,
    },
}

/// Why a history is not opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryProblem {
    /// The password was not taken.
    Door(DoorRefusal),
    /// Neither the earlier password nor the recovery code fits.
    NotOpened,
    /// There is no history.
    None,
}

/// The number of pages in what a record says of the extent: `248p ; 19cm`, `xii, 301頁`. `None` where it names none.
pub fn pages_of(extent: &str) -> Option<u32> {
    let extent = crate::text::one_width(extent);
    let mut digits = String::new();
    let mut rest = extent.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let counts_pages = match c {
            // Not the p of `pt` or `pcs`.
            'p' | 'P' => rest.peek().is_none_or(|next| !next.is_ascii_alphabetic()),
            '頁' | 'ペ' => true,
            _ => false,
        };
        if counts_pages && let Ok(pages) = digits.parse() {
            return Some(pages);
        }
        digits.clear();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_from_the_extent() {
        for (extent, pages) in [
            ("248p ; 19cm", Some(248)),
            ("xii, 301頁", Some(301)),
            ("３２ページ 27×22cm", Some(32)),
            ("1冊 (ページ付なし)", None),
            ("CD 2枚", None),
            ("12pcs", None),
            ("", None),
        ] {
            assert_eq!(pages_of(extent), pages, "{extent}");
        }
    }
}
