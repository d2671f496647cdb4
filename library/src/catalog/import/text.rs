//! What the formats share in reading text: years, classification numbers, the punctuation of catalogue cards.

use domain::{
    catalog::{BibRecord, Creator, isbn::Isbn13},
    text::{is_kana, is_kanji},
};

use super::Concern;

/// A text without the blanks around it; `None` when nothing is left.
pub(super) fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The value of a character as a decimal digit, full-width digits included.
fn digit(character: char) -> Option<i32> {
    let value = match character {
        '0'..='9' => u32::from(character) - u32::from('0'),
        '０'..='９' => u32::from(character) - u32::from('０'),
        _ => return None,
    };
    i32::try_from(value).ok()
}

/// The first year of the western calendar in a text: `1957（昭和32）年5月20日`, `c1998`, `[2019.2]`.
///
/// A year is a number of exactly four digits between 1400, before which nothing was printed that a public library
/// lends, and 2100.
pub(super) fn year(text: &str) -> Option<i32> {
    text.split(|character| digit(character).is_none())
        .filter(|digits| digits.chars().count() == 4)
        .filter_map(|digits| digits.chars().try_fold(0, |number, character| Some(number * 10 + digit(character)?)))
        .find(|number| (1400..=2100).contains(number))
}

/// A classification as its source writes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Classification {
    /// NDC numbers, without the `K` that sets children's books apart.
    pub(super) ndc: Vec<String>,
    /// The first class as it belongs on a shelf mark: `913.6`, `K913`, also one that is no number, such as `E` for
    /// picture books.
    pub(super) shelf_class: Option<String>,
}

/// Reads `NDC 913 914`, `NDC K913`, `913.6`, `E`.
pub(super) fn classification(text: &str) -> Classification {
    let half_width: String = text
        .chars()
        .map(|character| match character {
            '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
            other => other,
        })
        .collect();
    let classes: Vec<&str> = half_width
        .split(|character: char| character.is_whitespace() || matches!(character, ',' | ';' | '、' | '/'))
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("ndc"))
        .collect();
    let mut ndc = Vec::new();
    for class in &classes {
        let number = class.strip_prefix(['K', 'k']).unwrap_or(class);
        let (main, rest) = number.split_once('.').unwrap_or((number, ""));
        let is_number = main.len() == 3 && main.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit());
        if is_number {
            add(&mut ndc, number.trim_end_matches('.').to_owned());
        }
    }
    Classification { ndc, shelf_class: classes.first().map(|class| (*class).to_owned()) }
}

/// Adds what a list doesn't have yet.
pub(super) fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// Adds an ISBN, or a concern about what is none.
pub(super) fn add_isbn(text: &str, isbns: &mut Vec<String>, concerns: &mut Vec<Concern>) {
    match text.parse::<Isbn13>() {
        Ok(isbn) => add(isbns, isbn.into()),
        Err(reason) => concerns.push(Concern::Isbn { text: text.to_owned(), reason }),
    }
}

/// A text without the punctuation that introduces the next area of a catalogue card (ISBD): `これからの本 /`,
/// `晶文社,`, `301p ;`, and the full stop at the end of an area.
pub(super) fn without_punctuation(text: &str) -> Option<String> {
    let mut text = text.trim();
    loop {
        let shorter = text.trim_end_matches(['/', ':', ';', '=', ',']).trim_end();
        let shorter = match shorter.strip_suffix('.') {
            // An ellipsis and an initial keep theirs.
            Some(rest) if !rest.ends_with('.') && !ends_with_initial(rest) => rest.trim_end(),
            _ => shorter,
        };
        if shorter.len() == text.len() {
            return clean(text);
        }
        text = shorter;
    }
}

fn ends_with_initial(text: &str) -> bool {
    let mut from_end = text.chars().rev();
    from_end.next().is_some_and(char::is_uppercase)
        && from_end.next().is_none_or(|before| before.is_whitespace() || matches!(before, '.' | '-'))
}

/// Whether a text has kana or kanji in it.
pub(super) fn is_japanese(text: &str) -> bool {
    text.chars().any(|character| is_kana(character) || is_kanji(character))
}

/// Words for what someone did, as Japanese cataloguing writes them after a name; joined by `・` when several.
const ROLES: &[&str] = &[
    "著",
    "作",
    "文",
    "絵",
    "画",
    "訳",
    "編",
    "え",
    "さく",
    "ぶん",
    "やく",
    "監修",
    "編著",
    "共著",
    "編集",
    "編纂",
    "編訳",
    "共編",
    "共訳",
    "監訳",
    "原作",
    "原著",
    "原案",
    "作画",
    "作絵",
    "写真",
    "撮影",
    "解説",
    "校注",
    "校訂",
    "注",
    "訳注",
    "執筆",
    "述",
    "選",
    "撰",
    "構成",
    "取材",
    "調査",
    "責任編集",
    "編集代表",
    "代表監修",
    "監督",
    "脚本",
    "出演",
    "演奏",
    "指揮",
    "作曲",
    "作詞",
    "歌",
    "朗読",
    "制作",
    "製作",
    "企画",
    "協力",
    "イラスト",
    "デザイン",
    "漫画",
    "翻訳",
    "文・絵",
];

/// A role without the brackets of what the cataloguer added; `None` when the word is none.
fn role(word: &str) -> Option<String> {
    let word = word.trim_start_matches('[').trim_end_matches(']');
    word.split('・').all(|part| ROLES.contains(&part)).then(|| word.to_owned())
}

/// Those named by a statement of responsibility: `中島誠之 著 ; 柳沢智子 編`, `植村八潮, 野口武悟 編著`.
pub(super) fn responsible(statement: &str) -> Vec<Creator> {
    let Some(statement) = without_punctuation(statement) else { return Vec::new() };
    let mut creators = Vec::new();
    for part in statement.split(" ; ") {
        let (names, role) = match part.trim().rsplit_once(' ') {
            Some((names, word)) if role(word).is_some() => (names, role(word)),
            _ => (part, None),
        };
        for name in names.split(", ").filter_map(without_punctuation) {
            let name = name.strip_prefix("by ").map_or(name.clone(), str::to_owned);
            creators.push(Creator { name, reading: None, role: role.clone() });
        }
    }
    creators
}

/// Whether text of a record was lost in decoding.
pub(super) fn unreadable(record: &BibRecord) -> bool {
    let optional = [&record.title_reading, &record.subtitle, &record.volume, &record.publisher, &record.series];
    let creators = record.creators.iter().flat_map(|creator| [Some(&creator.name), creator.reading.as_ref()]);
    optional
        .into_iter()
        .map(Option::as_ref)
        .chain(creators)
        .flatten()
        .chain([&record.title])
        .chain(&record.subjects)
        .any(|text| text.contains(char::REPLACEMENT_CHARACTER))
}
