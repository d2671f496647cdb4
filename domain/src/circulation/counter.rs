//! Lending at the desk: one field takes cards and copies, one patron comes after the other.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{CheckedOut, Refusal, Undone};
use crate::{LoanId, PatronId, patrons::CardState, words::words};

words! {
    /// What staff say a number is that both a card and a copy have.
    ReadAs, "meaning of a number" {
        /// A card: the next patron.
        Card = "card",
        /// A copy.
        Copy = "copy",
    }
}

/// What a number that was scanned stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A card: from here on it is that patron's turn.
    Card,
    /// A copy.
    Copy,
    /// A card and a copy have this number; staff say which.
    Either,
    /// Nothing the library knows.
    Nothing,
}

/// Tells a card from a copy: by looking both up, since libraries number their cards and copies as they please. With
/// nobody's turn begun only a card makes sense, so it wins; else a number that both have is asked about, because a
/// wrong guess lends a copy that is not there, or to the wrong person.
pub const fn reading(is_card: bool, is_copy: bool, in_turn: bool, told: Option<ReadAs>) -> Reading {
    match (is_card, is_copy, told) {
        (true, true, None) if in_turn => Reading::Either,
        (true, _, None | Some(ReadAs::Card)) => Reading::Card,
        (_, true, None | Some(ReadAs::Copy)) => Reading::Copy,
        _ => Reading::Nothing,
    }
}

/// Whose turn it is at the desk, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The patron.
    pub patron: PatronId,
    /// When their card was scanned.
    pub since: DateTime<Utc>,
}

/// Something scanned on the page 貸出.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterScan {
    /// As it came from the scanner.
    pub text: String,
    /// What staff say it is, when they were asked.
    pub read_as: Option<ReadAs>,
    /// Why the copy is lent in spite of a refusal.
    pub reason: Option<String>,
}

/// A patron before the desk, as staff need to see them now. Nothing of what was is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtCounter {
    /// Whose turn it is.
    pub turn: Turn,
    /// Number on the card.
    pub card_number: String,
    /// Name as on the card.
    pub name: String,
    /// Whether the card may be used.
    pub card: CardState,
    /// What they have on loan, what was lent last first.
    pub loans: Vec<LoanAtCounter>,
    /// What stands ready for them here (R11).
    pub ready_here: Vec<ReadyAtCounter>,
    /// How many copies stand ready for them at other places.
    pub ready_elsewhere: u32,
}

impl AtCounter {
    /// How many of their loans are overdue.
    pub fn overdue(&self) -> usize {
        self.loans.iter().filter(|loan| loan.overdue).count()
    }
}

/// An open loan, as the desk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoanAtCounter {
    /// The loan.
    pub id: LoanId,
    /// Title as shown.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// 返却期限
    pub due_on: NaiveDate,
    /// Whether it is past its due date.
    pub overdue: bool,
    /// Whether it was lent in this turn.
    pub now: bool,
}

/// A copy on the hold shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyAtCounter {
    /// Title as shown.
    pub title: String,
    /// Barcode of the copy.
    pub barcode: String,
    /// 取置期限日
    pub until: NaiveDate,
}

/// What came of a scan on the page 貸出.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterAnswer {
    /// Whose turn it is now; nobody's before the first card.
    pub patron: Option<AtCounter>,
    /// What is said.
    pub said: Said,
}

/// What the page 貸出 says after a scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// A card: a patron's turn begins.
    Begun,
    /// The copy is lent.
    Lent(CheckedOut),
    /// The copy is not lent.
    NotLent {
        /// Its barcode, as scanned.
        barcode: String,
        /// Why.
        refusal: Refusal,
    },
    /// A copy before any card.
    CardFirst {
        /// Its barcode, as scanned.
        barcode: String,
    },
    /// A card and a copy have this number.
    Either {
        /// As scanned.
        text: String,
    },
    /// A card that was replaced by another one.
    Replaced {
        /// As scanned.
        text: String,
    },
    /// Neither a card nor a copy has this number.
    Unknown {
        /// As scanned.
        text: String,
    },
    /// The last scan is undone.
    Undone(Undone),
    /// The last scan can't be undone.
    NotUndone(Refusal),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_the_library_knows_it_to_be() {
        assert_eq!(reading(true, false, true, None), Reading::Card, "the next of the family");
        assert_eq!(reading(false, true, true, None), Reading::Copy);
        assert_eq!(reading(false, true, false, None), Reading::Copy, "to be told that the card comes first");
        assert_eq!(reading(false, false, true, None), Reading::Nothing);
    }

    #[test]
    fn a_number_that_both_have_is_asked_about_unless_only_a_card_makes_sense() {
        assert_eq!(reading(true, true, false, None), Reading::Card);
        assert_eq!(reading(true, true, true, None), Reading::Either);
        assert_eq!(reading(true, true, true, Some(ReadAs::Copy)), Reading::Copy);
        assert_eq!(reading(true, true, true, Some(ReadAs::Card)), Reading::Card);
        assert_eq!(reading(true, false, true, Some(ReadAs::Copy)), Reading::Nothing, "gone since it was asked");
    }
}
