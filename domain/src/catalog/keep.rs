//! Keeping the catalogue at the desk: what is typed of a title, a copy or an issue, and what is shown.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{BibRecord, Creator, LoanRule, MaterialType, isbn::Isbn13};
use crate::{
    BibId, PartId, PlaceCode,
    circulation::{ItemState, Refusal},
    policy::Policy,
    text,
    words::words,
};

/// A title as it is typed at the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BibForm {
    /// 書名
    pub title: String,
    /// Its reading in kana.
    pub reading: String,
    /// Volume of a work that is catalogued volume by volume.
    pub volume: String,
    /// Names, parted by `；` or `;`.
    pub creators: String,
    /// 出版社
    pub publisher: String,
    /// 出版年
    pub year: String,
    /// ISBN, as scanned.
    pub isbn: String,
    /// 分類 (NDC)
    pub ndc: String,
    /// 資料区分, by its word.
    pub material: String,
}

words! {
    /// Why something of the catalogue can't be kept as typed.
    KeepProblem, "problem of the catalogue" {
        /// The title is missing.
        Title = "title",
        /// The reading is not in kana.
        Reading = "reading",
        /// The year is no year.
        Year = "year",
        /// The number is no ISBN.
        Isbn = "isbn",
        /// Another title has this ISBN.
        IsbnTaken = "isbn-taken",
        /// The kind of material was not chosen.
        Material = "material",
        /// The kind of material can't be changed while the title has reservations or loans.
        MaterialInUse = "material-in-use",
        /// The barcode is missing.
        Barcode = "barcode",
        /// Another copy has this barcode.
        BarcodeTaken = "barcode-taken",
        /// No copy has this barcode.
        BarcodeUnknown = "barcode-unknown",
        /// The branch was not chosen, or has no shelves.
        Branch = "branch",
        /// The loan rule was not chosen.
        LoanRule = "loan-rule",
        /// The copy is kept for a reservation and can't be barred from lending now.
        CopyHeld = "copy-held",
        /// The issue has no name.
        Issue = "issue",
        /// The day can't be read, or is still to come.
        Day = "day",
        /// There is no such title.
        Gone = "gone",
    }
}

/// Reads a title as typed. What the form does not show of `known` stays as it is: series, subjects, readings and roles of
/// names that were not changed, further ISBNs.
///
/// # Errors
/// All that is wrong.
pub fn read_bib(form: &BibForm, known: Option<&BibRecord>) -> Result<BibRecord, Vec<KeepProblem>> {
    let mut problems = Vec::new();
    let given =
        |typed: &str| Some(typed.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty());
    let title = given(&form.title);
    if title.is_none() {
        problems.push(KeepProblem::Title);
    }
    let reading = given(&text::katakana(&form.reading));
    if reading.as_deref().is_some_and(|reading| reading.chars().any(text::is_kanji)) {
        problems.push(KeepProblem::Reading);
    }
    let year = given(&text::one_width(&form.year)).map(|year| year.trim_end_matches('年').parse::<i32>());
    let year = match year {
        None => None,
        Some(Ok(year)) if (1..=9999).contains(&year) => Some(year),
        Some(_) => {
            problems.push(KeepProblem::Year);
            None
        }
    };
    let isbn = match given(&form.isbn).map(|isbn| isbn.parse::<Isbn13>()) {
        None => None,
        Some(Ok(isbn)) => Some(String::from(isbn)),
        Some(Err(_)) => {
            problems.push(KeepProblem::Isbn);
            None
        }
    };
    let material: Option<MaterialType> = form.material.parse().ok();
    if material.is_none() {
        problems.push(KeepProblem::Material);
    }
    let (Some(title), Some(material), true) = (title, material, problems.is_empty()) else { return Err(problems) };
    let old = known.cloned();
    let creators = form.creators.split(['；', ';', '\n']).filter_map(given).map(|name| {
        let same = known.and_then(|known| known.creators.iter().find(|creator| creator.name == name));
        same.cloned().unwrap_or(Creator { name, reading: None, role: None })
    });
    let old_isbns = old.as_ref().map(|old| old.isbns.clone()).unwrap_or_default();
    let isbns = match isbn {
        Some(first) => {
            std::iter::once(first.clone()).chain(old_isbns.into_iter().skip(1).filter(|isbn| *isbn != first)).collect()
        }
        None => old_isbns.into_iter().skip(1).collect(),
    };
    let old_ndc = old.as_ref().map(|old| old.ndc.clone()).unwrap_or_default();
    let ndc = given(&text::one_width(&form.ndc)).into_iter().chain(old_ndc.into_iter().skip(1)).collect();
    Ok(BibRecord {
        title,
        title_reading: reading,
        subtitle: old.as_ref().and_then(|old| old.subtitle.clone()),
        volume: given(&form.volume),
        creators: creators.collect(),
        publisher: given(&form.publisher),
        year,
        isbns,
        ndc,
        series: old.as_ref().and_then(|old| old.series.clone()),
        subjects: old.as_ref().map(|old| old.subjects.clone()).unwrap_or_default(),
        extent: old.and_then(|old| old.extent),
        material,
    })
}

