//! `hondana check`: what may never be, whatever happened before, read from the database as it is (see "What may never
//! be" in ARCHITECTURE.md).
//!
//! Everything is read in one transaction that only reads, so it sees one moment and nobody has to stop working. What is
//! *wrong* breaks a promise of the program; what is *odd* can come about honestly, by a changed policy or a day's work
//! that nobody ran, and deserves a look.

mod described;
mod never;
mod odd;
mod shelf;
mod told;

use chrono::{DateTime, NaiveDate, Utc};
use domain::policy::Policy;
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, fetch_optional},
};

/// How many cases of one fault are named; of more it is only said how many there are.
const NAMED: usize = 5;

/// What a look at a whole database found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// What may never be.
    pub wrong: Vec<Finding>,
    /// What can come about honestly and should be looked at.
    pub odd: Vec<Finding>,
}

/// One kind of fault and its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What must not be, as the beginning of a sentence.
    pub what: String,
    /// How many cases there are.
    pub cases: usize,
    /// Some of them: barcodes for copies, ids for everything else, which is nobody's name.
    pub named: Vec<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.what, self.cases, self.named.join(", "))?;
        if self.cases > self.named.len() { f.write_str(", …") } else { Ok(()) }
    }
}

/// What the rows of a finding are, and so how they are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Bib,
    Copy,
    Loan,
    Patron,
    Reservation,
    Set,
    List,
    Entry,
    Marathon,
}

impl Of {
    const fn word(self) -> &'static str {
        match self {
            Self::Bib => "title",
            Self::Copy => "copy",
            Self::Loan => "loan",
            Self::Patron => "patron",
            Self::Reservation => "reservation",
            Self::Set => "set",
            Self::List => "list",
            Self::Entry => "entry",
            Self::Marathon => "marathon",
        }
    }
}

impl Library {
    /// Verifies every invariant of the database, while people work.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn check(&self) -> Result<CheckReport, Fault> {
        let mut tx = self.database().begin_read().await?;
        let yesterday = self.today().pred_opt().unwrap_or_default();
        Ok(check_in(&mut tx, self.policy(), (yesterday, self.start_of(yesterday))).await?)
    }
}

/// The same inside a transaction. Ties of what ended before that day, or the moment it begins, should have been cut.
async fn check_in(
    tx: &mut Tx,
    policy: &Policy,
    cut_before: (NaiveDate, DateTime<Utc>),
) -> Result<CheckReport, StorageError> {
    let mut report = CheckReport::default();
    never::look(tx, &mut report.wrong).await?;
    shelf::look(tx, &mut report.wrong).await?;
    described::look(tx, &mut report.wrong).await?;
    told::look(tx, &mut report.wrong).await?;
    odd::look(tx, policy, cut_before, &mut report.odd).await?;
    Ok(report)
}

/// Adds a finding, if there are cases of it.
async fn find(
    tx: &mut Tx,
    found: &mut Vec<Finding>,
    what: impl Into<String>,
    of: Of,
    ids: &[Uuid],
) -> Result<(), StorageError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut named = Vec::with_capacity(NAMED);
    for id in ids.iter().take(NAMED) {
        let barcode = match of {
            Of::Copy => fetch_optional!(&mut *tx, (String,), "select barcode from item where id = $1", *id)?,
            _ => None,
        };
        let name = barcode.map_or_else(|| id.to_string(), |(barcode,)| barcode);
        named.push(format!("{} {name}", of.word()));
    }
    found.push(Finding { what: what.into(), cases: ids.len(), named });
    Ok(())
}
