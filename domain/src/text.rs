//! Folding of Japanese and Latin text: what people type and what the catalogue prints, brought to one form.
//!
//! There are three forms, each coarser than the one before, so that a match in a finer one can count for more:
//! [`written`] keeps the letters and evens out width and case, [`reading`] also writes katakana as hiragana,
//! [`folded`] unites whatever is likely to be meant by the same word. In all of them words stand apart by one
//! space, and punctuation is a space too. [`key`] is the folded form without spaces, for comparing whole names.

mod kyujitai;
mod strokes;

use unicode_normalization::{UnicodeNormalization, char::decompose_canonical};

pub use strokes::{Stroke, press};

/// Katakana lie this far behind hiragana, in the same order.
const KANA_BLOCKS_APART: u32 = 0x60;

/// How much is evened out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Written,
    Reading,
    Folded,
}

/// The text as written, with one width (NFKC) and one case, Latin letters without diacritics, and one sign for the
/// prolonged vowel, whatever dash was typed for it.
///
/// A text of nothing but signs keeps them (`!?`), so that such a title can be found; control characters are never
/// kept.
pub fn written(text: &str) -> String {
    normalize(text, Form::Written)
}

/// The [`written`] form with katakana as hiragana and iteration marks (々, ゝ, ゞ) resolved.
pub fn reading(text: &str) -> String {
    normalize(text, Form::Reading)
}

/// The [`reading`] form with everything united that one word is spelt with in different times and by different
/// people: old and new kanji (國, 国), small and large kana, ヴ and ブ, ぢ and じ, づ and ず, ゐ, ゑ and を as い, え
/// and お, ヶ between kanji as が, and no prolonged sound marks.
pub fn folded(text: &str) -> String {
    normalize(text, Form::Folded)
}

/// The [`folded`] form without spaces: equal for two spellings of one name (R3), or of one title.
pub fn key(text: &str) -> String {
    let mut key = folded(text);
    key.retain(|c| c != ' ');
    key
}

/// The text in one width and in small letters, with its punctuation: for numbers and codes (`９１３．６`, ISBNs).
pub fn one_width(text: &str) -> String {
    joined_marks(text).nfkc().flat_map(char::to_lowercase).collect()
}

/// The text with hiragana as katakana and everything else as it is.
pub fn katakana(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3041}'..='\u{3096}' => char::from_u32(u32::from(c) + KANA_BLOCKS_APART).unwrap_or(c),
            _ => c,
        })
        .collect()
}

/// Whether the character is hiragana or katakana, the prolonged sound mark and the iteration marks included.
pub fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}')
}

/// Whether the character is kanji, the iteration mark 々 and 〆, 〇 included.
pub fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}

fn normalize(text: &str, form: Form) -> String {
    // What is invisible goes before the parts of a character are joined, so that nothing is left for a second folding
    // to join. With it go the diacritics of Latin, Greek and Cyrillic letters.
    let chars: Vec<char> =
        joined_marks(text).nfkd().filter(|c| !is_invisible(*c)).nfc().flat_map(char::to_lowercase).collect();
    let mut out = Writer { form, text: String::with_capacity(text.len()), last: ' ' };
    let mut rest = chars.iter().copied().peekable();
    while let Some(c) = rest.next() {
        match c {
            'ー' | '-' | '~' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{223C}' | '\u{2500}' | '\u{301C}'
                if is_kana(out.last) =>
            {
                if form != Form::Folded {
                    out.push('ー');
                }
            }
            'ケ' | 'ヶ' if form == Form::Folded && is_kanji(out.last) && rest.peek().copied().is_some_and(is_kanji) =>
            {
                out.push('が');
            }
            'ヴ' | 'ゔ' if form == Form::Folded => {
                let (kana, consumed) = match rest.peek() {
                    Some('ァ' | 'ぁ') => ('ば', true),
                    Some('ィ' | 'ぃ') => ('び', true),
                    Some('ェ' | 'ぇ') => ('べ', true),
                    Some('ォ' | 'ぉ') => ('ぼ', true),
                    Some('ャ' | 'ュ' | 'ョ' | 'ゃ' | 'ゅ' | 'ょ') => ('び', false),
                    _ => ('ぶ', false),
                };
                out.push(kana);
                if consumed {
                    rest.next();
                }
            }
            'ー' => out.space(),
            _ if c.is_alphanumeric() => out.push_letter(c),
            _ => out.space(),
        }
    }
    if out.text.is_empty() {
        // Nothing but signs: they are all there is to go by.
        out.text.extend(chars.iter().filter(|c| !c.is_whitespace() && !c.is_control()));
    }
    out.text.truncate(out.text.trim_end_matches(' ').len());
    out.text
}