impl BibForm {
    /// The form that would keep the title as it is.
    pub fn of(record: &BibRecord) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            title: record.title.clone(),
            reading: text(&record.title_reading),
            volume: text(&record.volume),
            creators: record.creators.iter().map(|creator| creator.name.as_str()).collect::<Vec<_>>().join("；"),
            publisher: text(&record.publisher),
            year: record.year.map(|year| year.to_string()).unwrap_or_default(),
            isbn: record.isbns.first().cloned().unwrap_or_default(),
            ndc: record.ndc.first().cloned().unwrap_or_default(),
            material: record.material.as_str().to_owned(),
        }
    }
}

/// A copy as it is typed at the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CopyForm {
    /// As scanned.
    pub barcode: String,
    /// Code of the branch.
    pub branch: String,
    /// 請求記号
    pub shelf_mark: String,
    /// By its word.
    pub loan_rule: String,
}

/// A copy as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyDetails {
    /// Barcode.
    pub barcode: String,
    /// The branch it belongs to.
    pub branch: PlaceCode,
    /// 請求記号
    pub shelf_mark: String,
    /// Whether it may leave the library.
    pub loan_rule: LoanRule,
}

/// Reads a copy as typed.
///
/// # Errors
/// All that is wrong.
pub fn read_copy(policy: &Policy, form: &CopyForm) -> Result<CopyDetails, Vec<KeepProblem>> {
    let mut problems = Vec::new();
    let barcode = crate::circulation::barcode(&form.barcode);
    if barcode.is_empty() || barcode.chars().count() > 40 {
        problems.push(KeepProblem::Barcode);
    }
    let branch = policy.places.iter().find(|place| place.holds_stock && place.code.0 == form.branch);
    if branch.is_none() {
        problems.push(KeepProblem::Branch);
    }
    let loan_rule: Option<LoanRule> = form.loan_rule.parse().ok();
    if loan_rule.is_none() {
        problems.push(KeepProblem::LoanRule);
    }
    match (branch, loan_rule) {
        (Some(branch), Some(loan_rule)) if problems.is_empty() => Ok(CopyDetails {
            barcode,
            branch: branch.code.clone(),
            shelf_mark: form.shelf_mark.trim().to_owned(),
            loan_rule,
        }),
        _ => Err(problems),
    }
}

/// The shelf mark a first copy of a title would get: its class and the first kana of who made it, else of the title.
pub fn shelf_mark(record: &BibRecord) -> String {
    let reading =
        record.creators.first().and_then(|creator| creator.reading.as_deref()).or(record.title_reading.as_deref());
    let kana = reading.map(text::katakana).and_then(|reading| reading.chars().find(|c| text::is_kana(*c)));
    let class = record.ndc.first().cloned().unwrap_or_default();
    match kana {
        Some(kana) => format!("{class} {kana}").trim().to_owned(),
        None => class,
    }
}

