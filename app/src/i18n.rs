//! Texts in the language of the page.

use chrono::NaiveDate;
use domain::{
    circulation::Refusal,
    messages::{self, Key, Language, Messages, Piece},
};
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    written::Escaped,
};

/// The texts of the page's language. It does not change while a page lives: another language is another page load. In the browser
/// there are at first those that every page needs.
#[derive(Clone, Copy)]
pub struct I18n {
    messages: StoredValue<Messages>,
}

impl I18n {
    /// Keeps the texts for everything below.
    pub fn new(messages: Messages) -> Self {
        Self { messages: StoredValue::new(messages) }
    }

    /// Adds the texts that every page can do without, unless they are there.
    #[cfg(feature = "hydrate")]
    pub(crate) fn add(self, more: Vec<String>) {
        if !self.is_whole() {
            self.messages.update_value(|messages| messages.add(more));
        }
    }

    /// Whether all texts are there.
    #[cfg(feature = "hydrate")]
    pub(crate) fn is_whole(self) -> bool {
        self.messages.with_value(Messages::is_whole)
    }

    /// The language.
    pub fn language(self) -> Language {
        self.messages.with_value(Messages::language)
    }

    /// A text.
    pub fn t(self, key: Key) -> String {
        self.messages.with_value(|messages| messages.text(key))
    }

    /// A text where it stands in a page by itself: with furigana, in easy Japanese.
    pub fn show(self, key: Key) -> ErasedView {
        self.shown(self.t(key))
    }

    /// The same of a text that was put together.
    pub fn shown(self, text: String) -> ErasedView {
        if !self.has_furigana(&text) {
            return text.erased();
        }
        // As HTML, so that coming to life takes it for what it is: one element.
        view! { <span inner_html=furigana(&text)></span> }.erased()
    }

    /// What [`show`](Self::show) shows, as HTML.
    pub(crate) fn written(self, key: Key) -> String {
        self.written_out(&self.t(key))
    }

    /// What [`shown`](Self::shown) shows, as HTML.
    pub(crate) fn written_out(self, text: &str) -> String {
        if self.has_furigana(text) { format!("<span>{}</span>", furigana(text)) } else { Escaped(text).to_string() }
    }

    fn has_furigana(self, text: &str) -> bool {
        self.language() == Language::Easy && text.contains('（')
    }

    /// A text with its placeholders filled.
    pub fn fill(self, key: Key, values: &[(&str, &str)]) -> String {
        self.messages.with_value(|messages| messages.fill(key, values))
    }

    /// A text with a number in its placeholder `{n}`.
    pub fn number(self, key: Key, n: impl ToString) -> String {
        self.fill(key, &[("n", &n.to_string())])
    }

    /// A text that `domain` puts together.
    pub fn with<T>(self, write: impl FnOnce(&Messages) -> T) -> T {
        self.messages.with_value(write)
    }

    /// The sentence that says why something is refused.
    pub fn refusal(self, refusal: &Refusal) -> String {
        self.messages.with_value(|messages| messages::refusal(messages, refusal))
    }

    /// A day as people write it, with its day of the week.
    pub fn date(self, day: NaiveDate) -> String {
        self.messages.with_value(|messages| messages::date(messages, day))
    }
}

fn furigana(text: &str) -> String {
    let piece = |piece: Piece| match piece {
        Piece::Plain(text) => Escaped(&text).to_string(),
        Piece::Read(kanji, reading) => format!("<ruby>{kanji}<rp>（</rp><rt>{reading}</rt><rp>）</rp></ruby>"),
    };
    messages::pieces(text).into_iter().map(piece).collect()
}

/// The texts of the page's language.
pub fn use_i18n() -> I18n {
    expect_context()
}
