//! From the fields of MARC 21 to a bib. What JAPAN/MARC does is followed where practices differ.

use domain::{
    PlaceCode,
    catalog::{BibRecord, Creator, ImportedBib, ImportedItem, ImportedPart, LoanRule, MaterialType},
    text::is_kanji,
};

use super::{
    Checked, Concern, Reason, Rejection,
    copies::{Labels, shelf_mark},
    mapping::GeneratedCopies,
    text::{add, add_isbn, classification, clean, is_japanese, responsible, without_punctuation, year},
};

/// A record as it stands in the file, decoded but not interpreted.
#[derive(Debug, Default)]
pub(super) struct MarcRecord {
    /// 24 characters, or what the file has in their place.
    pub(super) leader: String,
    /// All fields, in the order of the directory.
    pub(super) fields: Vec<Field>,
}

/// A field: a control field has a value, a data field has subfields.
#[derive(Debug)]
pub(super) struct Field {
    tag: String,
    value: String,
    second_indicator: char,
    subfields: Vec<(char, String)>,
}

impl Field {
    /// A field with tag 001 to 009.
    pub(super) fn control(tag: &str, value: String) -> Self {
        Self { tag: tag.to_owned(), value, second_indicator: ' ', subfields: Vec::new() }
    }

    /// Any other field.
    pub(super) fn data(tag: &str, second_indicator: char, subfields: Vec<(char, String)>) -> Self {
        Self { tag: tag.to_owned(), value: String::new(), second_indicator, subfields }
    }

    /// Adds a subfield at the end.
    pub(super) fn push(&mut self, code: char, text: String) {
        self.subfields.push((code, text));
    }

    /// All subfields with one of these codes, in their order.
    fn all<'r>(&'r self, codes: &'r str) -> impl Iterator<Item = &'r str> {
        self.subfields.iter().filter(|(code, _)| codes.contains(*code)).map(|(_, text)| text.as_str())
    }

    fn first(&self, code: char) -> Option<&str> {
        self.subfields.iter().find(|(other, _)| *other == code).map(|(_, text)| text.as_str())
    }

    fn is_unreadable(&self) -> bool {
        self.subfields.iter().any(|(_, text)| text.contains(char::REPLACEMENT_CHARACTER))
    }

    /// The first subfield with this code, without the punctuation around it.
    fn plain(&self, code: char) -> Option<String> {
        self.first(code).and_then(without_punctuation)
    }
}

impl MarcRecord {
    /// Whether there is nothing of MARC in it.
    pub(super) fn is_empty(&self) -> bool {
        self.leader.is_empty() && self.fields.is_empty()
    }

    fn control(&self, tag: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.tag == tag).map(|field| field.value.as_str())
    }

    fn tagged<'r>(&'r self, tags: &'r [&str]) -> impl Iterator<Item = &'r Field> {
        self.fields.iter().filter(|field| tags.contains(&field.tag.as_str()))
    }

    fn leader_at(&self, position: usize) -> char {
        self.leader.chars().nth(position).unwrap_or(' ')
    }

    /// A field and what its linked 880 fields are for it.
    fn spelled<'r>(&'r self, field: &'r Field) -> Spelled<'r> {
        let linked: Vec<(&str, &Field)> = field
            .first('6')
            .and_then(|link| link.strip_prefix("880-"))
            .filter(|occurrence| !occurrence.starts_with("00"))
            .map(|occurrence| {
                let own = format!("{}-{}", field.tag, occurrence.get(..2).unwrap_or(occurrence));
                self.tagged(&["880"])
                    .filter_map(|other| Some((other.first('6')?.strip_prefix(own.as_str())?, other)))
                    .collect()
            })
            .unwrap_or_default();
        let in_script = |script: &str| {
            linked.iter().find(|(link, _)| link.strip_prefix('/').is_some_and(|it| it.starts_with(script)))
        };
        let text_of = |field: &Field| field.all("ab").collect::<Vec<_>>().concat();
        // Characters in EACC come out unreadable; such a reading would sort and find nothing.
        let japanese = in_script("$1").filter(|(_, field)| !field.is_unreadable());
        match japanese {
            // Records from libraries outside Japan have romaji in the field and the title as printed in its 880.
            // JAPAN/MARC has the title as printed in the field, and always both kana and romaji linked to it.
            Some((_, other))
                if in_script("(B").is_none()
                    && !is_japanese(&text_of(field))
                    && text_of(other).chars().any(is_kanji) =>
            {
                Spelled { field: other, reading: None }
            }
            other => Spelled { field, reading: other.map(|(_, field)| *field) },
        }
    }
}

/// A field in the letters of the book, and its reading in kana.
struct Spelled<'r> {
    field: &'r Field,
    reading: Option<&'r Field>,
}

/// The bibs of a MARC file.
pub(super) struct Bibs<I> {
    records: I,
    copies: Option<GeneratedCopies>,
    position: u64,
}

