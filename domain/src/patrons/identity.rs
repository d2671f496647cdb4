//! Whether what somebody typed is what stands in the record (R3, R4): the one place where a person is told by card number,
//! name in kana, date of birth and telephone.

use std::iter;

use chrono::NaiveDate;

use super::{card_number, is_telephone_of};
use crate::{dates::read_date, text};

/// Who somebody says they are, as typed.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a> {
    /// 利用者番号
    pub card: &'a str,
    /// 氏名カナ
    pub kana: &'a str,
    /// 生年月日
    pub birth_date: &'a str,
    /// 電話番号
    pub telephone: &'a str,
}

/// What the record says.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// 利用者番号
    pub card: &'a str,
    /// 氏名カナ
    pub kana: &'a str,
    /// 生年月日
    pub birth_date: NaiveDate,
    /// 電話番号, one or several.
    pub telephone: &'a str,
}

/// Whether all four are the same (R3), however they are written: width, kana, spaces, dots and dashes don't count, a date
/// may be of an era, a telephone number may lack one of the library's own area codes.
pub fn is_same_person(claimed: Claimed<'_>, recorded: Recorded<'_>, area_codes: &[String]) -> bool {
    // All four are looked at, so that none of them tells by its time that it was the wrong one.
    let same = [
        !claimed.card.is_empty() && card_number(claimed.card) == card_number(recorded.card),
        is_same_name(claimed.kana, recorded.kana),
        read_date(claimed.birth_date) == Some(recorded.birth_date),
        is_telephone_of(claimed.telephone, recorded.telephone, area_codes),
    ];
    same.iter().fold(true, |all, same| all & same)
}

/// Whether two readings are of one name. Small kana count as large ones, as old systems had no small ones; ぢ and じ, づ and
/// ず, を and お are one; a prolonged sound may be written by its mark or by its vowel. Voiced and unvoiced kana never are
/// one, nor are long and short vowels that are written out.
fn is_same_name(one: &str, other: &str) -> bool {
    let other = spellings(other);
    spellings(one).iter().any(|spelling| !spelling.is_empty() && other.contains(spelling))
}

/// The ways a name with prolonged sound marks is also written: without them, with the vowel, with the vowel as it is spelt
/// in Japanese words (こう, けい).
fn spellings(name: &str) -> [String; 3] {
    let reading = text::reading(name);
    let spelt = |vowel: fn(char) -> Option<char>| {
        let letters: Vec<char> = reading.chars().collect();
        let before = iter::once(None).chain(letters.iter().copied().map(Some));
        let spelt = letters.iter().zip(before).filter_map(|(c, before)| match (c, before) {
            ('ー', Some(before)) => vowel(text::vowel_of(before)),
            _ => Some(*c),
        });
        text::key(&spelt.collect::<String>())
    };
    [
        spelt(|_| None),
        spelt(Some),
        spelt(|vowel| {
            Some(match vowel {
                'お' => 'う',
                'え' => 'い',
                other => other,
            })
        }),
    ]
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
