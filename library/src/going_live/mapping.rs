//! The mapping file of a kind: which columns hold its fields, what the other system's words stand for, and what holds
//! where a cell is empty or there is no such column. The files in `library/mappings/going-live` are examples.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Kind;
use crate::catalog::import::{
    MappingError,
    mapping::{Columns, TextEncoding, comma, delimiter},
};

/// What the columns of a file of one kind mean.
#[derive(Clone, Debug)]
pub struct RowMapping {
    pub(super) kind: Kind,
    pub(super) encoding: TextEncoding,
    pub(super) delimiter: u8,
    pub(super) columns: BTreeMap<&'static str, Columns>,
    pub(super) words: BTreeMap<&'static str, BTreeMap<String, String>>,
    pub(super) defaults: BTreeMap<&'static str, String>,
}

/// Why a text is not a mapping.
#[derive(Debug, thiserror::Error)]
pub enum RowMappingError {
    /// Not TOML, or with sections we don't know. The message shows the line.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// The layout of the table.
    #[error(transparent)]
    Layout(#[from] MappingError),
    /// A field that files of this kind don't have.
    #[error("[{section}] {kind} have no field {name}; they have {}", .known.join(", "))]
    UnknownField {
        /// Where it stands.
        section: &'static str,
        /// The kind.
        kind: Kind,
        /// What was written.
        name: String,
        /// What could have been.
        known: Vec<&'static str>,
    },
    /// A field every row must have, without a column and without a default.
    #[error("[columns] {kind} need a column for {name}, or a default for it")]
    NoColumn {
        /// The kind.
        kind: Kind,
        /// The field.
        name: &'static str,
    },
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    table: Layout,
    #[serde(default)]
    columns: BTreeMap<String, Columns>,
    #[serde(default)]
    words: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    defaults: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    #[serde(default)]
    encoding: TextEncoding,
    #[serde(default = "comma")]
    delimiter: String,
}

impl Default for Layout {
    fn default() -> Self {
        Self { encoding: TextEncoding::default(), delimiter: comma() }
    }
}

impl RowMapping {
    /// Reads a mapping file for a kind.
    ///
    /// # Errors
    /// See [`RowMappingError`].
    pub fn read(kind: Kind, text: &str) -> Result<Self, RowMappingError> {
        let file: File = toml::from_str(text)?;
        let mapping = Self {
            kind,
            encoding: file.table.encoding,
            delimiter: delimiter(&file.table.delimiter)?,
            columns: known(kind, "columns", file.columns)?,
            words: known(kind, "words", file.words)?,
            defaults: known(kind, "defaults", file.defaults)?,
        };
        let given = |name: &str| mapping.columns.contains_key(name) || mapping.defaults.contains_key(name);
        match kind.fields().iter().find(|field| field.required && !given(field.name)) {
            Some(field) => Err(RowMappingError::NoColumn { kind, name: field.name }),
            None => Ok(mapping),
        }
    }

    /// The text of the mapping of the files we export: each field in the column of its name.
    pub(super) fn written(fields: &[&str]) -> String {
        let columns: String = fields.iter().map(|name| format!("{name} = \"{name}\"\n")).collect();
        format!("[table]\nencoding = \"utf-8\"\n\n[columns]\n{columns}")
    }

    /// All columns named.
    pub(super) fn all_columns(&self) -> impl Iterator<Item = &str> {
        self.columns.values().flat_map(|columns| columns.0.iter().map(String::as_str))
    }
}

/// The entries of a section under the names of the kind's fields.
fn known<T>(
    kind: Kind,
    section: &'static str,
    entries: BTreeMap<String, T>,
) -> Result<BTreeMap<&'static str, T>, RowMappingError> {
    let of = |name: String| match kind.fields().iter().find(|field| field.name == name) {
        Some(field) => Ok(field.name),
        None => Err(RowMappingError::UnknownField {
            section,
            kind,
            name,
            known: kind.fields().iter().map(|field| field.name).collect(),
        }),
    };
    entries.into_iter().map(|(name, entry)| Ok((of(name)?, entry))).collect()
}