impl<I> Bibs<I> {
    /// `copies` are made for records that have none.
    pub(super) fn new(records: I, copies: Option<GeneratedCopies>) -> Self {
        Self { records, copies, position: 0 }
    }
}

impl<I: Iterator<Item = Result<MarcRecord, Reason>>> Iterator for Bibs<I> {
    type Item = Result<Checked, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        self.position += 1;
        let position = self.position;
        let record = match record {
            Ok(record) => record,
            Err(reason) => return Some(Err(Rejection { position, key: None, reason })),
        };
        let mut concerns = Vec::new();
        if record.tagged(&["880"]).any(Field::is_unreadable) {
            concerns.push(Concern::Characters);
        }
        let isbns = isbns(&record, &mut concerns);
        let key = key(&record, &isbns);
        let bib = match (key, described(&record, isbns)) {
            (None, _) => Err((None, Reason::NoKey)),
            (key, None) => Err((key, Reason::NoTitle)),
            (Some(key), Some(bib)) => Ok(with_copies(&record, key, bib, self.copies.as_ref())),
        };
        Some(match bib {
            Ok(bib) => Ok(Checked::new(bib, position, concerns)),
            Err((key, reason)) => Err(Rejection { position, key, reason }),
        })
    }
}

fn isbns(record: &MarcRecord, concerns: &mut Vec<Concern>) -> Vec<String> {
    let mut isbns = Vec::new();
    for text in record.tagged(&["020"]).filter_map(|field| field.first('a')) {
        // What follows the number is the binding or the price: `0877790019 (pbk.) :`.
        if let Some(number) = text.split_whitespace().next() {
            add_isbn(number.trim_end_matches([':', ',', ';']), &mut isbns, concerns);
        }
    }
    isbns
}

/// 001, else the first ISBN, else the number of the national bibliography.
fn key(record: &MarcRecord, isbns: &[String]) -> Option<String> {
    let national = || record.tagged(&["015"]).find_map(|field| field.first('a')).and_then(clean);
    record.control("001").and_then(clean).or_else(|| isbns.first().cloned()).or_else(national)
}

/// What is known of the title; `None` when that isn't.
fn described(record: &MarcRecord, isbns: Vec<String>) -> Option<BibRecord> {
    let title_field = record.tagged(&["245"]).find(|field| field.plain('a').is_some())?;
    let spelled = record.spelled(title_field);
    let title_field = spelled.field;
    // A new edition is another book under the same title, and the bib has no place of its own for it.
    let edition = record.tagged(&["250"]).find_map(|field| field.plain('a'));
    let subtitle: Vec<String> = title_field.plain('b').into_iter().chain(edition).collect();
    let volume: Vec<String> = title_field.all("np").filter_map(without_punctuation).collect();
    let published = published(record);
    let year = published
        .and_then(|field| field.first('c'))
        .and_then(year)
        .or_else(|| year(&record.control("008")?.chars().skip(7).take(4).collect::<String>()));
    let mut ndc = Vec::new();
    for field in record.tagged(&["084"]) {
        if field.first('2').is_some_and(|scheme| scheme.starts_with("njb") || scheme.starts_with("ndc")) {
            field.all("a").flat_map(|text| classification(text).ndc).for_each(|number| add(&mut ndc, number));
        }
    }
    let mut subjects = Vec::new();
    for field in record.tagged(&["600", "610", "611", "630", "650", "651", "653"]) {
        let heading: Vec<String> = field.all("axyzv").filter_map(without_punctuation).collect();
        // Uncontrolled words (653) stand next to each other in one field; headings are subdivided.
        if field.tag == "653" {
            heading.into_iter().for_each(|word| add(&mut subjects, word));
        } else if !heading.is_empty() {
            add(&mut subjects, heading.join("--"));
        }
    }
    Some(BibRecord {
        title: title_field.plain('a')?,
        title_reading: spelled.reading.and_then(|reading| reading.plain('a')),
        subtitle: clean(&subtitle.join(" : ")),
        volume: clean(&volume.join(" ")),
        creators: creators(record, title_field),
        publisher: published.and_then(|field| record.spelled(field).field.plain('b')),
        year,
        isbns,
        ndc,
        series: series(record),
        subjects,
        extent: extent(record),
        material: material(record),
    })
}

/// The field of publication: 264 may also stand for production, distribution, manufacture and copyright.
fn published(record: &MarcRecord) -> Option<&Field> {
    let publication = |field: &&Field| field.tag == "260" || field.second_indicator == '1';
    let mut fields = record.tagged(&["260", "264"]);
    record.tagged(&["260", "264"]).find(publication).or_else(|| fields.next())
}