/// The text with the spacing voiced marks (か゛) as combining ones, which NFKC alone would part from their kana.
fn joined_marks(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| match c {
        '\u{309B}' => '\u{3099}',
        '\u{309C}' => '\u{309A}',
        _ => c,
    })
}

/// Characters that leave no trace on paper, and the apostrophe, which parts no word.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{2019}'
            | '\u{00AD}'
            | '\u{0300}'..='\u{036F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2060}'..='\u{2064}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{E0100}'..='\u{E01EF}'
    )
}

/// The form as it grows.
struct Writer {
    form: Form,
    text: String,
    /// The last character written, which decides what a dash or an iteration mark means.
    last: char,
}

impl Writer {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.last = c;
    }

    fn space(&mut self) {
        if !self.text.is_empty() && self.last != ' ' {
            self.push(' ');
        }
    }

    fn push_letter(&mut self, c: char) {
        match c {
            _ if c.is_ascii() => self.push(c),
            'ß' => {
                self.push('s');
                self.push('s');
            }
            'æ' => {
                self.push('a');
                self.push('e');
            }
            'œ' => {
                self.push('o');
                self.push('e');
            }
            'ø' => self.push('o'),
            'ł' => self.push('l'),
            'đ' => self.push('d'),
            'ı' => self.push('i'),
            'ς' => self.push('σ'),
            _ if self.form == Form::Written => self.push(c),
            '々' | '〻' if is_kanji(self.last) => self.push(self.last),
            'ゝ' | 'ヽ' if is_kana(self.last) => self.push(self.last),
            'ゞ' | 'ヾ' if is_kana(self.last) => self.push(voiced(self.last)),
            _ if is_kana(c) => {
                let hiragana = to_hiragana(c);
                self.push(if self.form == Form::Folded { large(hiragana) } else { hiragana });
            }
            _ if self.form == Form::Folded => self.push(kyujitai::common_form(c)),
            _ => self.push(c),
        }
    }
}

fn to_hiragana(c: char) -> char {
    match c {
        'ヷ' => 'ば',
        'ヸ' => 'び',
        'ヹ' => 'べ',
        'ヺ' => 'ぼ',
        '\u{30A1}'..='\u{30F6}' => char::from_u32(u32::from(c) - KANA_BLOCKS_APART).unwrap_or(c),
        _ => c,
    }
}

/// The kana that stands for this hiragana in the folded form.
fn large(hiragana: char) -> char {
    match hiragana {
        'ぁ' => 'あ',
        'ぃ' | 'ゐ' => 'い',
        'ぅ' => 'う',
        'ぇ' | 'ゑ' => 'え',
        'ぉ' | 'を' => 'お',
        'ゕ' => 'か',
        'ゖ' => 'け',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ぢ' => 'じ',
        'づ' => 'ず',
        _ => hiragana,
    }
}

/// The voiced form of an unvoiced hiragana, itself where there is none.
fn voiced(hiragana: char) -> char {
    std::iter::once(hiragana).chain(std::iter::once('\u{3099}')).nfc().next().unwrap_or(hiragana)
}

