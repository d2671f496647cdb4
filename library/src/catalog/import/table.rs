//! Delimited text, read by a mapping.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, hash_map::Entry},
    mem,
    str::FromStr,
};

use super::{
    Checked, Concern, Mapping, OpenError, Reason, Rejection,
    citation::{citation, series_and_publisher},
    copies::{Labels, shelf_mark},
    input::Plain,
    mapping::{Columns, Rows, Table, Words},
    sheet::{Row, Sheet},
    text::{add, add_isbn, classification, clean, year},
};
use chrono::NaiveDate;
use domain::{
    PlaceCode, UnknownWord,
    catalog::{
        BibRecord, Creator, ImportedBib, ImportedItem, ImportedPart, LoanRule,
        isbn::{InvalidIsbn, Isbn13},
    },
};

/// The bibs of a table.
pub(super) struct Bibs<'a> {
    rows: Sheet<'a>,
    table: Table,
    /// The bibs still open to further rows, in the order of their first rows.
    open: Vec<Draft>,
    /// Number of bibs that were open and no longer are.
    closed: usize,
    /// Number of each key in the order of first rows, over open and closed bibs.
    keys: HashMap<String, usize>,
    /// Those on their way out.
    leaving: std::vec::IntoIter<Draft>,
    barcodes: HashSet<String>,
    ended: bool,
}

impl<'a> Bibs<'a> {
    /// Reads the header row and checks that it has what the mapping names.
    pub(super) fn new(source: Plain<'a>, mapping: &Mapping) -> Result<Self, OpenError> {
        let table = mapping.table.clone().ok_or(OpenError::NoTable)?;
        let rows = Sheet::open(source, table.layout.encoding, table.delimiter, table.columns())?;
        Ok(Self {
            rows,
            table,
            open: Vec::new(),
            closed: 0,
            keys: HashMap::new(),
            leaving: Vec::new().into_iter(),
            barcodes: HashSet::new(),
            ended: false,
        })
    }

    /// Adds what a row says to its bib.
    fn take(&mut self, key: String, draft: Draft) -> Result<(), Reason> {
        let number = self.keys.len();
        match self.keys.entry(key) {
            Entry::Occupied(known) => {
                let bib = known.get().checked_sub(self.closed).and_then(|at| self.open.get_mut(at));
                bib.ok_or(Reason::SplitRows)?.add(draft);
            }
            Entry::Vacant(new) => {
                new.insert(number);
                if self.table.layout.rows == Rows::Contiguous {
                    self.close();
                }
                self.open.push(draft);
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        self.closed += self.open.len();
        self.leaving = mem::take(&mut self.open).into_iter();
    }
}

impl Iterator for Bibs<'_> {
    type Item = Result<Checked, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(draft) = self.leaving.next() {
                return Some(draft.finish(&self.table, &mut self.barcodes));
            }
            if self.ended {
                return None;
            }
            let row = match self.rows.next() {
                Some(Ok(row)) => row,
                Some(Err(rejection)) => return Some(Err(rejection)),
                None => {
                    // What was read whole still goes in.
                    self.ended = true;
                    self.close();
                    continue;
                }
            };
            let position = row.position;
            let Some(key) = row.joined(&self.table.layout.key, "-") else {
                return Some(Err(Rejection { position, key: None, reason: Reason::NoKey }));
            };
            let read = Draft::read(&row, key.clone(), position, &self.table);
            if let Err(reason) = read.and_then(|draft| self.take(key.clone(), draft)) {
                return Some(Err(Rejection { position, key: Some(key), reason }));
            }
        }
    }
}

impl Row<'_> {
    /// The parts of a cell that holds a list, parted by semicolons.
    fn list(&self, columns: &Columns) -> Vec<String> {
        self.joined(columns, ";").map_or_else(Vec::new, |text| text.split([';', '；']).filter_map(clean).collect())
    }

    /// What the word in a column stands for.
    fn word<T: Copy + FromStr<Err = UnknownWord>>(&self, words: &Words<T>) -> Result<T, UnknownWord> {
        let word = self.text(&words.column);
        match (word, words.default) {
            (None, Some(default)) => Ok(default),
            (None, None) => "".parse(),
            (Some(word), _) => words.words.get(&word).copied().map_or_else(|| word.parse(), Ok),
        }
    }
}

/// A bib while its rows come in.
struct Draft {
    key: String,
    position: u64,
    record: BibRecord,
    shelf_class: Option<String>,
    parts: Vec<DraftPart>,
    concerns: Vec<Concern>,
}

struct DraftPart {
    label: String,
    ordinal: Option<i64>,
    received_on: Option<NaiveDate>,
    copies: Vec<DraftCopy>,
}

