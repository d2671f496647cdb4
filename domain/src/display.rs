//! How somebody wants the pages to look (表示と文字の大きさ), as they chose it.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// Light or dark.
    #[derive(Default)]
    Theme, "theme" {
        /// As the device has it (自動).
        #[default]
        Auto = "auto",
        /// Dark on light (明るい).
        Light = "light",
        /// Light on dark (暗い).
        Dark = "dark",
        /// As much contrast as there is, light or dark as the device has it (高コントラスト).
        HighContrast = "high-contrast",
    }
}

words! {
    /// How large letters are, and all that goes by them.
    #[derive(Default)]
    TextSize, "size of letters" {
        /// As the device has it (標準).
        #[default]
        Usual = "usual",
        /// Larger (大きい).
        Large = "large",
        /// Larger still (もっと大きい).
        Largest = "largest",
    }
}

/// How somebody wants the pages to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    /// Light or dark.
    pub theme: Theme,
    /// How large letters are.
    pub size: TextSize,
}

impl Display {
    /// Reads what [`word`](Self::word) wrote. What can't be read is as the device has it.
    pub fn read(word: &str) -> Self {
        let (theme, size) = word.split_once('.').unwrap_or((word, ""));
        Self { theme: theme.parse().unwrap_or_default(), size: size.parse().unwrap_or_default() }
    }

    /// As the browser keeps it: `dark.large`.
    pub fn word(self) -> String {
        format!("{}.{}", self.theme, self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_read_again() {
        for theme in Theme::ALL {
            for size in TextSize::ALL {
                let display = Display { theme: *theme, size: *size };
                assert_eq!(Display::read(&display.word()), display);
            }
        }
        assert_eq!(Display { theme: Theme::Dark, size: TextSize::Large }.word(), "dark.large");
    }

    #[test]
    fn what_cannot_be_read_is_as_the_device_has_it() {
        for word in ["", ".", "black.huge", "dark;large"] {
            assert_eq!(Display::read(word), Display::default(), "{word:?}");
        }
        assert_eq!(Display::read("dark.huge"), Display { theme: Theme::Dark, size: TextSize::Usual });
        assert_eq!(Display::read("light").theme, Theme::Light);
    }
}