/// A key by which readings sort as in a Japanese catalogue (五十音), compared byte by byte.
///
/// Voiced and small kana and the prolonged sound mark count as their plain kana first (the mark as the vowel it
/// prolongs) and decide only between readings that are otherwise alike: ハリ before バリ, かあ after カー. Numbers
/// sort by value, letters before kana, kana before kanji. Spaces matter between Latin words only.
pub fn reading_sort_key(text: &str) -> Vec<u8> {
    let text = reading(text);
    let mut primary = Vec::with_capacity(text.len() * 2);
    let mut voicing = vec![0];
    let mut size = vec![0];
    let mut last_base = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_ascii_digit() {
            let mut number = String::from(c);
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                number.push(digit);
            }
            let number = number.trim_start_matches('0');
            // The length first: a longer number is the larger one. It is itself a digit, so that numbers stay
            // before letters; nothing on a spine has more than nine digits.
            primary.push(b'0' + u8::try_from(number.len()).unwrap_or(9).min(9));
            primary.extend(number.bytes());
            last_base = None;
        } else if c == ' ' {
            if last_base.is_none() && rest.peek().is_some_and(|next| !is_kana(*next) && !is_kanji(*next)) {
                primary.push(b' ');
            }
        } else {
            let (base, voice, kind) = match (c, last_base) {
                ('ー', Some(previous)) => (vowel(previous), 1, 1),
                _ if is_kana(c) => {
                    let full = if matches!(c, 'ぢ' | 'づ' | 'を' | 'ゐ' | 'ゑ') { c } else { large(c) };
                    let (plain, voice) = unvoiced(full);
                    (plain, voice, if full == c { 3 } else { 2 })
                }
                _ => (c, 1, 3),
            };
            last_base = is_kana(base).then_some(base);
            let mut buffer = [0; 4];
            primary.extend(base.encode_utf8(&mut buffer).bytes());
            voicing.push(voice);
            size.push(kind);
        }
    }
    // 0 ends each level, so that a shorter reading sorts before its continuations.
    primary.append(&mut voicing);
    primary.append(&mut size);
    primary
}

/// The plain form of a hiragana, and 1 when it was plain itself, 2 when voiced, 3 when half voiced.
fn unvoiced(hiragana: char) -> (char, u8) {
    let mut plain = hiragana;
    let mut voice = 1;
    decompose_canonical(hiragana, |part| match part {
        '\u{3099}' => voice = 2,
        '\u{309A}' => voice = 3,
        _ => plain = part,
    });
    (plain, voice)
}

/// The vowel a hiragana ends in, voiced and small ones included.
pub(crate) fn vowel_of(hiragana: char) -> char {
    vowel(unvoiced(large(hiragana)).0)
}

