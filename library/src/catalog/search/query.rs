//! From what was typed to what is looked up, and what counts for how much.

use domain::{catalog::isbn::Isbn13, text};
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, PhrasePrefixQuery,
        PhraseQuery, Query, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    analysis::{Place, phrase, units},
    schema::{Fields, ndc_digits},
    suggest::learnt_readings,
};

/// What is typed beyond this is not looked at.
const MAX_CHARS: usize = 200;
/// Words beyond these are not looked at.
const MAX_WORDS: usize = 12;
/// Letters from which the last Latin word may be unfinished.
const MIN_UNFINISHED: usize = 3;
/// Terms an unfinished word may stand for.
const MAX_COMPLETIONS: u32 = 200;

/// What a match counts for. The best match of each word counts, and words are added up.
mod worth {
    pub(super) const NUMBER: f32 = 1000.0;
    /// Whole title: as written, by reading, folded.
    pub(super) const TITLE: [f32; 3] = [1000.0, 900.0, 800.0];
    /// Beginning of the title.
    pub(super) const TITLE_BEGINNING: [f32; 3] = [700.0, 650.0, 600.0];
    /// Within the title.
    pub(super) const IN_TITLE: [f32; 3] = [500.0, 450.0, 400.0];
    /// Whole name of a maker: as written, folded or by reading.
    pub(super) const CREATOR: [f32; 2] = [350.0, 340.0];
    pub(super) const CREATOR_BEGINNING: [f32; 2] = [310.0, 300.0];
    pub(super) const IN_CREATOR: [f32; 2] = [260.0, 250.0];
    /// The classification.
    pub(super) const NDC: f32 = 240.0;
    /// A word in kanji that stands in the title in kana.
    pub(super) const LEARNT_READING: f32 = 220.0;
    /// Anywhere else in the record.
    pub(super) const OTHER: f32 = 100.0;
    /// The beginning of a Latin word.
    pub(super) const UNFINISHED: f32 = 50.0;
    /// Added, per word, when all words stand together in the order typed.
    pub(super) const TOGETHER: f32 = 1000.0;
}

/// The query for what was typed.
pub(super) fn build(fields: &Fields, searcher: &Searcher, q: &str) -> tantivy::Result<Box<dyn Query>> {
    if q.trim().is_empty() {
        return Ok(Box::new(AllQuery));
    }
    let typed = text::one_width(first_chars(q));
    let words = words(&typed);
    let mut clauses = Vec::with_capacity(words.len() + 1);
    for word in &words {
        clauses.push((Occur::Must, any_of(word_clauses(fields, searcher, word)?)));
    }
    if words.len() > 1 {
        let extra = words.iter().map(|_| worth::TOGETHER).sum();
        clauses.push((Occur::Should, any_of(phrase_clauses(fields, &words.join(" "), extra))));
    }
    let all_words: Box<dyn Query> =
        if clauses.is_empty() { Box::new(EmptyQuery) } else { Box::new(BooleanQuery::new(clauses)) };
    // An ISBN may be typed in groups.
    Ok(match typed.parse::<Isbn13>() {
        Ok(isbn) => any_of(vec![worth(term(fields.isbn, isbn.as_str()), worth::NUMBER), all_words]),
        Err(_) => all_words,
    })
}

/// What of it is looked at.
pub(super) fn first_chars(typed: &str) -> &str {
    typed.char_indices().nth(MAX_CHARS).map_or(typed, |(end, _)| &typed[..end])
}

/// The words in what was typed, without those that are nothing but punctuation, unless there are no others.
///
/// They are parted by spaces and by the signs that stand between title and author in a citation.
pub(super) fn words(typed: &str) -> Vec<&str> {
    let words = || {
        typed.split(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '／' | ',' | '，' | '、' | ';'))
    };
    let spoken: Vec<&str> = words().filter(|word| word.contains(char::is_alphanumeric)).take(MAX_WORDS).collect();
    if spoken.is_empty() {
        words().filter(|word| !text::folded(word).is_empty()).take(MAX_WORDS).collect()
    } else {
        spoken
    }
}

