//! Going live with what another system knows: patrons, copies, open loans and queues from CSV files (S2), and out again
//! in the same form.
//!
//! ```text
//! file ─ catalogue's sheet (gzip, CP932, columns) ─ mapping ─ RowFile ─┐
//!                                                    the library's rows ─┴─ plan ─ writes ─ one transaction
//! ```
//!
//! A file is read whole, then a *plan* is made from it and from what the library has: which rows are new, which change
//! something, which can't be taken and why. The dry run ends there; so what it reports is what will happen. The writes
//! of a plan are one transaction: all good rows of a file are in, or none.
//!
//! The rules that never bend hold here too (claims, one loan of a copy, one reservation of a copy). Limits do not: what
//! people have in the old system, they have.

mod export;
mod facts;
mod items;
mod kind;
mod loans;
mod mapping;
mod patrons;
mod queues;
mod reservations;
mod row;
mod titles;

pub use export::ExportCounts;
pub use kind::Kind;
pub use mapping::{RowMapping, RowMappingError};
pub use row::{Concern, RowFile, RowNote, RowReason};

use crate::{
    Fault, Library,
    storage::{Tx, execute, in_write},
};

/// The note of events that tell of what came from another system.
const IMPORTED: &str = "imported";

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Say what would happen, and change nothing.
    DryRun,
    /// Take the good rows and report the others.
    GoodRows,
    /// Take all rows, or none when there is one that can't be taken.
    Strict,
}

/// What became, or would become, of the rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// Rows that are new.
    pub new: u64,
    /// Rows that were known and say something else.
    pub changed: u64,
    /// Rows that were known and say the same, or whose matter has ended here since.
    pub unchanged: u64,
    /// Rows that can't be taken, and why.
    pub refused: Vec<RowNote<RowReason>>,
    /// What should be looked at in rows that can be taken.
    pub concerns: Vec<RowNote<Concern>>,
    /// Whether nothing was written: a dry run, or a strict one with refused rows.
    pub left_out: bool,
}

/// What is to be written.
enum Plan {
    Items(items::ItemsPlan),
    Patrons(Vec<patrons::PatronWrite>),
    Loans(Vec<loans::LoanWrite>),
    Reservations(reservations::ReservationsPlan),
}

impl Library {
    /// Takes the rows of a file in, in one transaction. A row that is known, by what its kind is known by, is updated and
    /// never doubled.
    ///
    /// # Errors
    /// When the database can't be read or written; nothing of the file is there then.
    pub async fn take_in(&self, file: &RowFile, how: How) -> Result<TakenIn, Fault> {
        if file.kind == Kind::Titles {
            return self.take_titles(file, how).await;
        }
        if how == How::DryRun {
            let mut tx = self.database().begin_read().await?;
            let (report, _) = self.plan(&mut tx, file).await?;
            return Ok(TakenIn { left_out: true, ..report });
        }
        in_write!(self.database(), |tx| self.take_in_in(tx, file, how).await)
    }

    async fn take_in_in(&self, tx: &mut Tx, file: &RowFile, how: How) -> Result<TakenIn, Fault> {
        everybody_waits(tx).await?;
        let (report, plan) = self.plan(tx, file).await?;
        if how == How::Strict && !report.refused.is_empty() {
            return Ok(TakenIn { left_out: true, ..report });
        }
        match plan {
            Plan::Items(plan) => self.write_items(tx, &plan).await?,
            Plan::Patrons(writes) => self.write_patrons(tx, &writes).await?,
            Plan::Loans(writes) => self.write_loans(tx, &writes).await?,
            Plan::Reservations(plan) => self.write_reservations(tx, &plan).await?,
        }
        Ok(report)
    }

    async fn plan(&self, tx: &mut Tx, file: &RowFile) -> Result<(TakenIn, Plan), Fault> {
        let mut report = TakenIn { refused: file.refused.clone(), ..TakenIn::default() };
        let plan = match file.kind {
            // Titles have gone their own way before (see `take_in`).
            Kind::Items | Kind::Titles => Plan::Items(self.plan_items(tx, &file.rows, &mut report).await?),
            Kind::Patrons => Plan::Patrons(self.plan_patrons(tx, &file.rows, &mut report).await?),
            Kind::Loans => Plan::Loans(self.plan_loans(tx, &file.rows, &mut report).await?),
            Kind::Reservations => Plan::Reservations(self.plan_reservations(tx, &file.rows, &mut report).await?),
        };
        report.refused.sort_by_key(|note| note.line);
        Ok((report, plan))
    }
}

/// Locks every patron and every title, in the order in which all writers lock: a file may be about any of them. Whoever
/// works meanwhile waits for the seconds it takes.
async fn everybody_waits(tx: &mut Tx) -> Result<(), Fault> {
    execute!(&mut *tx, "update patron set revision = revision + 1")?;
    execute!(&mut *tx, "update bib set revision = revision + 1")?;
    Ok(())
}
