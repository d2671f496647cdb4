//! The mapping file: what the columns of a CSV file mean, and which copies to make up for sources that have none.
//!
//! A mapping is TOML. Every section but `[table]` and `[fields]` may be left out; a word that is not known is an error,
//! so that a slip of the pen does not silently lose a column. The files in `library/mappings` are examples with
//! every section explained.

use std::{collections::BTreeMap, fmt};

use domain::{
    PlaceCode,
    catalog::{LoanRule, MaterialType},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, value::SeqAccessDeserializer},
};

use super::copies::Generated;

/// What a file's columns mean. An empty one ([`Mapping::default`]) does for MARC, which means the same everywhere.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    pub(super) table: Option<Table>,
    copies: Copies,
}

/// Why a text is not a mapping.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Not TOML, or with words we don't know. The message shows the line.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// Sections about columns without `[table]`.
    #[error("[{0}] is about columns, so there must be a [table] too")]
    NoTable(&'static str),
    /// No column to recognise a bib by.
    #[error("[table] key names no column")]
    NoKey,
    /// No column with the title.
    #[error("[fields] has neither title nor citation")]
    NoTitle,
    /// A delimiter that is not one ASCII character.
    #[error("[table] delimiter must be one ASCII character, not {0:?}")]
    Delimiter(String),
    /// A creator without a column for the name.
    #[error("[[creators]] needs either name or list")]
    CreatorColumns,
    /// More than one way of getting copies, or none.
    #[error("[copies] needs exactly one of generated, per_branch, and barcode with branch")]
    CopyColumns,
    /// Generated copies without a branch, or fewest above most.
    #[error("[copies] generated needs branches, and min must not be above max")]
    Generated,
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    table: Option<Layout>,
    fields: Option<Fields>,
    #[serde(default)]
    creators: Vec<Creators>,
    parts: Option<Parts>,
    material: Option<Words<MaterialType>>,
    loan_rule: Option<Words<LoanRule>>,
    #[serde(default)]
    copies: Copies,
}

/// A table: its layout and its columns.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) layout: Layout,
    pub(super) delimiter: u8,
    pub(super) fields: Fields,
    pub(super) creators: Vec<Creators>,
    pub(super) parts: Parts,
    pub(super) material: Words<MaterialType>,
    pub(super) loan_rule: Words<LoanRule>,
    pub(super) copies: Copies,
}

/// How the file is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
    #[serde(default)]
    pub(super) encoding: TextEncoding,
    #[serde(default = "comma")]
    delimiter: String,
    #[serde(default)]
    pub(super) rows: Rows,
    /// The columns that together name a bib.
    pub(super) key: Columns,
}

/// The byte that parts the cells.
pub(crate) fn delimiter(written: &str) -> Result<u8, MappingError> {
    match written.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(MappingError::Delimiter(written.to_owned())),
    }
}

pub(crate) fn comma() -> String {
    ",".to_owned()
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) enum TextEncoding {
    /// With or without byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Shift_JIS as Windows writes it.
    #[serde(rename = "cp932")]
    Cp932,
}

/// Where the rows of one key stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Rows {
    /// Anywhere in the file. The bibs come at its end.
    #[default]
    Scattered,
    /// One after the other. The bibs come as they are read.
    Contiguous,
}

/// Columns for what a bib has once, and for lists.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fields {
    pub(super) title: Columns,
    pub(super) title_reading: Columns,
    pub(super) subtitle: Columns,
    pub(super) volume: Columns,
    pub(super) publisher: Columns,
    pub(super) year: Columns,
    pub(super) isbn: Columns,
    /// ISBNs of ten or thirteen digits, of which some had thirteen and lost their 978.
    pub(super) isbn_or_its_last_ten: Columns,
    pub(super) ndc: Columns,
    pub(super) series: Columns,
    pub(super) subjects: Columns,
    pub(super) extent: Columns,
    /// One column with title, creators, publisher and so on.
    pub(super) citation: Columns,
    /// One column with series and publisher.
    pub(super) series_and_publisher: Columns,
}

/// Columns of one creator, or a column with several.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Creators {
    pub(super) name: Columns,
    pub(super) reading: Columns,
    pub(super) role: Columns,
    /// `name|reading|role;name|reading|role`
    pub(super) list: Columns,
}

/// Columns of the parts of a bib.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Parts {
    pub(super) label: Columns,
    pub(super) ordinal: Columns,
    pub(super) received_on: Columns,
}

/// A column whose words stand for one of few values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words<T> {
    #[serde(default)]
    pub(super) column: Columns,
    /// The source's words. Our own words are known without being listed.
    #[serde(default = "BTreeMap::new")]
    pub(super) words: BTreeMap<String, T>,
    /// What an empty cell, or a missing column, stands for.
    pub(super) default: Option<T>,
}

