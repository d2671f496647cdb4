//! Going live: another system's files in, everything out again, backups.

mod backup;
mod files;
mod moving;
mod old_system;
mod weekend;

use library::going_live::{How, Kind, RowFile, RowMapping, TakenIn};

use crate::support::Shelf;

/// Takes a file of our own form in: a header row of the fields' names, and rows.
async fn take(shelf: &Shelf, kind: Kind, csv: &str, how: How) -> TakenIn {
    let header = csv.lines().next().unwrap();
    let columns: String = header.split(',').map(|name| format!("{name} = \"{name}\"\n")).collect();
    let mapping = RowMapping::read(kind, &format!("[columns]\n{columns}\n[defaults]\nsource = \"test\"\n"));
    // Only some kinds have a source.
    let mapping = mapping.or_else(|_| RowMapping::read(kind, &format!("[columns]\n{columns}"))).unwrap();
    shelf.library.take_in(&RowFile::read(csv.as_bytes(), &mapping).unwrap(), how).await.unwrap()
}

/// The lines of refused rows and why.
fn refused(done: &TakenIn) -> Vec<(u64, String)> {
    done.refused.iter().map(|note| (note.line, note.what.to_string())).collect()
}

/// The lines of rows to be looked at and why.
fn concerns(done: &TakenIn) -> Vec<(u64, String)> {
    done.concerns.iter().map(|note| (note.line, note.what.to_string())).collect()
}

/// New, changed, as they were.
fn counts(done: &TakenIn) -> (u64, u64, u64) {
    (done.new, done.changed, done.unchanged)
}

/// A shelf on the engine the other is not on.
async fn on_the_other_engine(shelf: &Shelf) -> Shelf {
    match shelf.library.database() {
        library::storage::Database::Sqlite { .. } => Shelf::on_postgres().await,
        library::storage::Database::Postgres(_) => Shelf::on_sqlite().await,
    }
}
