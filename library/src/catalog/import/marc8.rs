//! MARC-8, the encoding of MARC 21 records before Unicode.
//!
//! Basic Latin, the extended Latin set ANSEL with its diacritics, and the sub-, superscript and Greek symbol sets are
//! decoded; diacritics, which stand before their letter, are composed with it (NFC). Each character of any other set
//! (Hebrew, Cyrillic, Arabic, Greek, and EACC for Chinese, Japanese and Korean) becomes U+FFFD: Japanese sources use
//! UTF-8, and a record with a few unreadable characters, reported as such, is worth more than none.

use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Copy, PartialEq)]
enum Set {
    Ascii,
    Ansel,
    Greek,
    Subscript,
    Superscript,
    /// A set we have no table for, and the bytes of one of its characters.
    Other(usize),
}

/// Begins the designation of a character set.
pub(super) const ESCAPE: u8 = 0x1B;

/// Decodes one subfield. Sets begin anew in each, as the standard says.
pub(super) fn decode(bytes: &[u8]) -> String {
    let (mut low, mut high) = (Set::Ascii, Set::Ansel);
    let mut text = String::with_capacity(bytes.len());
    let mut marks = String::new();
    let mut rest = bytes;
    while let [byte, after @ ..] = rest {
        if *byte == ESCAPE {
            if let Some((designation, length)) = designated(after) {
                match designation {
                    Designation::Low(set) => low = set,
                    Designation::High(set) => high = set,
                }
                rest = &after[length..];
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
                rest = after;
            }
            continue;
        }
        let set = if *byte < 0x80 { low } else { high };
        let width = match set {
            // Spaces stand for themselves in every set.
            Set::Other(width) if !matches!(*byte, 0..=0x20 | 0x80..=0xA0) => width,
            _ => 1,
        };
        rest = rest.get(width..).unwrap_or_default();
        let character = match (set, byte) {
            (_, 0x88 | 0x89 | 0x8D | 0x8E) => continue,
            (_, ..=0x20) => char::from(*byte),
            (Set::Ansel, _) => match ansel(byte | 0x80) {
                Some(mark) if (0xE0..=0xFE).contains(&(byte | 0x80)) => {
                    marks.push(mark);
                    continue;
                }
                Some(character) => character,
                None => char::REPLACEMENT_CHARACTER,
            },
            (Set::Ascii, _) => char::from(byte & 0x7F),
            (Set::Subscript, digit @ b'0'..=b'9') => {
                char::from_u32(0x2080 + u32::from(digit - b'0')).unwrap_or(char::from(*digit))
            }
            (Set::Superscript, b'1') => '\u{B9}',
            (Set::Superscript, b'2') => '\u{B2}',
            (Set::Superscript, b'3') => '\u{B3}',
            (Set::Superscript, digit @ b'0'..=b'9') => {
                char::from_u32(0x2070 + u32::from(digit - b'0')).unwrap_or(char::from(*digit))
            }
            (Set::Greek, b'a') => 'α',
            (Set::Greek, b'b') => 'β',
            (Set::Greek, b'c') => 'γ',
            (Set::Subscript, sign) => sign_among(*sign, "₊₋₍₎"),
            (Set::Superscript, sign) => sign_among(*sign, "⁺⁻⁽⁾"),
            (Set::Greek | Set::Other(_), _) => char::REPLACEMENT_CHARACTER,
        };
        text.push(character);
        text.push_str(&marks);
        marks.clear();
    }
    text.push_str(&marks);
    references_resolved(&text).nfc().collect()
}

fn sign_among(sign: u8, signs: &str) -> char {
    b"+-()".iter().zip(signs.chars()).find(|(known, _)| **known == sign).map_or(char::REPLACEMENT_CHARACTER, |(_, c)| c)
}

enum Designation {
    Low(Set),
    High(Set),
}

