//! The fields of the index, and how a bib is laid out in them.

use std::collections::BTreeSet;

use domain::{
    BibId,
    catalog::{BibRecord, isbn::Isbn13},
    text::{self, reading_sort_key},
};
use tantivy::{
    TantivyDocument, Term,
    schema::{BytesOptions, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions},
};

use super::{
    IndexedBib,
    analysis::{tokens, with_written_particles},
    suggest::{Entry, Kind, key_of},
};

/// Names of the columns that searches are narrowed, counted and sorted by.
pub(super) mod columns {
    pub(in super::super) const MATERIAL: &str = "material";
    pub(in super::super) const BRANCH: &str = "branch";
    pub(in super::super) const YEAR: &str = "year";
    pub(in super::super) const NDC_CLASS: &str = "ndc_class";
    /// Sort key of the title, followed by the 16 bytes of the bib's id: unique, so it also orders what is
    /// otherwise alike, and it spares a look into stored documents.
    pub(in super::super) const SORT_KEY: &str = "sort_key";
}

/// Bytes of an id at the end of the sort key.
pub(super) const ID_BYTES: usize = 16;

/// The fields of the index.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    id: Field,
    /// Title as written.
    pub(super) title: Field,
    /// Title and its reading in hiragana.
    pub(super) title_reading: Field,
    /// Title and its reading folded.
    pub(super) title_folded: Field,
    /// Makers' names as written.
    pub(super) creator: Field,
    /// Makers' names and their readings folded.
    pub(super) creator_folded: Field,
    /// The rest of the record, folded.
    pub(super) other: Field,
    /// ISBNs as 13 digits.
    pub(super) isbn: Field,
    /// NDC numbers without the point, from three digits on, and all their beginnings.
    pub(super) ndc: Field,
    /// What is offered while typing; see [`Entry`].
    pub(super) entries: Field,
    /// The keys of the entries alone: a shorter dictionary, which is gone through for other spellings.
    pub(super) keys: Field,
    material: Field,
    branch: Field,
    year: Field,
    ndc_class: Field,
    sort_key: Field,
}

