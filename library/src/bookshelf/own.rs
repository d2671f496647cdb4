//! What is kept here of a patron, for their file, and its erasure.

use chrono::NaiveDate;
use domain::PatronId;
use serde::Serialize;
use uuid::Uuid;

use crate::storage::{StorageError, Tx, execute, fetch_all};

/// A reading marathon.
#[derive(Serialize)]
pub struct OwnMarathon {
    /// What it is called.
    pub name: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last one.
    pub until: NaiveDate,
    /// The day they set out.
    pub joined: NaiveDate,
    /// Whether it is one of the library's.
    pub of_the_library: bool,
    /// The goal in books.
    pub books: i64,
    /// The goal in pages.
    pub pages: Option<i64>,
    /// Whether the loan history counts in it.
    pub from_history: bool,
    /// Whether the goal of a season was reached with what the history said.
    pub reached_by_history: bool,
    /// What was noted.
    pub reads: Vec<OwnRead>,
}

/// A book noted in it.
#[derive(Serialize)]
pub struct OwnRead {
    /// The day it was finished.
    pub day: NaiveDate,
    /// As it was written, or empty.
    pub title: String,
    /// 0 where they were not said.
    pub pages: i64,
}

type Row = (Uuid, String, NaiveDate, NaiveDate, NaiveDate, bool, i64, Option<i64>, bool, bool);

/// The marathons of a patron with all that was noted in them.
pub(crate) async fn own_marathons(tx: &mut Tx, patron: PatronId) -> Result<Vec<OwnMarathon>, StorageError> {
    let rows = fetch_all!(
        &mut *tx,
        Row,
        "select id, name, from_on, until_on, joined_on, season_id is not null, books, pages, from_history, reached
         from marathon where patron_id = $1 order by from_on, id",
        patron.0
    )?;
    let mut all = Vec::with_capacity(rows.len());
    for (id, name, from, until, joined, of_the_library, books, pages, from_history, reached_by_history) in rows {
        let reads = fetch_all!(
            &mut *tx,
            (NaiveDate, String, i64),
            "select read_on, title, pages from marathon_read where marathon_id = $1 order by read_on, id",
            id
        )?;
        let reads = reads.into_iter().map(|(day, title, pages)| OwnRead { day, title, pages }).collect();
        all.push(OwnMarathon {
            name,
            from,
            until,
            joined,
            of_the_library,
            books,
            pages,
            from_history,
            reached_by_history,
            reads,
        });
    }
    Ok(all)
}

/// Erases them.
pub(crate) async fn erase_marathons(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    execute!(tx, "delete from marathon where patron_id = $1", patron.0).map(|_| ())
}