/// The vowel of a plain hiragana.
fn vowel(plain: char) -> char {
    match plain {
        'い' | 'き' | 'し' | 'ち' | 'に' | 'ひ' | 'み' | 'り' | 'ゐ' => 'い',
        'う' | 'く' | 'す' | 'つ' | 'ぬ' | 'ふ' | 'む' | 'ゆ' | 'る' => 'う',
        'え' | 'け' | 'せ' | 'て' | 'ね' | 'へ' | 'め' | 'れ' | 'ゑ' => 'え',
        'お' | 'こ' | 'そ' | 'と' | 'の' | 'ほ' | 'も' | 'よ' | 'ろ' | 'を' => 'お',
        'ん' => 'ん',
        _ => 'あ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(form: fn(&str) -> String, texts: &[&str]) {
        for text in texts {
            assert_eq!(form(text), form(texts[0]), "{text} and {}", texts[0]);
        }
    }

    #[test]
    fn width_and_case_are_evened_out_in_every_form() {
        same(written, &["ＡＢＣ 123", "abc １２３", "Abc　123"]);
        same(written, &["トショカン", "ﾄｼｮｶﾝ"]);
        same(written, &["ガ", "ｶﾞ", "カ\u{3099}", "カ゛"]);
        same(written, &["Café Müller", "cafe muller", "CAFE\u{301} MU\u{308}LLER"]);
        same(written, &["Straße", "STRASSE"]);
        same(written, &["Ǣlfric", "ÆLFRIC", "aelfric"]);
        same(written, &["ㄷ'ㅕ", "뎌"]);
        same(written, &["don't", "don’t", "dont"]);
        assert_ne!(written("としょかん"), written("トショカン"));
    }

    #[test]
    fn a_dash_after_kana_is_the_prolonged_sound_mark_and_elsewhere_punctuation() {
        same(written, &["コーヒー", "コ‐ヒ-", "コ―ヒ−", "コ～ヒ〜", "ｺｰﾋｰ"]);
        same(folded, &["コーヒー", "こーひー", "コヒ", "コーーヒー"]);
        assert_eq!(written("self-help"), "self help");
        assert_eq!(written("図書館―入門"), "図書館 入門");
        assert_ne!(reading("ビール"), reading("ビル"));
    }

    #[test]
    fn kana_are_one_in_reading() {
        same(reading, &["としょかん", "トショカン", "ﾄｼｮｶﾝ"]);
        same(reading, &["こころ", "こゝろ", "コヽロ"]);
        same(reading, &["すず", "すゞ"]);
        same(reading, &["佐佐木", "佐々木"]);
        assert_ne!(reading("じ"), reading("ぢ"));
    }

    #[test]
    fn codes_and_kana_are_rewritten_and_the_rest_stays() {
        assert_eq!(one_width("９１３．６ ｱ゙ Ｘ"), "913.6 ア\u{3099} x");
        assert_eq!(katakana("としょかんー図ゔ"), "トショカンー図ヴ");
    }

    #[test]
    fn spellings_of_one_word_are_one_in_folded() {
        same(folded, &["ヴァイオリン", "バイオリン", "ばいおりん"]);
        same(folded, &["ヴィヴェヴォヴ", "ビベボブ", "びべぼぶ"]);
        same(folded, &["インタヴュー", "インタビュー"]);
        same(folded, &["フィルム", "フイルム"]);
        same(folded, &["みかづき", "みかずき"]);
        same(folded, &["はなぢ", "はなじ"]);
        same(folded, &["ちゑをかる", "ちえおかる"]);
        same(folded, &["ゐゑを", "いえお", "ヰヱヲ"]);
        same(folded, &["きゃきゅきょくゎ", "きやきゆきよくわ", "キャキュキョクヮ"]);
        same(folded, &["霞ヶ関", "霞ケ関", "霞が関"]);
        same(folded, &["國語學", "国語学"]);
        same(folded, &["渡邊", "渡邉", "渡辺"]);
        same(folded, &["髙橋", "高橋"]);
        same(folded, &["神\u{FE00}", "神", "神"]);
        assert_eq!(folded("ケーキ"), "けき");
        assert_ne!(folded("はは"), folded("ばば"));
    }

    #[test]
    fn punctuation_parts_words_and_the_key_has_none() {
        assert_eq!(folded("  ハリー・ポッターと、「賢者」の石!  "), "はり ぽつたと 賢者 の石");
        assert_eq!(key("夏目 漱石"), key("夏目　漱石"));
        assert_eq!(key("夏目 漱石"), "夏目漱石");
    }

    #[test]
    fn signs_alone_are_kept_and_control_characters_are_not() {
        assert_eq!(folded("!? "), "!?");
        assert_eq!(folded("\u{0}\u{7}\u{200B}\n"), "");
        assert_eq!(folded(""), "");
    }

    #[test]
    fn readings_sort_by_the_syllabary() {
        let sorted = [
            "",
            "2",
            "10",
            "New York",
            "Newark",
            "あ",
            "アーク",
            "ああく",
            "あい",
            "カー",
            "かあ",
            "がー",
            "かき",
            "かぎ",
            "がき",
            "きつて",
            "はり",
            "ばり",
            "ぱり",
            "はりい",
            "ひよう",
            "びょう",
            "びよう",
            "わ",
            "を",
            "ん",
            "漢",
        ];
        for pair in sorted.windows(2) {
            assert!(reading_sort_key(pair[0]) < reading_sort_key(pair[1]), "{} before {}", pair[0], pair[1]);
        }
        assert_eq!(reading_sort_key("トショカン ノ ホン"), reading_sort_key("としょかんのほん"));
    }

    /// Every character there is, as a property test meets few of them.
    #[test]
    fn folding_any_one_character_twice_changes_nothing() {
        for form in [written, reading, folded] {
            for c in '\0'..=char::MAX {
                let once = form(c.encode_utf8(&mut [0; 4]));
                assert_eq!(form(&once), once, "{c:?} U+{:04X}", u32::from(c));
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}|[ぁ-んァ-ヶー゛・漢字國ケヶヴァa-zA-Z0-9 -]{0,30}") {
            for form in [written, reading, folded] {
                let once = form(&text);
                proptest::prop_assert_eq!(form(&once), once);
            }
        }

        #[test]
        fn a_sort_key_is_made_of_any_text(text in "\\PC{0,60}") {
            let key = reading_sort_key(&text);
            proptest::prop_assert!(key.contains(&0));
        }
    }
}