impl<T> Words<T> {
    fn always(value: T) -> Self {
        Self { column: Columns::default(), words: BTreeMap::new(), default: Some(value) }
    }
}

/// Where copies come from: exactly one of `generated`, `per_branch`, and `barcode` with `branch`; or none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Copies {
    pub(super) generated: Option<Generated>,
    /// `central*2 north`
    pub(super) per_branch: Columns,
    /// A row is a copy.
    pub(super) barcode: Columns,
    pub(super) branch: Columns,
    pub(super) shelf_mark: Columns,
    /// The source's names of branches, and our codes. Names not listed are taken for codes.
    pub(super) branches: BTreeMap<String, PlaceCode>,
    pub(super) barcode_prefix: String,
}

/// The rule for generated copies, as the reader of MARC needs it.
#[derive(Clone, Debug)]
pub(super) struct GeneratedCopies {
    pub(super) rule: Generated,
    pub(super) barcode_prefix: String,
}

impl std::str::FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let file: File = toml::from_str(text)?;
        let copies = file.copies;
        copies.checked()?;
        let Some(layout) = file.table else {
            let about_columns = [
                ("fields", file.fields.is_some()),
                ("creators", !file.creators.is_empty()),
                ("parts", file.parts.is_some()),
                ("material", file.material.is_some()),
                ("loan_rule", file.loan_rule.is_some()),
                ("copies", copies.columns().any(|columns| !columns.0.is_empty())),
            ];
            return match about_columns.into_iter().find(|(_, given)| *given) {
                Some((section, _)) => Err(MappingError::NoTable(section)),
                None => Ok(Self { table: None, copies }),
            };
        };
        if layout.key.0.is_empty() {
            return Err(MappingError::NoKey);
        }
        let delimiter = delimiter(&layout.delimiter)?;
        let fields = file.fields.unwrap_or_default();
        if fields.title.0.is_empty() && fields.citation.0.is_empty() {
            return Err(MappingError::NoTitle);
        }
        if file.creators.iter().any(|creator| creator.name.0.is_empty() == creator.list.0.is_empty()) {
            return Err(MappingError::CreatorColumns);
        }
        let table = Table {
            layout,
            delimiter,
            fields,
            creators: file.creators,
            parts: file.parts.unwrap_or_default(),
            material: file.material.unwrap_or_else(|| Words::always(MaterialType::Book)),
            loan_rule: file.loan_rule.unwrap_or_else(|| Words::always(LoanRule::Lendable)),
            copies: copies.clone(),
        };
        Ok(Self { table: Some(table), copies })
    }
}

impl Mapping {
    /// The rule for copies that a source doesn't have.
    pub(super) fn generated_copies(&self) -> Option<GeneratedCopies> {
        let rule = self.copies.generated.clone()?;
        Some(GeneratedCopies { rule, barcode_prefix: self.copies.barcode_prefix.clone() })
    }
}

impl Copies {
    fn columns(&self) -> impl Iterator<Item = &Columns> {
        [&self.per_branch, &self.barcode, &self.branch, &self.shelf_mark].into_iter()
    }

    fn checked(&self) -> Result<(), MappingError> {
        if let Some(rule) = &self.generated
            && (rule.branches.is_empty() || rule.min > rule.max)
        {
            return Err(MappingError::Generated);
        }
        let by_copy = !self.barcode.0.is_empty();
        let ways = [self.generated.is_some(), !self.per_branch.0.is_empty(), by_copy];
        let given = ways.into_iter().filter(|way| *way).count();
        if given > 1 || by_copy == self.branch.0.is_empty() {
            return Err(MappingError::CopyColumns);
        }
        Ok(())
    }
}

impl Table {
    /// All columns named, in no particular order.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let f = &self.fields;
        let of_fields = [
            &f.title,
            &f.title_reading,
            &f.subtitle,
            &f.volume,
            &f.publisher,
            &f.year,
            &f.isbn,
            &f.isbn_or_its_last_ten,
            &f.ndc,
            &f.series,
            &f.subjects,
            &f.extent,
            &f.citation,
            &f.series_and_publisher,
        ];
        let of_creators = self.creators.iter().flat_map(|c| [&c.name, &c.reading, &c.role, &c.list]);
        let of_parts = [&self.parts.label, &self.parts.ordinal, &self.parts.received_on];
        let of_words = [&self.layout.key, &self.material.column, &self.loan_rule.column];
        let all = of_fields.into_iter().chain(of_creators).chain(of_parts).chain(of_words).chain(self.copies.columns());
        all.flat_map(|columns| columns.0.iter().map(String::as_str))
    }
}

/// One column, or several whose texts are joined: `"title"`, `["family name", "given name"]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Columns(vec![name.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, names: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(names)).map(Columns)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
