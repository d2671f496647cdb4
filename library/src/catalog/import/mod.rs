//! Readers of catalogue files: MARC 21 (ISO 2709 and MARCXML) and CSV described by a mapping file (S2).
//!
//! Pure: bytes go in, [`ImportedBib`]s and [`Rejection`]s come out, in the order of the file where the file allows.
//! Nothing here knows the database. A bad record never stops the good ones after it; only a file that cannot be
//! read on (a broken gzip stream, XML that stops being XML) ends early, and its last item says so.
//!
//! ```text
//! bytes ─ input (gzip, encoding) ─┬─ iso2709 ─┬─ marc (fields → bib) ─┬─ Reader
//!                                 ├─ marcxml ─┘                       │
//!                                 └─ table (mapping: columns → bib) ──┘
//! ```

mod citation;
mod copies;
pub(crate) mod input;
mod iso2709;
pub(crate) mod mapping;
mod marc;
mod marc8;
mod marcxml;
pub(crate) mod sheet;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::{ffi::OsStr, io, io::Read, path::Path};

use domain::{
    UnknownWord,
    catalog::{ImportedBib, isbn::InvalidIsbn},
};

pub use mapping::{Mapping, MappingError};

/// The formats a catalogue can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// MARC 21 in ISO 2709, the binary exchange format.
    Iso2709,
    /// MARC 21 in XML, alone, in a collection or in an OAI-PMH answer.
    MarcXml,
    /// Delimited text, described by a mapping file.
    Csv,
}

/// Guesses the format of a file from its first bytes, and where those say nothing from its name.
///
/// A name ending in `.gz` is judged without that ending. `None` when neither is known.
pub fn guess_format(name: &str, head: &[u8]) -> Option<Format> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"<") || head.starts_with(b"\xFF\xFE<") || head.starts_with(b"\xFE\xFF\0<") {
        return Some(Format::MarcXml);
    }
    if head.starts_with(b"{") || head.starts_with(b"[") {
        return None;
    }
    if iso2709::is_leader(head) {
        return Some(Format::Iso2709);
    }
    let path = Path::new(name);
    let path = if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz")) {
        Path::new(path.file_stem()?)
    } else {
        path
    };
    match path.extension().and_then(OsStr::to_str)?.to_ascii_lowercase().as_str() {
        "mrc" | "marc" | "dat" | "iso" | "iso2709" => Some(Format::Iso2709),
        "xml" | "marcxml" => Some(Format::MarcXml),
        "csv" | "tsv" => Some(Format::Csv),
        _ => None,
    }
}

/// Why no reader could be made for a file.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not even the beginning could be read.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    /// Neither the beginning nor the name tells the format.
    #[error("{0} is neither MARC 21, MARCXML nor CSV")]
    UnknownFormat(String),
    /// A CSV file needs a mapping with a section `[table]`.
    #[error("a CSV file needs a mapping file with a section [table]")]
    NoTable,
    /// The mapping names columns that the header row doesn't have.
    #[error("the header row has no column {}; it has {}", .missing.join(", "), .found.join(", "))]
    MissingColumns {
        /// The columns named by the mapping and not found.
        missing: Vec<String>,
        /// The columns of the file.
        found: Vec<String>,
    },
}

/// A record that does not go in.
#[derive(Debug, thiserror::Error)]
#[error("record at {position}: {reason}")]
pub struct Rejection {
    /// The line of a CSV file at which the row begins, or the number of the MARC record; both count from 1.
    pub position: u64,
    /// The record's key within the source, where it could be read.
    pub key: Option<String>,
    /// Why it does not go in.
    #[source]
    pub reason: Reason,
}