struct DraftCopy {
    branch: PlaceCode,
    loan_rule: LoanRule,
    /// `None` where it is made from the key.
    barcode: Option<String>,
    shelf_mark: Option<String>,
}

impl Draft {
    fn read(row: &Row<'_>, key: String, position: u64, table: &Table) -> Result<Self, Reason> {
        let fields = &table.fields;
        let material = row.word(&table.material)?;
        let mut concerns = Vec::new();
        let cited = row.text(&fields.citation).map(|text| citation(&text)).unwrap_or_default();
        let (series, publisher) =
            row.text(&fields.series_and_publisher).map(|text| series_and_publisher(&text)).unwrap_or_default();
        let mut isbns = Vec::new();
        row.list(&fields.isbn).iter().for_each(|text| add_isbn(text, &mut isbns, &mut concerns));
        row.list(&fields.isbn_or_its_last_ten)
            .iter()
            .for_each(|text| add_isbn(&with_978(text), &mut isbns, &mut concerns));
        let class = row.text(&fields.ndc).map(|text| classification(&text)).unwrap_or_default();
        let mut creators: Vec<Creator> =
            table.creators.iter().flat_map(|columns| self::creators(row, columns)).collect();
        creators.extend(cited.creators);
        let record = BibRecord {
            title: row.text(&fields.title).or(cited.title).unwrap_or_default(),
            title_reading: row.text(&fields.title_reading),
            subtitle: row.text(&fields.subtitle),
            volume: row.text(&fields.volume).or(cited.volume),
            creators,
            publisher: row.text(&fields.publisher).or(publisher).or(cited.publisher),
            year: row.text(&fields.year).and_then(|text| year(&text)).or(cited.year),
            isbns,
            ndc: class.ndc,
            series: row.text(&fields.series).or(series).or(cited.series),
            subjects: row.list(&fields.subjects),
            extent: row.text(&fields.extent).or(cited.extent),
            material,
        };
        let part = DraftPart {
            label: row.text(&table.parts.label).unwrap_or_default(),
            ordinal: row.text(&table.parts.ordinal).map(|text| number(&text)).transpose()?,
            received_on: row.text(&table.parts.received_on).map(|text| date(&text)).transpose()?,
            copies: copies(row, table)?,
        };
        Ok(Self { key, position, record, shelf_class: class.shelf_class, parts: vec![part], concerns })
    }

    /// Adds what another row of the same bib says. Where rows contradict each other the first is right.
    fn add(&mut self, other: Self) {
        let (mine, theirs) = (&mut self.record, other.record);
        if mine.title.is_empty() {
            mine.title = theirs.title;
        }
        fill(&mut mine.title_reading, theirs.title_reading);
        fill(&mut mine.subtitle, theirs.subtitle);
        fill(&mut mine.volume, theirs.volume);
        fill(&mut mine.publisher, theirs.publisher);
        fill(&mut mine.year, theirs.year);
        fill(&mut mine.series, theirs.series);
        fill(&mut mine.extent, theirs.extent);
        theirs.creators.into_iter().for_each(|creator| add(&mut mine.creators, creator));
        theirs.isbns.into_iter().for_each(|isbn| add(&mut mine.isbns, isbn));
        theirs.ndc.into_iter().for_each(|class| add(&mut mine.ndc, class));
        theirs.subjects.into_iter().for_each(|subject| add(&mut mine.subjects, subject));
        fill(&mut self.shelf_class, other.shelf_class);
        for concern in other.concerns {
            add(&mut self.concerns, concern);
        }
        for part in other.parts {
            match self.parts.iter_mut().find(|known| known.label == part.label) {
                Some(known) => {
                    fill(&mut known.ordinal, part.ordinal);
                    fill(&mut known.received_on, part.received_on);
                    known.copies.extend(part.copies);
                }
                None => self.parts.push(part),
            }
        }
    }

    /// The bib, now that all its rows are in.
    fn finish(mut self, table: &Table, barcodes: &mut HashSet<String>) -> Result<Checked, Rejection> {
        let position = self.position;
        if self.record.title.is_empty() {
            return Err(Rejection { position, key: Some(self.key), reason: Reason::NoTitle });
        }
        if let Some(rule) = &table.copies.generated
            && let Some(first) = self.parts.first_mut()
        {
            let made = rule.branches_of(&self.key).into_iter().map(DraftCopy::lendable);
            first.copies.extend(made);
        }
        let record = &self.record;
        let mark =
            shelf_mark(self.shelf_class.as_deref(), &record.creators, &record.title, record.title_reading.as_deref());
        let mut parts = Vec::with_capacity(self.parts.len());
        for (at, part) in (0..).zip(self.parts) {
            let ordinal = part.ordinal.unwrap_or(at);
            let labels = Labels {
                prefix: &table.copies.barcode_prefix,
                key: &self.key,
                part: (!part.label.is_empty()).then_some(ordinal),
                shelf_mark: &mark,
            };
            let items: Vec<ImportedItem> =
                (1..).zip(part.copies).map(|(number, copy)| copy.finish(&labels, number)).collect();
            parts.push(ImportedPart { label: part.label, ordinal, received_on: part.received_on, items });
        }
        for item in parts.iter().flat_map(|part: &ImportedPart| &part.items) {
            if !barcodes.insert(item.barcode.clone()) {
                let reason = Reason::Barcode(item.barcode.clone());
                return Err(Rejection { position, key: Some(self.key), reason });
            }
        }
        Ok(Checked::new(ImportedBib { source_key: self.key, record: self.record, parts }, position, self.concerns))
    }
}

