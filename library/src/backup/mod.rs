//! `hondana backup` and `hondana restore`: the whole database in one file, whichever engine it comes from and goes to.
//!
//! The file is gzip over lines of JSON, so that what is in it can be read in a hundred years without this program:
//!
//! ```text
//! {"hondana-backup":1,"schema":6,"made_at":"2026-04-01T00:30:00Z"}
//! {"table":"bib","columns":["id",…]}
//! ["0195…","aozora",…]                a row, in the order of the columns
//! {"rows":17780}
//! …                                   the other tables
//! {"sha256":"…"}                      of every byte before this line
//! ```
//!
//! Everything is read in one transaction that sees one moment, while people work. Restoring reads the file twice: once
//! to see that it is whole, then to put everything into an empty database, in one transaction.

mod restore;
mod tables;
mod value;
mod write;

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::storage::StorageError;

/// The form of the file this program writes and reads.
const FORM: u32 = 1;

/// What was written or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupCounts {
    /// Tables.
    pub tables: usize,
    /// Rows of all of them.
    pub rows: u64,
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is not what was written: cut short, changed, or something else altogether.
    #[error("the file is damaged or no backup: {0}")]
    Damaged(String),
    /// The file was written by another version.
    #[error(
        "the backup has schema {found}, this program has {needed}; restore it with the version that wrote it, then \
         bring that database up to date"
    )]
    OtherSchema {
        /// What it has.
        found: i64,
        /// What this program has.
        needed: i64,
    },
    /// There is something in the database already.
    #[error("the database is not empty: there are rows in `{0}`; restore into a new one")]
    NotEmpty(&'static str),
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    #[serde(rename = "hondana-backup")]
    form: u32,
    schema: i64,
    made_at: chrono::DateTime<chrono::Utc>,
}

/// The line before the rows of a table.
#[derive(Serialize, Deserialize)]
struct TableHead {
    table: String,
    columns: Vec<String>,
}

/// The line after the rows of a table.
#[derive(Serialize, Deserialize)]
struct TableEnd {
    rows: u64,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct Seal {
    sha256: String,
}

/// Bytes as the file writes them.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
