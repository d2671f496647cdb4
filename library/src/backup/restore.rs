//! Restoring a backup.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use super::{
    BackupCounts, BackupError, FORM, Head, Seal, TableEnd, TableHead, hex,
    tables::{TABLES, Table},
};
use crate::{
    Library,
    storage::{Cell, Database, StorageError, Tx, bind_cell, on_engine},
};

/// Rows put in by one statement; no table has so many columns that an engine's limit of binds would be met.
const TOGETHER: usize = 40;

impl Library {
    /// Puts a backup into an empty database, in one transaction. Before that it is read to its end and its checksum
    /// compared. That what is there then is sound is for [`Library::check`] to say.
    ///
    /// # Errors
    /// When the file is damaged or of another version, or the database is not empty or can't be written; nothing is in it
    /// then.
    pub async fn restore(&self, path: &Path) -> Result<BackupCounts, BackupError> {
        Lines::open(path)?.verify()?;
        let mut tx = self.database().begin_write().await?;
        for table in TABLES {
            if has_rows(&mut tx, table).await? {
                return Err(BackupError::NotEmpty(table.name));
            }
        }
        let counts = put_all(&mut tx, Lines::open(path)?).await?;
        tx.commit().await?;
        Ok(counts)
    }
}

async fn has_rows(tx: &mut Tx, table: &Table) -> Result<bool, StorageError> {
    let sql = format!("select count(*) from (select 1 from {} limit 1) as any_row", table.name);
    let (rows,): (i64,) =
        on_engine!(tx, |executor| sqlx::query_as(AssertSqlSafe(sql.clone())).fetch_one(executor).await)?;
    Ok(rows > 0)
}

async fn put_all(tx: &mut Tx, mut lines: Lines) -> Result<BackupCounts, BackupError> {
    lines.head()?;
    let mut counts = BackupCounts::default();
    for table in TABLES {
        lines.table(table)?;
        let mut together = Vec::with_capacity(TOGETHER);
        while let Some(row) = lines.row(table)? {
            counts.rows += 1;
            together.push(row);
            if together.len() == TOGETHER {
                put(tx, table, std::mem::take(&mut together)).await?;
            }
        }
        put(tx, table, together).await?;
        counts.tables += 1;
    }
    Ok(counts)
}

async fn put(tx: &mut Tx, table: &Table, rows: Vec<Vec<Cell>>) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let width = names.len();
    let group = |n: usize| {
        let places: Vec<String> = (1..=width).map(|at| format!("${}", n * width + at)).collect();
        format!("({})", places.join(", "))
    };
    let groups: Vec<String> = (0..rows.len()).map(group).collect();
    let sql = format!("insert into {} ({}) values {}", table.name, names.join(", "), groups.join(", "));
    on_engine!(tx, |executor| {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for cell in rows.into_iter().flatten() {
            query = bind_cell!(query, cell);
        }
        query.execute(executor).await.map(|done| done.rows_affected())
    })?;
    Ok(())
}

/// The lines of a file, unpacked, with a checksum over those that were read.
struct Lines {
    file: BufReader<MultiGzDecoder<BufReader<File>>>,
    sum: Sha256,
    line: String,
    number: u64,
    /// Rows of the present table.
    rows: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(|error| BackupError::File { path: path.to_path_buf(), error })?;
        let file = BufReader::new(MultiGzDecoder::new(BufReader::new(file)));
        Ok(Self { file, sum: Sha256::new(), line: String::new(), number: 0, rows: 0 })
    }

    /// Reads the next line; what was read before is in the checksum then.
    fn next(&mut self) -> Result<&str, BackupError> {
        self.sum.update(&self.line);
        self.line.clear();
        self.number += 1;
        let read = self.file.read_line(&mut self.line).map_err(|error| self.damaged(&error))?;
        if read == 0 || !self.line.ends_with('\n') {
            return Err(self.damaged(&"it ends too early"));
        }
        Ok(&self.line)
    }

    fn damaged(&self, why: &dyn std::fmt::Display) -> BackupError {
        BackupError::Damaged(format!("line {}: {why}", self.number))
    }

    fn parsed<T: DeserializeOwned>(&mut self) -> Result<T, BackupError> {
        let parsed = serde_json::from_str(self.next()?);
        parsed.map_err(|error| self.damaged(&error))
    }

    /// Reads the file to its end and compares the checksum.
    fn verify(mut self) -> Result<(), BackupError> {
        self.head()?;
        for table in TABLES {
            self.table(table)?;
            while self.row(table)?.is_some() {}
        }
        let seal: Seal = self.parsed()?;
        if hex(&self.sum.clone().finalize()) != seal.sha256 {
            return Err(self.damaged(&"the checksum is another"));
        }
        let rest = self.file.fill_buf().map_err(|error| BackupError::Damaged(error.to_string()))?;
        if rest.is_empty() { Ok(()) } else { Err(self.damaged(&"something follows the end")) }
    }

    fn head(&mut self) -> Result<(), BackupError> {
        let head: Head = self.parsed()?;
        if head.form != FORM {
            return Err(self.damaged(&format_args!("form {} is unknown", head.form)));
        }
        let needed = Database::schema();
        if head.schema != needed {
            return Err(BackupError::OtherSchema { found: head.schema, needed });
        }
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), BackupError> {
        let head: TableHead = self.parsed()?;
        let same = head.table == table.name && head.columns.iter().eq(table.columns.iter().map(|(name, _)| name));
        if same { Ok(()) } else { Err(self.damaged(&format_args!("not the table {}", table.name))) }
    }

    /// The next row of a table; `None` after the last, whose count is compared.
    fn row(&mut self, table: &Table) -> Result<Option<Vec<Cell>>, BackupError> {
        let value: Value = self.parsed()?;
        let Value::Array(values) = value else {
            let end: TableEnd = serde_json::from_value(value).map_err(|error| self.damaged(&error))?;
            let read = std::mem::take(&mut self.rows);
            return if end.rows == read { Ok(None) } else { Err(self.damaged(&"rows are missing")) };
        };
        if values.len() != table.columns.len() {
            return Err(self.damaged(&"a row of another length"));
        }
        self.rows += 1;
        let cells = table.columns.iter().zip(values).map(|((_, holds), value)| Cell::of_json(*holds, value));
        cells.collect::<Option<Vec<Cell>>>().map(Some).ok_or_else(|| self.damaged(&"a value of another kind"))
    }
}