/// Why a record does not go in.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The file ends here for us: a damaged gzip stream, a failing disk. Nothing after it was read.
    #[error("the file cannot be read on")]
    Unreadable(#[from] io::Error),
    /// The XML is broken in a way that leaves no way on. Nothing after it was read.
    #[error("broken XML: {0}")]
    Xml(String),
    /// More bytes than any record has, without the end of a record.
    #[error("no end of record within {0} bytes")]
    TooLong(usize),
    /// Shorter than the 24 characters every MARC record begins with.
    #[error("no leader of 24 characters")]
    Leader,
    /// The directory of a MARC record doesn't fit its fields: cut short, or made of something else.
    #[error("the directory does not fit the fields")]
    Directory,
    /// A MARCXML record begins before the one before it has ended.
    #[error("the record is not closed")]
    Unclosed,
    /// Nothing to recognise the record by when it is imported again.
    #[error("no key")]
    NoKey,
    /// No title.
    #[error("no title")]
    NoTitle,
    /// A row with more or fewer fields than the header row; to guess which is missing would mix up columns.
    #[error("the row has {found} fields, the header row has {expected}")]
    RowLength {
        /// Fields of the header row.
        expected: usize,
        /// Fields of this row.
        found: usize,
    },
    /// A row of a bib that ended before, in a file whose mapping says that rows of one key stand together.
    #[error("the rows of this key do not stand together; the mapping says they do")]
    SplitRows,
    /// A material type or loan rule nobody knows.
    #[error(transparent)]
    Unknown(#[from] UnknownWord),
    /// Not a whole number.
    #[error("not a whole number: {0}")]
    Number(String),
    /// Not a date like 2026-11-30.
    #[error("not a date (year-month-day): {0}")]
    Date(String),
    /// Not copies like `central*2 north`.
    #[error("not a list of copies (branch*number): {0}")]
    Copies(String),
    /// A row that stands for a copy lacks its barcode or branch.
    #[error("a copy without {0}")]
    CopyWithout(&'static str),
    /// The same barcode twice in one file.
    #[error("the barcode {0} occurs twice")]
    Barcode(String),
}

/// Something in a record that went in, that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where, as in [`Rejection::position`].
    pub position: u64,
    /// The record's key.
    pub key: String,
    /// What.
    pub concern: Concern,
}

/// What is wrong with a record that went in all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    /// An ISBN that is none. The record goes in without it.
    #[error("{text} is not an ISBN: {reason}")]
    Isbn {
        /// What the source has.
        text: String,
        /// Why it is none.
        reason: InvalidIsbn,
    },
    /// Bytes or characters that could not be read stand in the record as U+FFFD.
    #[error("unreadable characters in the record")]
    Characters,
}

/// A record as the readers of the formats hand it to [`Reader`].
struct Checked {
    bib: ImportedBib,
    position: u64,
    concerns: Vec<Concern>,
}

impl Checked {
    /// Looks a finished bib over.
    fn new(bib: ImportedBib, position: u64, mut concerns: Vec<Concern>) -> Self {
        if text::unreadable(&bib.record) {
            text::add(&mut concerns, Concern::Characters);
        }
        Self { bib, position, concerns }
    }
}

/// The bibs of one file, one after the other.
///
/// MARC is read record by record; so is CSV when its mapping says `rows = "contiguous"`. Otherwise the bibs of a CSV
/// file are kept until its last row, since any row may add to any bib.
pub struct Reader<'a> {
    records: Box<dyn Iterator<Item = Result<Checked, Rejection>> + Send + 'a>,
    warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    /// Reads a file whose format is guessed by [`guess_format`] from `name` and the first bytes; gzip is unpacked.
    ///
    /// `mapping` describes the columns of a CSV file, and the copies to be made for sources that have none.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(source: impl Read + Send + 'a, name: &str, mapping: &Mapping) -> Result<Self, OpenError> {
        let (head, source) = input::unpacked(source)?;
        let format = guess_format(name, &head).ok_or_else(|| OpenError::UnknownFormat(name.to_owned()))?;
        Self::of_plain(source, format, mapping)
    }

    /// Reads a file whose format is known; gzip is unpacked.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn with_format(source: impl Read + Send + 'a, format: Format, mapping: &Mapping) -> Result<Self, OpenError> {
        let (_, source) = input::unpacked(source)?;
        Self::of_plain(source, format, mapping)
    }

    fn of_plain(source: input::Plain<'a>, format: Format, mapping: &Mapping) -> Result<Self, OpenError> {
        let copies = mapping.generated_copies();
        let records: Box<dyn Iterator<Item = Result<Checked, Rejection>> + Send + 'a> = match format {
            Format::Iso2709 => Box::new(marc::Bibs::new(iso2709::Records::new(source), copies)),
            Format::MarcXml => Box::new(marc::Bibs::new(marcxml::Records::new(source)?, copies)),
            Format::Csv => Box::new(table::Bibs::new(source, mapping)?),
        };
        Ok(Self { records, warnings: Vec::new() })
    }

    /// The warnings about the records read since the last call, in their order.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<ImportedBib, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        let checked = match self.records.next()? {
            Ok(checked) => checked,
            Err(rejection) => return Some(Err(rejection)),
        };
        let Checked { bib, position, concerns } = checked;
        self.warnings.extend(concerns.into_iter().map(|concern| Warning {
            position,
            key: bib.source_key.clone(),
            concern,
        }));
        Some(Ok(bib))
    }
}
