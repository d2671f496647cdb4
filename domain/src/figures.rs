//! The figures of a day, a month or a year: how much was lent and reserved, and nothing of who reads what.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{PlaceCode, catalog::MaterialType, words::words};

words! {
    /// What is counted.
    FigureKind, "figure" {
        /// 貸出
        Loans = "loans",
        /// 返却
        Returns = "returns",
        /// 予約
        Reserved = "reserved",
        /// Reservations whose patron got a copy.
        Filled = "filled",
        /// Reservations that were cancelled, for whatever reason.
        Cancelled = "cancelled",
        /// New cards.
        NewCards = "new-cards",
    }
}

/// A number as it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// As counted.
    Exact(u64),
    /// Hidden: it is small, or would tell a small one.
    Few,
}

/// Below this a number could point at a person.
pub const FEWEST: u64 = 5;

impl Figure {
    /// A number that stands alone.
    pub const fn alone(count: u64) -> Self {
        if count == 0 || count >= FEWEST { Self::Exact(count) } else { Self::Few }
    }

    /// What a chart draws: nothing where nothing is told.
    pub const fn drawn(self) -> u64 {
        match self {
            Self::Exact(count) => count,
            Self::Few => 0,
        }
    }
}

/// Numbers that stand beside their total. Small ones are hidden, and, so that none can be found by subtracting the others
/// from the total, as many of the next smallest as it takes until those hidden are at least two and make at least
/// [`FEWEST`] together.
pub fn veil(counts: &[u64]) -> Vec<Figure> {
    let mut hidden: Vec<bool> = counts.iter().map(|count| (1..FEWEST).contains(count)).collect();
    if hidden.contains(&true) {
        loop {
            let (number, sum) = counts
                .iter()
                .zip(&hidden)
                .filter(|(_, hidden)| **hidden)
                .fold((0, 0), |(number, sum), (count, _)| (number + 1, sum + count));
            if number >= 2 && sum >= FEWEST {
                break;
            }
            let next = (0..counts.len()).filter(|at| !hidden[*at] && counts[*at] > 0).min_by_key(|at| counts[*at]);
            let Some(next) = next else { break };
            hidden[next] = true;
        }
    }
    let shown = |(count, hidden): (&u64, bool)| if hidden { Figure::Few } else { Figure::Exact(*count) };
    counts.iter().zip(hidden).map(shown).collect()
}

/// The time that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// A day, by its hours.
    Day(NaiveDate),
    /// The month this day is in, by its days.
    Month(NaiveDate),
    /// The year this day is in, by its months.
    Year(NaiveDate),
}

impl Span {
    /// The span a word and a day name, `month` and any day of it.
    pub fn named(word: &str, day: NaiveDate) -> Self {
        match word {
            "day" => Self::Day(day),
            "year" => Self::Year(day),
            _ => Self::Month(day),
        }
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day(_) => "day",
            Self::Month(_) => "month",
            Self::Year(_) => "year",
        }
    }

    /// Its first day.
    pub fn first(self) -> NaiveDate {
        let first = match self {
            Self::Day(day) => Some(day),
            Self::Month(day) => day.with_day(1),
            Self::Year(day) => NaiveDate::from_ymd_opt(day.year(), 1, 1),
        };
        first.unwrap_or_default()
    }

    /// The same span `by` later, or earlier.
    pub fn moved(self, by: i32) -> Self {
        let first = self.first();
        let months = |n: i32| {
            let step = Months::new(n.unsigned_abs());
            if n < 0 { first.checked_sub_months(step) } else { first.checked_add_months(step) }.unwrap_or(first)
        };
        match self {
            Self::Day(_) => Self::Day(first.checked_add_signed(chrono::TimeDelta::days(by.into())).unwrap_or(first)),
            Self::Month(_) => Self::Month(months(by)),
            Self::Year(_) => Self::Year(months(by.saturating_mul(12))),
        }
    }

    /// The first days of the parts it is shown by, and of what follows. A day is shown by its hours, which have one day.
    pub fn days(self) -> Vec<NaiveDate> {
        let first = self.first();
        match self {
            Self::Day(_) => vec![first, self.moved(1).first()],
            Self::Month(_) => first.iter_days().take_while(|day| *day <= self.moved(1).first()).collect(),
            Self::Year(_) => (0..=12).filter_map(|n| first.checked_add_months(Months::new(n))).collect(),
        }
    }
}

/// What was counted of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureRow {
    /// What.
    pub kind: FigureKind,
    /// All of it.
    pub total: Figure,
    /// By the hours, days or months of the span.
    pub series: Vec<Figure>,
    /// By the place it was lent at, or is picked up at; empty where the log doesn't know.
    pub places: Vec<(PlaceCode, Figure)>,
    /// By the kind of material; empty where there is none.
    pub materials: Vec<(MaterialType, Figure)>,
}

/// The figures of a span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiguresPage {
    /// Which.
    pub span: Span,
    /// The day it is.
    pub today: NaiveDate,
    /// By kind.
    pub rows: Vec<FigureRow>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FEW: Figure = Figure::Few;

    #[test]
    fn small_numbers_are_hidden_and_those_that_would_tell_them() {
        let exact = Figure::Exact;
        assert_eq!(veil(&[0, 5, 12]), [exact(0), exact(5), exact(12)]);
        assert_eq!(veil(&[3, 9, 12]), [FEW, FEW, exact(12)], "twelve would else tell the three");
        assert_eq!(veil(&[1, 1, 9, 12]), [FEW, FEW, FEW, exact(12)], "two ones are known when two is");
        assert_eq!(veil(&[0, 2]), [exact(0), FEW]);
        assert_eq!(Figure::alone(4), FEW);
        assert_eq!((Figure::alone(0), Figure::alone(5)), (exact(0), exact(5)));
    }

    #[test]
    fn spans_follow_each_other() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        assert_eq!(Span::Month(day("2026-01-31")).moved(1), Span::Month(day("2026-02-01")));
        assert_eq!(Span::Year(day("2026-05-05")).moved(-1).first(), day("2025-01-01"));
        assert_eq!(Span::Month(day("2026-02-14")).days().len(), 29, "28 and the first of March");
        assert_eq!(Span::Year(day("2026-02-14")).days().last(), Some(&day("2027-01-01")));
        assert_eq!(Span::Day(day("2026-02-28")).days(), [day("2026-02-28"), day("2026-03-01")]);
    }

    proptest! {
        #[test]
        fn nothing_small_is_told_even_by_the_total(counts in proptest::collection::vec(0_u64..30, 1..8)) {
            let shown = veil(&counts);
            let hidden: Vec<u64> = counts.iter().zip(&shown).filter(|(_, shown)| **shown == FEW).map(|(n, _)| *n).collect();
            prop_assert!(counts.iter().zip(&shown).all(|(n, shown)| *shown == FEW || *shown == Figure::Exact(*n)));
            prop_assert!(counts.iter().zip(&shown).all(|(n, shown)| *n == 0 || *n >= FEWEST || *shown == FEW));
            // Either several are hidden that are not few together, or all there is is hidden.
            let all = counts.iter().all(|n| *n == 0 || hidden.contains(n));
            prop_assert!(hidden.is_empty() || all || (hidden.len() >= 2 && hidden.iter().sum::<u64>() >= FEWEST));
        }
    }
}
