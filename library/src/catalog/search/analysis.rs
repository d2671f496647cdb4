//! Cutting text into units, and what is indexed of them.

use domain::text::{self, is_kana, is_kanji};
use tantivy::tokenizer::{PreTokenizedString, Token};

/// Stands before the first unit, so that the beginning of a text can be asked for.
const START: &str = "\u{2}";
/// Stands after the last unit.
const END: &str = "\u{3}";
/// Joins the two units of a pair. No unit contains it.
pub(super) const JOINT: char = ' ';

/// Longer words are cut; no catalogue has such a word, but a hostile query may.
const MAX_UNIT_CHARS: usize = 64;

/// The units of a text in one of the forms of [`domain::text`].
///
/// Kana, kanji and other letters of the East are units by themselves, and spaces between them don't count. Latin
/// letters and digits make up words: `art` is not to find `start`.
pub(super) fn units(form: &str) -> Vec<String> {
    let mut units = Vec::new();
    for word in form.split(' ') {
        let mut run = String::new();
        let mut run_chars = 0;
        for c in word.chars() {
            if is_unit(c) {
                if !run.is_empty() {
                    units.push(std::mem::take(&mut run));
                    run_chars = 0;
                }
                units.push(c.into());
            } else if run_chars < MAX_UNIT_CHARS {
                run.push(c);
                run_chars += 1;
            }
        }
        if !run.is_empty() {
            units.push(run);
        }
    }
    units
}

/// Whether the character is a unit by itself. U+2E80 is where the letters of the East begin.
fn is_unit(c: char) -> bool {
    is_kana(c) || is_kanji(c) || c >= '\u{2E80}'
}

/// What is indexed of a text: each unit, and each pair of neighbours, the two ends included, at the position of
/// its first unit.
pub(super) fn tokens(form: &str) -> PreTokenizedString {
    let units = units(form);
    let mut tokens = Vec::with_capacity(units.len() * 2 + 1);
    if !units.is_empty() {
        let mut previous = START;
        for (position, unit) in units.iter().enumerate() {
            tokens.push(token(position, pair(previous, unit)));
            tokens.push(token(position + 1, unit.clone()));
            previous = unit;
        }
        tokens.push(token(units.len(), pair(previous, END)));
    }
    PreTokenizedString { text: String::new(), tokens }
}

fn token(position: usize, text: String) -> Token {
    Token { position, text, ..Token::default() }
}

fn pair(first: &str, second: &str) -> String {
    format!("{first}{JOINT}{second}")
}

/// Where in a text the words have to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// They are the text.
    Whole,
    /// At the beginning.
    Beginning,
    /// Anywhere.
    Anywhere,
}

/// The tokens that find these units at that place of a text, with their distances from the first.
pub(super) fn phrase(units: &[String], place: Place) -> Vec<(usize, String)> {
    let mut sequence = Vec::with_capacity(units.len() + 2);
    if place != Place::Anywhere {
        sequence.push(START);
    }
    sequence.extend(units.iter().map(String::as_str));
    if place == Place::Whole {
        sequence.push(END);
    }
    match *sequence {
        [] => Vec::new(),
        [only] => vec![(0, only.to_owned())],
        // Every other pair covers the sequence; the last one is needed when their number is odd.
        _ => {
            let last = sequence.len() - 2;
            (0..=last)
                .filter(|at| at % 2 == 0 || *at == last)
                .map(|at| (at, pair(sequence[at], sequence[at + 1])))
                .collect()
        }
    }
}

/// Words of a reading that are written one way and spoken another: sources that follow the spoken form
/// (`ワガハイ ワ ネコ デ アル`) set them apart by spaces, and people type the written one.
///
/// Answers the reading with the particles as they are written, when it has any.
pub(super) fn with_written_particles(reading: &str) -> Option<String> {
    let form = text::reading(reading);
    let words: Vec<&str> = form.split(' ').collect();
    if !words.iter().any(|word| matches!(*word, "わ" | "え")) {
        return None;
    }
    Some(
        words
            .into_iter()
            .map(|word| match word {
                "わ" => "は",
                "え" => "へ",
                _ => word,
            })
            .collect(),
    )
}
