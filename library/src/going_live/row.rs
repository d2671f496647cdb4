//! A file read into rows, and what can be said about a row.

use std::{collections::HashMap, io::Read, str::FromStr};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use domain::{UnknownWord, dates::read_date, text::one_width};

use super::{Kind, RowMapping};
use crate::{
    Library,
    catalog::import::{OpenError, input::unpacked, sheet::Sheet},
};

/// How far another machine's clock may be ahead of ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// A file of one kind, read whole.
#[derive(Clone, Debug)]
pub struct RowFile {
    pub(super) kind: Kind,
    pub(super) rows: Vec<Row>,
    pub(super) refused: Vec<RowNote<RowReason>>,
}

/// A row: the text of each field that is not empty.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    cells: HashMap<&'static str, String>,
}

/// Something about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowNote<T> {
    /// The line at which it begins, from 1.
    pub line: u64,
    /// What it is known by, where that could be read: card number, barcode, key of the title.
    pub key: Option<String>,
    /// What.
    pub what: T,
}

/// Why a row can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowReason {
    /// Not to be read as a row: more or fewer cells than the header row, a file that ends in the middle.
    #[error("{0}")]
    Unreadable(String),
    /// An empty cell that must not be empty.
    #[error("{0} is empty")]
    Missing(&'static str),
    /// No date, or one the calendar does not have.
    #[error("{field}: {text} is no date of the calendar")]
    Date {
        /// Where.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// A moment or day that has not come yet, of something that has happened.
    #[error("{field}: {text} has not come yet")]
    Future {
        /// Where.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// Not a whole number.
    #[error("{field}: {text} is not a whole number")]
    Number {
        /// Where.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// A code that stands for nothing here.
    #[error("{field}: {text} stands for nothing; say in [words.{field}] what it means")]
    Word {
        /// Where.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// What the row is about stands in an earlier row of the file.
    #[error("{what} stands in line {line} already")]
    Doubled {
        /// What, for example `card 1000004`.
        what: String,
        /// Where it stood first.
        line: u64,
    },
    /// The description of a title.
    #[error("record: {0}")]
    Record(String),
    /// A place the policy does not name, or not for this.
    #[error("{field}: `{text}` is no such place in the policy file")]
    Place {
        /// Where.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// No title with this key.
    #[error("there is no title {key} of the source {source_name}")]
    NoTitle {
        /// The source.
        source_name: String,
        /// The key within it.
        key: String,
    },
    /// The title has several parts and the row names none of them.
    #[error("the title has several volumes or issues, and the row does not say which")]
    WhichPart,
    /// The title has no such part.
    #[error("the title has no volume or issue {0}")]
    NoPart(String),
    /// No copy with this barcode.
    #[error("there is no copy with the barcode {0}")]
    NoCopy(String),
    /// No patron with this card.
    #[error("nobody has the card {0}")]
    NoCard(String),
    /// The barcode belongs to a copy of another title.
    #[error("the barcode belongs to a copy of another title")]
    BarcodeTaken,
    /// The copy is in use.
    #[error("somebody has the copy, or it is on its way to somebody")]
    InUse,
    /// The copy is on loan to somebody else.
    #[error("the copy is on loan to another card")]
    OnLoanToAnother,
    /// The copy is in a state in which it can't be lent or kept for somebody.
    #[error("the copy is {0}")]
    CopyIs(&'static str),
    /// The copy is of another title than the reservation.
    #[error("the copy belongs to another title than the reservation")]
    CopyOfAnother,
    /// The copy may not leave the library.
    #[error("the copy may not leave the library")]
    NotLendable,
    /// The copy is kept for another reservation.
    #[error("the copy is kept for another reservation")]
    CopyTaken,
    /// A patron may have one copy of a title on loan.
    #[error("the patron has this title on loan")]
    OnLoan,
    /// A patron may have one reservation of a title.
    #[error("the patron has reserved this title")]
    Reserved,
    /// Two members of an ordered set in one place, or a member that is somebody else's.
    #[error("the ordered set {0} has another title in this place, or belongs to another card")]
    Set(String),
}

/// What should be looked at in a row that can be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    /// Without it nobody can be called, and a password can't be set on the web.
    #[error("no telephone number")]
    NoTelephone,
    /// Left out.
    #[error("{0} is no mail address and was left out")]
    Mail(String),
    /// Passwords of other systems can't be taken.
    #[error("the password is not one of this program's and was left out; the patron sets a new one")]
    Password,
    /// Mail needs a confirmed address (R13).
    #[error("to be told by mail, but no address is confirmed: will be telephoned")]
    MailNotConfirmed,
    /// 連絡不要 is not offered.
    #[error("to be told by nobody, which the policy does not offer: will be telephoned")]
    ContactNotOffered,
    /// Read wrong: another encoding, a damaged file.
    #[error("unreadable characters; is the encoding right?")]
    Characters,
    /// A volume or issue the catalogue did not have.
    #[error("the volume or issue {0} is new")]
    NewPart(String),
    /// Two in one queue of one moment; the file's order decides.
    #[error("of the same moment as another in this queue: the order of the rows decides")]
    SameMoment,
}

impl RowFile {
    /// Reads a file; gzip is unpacked.
    ///
    /// # Errors
    /// When it can't be read at all or lacks columns the mapping names. Rows that can't be read are reported with the
    /// others.
    pub fn read(source: impl Read + Send, mapping: &RowMapping) -> Result<Self, OpenError> {
        let (_, source) = unpacked(source)?;
        let mut sheet = Sheet::open(source, mapping.encoding, mapping.delimiter, mapping.all_columns())?;
        let (mut rows, mut refused) = (Vec::new(), Vec::new());
        while let Some(next) = sheet.next() {
            match next {
                Ok(row) => {
                    let cells = mapping.kind.fields().iter().filter_map(|field| {
                        let text = mapping.columns.get(field.name).and_then(|columns| row.text(columns));
                        let text = text.map(|text| translated(mapping, field.name, text));
                        Some((field.name, text.or_else(|| mapping.defaults.get(field.name).cloned())?))
                    });
                    rows.push(Row { line: row.position, cells: cells.collect() });
                }
                Err(rejection) => {
                    let what = RowReason::Unreadable(rejection.reason.to_string());
                    refused.push(RowNote { line: rejection.position, key: None, what });
                }
            }
        }
        Ok(Self { kind: mapping.kind, rows, refused })
    }

    /// What its rows are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many rows it has, those included that can't be read.
    pub fn len(&self) -> usize {
        self.rows.len() + self.refused.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the other system's word stands for, in whichever width it was written.
fn translated(mapping: &RowMapping, field: &str, text: String) -> String {
    let Some(words) = mapping.words.get(field) else { return text };
    words.get(&text).or_else(|| words.get(&one_width(&text))).cloned().unwrap_or(text)
}

impl Row {
    /// The text of a field, if it is not empty.
    pub(super) fn text(&self, field: &'static str) -> Option<&str> {
        self.cells.get(field).map(String::as_str)
    }

    /// The text of a field that must not be empty.
    pub(super) fn must(&self, field: &'static str) -> Result<&str, RowReason> {
        self.text(field).ok_or(RowReason::Missing(field))
    }

    /// A day.
    pub(super) fn day(&self, field: &'static str) -> Result<Option<NaiveDate>, RowReason> {
        let Some(text) = self.text(field) else { return Ok(None) };
        // Old systems write days as the beginning of moments.
        let day = read_date(text).or_else(|| read_date(text.split([' ', 'T', '　']).next()?));
        day.map(Some).ok_or_else(|| RowReason::Date { field, text: text.to_owned() })
    }

    /// A moment in the library's time, or with its own zone as we export it; a day alone is its beginning.
    pub(super) fn moment(&self, field: &'static str, library: &Library) -> Result<Option<DateTime<Utc>>, RowReason> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let no_date = || RowReason::Date { field, text: text.to_owned() };
        if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
            return Ok(Some(moment.to_utc()));
        }
        let plain = one_width(text);
        let (day, time) = match plain.split_once([' ', 't']) {
            Some((day, time)) => (day.to_owned(), time.trim().to_owned()),
            // 20260301101530
            None if plain.len() == 14 && plain.bytes().all(|b| b.is_ascii_digit()) => {
                let (day, time) = plain.split_at(8);
                (day.to_owned(), time.to_owned())
            }
            None => (plain, String::new()),
        };
        let day = read_date(&day).ok_or_else(no_date)?;
        if time.is_empty() {
            return Ok(Some(library.start_of(day)));
        }
        let written = format!("{day} {time}");
        let local = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d %H%M%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(&written, format).ok());
        Ok(Some(library.moment_of(local.ok_or_else(no_date)?)))
    }

    /// The same of something that has happened.
    pub(super) fn past(&self, field: &'static str, library: &Library) -> Result<Option<DateTime<Utc>>, RowReason> {
        match self.moment(field, library)? {
            Some(moment) if moment > library.now() + CLOCKS_DIFFER => {
                Err(RowReason::Future { field, text: self.text(field).unwrap_or_default().to_owned() })
            }
            moment => Ok(moment),
        }
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self, field: &'static str) -> Result<Option<i64>, RowReason> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let number = one_width(text).trim().parse::<u32>().map(i64::from);
        number.map(Some).map_err(|_| RowReason::Number { field, text: text.to_owned() })
    }

    /// One of few values.
    pub(super) fn word<T: FromStr<Err = UnknownWord>>(&self, field: &'static str) -> Result<Option<T>, RowReason> {
        let Some(text) = self.text(field) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| RowReason::Word { field, text: text.to_owned() })
    }

    /// Yes or no; empty is no.
    pub(super) fn flag(&self, field: &'static str) -> Result<bool, RowReason> {
        match self.text(field) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(text) => Err(RowReason::Word { field, text: text.to_owned() }),
        }
    }

    /// Whether text was lost in decoding.
    pub(super) fn is_garbled(&self) -> bool {
        self.cells.values().any(|text| text.contains(char::REPLACEMENT_CHARACTER))
    }

    /// A note about this row.
    pub(super) fn note<T>(&self, key: impl Into<Option<String>>, what: T) -> RowNote<T> {
        RowNote { line: self.line, key: key.into(), what }
    }
}
