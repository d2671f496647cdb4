//! A delimited file as rows whose cells are asked for by the names of their columns.

use std::collections::HashMap;

use csv::StringRecord;
use encoding_rs::{SHIFT_JIS, UTF_8};

use super::{
    OpenError, Reason, Rejection,
    input::{Plain, Utf8},
    mapping::{Columns, TextEncoding},
};

/// A file with a header row.
pub(crate) struct Sheet<'a> {
    rows: csv::Reader<Utf8<Plain<'a>>>,
    /// Where each column stands.
    header: HashMap<String, usize>,
    /// Number of columns, which every row must have.
    width: usize,
    record: StringRecord,
    ended: bool,
}

impl<'a> Sheet<'a> {
    /// Reads the header row and checks that it has the columns that are asked for.
    pub(crate) fn open<'n>(
        source: Plain<'a>,
        encoding: TextEncoding,
        delimiter: u8,
        asked: impl Iterator<Item = &'n str>,
    ) -> Result<Self, OpenError> {
        let encoding = match encoding {
            TextEncoding::Utf8 => UTF_8,
            // The standard web encoding Shift_JIS is what Windows calls 932, with its additional characters.
            TextEncoding::Cp932 => SHIFT_JIS,
        };
        // Rows of another length than the header are rejected here, where they can be reported and passed over.
        let mut rows =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(Utf8::new(source, encoding));
        let names: Vec<String> =
            rows.headers().map_err(std::io::Error::from)?.iter().map(|name| name.trim().to_owned()).collect();
        let mut header = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            header.entry(name.clone()).or_insert(at);
        }
        let mut missing: Vec<String> = asked.filter(|name| !header.contains_key(*name)).map(str::to_owned).collect();
        if !missing.is_empty() {
            missing.dedup();
            return Err(OpenError::MissingColumns { missing, found: names });
        }
        Ok(Self { rows, header, width: names.len(), record: StringRecord::new(), ended: false })
    }

    /// The next row that is not empty. A row of another length than the header is rejected, since to guess which cell is
    /// missing would mix up columns; after a file that can't be read on nothing more comes.
    pub(crate) fn next(&mut self) -> Option<Result<Row<'_>, Rejection>> {
        loop {
            if self.ended {
                return None;
            }
            match self.rows.read_record(&mut self.record) {
                // A spreadsheet leaves rows of nothing but delimiters behind.
                Ok(true) if self.record.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(true) => break,
                Ok(false) => self.ended = true,
                Err(error) => {
                    let position = self.rows.position().line();
                    self.ended = true;
                    return Some(Err(Rejection { position, key: None, reason: Reason::Unreadable(error.into()) }));
                }
            }
        }
        let position = self.record.position().map_or(0, csv::Position::line);
        let (expected, found) = (self.width, self.record.len());
        if found != expected {
            return Some(Err(Rejection { position, key: None, reason: Reason::RowLength { expected, found } }));
        }
        Some(Ok(Row { record: &self.record, header: &self.header, position }))
    }
}

/// A row.
pub(crate) struct Row<'r> {
    record: &'r StringRecord,
    header: &'r HashMap<String, usize>,
    /// The line at which it begins, from 1.
    pub(crate) position: u64,
}

impl Row<'_> {
    /// The cells of these columns, without those that are empty; `None` when all are.
    pub(crate) fn joined(&self, columns: &Columns, with: &str) -> Option<String> {
        let cells = columns.0.iter().filter_map(|name| self.record.get(*self.header.get(name)?));
        let cells: Vec<&str> = cells.map(str::trim).filter(|cell| !cell.is_empty()).collect();
        (!cells.is_empty()).then(|| cells.join(with))
    }

    /// The same, joined by a blank.
    pub(crate) fn text(&self, columns: &Columns) -> Option<String> {
        self.joined(columns, " ")
    }
}