fn creators(record: &MarcRecord, title_field: &Field) -> Vec<Creator> {
    let statement = title_field.first('c').unwrap_or_default();
    let stated = responsible(statement);
    let mut creators: Vec<Creator> = Vec::new();
    for field in record.tagged(&["100", "110", "111", "700", "710", "711"]) {
        let spelled = record.spelled(field);
        let Some(name) = name(spelled.field) else { continue };
        if creators.iter().any(|creator| creator.name == name) {
            continue;
        }
        // JAPAN/MARC tells what someone did only where the book does.
        let role = field.plain('e').or_else(|| {
            let plain = solid(&name);
            stated.iter().find(|creator| solid(&creator.name) == plain)?.role.clone()
        });
        creators.push(Creator { name, reading: spelled.reading.and_then(self::name), role });
    }
    if creators.is_empty() { stated } else { creators }
}

/// The name in a field, with its parts parted by a blank where it is Japanese (`萩野, 正昭`): a comma is what Latin
/// names have between family and given name.
fn name(field: &Field) -> Option<String> {
    // Of a body all the parts down to the office; of a person only the name.
    let parts: Vec<String> = match field.tag.as_str() {
        "110" | "710" => field.all("ab").filter_map(without_punctuation).collect(),
        _ => field.plain('a').into_iter().collect(),
    };
    let name = clean(&parts.join(" "))?;
    Some(if is_japanese(&name) { name.replace(", ", " ") } else { name })
}

/// A name without what parts it, for comparing.
fn solid(name: &str) -> String {
    name.chars().filter(|character| !character.is_whitespace() && !matches!(character, ',' | '・' | '=')).collect()
}

fn series(record: &MarcRecord) -> Option<String> {
    ["490", "440", "830"].into_iter().find_map(|tag| {
        let all: Vec<String> = record
            .tagged(&[tag])
            .filter_map(|field| {
                let field = record.spelled(field).field;
                let title = field.plain('a')?;
                Some(field.plain('v').map_or(title.clone(), |number| format!("{title} {number}")))
            })
            .collect();
        clean(&all.join(" ; "))
    })
}

fn extent(record: &MarcRecord) -> Option<String> {
    let field = record.tagged(&["300"]).next()?;
    without_punctuation(&field.all("abce").map(str::trim).collect::<Vec<_>>().join(" "))
}

/// The kind of material, by the leader first, since it is coded; older records say it only in words.
fn material(record: &MarcRecord) -> MaterialType {
    let words: String = record
        .tagged(&["245"])
        .filter_map(|field| field.first('h'))
        .chain(record.tagged(&["300"]).filter_map(|field| field.first('a')))
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let carrier: Vec<char> = record.control("007").unwrap_or_default().chars().collect();
    if says(&["紙芝居", "kamishibai"]) {
        return MaterialType::Kamishibai;
    }
    let sound = says(&["sound recording", "録音資料", "録音ディスク"]);
    let moving = says(&["videorecording", "映像資料", "ビデオ", "dvd", "レーザーディスク", "laser disc", "videodisc"]);
    match record.leader_at(6) {
        'i' | 'j' => MaterialType::Cd,
        'a' | 't' if !sound && !moving => match record.leader_at(7) {
            's' => MaterialType::Magazine,
            _ => MaterialType::Book,
        },
        kind => match carrier.first() {
            // 007: v for video, fifth character g for laser optical discs.
            Some('v') if carrier.get(4) == Some(&'g') => MaterialType::Ld,
            _ if says(&["レーザーディスク", "laser disc"]) => MaterialType::Ld,
            Some('s') => MaterialType::Cd,
            Some('v') => MaterialType::Dvd,
            _ if sound => MaterialType::Cd,
            _ if kind == 'g' || moving => MaterialType::Dvd,
            _ => MaterialType::Book,
        },
    }
}

/// The bib with its copies: those of its own (852 with a barcode), else generated ones.
fn with_copies(
    record: &MarcRecord,
    source_key: String,
    bib: BibRecord,
    generated: Option<&GeneratedCopies>,
) -> ImportedBib {
    let class = bib.ndc.first().map(String::as_str);
    let mark = shelf_mark(class, &bib.creators, &bib.title, bib.title_reading.as_deref());
    let mut items: Vec<ImportedItem> = record
        .tagged(&["852"])
        .filter_map(|field| {
            let call_number = clean(&field.all("hikm").map(str::trim).collect::<Vec<_>>().join(" "));
            Some(ImportedItem {
                barcode: field.first('p').and_then(clean)?,
                branch: PlaceCode(field.first('b').and_then(clean)?),
                shelf_mark: call_number.unwrap_or_else(|| mark.clone()),
                loan_rule: LoanRule::Lendable,
            })
        })
        .collect();
    if let Some(copies) = generated.filter(|_| items.is_empty()) {
        let labels = Labels { prefix: &copies.barcode_prefix, key: &source_key, part: None, shelf_mark: &mark };
        let branches = copies.rule.branches_of(&source_key);
        items.extend((1..).zip(branches).map(|(number, branch)| labels.copy(number, branch, LoanRule::Lendable)));
    }
    let part = ImportedPart { label: String::new(), ordinal: 0, received_on: None, items };
    ImportedBib { source_key, record: bib, parts: vec![part] }
}