/// The name of the issue after this one: `2026年12月号` → `2027年1月号`, `2026年11月9日号` → `2026年11月16日号`,
/// `第45号` → `第46号`. Empty when the name has no number.
pub fn next_issue(label: &str) -> String {
    if let Some(next) = next_month(label).or_else(|| next_week(label)) {
        return next;
    }
    // The last number of the name, whatever stands around it.
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let Some((end, last)) = label.char_indices().rfind(|(_, c)| digit(*c)) else { return String::new() };
    let start = label[..end].char_indices().rev().take_while(|(_, c)| digit(*c)).last().map_or(end, |(at, _)| at);
    let end = end + last.len_utf8();
    let number = text::one_width(&label[start..end]);
    let Ok(next) = number.parse::<u64>().map(|number| number + 1) else { return String::new() };
    let width = number.len();
    format!("{}{next:0width$}{}", &label[..start], &label[end..])
}

/// Of a monthly, `年` and `月` in its name and no day.
fn next_month(label: &str) -> Option<String> {
    let (year, rest) = label.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    if rest.contains('日') {
        return None;
    }
    let (prefix, year) = year.split_at(year.len() - year.chars().rev().take_while(char::is_ascii_digit).count());
    let (year, month): (i32, u32) = (year.parse().ok()?, month.parse().ok()?);
    let (year, month) = if month >= 12 { (year + 1, 1) } else { (year, month + 1) };
    Some(format!("{prefix}{year}年{month}月{rest}"))
}

/// Of a weekly, a whole day in its name.
fn next_week(label: &str) -> Option<String> {
    let (year, rest) = label.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, rest) = rest.split_once('日')?;
    let day = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let next = day.checked_add_days(Days::new(7))?;
    Some(format!("{}年{}月{}日{rest}", next.year(), next.month(), next.day()))
}

/// A title in a list of the desk, with what can be reserved of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBib {
    /// The bib.
    pub id: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// Its parts: id, title as shown, why it can't be reserved, how many wait.
    pub parts: Vec<FoundPart>,
}

/// A part of a title in a list of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPart {
    /// The part.
    pub id: PartId,
    /// Title as shown, with volume and issue.
    pub title: String,
    /// Why it can't be reserved.
    pub refusal: Option<Refusal>,
    /// How many reservations wait for it.
    pub waiting: u32,
    /// Living copies and copies on order.
    pub copies: u32,
}

/// A title on its page at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBib {
    /// The bib. Differs from the one asked for when that was merged into it.
    pub id: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// Its parts, the latest first.
    pub parts: Vec<KeptPart>,
    /// The day it is.
    pub today: NaiveDate,
}

/// A part of a title and its copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPart {
    /// The part.
    pub id: PartId,
    /// Volume or issue, empty when the bib has only this part.
    pub label: String,
    /// The day an issue was received.
    pub received_on: Option<NaiveDate>,
    /// How many reservations wait for it.
    pub waiting: u32,
    /// Its copies, those that are gone too.
    pub copies: Vec<KeptCopy>,
}

/// A copy, as the desk keeps it. Whoever has it stands nowhere here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCopy {
    /// Barcode.
    pub barcode: String,
    /// The branch it belongs to.
    pub branch: PlaceCode,
    /// Where it is, or where it is going.
    pub place: PlaceCode,
    /// 請求記号
    pub shelf_mark: String,
    /// Whether it may leave the library.
    pub loan_rule: LoanRule,
    /// What it is doing.
    pub state: ItemState,
    /// What is damaged, when it was set aside for that.
    pub damage: Option<String>,
    /// The library that lent it to us.
    pub lender: Option<String>,
}

