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

    /// Whether what stands here lies in a range of shelf marks. Both ends belong to it, with all that begins like the
    /// second one: from 910 until 913 holds 91 (which is 910), 913 and 913.6 ナ; until `913.6 ナ` holds 913.6 ナツ.
    pub fn lies_within(&self, from: &Self, until: &Self) -> bool {
        from.rounded() <= self.rounded() && (self.rounded() <= until.rounded() || self.begins_like(until))
    }

    /// Without the title, by which no range is bounded, and the class as short as it means the same: 910 is 91.
    fn rounded(&self) -> (Walk, &str, &str, &[u8]) {
        (self.walk, &self.collection, self.class.trim_end_matches('0'), &self.mark)
    }

    fn begins_like(&self, mark: &Self) -> bool {
        let (walk, collection, class, begin) = mark.rounded();
        let (own_walk, own_collection, own_class, own_mark) = self.rounded();
        let (begin, own_mark) = (letters(begin), letters(own_mark));
        let is_below = begin.is_empty() && self.class.starts_with(&mark.class);
        own_walk == walk
            && own_collection == collection
            && (is_below || own_class == class)
            && own_mark.starts_with(begin)
    }
}

/// The first level of a [`reading_sort_key`]: what it says without voicing and size.
fn letters(key: &[u8]) -> &[u8] {
    key.split(|byte| *byte == 0).next().unwrap_or(key)
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
    fn r32_a_range_of_shelf_marks_holds_what_stands_there() {
        let within = |mark: &str, from: &str, until: &str| {
            let [mark, from, until] = [mark, from, until].map(|mark| ShelfOrder::of(mark, ""));
            mark.lies_within(&from, &until)
        };
        for mark in ["91 ナ", "910 ア", "913.6 ナ", "９１９．９ア", "919.95 カ", "915"] {
            assert!(within(mark, "910", "919.9"), "{mark}");
        }
        for mark in ["909 ア", "920 ア", "92", "9", "K 913 ア", "E ア", "R 031", "", "ア"] {
            assert!(!within(mark, "910", "919.9"), "{mark}");
        }
        assert!(within("007.6 ア", "000", "099") && within("031 ヘ", "000", "099") && !within("100 ア", "000", "099"));
        assert!(within("999 ア", "900", "999") && within("9 ア", "900", "999"));
        assert!(within("E ア", "E", "E") && within("E 913 ン", "E", "E") && !within("K ア", "E", "E"));
        assert!(within("K 913 ア", "K 910", "K 919") && !within("K 486 ア", "K 910", "K 919"));
        assert!(within("91 ナ", "910", "910") && within("910.2 ア", "910", "910") && !within("911 ア", "910", "910"));
        for (mark, so) in [("913.6 ア", true), ("913.6 ナツ", true), ("913.6 ナ 2", true), ("913.6 ニ", false)] {
            assert_eq!(within(mark, "913.6 ア", "913.6 ナ"), so, "{mark}");
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
