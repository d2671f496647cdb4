//! What the keys of a keyboard on the screen do to a text (R32).
//!
//! Kana are typed as at a ticket machine: the plain kana first, then a key that turns the one before the caret into its
//! voiced, half-voiced or small form. The same key pressed again turns it back.

use super::KANA_BLOCKS_APART;

/// A key of a keyboard on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// A character.
    Put(char),
    /// 濁点: か becomes が.
    Voiced,
    /// 半濁点: は becomes ぱ.
    HalfVoiced,
    /// 小書き: つ becomes っ.
    Small,
    /// Takes away the last character.
    Delete,
    /// Takes away everything.
    Clear,
}

/// Plain and voiced kana, in pairs.
const VOICED: &str = "うゔかがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼ";
/// Plain and half-voiced kana, in pairs.
const HALF_VOICED: &str = "はぱひぴふぷへぺほぽ";
/// Plain and small kana, in pairs.
const SMALL: &str = "あぁいぃうぅえぇおぉつっやゃゆゅよょわゎ";

/// The text before the caret after a key was pressed. A key that has nothing to turn leaves it as it is.
pub fn press(before: &str, stroke: Stroke) -> String {
    match stroke {
        Stroke::Put(c) => format!("{before}{c}"),
        Stroke::Voiced => turned(before, VOICED),
        Stroke::HalfVoiced => turned(before, HALF_VOICED),
        Stroke::Small => turned(before, SMALL),
        Stroke::Delete => without_last(before).to_owned(),
        Stroke::Clear => String::new(),
    }
}

/// The text with its last kana turned into the form the pairs have for it, or back.
fn turned(text: &str, pairs: &str) -> String {
    let Some(last) = text.chars().next_back() else { return String::new() };
    let rest = &text[..text.len() - last.len_utf8()];
    let is_katakana = matches!(last, '\u{30A1}'..='\u{30F6}');
    let hiragana = if is_katakana { moved(last, -1) } else { last };
    let plain = [VOICED, HALF_VOICED, SMALL].iter().find_map(|pairs| other_of(pairs, hiragana, false));
    let plain = plain.unwrap_or(hiragana);
    let turned = match other_of(pairs, plain, true) {
        Some(form) if form == hiragana => plain,
        Some(form) => form,
        None => hiragana,
    };
    format!("{rest}{}", if is_katakana { moved(turned, 1) } else { turned })
}

/// The other one of a pair: of the first of the two, or of the second.
fn other_of(pairs: &str, kana: char, is_first: bool) -> Option<char> {
    let mut pairs = pairs.chars();
    while let (Some(first), Some(second)) = (pairs.next(), pairs.next()) {
        let (known, other) = if is_first { (first, second) } else { (second, first) };
        if known == kana {
            return Some(other);
        }
    }
    None
}

/// A kana of the other syllabary.
fn moved(kana: char, blocks: i32) -> char {
    let apart = blocks * KANA_BLOCKS_APART.cast_signed();
    u32::from(kana).checked_add_signed(apart).and_then(char::from_u32).unwrap_or(kana)
}

/// The text without its last character, with the marks that stand on it.
fn without_last(text: &str) -> &str {
    let is_mark = |c: char| matches!(c, '\u{0300}'..='\u{036F}' | '\u{3099}' | '\u{309A}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let bare = text.trim_end_matches(is_mark);
    let mut chars = bare.chars();
    chars.next_back();
    chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::{Stroke, press, without_last};

    /// Types as a hand does: kana are keys of their own, the rest are the keys that turn or take away.
    fn typed(keys: &str) -> String {
        keys.chars().fold(String::new(), |text, key| {
            let stroke = match key {
                '゛' => Stroke::Voiced,
                '゜' => Stroke::HalfVoiced,
                '小' => Stroke::Small,
                '⌫' => Stroke::Delete,
                '✗' => Stroke::Clear,
                c => Stroke::Put(c),
            };
            press(&text, stroke)
        })
    }

    #[test]
    fn r32_kana_are_turned_as_at_a_ticket_machine() {
        for (keys, text) in [
            ("か゛", "が"),
            ("は゛", "ば"),
            ("は゜", "ぱ"),
            ("つ小", "っ"),
            ("つ゛", "づ"),
            ("う゛", "ゔ"),
            ("う小", "ぅ"),
            ("よ小", "ょ"),
            ("ホ゜", "ポ"),
            ("ウ゛", "ヴ"),
            ("ッ゛", "ヅ"),
            ("ほ゛つ小ち小゛や小⌫やん", "ぼっぢやん"),
            ("き小よ小う", "きょう"),
        ] {
            assert_eq!(typed(keys), text, "{keys}");
        }
    }

    #[test]
    fn r32_the_same_key_turns_it_back_and_another_one_into_another_form() {
        for (keys, text) in [
            ("か゛゛", "か"),
            ("は゜゜", "は"),
            ("つ小小", "つ"),
            ("は゛゜", "ぱ"),
            ("は゜゛", "ば"),
            ("つ小゛", "づ"),
            ("つ゛小", "っ"),
        ] {
            assert_eq!(typed(keys), text, "{keys}");
        }
    }

    #[test]
    fn r32_a_key_that_has_nothing_to_turn_changes_nothing() {
        for keys in ["ん", "な", "ー", "A", "1", "夏", " ", "か゜", "き小"] {
            let plain: String = keys.chars().filter(|c| !"゜小".contains(*c)).collect();
            for turn in ["", "゜", "小"] {
                assert_eq!(typed(&format!("{keys}{turn}")), plain, "{keys}{turn}");
            }
        }
        assert_eq!(typed("゛゜小⌫✗"), "");
    }

    #[test]
    fn r32_only_the_last_character_is_turned_or_taken_away() {
        assert_eq!(typed("かか゛"), "かが");
        assert_eq!(typed("か゛⌫"), "");
        assert_eq!(typed("なつめ⌫"), "なつ");
        assert_eq!(typed("なつめ✗こ"), "こ");
        assert_eq!(without_last("か\u{3099}"), "", "a mark goes with what it stands on");
        assert_eq!(without_last("夏辻\u{E0100}"), "夏");
        assert_eq!(without_last("\u{3099}"), "");
    }

    #[test]
    fn r32_every_form_of_the_syllabary_can_be_typed_from_the_keys() {
        let keys = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん";
        let turns = [Stroke::Voiced, Stroke::HalfVoiced, Stroke::Small];
        let mut typed: Vec<char> = keys.chars().collect();
        for key in keys.chars() {
            typed.extend(turns.iter().filter_map(|turn| press(&key.to_string(), *turn).chars().next()));
        }
        // Of today's kana all but the small か and け, which stand in no reading.
        for kana in ('ぁ'..='ゔ').filter(|kana| !"ゐゑ".contains(*kana)) {
            assert!(typed.contains(&kana), "{kana}");
        }
    }
}