impl KeptBib {
    /// What a further copy at this branch is likely to be: as its neighbours there, else as any other copy, else by the
    /// class.
    pub fn next_copy(&self, branch: &PlaceCode) -> CopyForm {
        let copies = || self.parts.iter().flat_map(|part| &part.copies).filter(|copy| copy.lender.is_none());
        let alike = copies().find(|copy| copy.branch == *branch).or_else(|| copies().next());
        CopyForm {
            barcode: String::new(),
            branch: branch.0.clone(),
            shelf_mark: alike.map_or_else(|| shelf_mark(&self.record), |copy| copy.shelf_mark.clone()),
            loan_rule: alike.map_or(LoanRule::Lendable, |copy| copy.loan_rule).as_str().to_owned(),
        }
    }

    /// The latest issue received, of a magazine.
    pub fn newest(&self) -> Option<&KeptPart> {
        self.parts.iter().filter(|part| part.received_on.is_some()).max_by_key(|part| part.received_on)
    }
}

/// What merging two titles would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergePreview {
    /// The title that goes: its name, its copies, its reservations.
    pub from: MergeSide,
    /// The title that stays, as it is now.
    pub into: MergeSide,
    /// The title that stays, as it would be; or why the two can't be merged.
    pub after: Result<MergeSide, Refusal>,
}

/// One side of a merger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeSide {
    /// The bib.
    pub id: BibId,
    /// What is known of it.
    pub record: BibRecord,
    /// Its copies.
    pub copies: u32,
    /// Its active reservations.
    pub reservations: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> BibForm {
        BibForm {
            title: " 坊っちゃん ".into(),
            reading: "ぼっちゃん".into(),
            creators: "夏目 漱石；安野 光雅".into(),
            year: "２００３年".into(),
            isbn: "4-591-04623-0".into(),
            ndc: "９１３．６".into(),
            material: "book".into(),
            ..BibForm::default()
        }
    }

    #[test]
    fn a_title_is_read_as_typed_and_keeps_what_the_form_does_not_show() {
        let record = read_bib(&form(), None).map_err(|problems| format!("{problems:?}"));
        let mut record = record.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(record.title, "坊っちゃん");
        assert_eq!(record.title_reading.as_deref(), Some("ボッチャン"));
        assert_eq!((record.year, record.ndc.as_slice()), (Some(2003), &["913.6".to_owned()][..]));
        assert_eq!(record.isbns, ["9784591046234"]);
        assert_eq!(record.creators.len(), 2);
        if let Some(first) = record.creators.first_mut() {
            first.reading = Some("ナツメ ソウセキ".into());
        }
        record.subjects = vec!["小説".into()];
        record.isbns.push("9784591070451".into());
        assert_eq!(read_bib(&BibForm::of(&record), Some(&record)), Ok(record.clone()));
        assert_eq!(shelf_mark(&record), "913.6 ナ");
    }

    #[test]
    fn what_is_wrong_with_a_title_is_said_at_once() {
        let wrong = BibForm {
            title: " ".into(),
            reading: "坊っちゃん".into(),
            year: "昭和".into(),
            isbn: "4-591-04623-1".into(),
            material: String::new(),
            ..form()
        };
        let all =
            [KeepProblem::Title, KeepProblem::Reading, KeepProblem::Year, KeepProblem::Isbn, KeepProblem::Material];
        assert_eq!(read_bib(&wrong, None), Err(all.to_vec()));
    }

    #[test]
    fn the_next_issue_has_the_next_number() {
        for (last, next) in [
            ("2026年11月号", "2026年12月号"),
            ("2026年12月号", "2027年1月号"),
            ("2026年12月28日号", "2027年1月4日号"),
            ("第45号", "第46号"),
            ("Vol. 9 No. 099", "Vol. 9 No. 100"),
            ("第９号", "第10号"),
            ("創刊号", ""),
            ("", ""),
        ] {
            assert_eq!(next_issue(last), next, "{last}");
        }
    }
}
