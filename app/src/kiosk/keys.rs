//! The keys of the keyboard on the screen, and what each of them does.

use domain::messages::Key;
#[cfg(any(feature = "hydrate", test))]
use domain::text::Stroke;

/// A set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Panel {
    /// 五十音
    Kana,
    /// ABC
    Latin,
    /// Numbers.
    Digits,
}

impl Panel {
    pub(super) const ALL: [Self; 3] = [Self::Kana, Self::Latin, Self::Digits];

    pub(super) const fn name(self) -> Key {
        match self {
            Self::Kana => Key::KeyboardKana,
            Self::Latin => Key::KeyboardLatin,
            Self::Digits => Key::KeyboardDigits,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Kana => "kana",
            Self::Latin => "latin",
            Self::Digits => "digits",
        }
    }

    /// Its keys, group by group: the columns of the syllabary, the rows of the others. A gap is a full-width space.
    pub(super) const fn groups(self) -> &'static [&'static str] {
        match self {
            Self::Kana => &[
                "あいうえお",
                "かきくけこ",
                "さしすせそ",
                "たちつてと",
                "なにぬねの",
                "はひふへほ",
                "まみむめも",
                "や　ゆ　よ",
                "らりるれろ",
                "わをんー・",
            ],
            Self::Latin => &["1234567890", "abcdefghij", "klmnopqrst", "uvwxyz-.'&"],
            Self::Digits => &["123", "456", "789", "-0"],
        }
    }
}

/// What the key does that sends or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser has fields"))]
pub(super) enum Go {
    /// Searches.
    Search,
    /// Goes on to the next field.
    Next,
    /// Sends the form.
    Send,
}

impl Go {
    pub(super) const fn name(self) -> Key {
        match self {
            Self::Search => Key::KeyboardSearch,
            Self::Next => Key::KeyboardNext,
            Self::Send => Key::KeyboardSend,
        }
    }
}

/// What a key does.
#[cfg(any(feature = "hydrate", test))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Does something to the text.
    Type(Stroke),
    /// Shows other keys.
    Show(Panel),
    /// Capital or small letters.
    Case,
    /// Searches, goes on, sends.
    Go,
    /// Puts the keyboard away.
    Close,
}

/// The names of keys that are no characters, as they stand on the page.
#[cfg(any(feature = "hydrate", test))]
const NAMED: [(&str, Deed); 12] = [
    ("voiced", Deed::Type(Stroke::Voiced)),
    ("half-voiced", Deed::Type(Stroke::HalfVoiced)),
    ("small", Deed::Type(Stroke::Small)),
    ("space", Deed::Type(Stroke::Put(' '))),
    ("delete", Deed::Type(Stroke::Delete)),
    ("clear", Deed::Type(Stroke::Clear)),
    ("kana", Deed::Show(Panel::Kana)),
    ("latin", Deed::Show(Panel::Latin)),
    ("digits", Deed::Show(Panel::Digits)),
    ("case", Deed::Case),
    ("go", Deed::Go),
    ("close", Deed::Close),
];

/// What the key of this name does.
#[cfg(any(feature = "hydrate", test))]
pub(super) fn deed(name: &str) -> Option<Deed> {
    if let Some((_, deed)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*deed);
    }
    let mut chars = name.chars();
    chars.next().filter(|_| chars.next().is_none()).map(|c| Deed::Type(Stroke::Put(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r32_every_key_does_something_of_its_own() {
        for panel in Panel::ALL {
            let keys: Vec<char> =
                panel.groups().iter().flat_map(|group| group.chars()).filter(|c| *c != '　').collect();
            for key in &keys {
                assert_eq!(deed(&key.to_string()), Some(Deed::Type(Stroke::Put(*key))));
                assert_eq!(keys.iter().filter(|other| *other == key).count(), 1, "{key}");
            }
            assert_eq!(deed(panel.as_str()), Some(Deed::Show(panel)));
        }
        assert_eq!(deed("ab"), None);
        assert_eq!(deed(""), None);
    }

    #[test]
    fn r32_the_keys_have_the_whole_syllabary_and_alphabet() {
        let keys = |panel: Panel| panel.groups().concat();
        let plain = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんー";
        assert!(plain.chars().all(|kana| keys(Panel::Kana).contains(kana)));
        assert!(('a'..='z').chain('0'..='9').all(|c| keys(Panel::Latin).contains(c)));
        assert!(('0'..='9').all(|c| keys(Panel::Digits).contains(c)));
    }
}