impl DraftCopy {
    fn lendable(branch: PlaceCode) -> Self {
        Self { branch, loan_rule: LoanRule::Lendable, barcode: None, shelf_mark: None }
    }

    fn finish(self, labels: &Labels<'_>, number: usize) -> ImportedItem {
        let mut item = labels.copy(number, self.branch, self.loan_rule);
        if let Some(barcode) = self.barcode {
            item.barcode = barcode;
        }
        if let Some(shelf_mark) = self.shelf_mark {
            item.shelf_mark = shelf_mark;
        }
        item
    }
}

/// Keeps what is known, else takes what is new.
fn fill<T>(known: &mut Option<T>, new: Option<T>) {
    if known.is_none() {
        *known = new;
    }
}

fn creators(row: &Row<'_>, columns: &super::mapping::Creators) -> Vec<Creator> {
    if let Some(name) = row.text(&columns.name) {
        return vec![Creator { name, reading: row.text(&columns.reading), role: row.text(&columns.role) }];
    }
    let of_entry = |entry: String| {
        let mut fields = entry.split('|').map(clean);
        let name = fields.next().flatten()?;
        Some(Creator { name, reading: fields.next().flatten(), role: fields.next().flatten() })
    };
    row.list(&columns.list).into_iter().filter_map(of_entry).collect()
}

/// The copies a row tells of.
fn copies(row: &Row<'_>, table: &Table) -> Result<Vec<DraftCopy>, Reason> {
    let columns = &table.copies;
    let loan_rule = row.word(&table.loan_rule)?;
    let code = |name: &str| columns.branches.get(name).cloned().unwrap_or_else(|| PlaceCode(name.to_owned()));
    if !columns.barcode.0.is_empty() {
        // A row without both is about the bib alone.
        return match (row.text(&columns.barcode), row.text(&columns.branch)) {
            (None, None) => Ok(Vec::new()),
            (None, _) => Err(Reason::CopyWithout("barcode")),
            (_, None) => Err(Reason::CopyWithout("branch")),
            (Some(barcode), Some(branch)) => Ok(vec![DraftCopy {
                branch: code(&branch),
                loan_rule,
                barcode: Some(barcode),
                shelf_mark: row.text(&columns.shelf_mark),
            }]),
        };
    }
    let mut copies = Vec::new();
    for word in row.text(&columns.per_branch).unwrap_or_default().split_whitespace() {
        let (branch, count) = match word.split_once('*') {
            None => (word, Some(1)),
            // No branch has a hundred copies; a number like that is a slip, and two digits are what barcodes have.
            Some((branch, count)) => (branch, count.parse::<usize>().ok().filter(|count| (1..100).contains(count))),
        };
        let count = count.filter(|_| !branch.is_empty()).ok_or_else(|| Reason::Copies(word.to_owned()))?;
        copies.extend((0..count).map(|_| DraftCopy { loan_rule, ..DraftCopy::lendable(code(branch)) }));
    }
    Ok(copies)
}

/// An ISBN, with 978 put back where its check digit shows that it was cut off.
///
/// Not done to every ISBN: one in ten that were misread would come out as another book's.
fn with_978(text: &str) -> Cow<'_, str> {
    let whole = format!("978{text}");
    if text.parse::<Isbn13>() == Err(InvalidIsbn::CheckDigit) && whole.parse::<Isbn13>().is_ok() {
        return Cow::Owned(whole);
    }
    Cow::Borrowed(text)
}

fn number(text: &str) -> Result<i64, Reason> {
    text.parse().map_err(|_| Reason::Number(text.to_owned()))
}

/// `2026-11-30`, also with slashes and without leading zeros, as spreadsheets turn dates.
fn date(text: &str) -> Result<NaiveDate, Reason> {
    NaiveDate::parse_from_str(&text.replace('/', "-"), "%Y-%m-%d").map_err(|_| Reason::Date(text.to_owned()))
}