/// Everything a single word may be found by.
fn word_clauses(fields: &Fields, searcher: &Searcher, word: &str) -> tantivy::Result<Vec<Box<dyn Query>>> {
    let mut clauses = phrase_clauses(fields, word, 0.0);
    let folded = units(&text::folded(word));
    clauses.extend(find(fields.other, &folded, Place::Anywhere, worth::OTHER));
    for reading in learnt_readings(fields, searcher, word)? {
        // A title in kana is written in either; its reading is not asked, for that would find all homophones.
        for kana in [text::katakana(&reading), reading] {
            clauses.extend(find(fields.title, &units(&kana), Place::Anywhere, worth::LEARNT_READING));
        }
    }
    for field in [fields.title_folded, fields.creator_folded, fields.other] {
        clauses.extend(unfinished(field, &folded));
    }
    if let Ok(isbn) = word.parse::<Isbn13>() {
        clauses.push(worth(term(fields.isbn, isbn.as_str()), worth::NUMBER));
    }
    if is_ndc(word) {
        clauses.push(worth(term(fields.ndc, &ndc_digits(word)), worth::NDC));
    }
    Ok(clauses)
}

/// The text in titles and names, with something added to what each match counts for.
fn phrase_clauses(fields: &Fields, text: &str, extra: f32) -> Vec<Box<dyn Query>> {
    let written = units(&text::written(text));
    let reading = units(&text::reading(text));
    let folded = units(&text::folded(text));
    let places = [
        (Place::Whole, worth::TITLE, worth::CREATOR),
        (Place::Beginning, worth::TITLE_BEGINNING, worth::CREATOR_BEGINNING),
        (Place::Anywhere, worth::IN_TITLE, worth::IN_CREATOR),
    ];
    let mut clauses = Vec::new();
    for (place, in_title, in_creator) in places {
        clauses.extend(find(fields.title, &written, place, in_title[0] + extra));
        clauses.extend(find(fields.title_reading, &reading, place, in_title[1] + extra));
        clauses.extend(find(fields.title_folded, &folded, place, in_title[2] + extra));
        clauses.extend(find(fields.creator, &written, place, in_creator[0] + extra));
        clauses.extend(find(fields.creator_folded, &folded, place, in_creator[1] + extra));
    }
    clauses
}

/// Whether it is written as an NDC number: three digits, or more with a point after the third.
fn is_ndc(word: &str) -> bool {
    let (class, rest) = word.split_once('.').unwrap_or((word, ""));
    class.len() == 3 && class.bytes().chain(rest.bytes()).all(|b| b.is_ascii_digit())
}

fn find(field: Field, units: &[String], place: Place, score: f32) -> Option<Box<dyn Query>> {
    let mut terms: Vec<(usize, Term)> = phrase(units, place)
        .into_iter()
        .map(|(position, token)| (position, Term::from_field_text(field, &token)))
        .collect();
    let query: Box<dyn Query> = match terms.len() {
        0 => return None,
        1 => Box::new(TermQuery::new(terms.remove(0).1, IndexRecordOption::Basic)),
        _ => Box::new(PhraseQuery::new_with_offset(terms)),
    };
    Some(worth(query, score))
}

/// The units with the last one, a Latin word, taken as a beginning.
fn unfinished(field: Field, units: &[String]) -> Option<Box<dyn Query>> {
    let last = units.last()?;
    if !last.is_ascii() || last.len() < MIN_UNFINISHED {
        return None;
    }
    let terms = phrase(units, Place::Anywhere)
        .into_iter()
        .map(|(position, token)| (position, Term::from_field_text(field, &token)))
        .collect();
    let mut query = PhrasePrefixQuery::new_with_offset(terms);
    query.set_max_expansions(MAX_COMPLETIONS);
    Some(worth(Box::new(query), worth::UNFINISHED))
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn worth(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

fn any_of(clauses: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(DisjunctionMaxQuery::new(clauses))
}