impl Fields {
    /// The schema, the same in every index of this version.
    pub(super) fn schema() -> Schema {
        let phrases = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        );
        let terms = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::Basic),
        );
        let words = TextOptions::default().set_fast("raw");
        let mut schema = Schema::builder();
        schema.add_bytes_field("id", INDEXED);
        for name in ["title", "title_reading", "title_folded", "creator", "creator_folded", "other"] {
            schema.add_text_field(name, phrases.clone());
        }
        for name in ["isbn", "ndc", "entries", "keys"] {
            schema.add_text_field(name, terms.clone());
        }
        schema.add_text_field(columns::MATERIAL, words.clone());
        schema.add_text_field(columns::BRANCH, words);
        schema.add_i64_field(columns::YEAR, NumericOptions::default().set_fast());
        schema.add_u64_field(columns::NDC_CLASS, NumericOptions::default().set_fast());
        schema.add_bytes_field(columns::SORT_KEY, BytesOptions::default().set_fast());
        schema.build()
    }

    /// The fields of a schema.
    pub(super) fn new(schema: &Schema) -> tantivy::Result<Self> {
        Ok(Self {
            id: schema.get_field("id")?,
            title: schema.get_field("title")?,
            title_reading: schema.get_field("title_reading")?,
            title_folded: schema.get_field("title_folded")?,
            creator: schema.get_field("creator")?,
            creator_folded: schema.get_field("creator_folded")?,
            other: schema.get_field("other")?,
            isbn: schema.get_field("isbn")?,
            ndc: schema.get_field("ndc")?,
            entries: schema.get_field("entries")?,
            keys: schema.get_field("keys")?,
            material: schema.get_field(columns::MATERIAL)?,
            branch: schema.get_field(columns::BRANCH)?,
            year: schema.get_field(columns::YEAR)?,
            ndc_class: schema.get_field(columns::NDC_CLASS)?,
            sort_key: schema.get_field(columns::SORT_KEY)?,
        })
    }

    /// The term by which a bib's document is found again.
    pub(super) fn id_term(&self, id: BibId) -> Term {
        Term::from_field_bytes(self.id, id.0.as_bytes())
    }

    /// A bib laid out for the index.
    pub(super) fn document(&self, bib: &IndexedBib) -> TantivyDocument {
        let record = &bib.record;
        let mut document = TantivyDocument::new();
        document.add_bytes(self.id, bib.id.0.as_bytes());
        document.add_bytes(self.sort_key, &sort_key(bib));
        self.add_titles(&mut document, record);
        self.add_creators(&mut document, record);
        self.add_other(&mut document, bib);
        self.add_numbers(&mut document, record);
        document.add_text(self.material, record.material.as_str());
        for branch in bib.branches.iter().collect::<BTreeSet<_>>() {
            document.add_text(self.branch, &branch.0);
        }
        if let Some(year) = record.year {
            document.add_i64(self.year, year.into());
        }
        document
    }

    fn add_titles(&self, document: &mut TantivyDocument, record: &BibRecord) {
        let title = &record.title;
        let mut titles = vec![title.clone()];
        // What stands on the spine and on the title page counts as the title too.
        titles.extend([&record.volume, &record.subtitle].into_iter().flatten().map(|rest| format!("{title} {rest}")));
        for title in &titles {
            document.add_pre_tokenized_text(self.title, tokens(&text::written(title)));
            document.add_pre_tokenized_text(self.title_reading, tokens(&text::reading(title)));
            document.add_pre_tokenized_text(self.title_folded, tokens(&text::folded(title)));
        }
        let reading = record.title_reading.as_deref();
        for reading in reading.map(str::to_owned).into_iter().chain(reading.and_then(with_written_particles)) {
            document.add_pre_tokenized_text(self.title_reading, tokens(&text::reading(&reading)));
            document.add_pre_tokenized_text(self.title_folded, tokens(&text::folded(&reading)));
        }
        self.add_entries(document, Kind::Title, title, reading);
    }

    fn add_creators(&self, document: &mut TantivyDocument, record: &BibRecord) {
        for creator in &record.creators {
            document.add_pre_tokenized_text(self.creator, tokens(&text::written(&creator.name)));
            for form in [Some(&creator.name), creator.reading.as_ref()].into_iter().flatten() {
                document.add_pre_tokenized_text(self.creator_folded, tokens(&text::folded(form)));
            }
            self.add_entries(document, Kind::Creator, &creator.name, creator.reading.as_deref());
        }
    }

    fn add_other(&self, document: &mut TantivyDocument, bib: &IndexedBib) {
        let record = &bib.record;
        let year = record.year.map(|year| year.to_string());
        let texts = [&record.publisher, &record.series, &record.subtitle, &record.volume, &year]
            .into_iter()
            .flatten()
            .chain(&record.subjects)
            .chain(&bib.part_labels);
        for form in texts {
            document.add_pre_tokenized_text(self.other, tokens(&text::folded(form)));
        }
    }

    fn add_numbers(&self, document: &mut TantivyDocument, record: &BibRecord) {
        for isbn in &record.isbns {
            document.add_text(self.isbn, isbn.parse::<Isbn13>().map_or_else(|_| isbn.clone(), String::from));
        }
        let numbers: BTreeSet<String> = record.ndc.iter().map(|number| ndc_digits(number)).collect();
        let classes: BTreeSet<u64> =
            numbers.iter().filter_map(|digits| digits.chars().next()?.to_digit(10)).map(u64::from).collect();
        for class in classes {
            document.add_u64(self.ndc_class, class);
        }
        let beginnings: BTreeSet<&str> =
            numbers.iter().flat_map(|digits| (3..=digits.len()).map(move |end| &digits[..end])).collect();
        for beginning in beginnings {
            document.add_text(self.ndc, beginning);
        }
    }

    fn add_entries(&self, document: &mut TantivyDocument, kind: Kind, text: &str, reading: Option<&str>) {
        for term in Entry::terms(kind, text, reading) {
            document.add_text(self.keys, key_of(&term));
            document.add_text(self.entries, term);
        }
    }
}

/// The digits of an NDC number: `K913.6` becomes `9136`. Letters of the source before the number are passed over,
/// and what follows it is cut.
pub(super) fn ndc_digits(number: &str) -> String {
    number
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .filter(char::is_ascii_digit)
        .collect()
}

fn sort_key(bib: &IndexedBib) -> Vec<u8> {
    let record = &bib.record;
    let mut key = reading_sort_key(record.title_reading.as_deref().unwrap_or(&record.title));
    key.extend(reading_sort_key(record.volume.as_deref().map(volume_number).unwrap_or_default()));
    key.extend(bib.id.0.as_bytes());
    key
}

/// The number that a volume's word stands for when volumes are put in order.
fn volume_number(volume: &str) -> &str {
    match volume.trim().trim_end_matches(['巻', '編', '篇']) {
        "上" | "前" | "一" => "1",
        "中" | "二" => "2",
        "下" | "後" | "三" => "3",
        "四" => "4",
        "五" => "5",
        "六" => "6",
        "七" => "7",
        "八" => "8",
        "九" => "9",
        "十" => "10",
        other => other,
    }
}
