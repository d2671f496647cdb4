//! Writing a backup.

use std::{
    fs::{self, File, OpenOptions},
    future::poll_fn,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Row};

use super::{
    BackupCounts, BackupError, FORM, Head, Seal, TableEnd, TableHead, hex,
    tables::{TABLES, Table},
    value::cell_of,
};
use crate::{
    Library,
    storage::{Database, StorageError, Tx},
};

impl Library {
    /// Writes the whole database into a file that is not there yet, readable by its owner only, while people work. The
    /// file has its name only when it is whole and on the disk.
    ///
    /// # Errors
    /// When the database can't be read, or the file is there already or can't be written.
    pub async fn backup(&self, path: &Path) -> Result<BackupCounts, BackupError> {
        let fault = |error| BackupError::File { path: path.to_path_buf(), error };
        if path.exists() {
            return Err(fault(io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let unfinished = Path::new(&name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(unfinished);
        let mut out = Sealed::new(file.map_err(fault)?);
        let done = self.write_all(&mut out, path).await;
        let done = done.and_then(|counts| {
            out.finish().and_then(|()| fs::rename(unfinished, path)).map(|()| counts).map_err(fault)
        });
        if done.is_err() {
            // Half a backup is none; that it could not be removed is not worth hiding why.
            let _ = fs::remove_file(unfinished);
        }
        done
    }

    async fn write_all(&self, out: &mut Sealed, path: &Path) -> Result<BackupCounts, BackupError> {
        let fault = |error| BackupError::File { path: path.to_path_buf(), error };
        let head = Head { form: FORM, schema: Database::schema(), made_at: self.now() };
        out.line(&head).map_err(fault)?;
        let mut tx = self.database().begin_read().await?;
        let mut counts = BackupCounts { tables: TABLES.len(), rows: 0 };
        for table in TABLES {
            let columns = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
            out.line(&TableHead { table: table.name.to_owned(), columns }).map_err(fault)?;
            let rows = copy(&mut tx, table, |row| out.line(&row).map_err(fault)).await?;
            out.line(&TableEnd { rows }).map_err(fault)?;
            counts.rows += rows;
        }
        Ok(counts)
    }
}

/// Hands on every row of a table as it comes, so that a table of millions needs no more memory than a small one.
async fn copy(
    tx: &mut Tx,
    table: &Table,
    mut take: impl FnMut(Vec<Value>) -> Result<(), BackupError>,
) -> Result<u64, BackupError> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let sql = format!("select {} from {}{}", names.join(", "), table.name, table.order);
    let mut count = 0;
    macro_rules! copy_rows {
        ($connection:expr) => {{
            let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch($connection);
            while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
                let row = row.map_err(StorageError::from)?;
                let mut cells = Vec::with_capacity(table.columns.len());
                for (n, (_, holds)) in table.columns.iter().enumerate() {
                    cells.push(cell_of!(&row, n, *holds).map_err(StorageError::from)?.into_json());
                }
                take(cells)?;
                count += 1;
            }
        }};
    }
    match tx {
        Tx::Sqlite(tx) => copy_rows!(tx.connection()?),
        Tx::Postgres(tx) => copy_rows!(&mut **tx),
    }
    Ok(count)
}

/// Lines into a packed file, with a checksum over them.
struct Sealed {
    file: GzEncoder<BufWriter<File>>,
    sum: Sha256,
}

impl Sealed {
    fn new(file: File) -> Self {
        Self { file: GzEncoder::new(BufWriter::new(file), Compression::default()), sum: Sha256::new() }
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.sum.update(&text);
        self.file.write_all(&text)
    }

    fn finish(mut self) -> io::Result<()> {
        let seal = Seal { sha256: hex(&self.sum.clone().finalize()) };
        self.line(&seal)?;
        self.file.finish()?.into_inner()?.sync_all()
    }
}
