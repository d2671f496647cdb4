//! Copies for sources that have none, or that say only how many stand where.

use domain::{
    PlaceCode,
    catalog::{Creator, ImportedItem, LoanRule},
};
use serde::Deserialize;

/// A rule that makes up copies, for catalogues of which no copies are known: for trying out and for demonstrations.
///
/// Number and branches follow from the key alone, so that importing again changes nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Generated {
    /// Fewest copies of a bib.
    pub(super) min: u32,
    /// Most copies of a bib.
    pub(super) max: u32,
    /// Codes of the branches they stand in.
    pub(super) branches: Vec<PlaceCode>,
}

impl Generated {
    /// The branches of the copies of one bib, one for each copy. The first is picked by the key, the others follow in
    /// turn, so that copies spread before they pile up.
    pub(super) fn branches_of(&self, key: &str) -> Vec<PlaceCode> {
        let hash = mixed(fnv1a(key));
        let span = u64::from(self.max.saturating_sub(self.min)) + 1;
        let count = u64::from(self.min) + hash % span;
        // Other bits than those that picked the count, lest the two go together.
        let first = hash >> 32;
        (0..count)
            .filter_map(|copy| {
                let at = (first + copy).checked_rem(self.branches.len() as u64)?;
                self.branches.get(usize::try_from(at).ok()?).cloned()
            })
            .collect()
    }
}

/// The 64-bit FNV-1a hash: the same on every machine and in every version, which std's hashers don't promise.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Lets every bit of a hash depend on all the others (the finalizer of MurmurHash3): the high bits of FNV hardly differ
/// between keys as short and as alike as running numbers.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    hash ^ (hash >> 33)
}

/// What the barcodes and shelf marks of the copies of one part are made from.
pub(super) struct Labels<'a> {
    /// What sets the barcodes of this source apart from those of others.
    pub(super) prefix: &'a str,
    pub(super) key: &'a str,
    /// Order of the part; `None` when the bib has only one.
    pub(super) part: Option<i64>,
    pub(super) shelf_mark: &'a str,
}

impl Labels<'_> {
    /// A copy, with the number that it has among those of its part, from 1.
    pub(super) fn copy(&self, number: usize, branch: PlaceCode, loan_rule: LoanRule) -> ImportedItem {
        ImportedItem { barcode: self.barcode(number), branch, shelf_mark: self.shelf_mark.to_owned(), loan_rule }
    }

    /// Prefix, digits of the key, four digits for the part if there are several, two for the copy.
    ///
    /// A key that has more than digits and hyphens in it stands with twelve digits of its hash, since `A1` and `B1`
    /// have the same digits.
    fn barcode(&self, number: usize) -> String {
        let digits: String = self.key.chars().filter(|character| *character != '-').collect();
        let digits = if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            digits
        } else {
            format!("{:012}", fnv1a(self.key) % 1_000_000_000_000)
        };
        let part = self.part.map(|ordinal| format!("{ordinal:04}")).unwrap_or_default();
        format!("{}{digits}{part}{number:02}", self.prefix)
    }
}

/// The shelf mark (請求記号): class and the first kana of the first creator, `913.6 ナ`.
///
/// The first letter of the name stands in for a reading that is not known, and the title's for a creator.
pub(super) fn shelf_mark(
    class: Option<&str>,
    creators: &[Creator],
    title: &str,
    title_reading: Option<&str>,
) -> String {
    let creator = creators.first().map(|creator| creator.reading.as_deref().unwrap_or(&creator.name));
    let word = creator.or(title_reading).unwrap_or(title);
    let letter = word.chars().find(|character| character.is_alphanumeric()).map(katakana);
    let parts = class.map(str::to_owned).into_iter().chain(letter.map(String::from));
    parts.collect::<Vec<_>>().join(" ")
}

/// Hiragana as katakana, Latin letters as capitals: one book label, one way of writing.
fn katakana(character: char) -> char {
    match character {
        'ぁ'..='ゖ' => char::from_u32(u32::from(character) + 0x60).unwrap_or(character),
        other => other.to_uppercase().next().unwrap_or(other),
    }
}