/// What an escape sequence asks for, and its length without the escape itself.
fn designated(after: &[u8]) -> Option<(Designation, usize)> {
    let set = |name: &[u8], width: usize| match name {
        [b'B', ..] => Some((Set::Ascii, 1)),
        [b'!', b'E', ..] => Some((Set::Ansel, 2)),
        [b'E', ..] => Some((Set::Ansel, 1)),
        [byte, ..] if byte.is_ascii_graphic() => Some((Set::Other(width), 1)),
        _ => None,
    };
    Some(match after {
        [b'g', ..] => (Designation::Low(Set::Greek), 1),
        [b'b', ..] => (Designation::Low(Set::Subscript), 1),
        [b'p', ..] => (Designation::Low(Set::Superscript), 1),
        [b's', ..] => (Designation::Low(Set::Ascii), 1),
        [b'(' | b',', name @ ..] => set(name, 1).map(|(set, length)| (Designation::Low(set), 1 + length))?,
        [b')' | b'-', name @ ..] => set(name, 1).map(|(set, length)| (Designation::High(set), 1 + length))?,
        [b'$', b')' | b'-', name @ ..] => set(name, 3).map(|(set, length)| (Designation::High(set), 2 + length))?,
        [b'$', b'(' | b',', name @ ..] => set(name, 3).map(|(set, length)| (Designation::Low(set), 2 + length))?,
        [b'$', name @ ..] => set(name, 3).map(|(set, length)| (Designation::Low(set), 1 + length))?,
        _ => return None,
    })
}

/// Characters MARC-8 does not have are written `&#x30AB;`.
fn references_resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#x") {
        out.push_str(&rest[..at]);
        let reference = &rest[at..];
        let resolved = reference.find(';').and_then(|end| {
            let character = char::from_u32(u32::from_str_radix(&reference[3..end], 16).ok()?)?;
            Some((character, end + 1))
        });
        let (character, length) = resolved.unwrap_or(('&', 1));
        out.push(character);
        rest = &reference[length..];
    }
    out.push_str(rest);
    out
}

/// The extended Latin set. From 0xE0 it has diacritics.
fn ansel(byte: u8) -> Option<char> {
    Some(match byte {
        0xA1 => 'Ł',
        0xA2 => 'Ø',
        0xA3 => 'Đ',
        0xA4 => 'Þ',
        0xA5 => 'Æ',
        0xA6 => 'Œ',
        0xA7 => '\u{02B9}',
        0xA8 => '·',
        0xA9 => '♭',
        0xAA => '®',
        0xAB => '±',
        0xAC => 'Ơ',
        0xAD => 'Ư',
        0xAE => '\u{02BC}',
        0xB0 => '\u{02BB}',
        0xB1 => 'ł',
        0xB2 => 'ø',
        0xB3 => 'đ',
        0xB4 => 'þ',
        0xB5 => 'æ',
        0xB6 => 'œ',
        0xB7 => '\u{02BA}',
        0xB8 => 'ı',
        0xB9 => '£',
        0xBA => 'ð',
        0xBC => 'ơ',
        0xBD => 'ư',
        0xC0 => '°',
        0xC1 => 'ℓ',
        0xC2 => '℗',
        0xC3 => '©',
        0xC4 => '♯',
        0xC5 => '¿',
        0xC6 => '¡',
        0xC7 => 'ß',
        0xC8 => '€',
        0xE0 => '\u{0309}',
        0xE1 => '\u{0300}',
        0xE2 => '\u{0301}',
        0xE3 => '\u{0302}',
        0xE4 => '\u{0303}',
        0xE5 => '\u{0304}',
        0xE6 => '\u{0306}',
        0xE7 => '\u{0307}',
        0xE8 => '\u{0308}',
        0xE9 => '\u{030C}',
        0xEA => '\u{030A}',
        0xEB => '\u{FE20}',
        0xEC => '\u{FE21}',
        0xED => '\u{0315}',
        0xEE => '\u{030B}',
        0xEF => '\u{0310}',
        0xF0 => '\u{0327}',
        0xF1 => '\u{0328}',
        0xF2 => '\u{0323}',
        0xF3 => '\u{0324}',
        0xF4 => '\u{0325}',
        0xF5 => '\u{0333}',
        0xF6 => '\u{0332}',
        0xF7 => '\u{0326}',
        0xF8 => '\u{031C}',
        0xF9 => '\u{032E}',
        0xFA => '\u{FE22}',
        0xFB => '\u{FE23}',
        0xFE => '\u{0313}',
        _ => return None,
    })
}
