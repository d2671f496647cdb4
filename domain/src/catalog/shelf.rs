//! The order in which copies stand on the shelves, as a shelver walks along them.

use crate::text::{is_kana, one_width, reading_sort_key};

/// Where a copy stands: by the shelf mark (請求記号), then by the reading of the title. Sorts as a shelver walks.
///
/// A shelf mark is read from left to right. What stands before the class is the collection (`R`, `K`, `E`, `児`); the
/// general collection comes first, then the others by their letters. The class of the NDC sorts as the decimal number
/// it is: 908, 913, 913.49, 913.6, 914. Then the author mark and the volume, kana by the syllabary and numbers by
/// value. What has neither collection nor class stands nobody knows where, and comes last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShelfOrder {
    walk: Walk,
    collection: String,
    /// The digits of the class without the point.
    class: String,
    mark: Vec<u8>,
    title: Vec<u8>,
}

/// Which part of the library a shelver comes to first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Walk {
    General,
    Collection,
    Unmarked,
}

impl ShelfOrder {
    /// Reads a shelf mark, however it is spaced and in whichever width it was typed.
    pub fn of(shelf_mark: &str, title_reading: &str) -> Self {
        let mark = one_width(shelf_mark);
        let begins = mark.find(|c: char| c.is_ascii_digit() || is_kana(c)).unwrap_or(mark.len());
        let (before, rest) = mark.split_at(begins);
        let collection: String = before.chars().filter(|c| c.is_alphanumeric()).collect();
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let class: String = rest[..rest.len() - after.len()].chars().filter(char::is_ascii_digit).collect();
        let walk = match (collection.is_empty(), class.is_empty()) {
            (true, true) => Walk::Unmarked,
            (true, false) => Walk::General,
            (false, _) => Walk::Collection,
        };
        Self { walk, collection, class, mark: reading_sort_key(after), title: reading_sort_key(title_reading) }
    }
}

#[cfg(test)]
mod tests {
    use super::ShelfOrder;

    /// As a shelver walks: from the general collection, by class, author mark and volume, to the special ones.
    const WALK: [(&str, &str); 23] = [
        ("007.6 ア", "アルゴリズム"),
        ("31 タ", "タコクセキ"),
        ("383.8 ア", "アジ"),
        ("９０８　セ　２", "セカイブンガク"),
        ("908 セ 10", "セカイブンガク"),
        ("91 ナ", "ナガイ"),
        ("913 カ", "カタリモノ"),
        ("913.49 ヘ", "ヘイケ"),
        ("913.6 ナ", "クサマクラ"),
        ("913.6/ナ", "ココロ"),
        ("913.6 ナ 1", "メイアン"),
        ("913.6 ナ 2", "メイアン"),
        ("913.6 ナツ", "ボッチャン"),
        ("913.6 バ", "ハル"),
        ("913.6 ヤ", "アキ"),
        ("914.6 ア", "ズイヒツ"),
        ("E ア", "アカイフウセン"),
        ("E カ", "カバクン"),
        ("K 913 ア", "アヒル"),
        ("Ｋ９１３ケ", "ケンジ"),
        ("R 031 ヘ 1", "ヘイボンシャ"),
        ("児 913 ミ", "ミヤザワ"),
        ("ア", "ナンニモナイ"),
    ];

    #[test]
    fn a_shelver_never_walks_back() {
        for pair in WALK.windows(2) {
            let [before, after] = [pair[0], pair[1]].map(|(mark, title)| ShelfOrder::of(mark, title));
            assert!(before < after, "{:?} before {:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn width_case_and_spacing_make_no_difference() {
        for mark in ["k913.6 ナ", "Ｋ９１３．６／ﾅ", "K 913.6・な", " K913.6ナ "] {
            assert_eq!(ShelfOrder::of(mark, "ア"), ShelfOrder::of("K913.6 ナ", "ア"), "{mark}");
        }
    }

    #[test]
    fn what_cannot_be_read_comes_last_and_breaks_nothing() {
        let known = ShelfOrder::of("R 031", "");
        for mark in ["", " ", "ナ", "…", "ー"] {
            assert!(ShelfOrder::of(mark, "ア") > known, "{mark:?}");
        }
    }
}
