//! A title as lists of the desk show it, read together with the row it belongs to.

use domain::catalog::BibRecord;

use super::titles::parse_record;
use crate::storage::StorageError;

/// A title as a list shows it.
pub(crate) struct Shown {
    /// With volume and issue.
    pub(crate) title: String,
    /// By what it sorts: the reading, else the title.
    pub(crate) reading: String,
}

/// Makes it of a bib's stored record and the label of a part.
pub(crate) fn shown(record: &str, label: &str) -> Result<Shown, StorageError> {
    let record: BibRecord = parse_record(record)?;
    let title = record.display_title();
    let title = if label.is_empty() { title } else { format!("{title} {label}") };
    Ok(Shown { title, reading: record.title_reading.unwrap_or(record.title) })
}
