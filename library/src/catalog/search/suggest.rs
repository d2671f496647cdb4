//! What is offered while typing, and other spellings of what was not found.
//!
//! Both go through the dictionary of one field. Each of its terms is an *entry*: the folded title or name, or its
//! reading, by which it is looked up, and behind it what is shown.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    catalog::Suggestion,
    text::{self, is_kana, is_kanji},
};
use tantivy::{
    Searcher, SegmentReader, Term,
    collector::Count,
    index::SegmentId,
    query::TermQuery,
    schema::{Field, IndexRecordOption},
    termdict::TermDictionary,
};
use tantivy_fst::Automaton;

use super::{
    analysis::JOINT,
    query::{first_chars, words},
    schema::Fields,
};

/// Parts the pieces of an entry. Nothing folded contains it.
const SEPARATOR: char = '\0';
/// Longer entries are not made: nobody types so much, and the index takes no term above 65,530 bytes.
const MAX_ENTRY_BYTES: usize = 2_000;
/// Entries looked at for a beginning. A single kana in a catalogue of a million titles has more; then the first in
/// the dictionary are offered.
const MAX_SCANNED: usize = 20_000;
/// Entries from which a reading is learnt.
const MAX_TEACHERS: usize = 500;
/// Kana a learnt reading has at least: はし stands in too many words to be looked for.
const MIN_LEARNT_KANA: usize = 3;
/// Letters from which a Latin word is compared with those in titles.
const MIN_LATIN: usize = 4;

/// Letters that may differ between what was typed and what was meant.
const MAX_TOLERATED: u8 = 2;

/// What an entry stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Title,
    Creator,
}

/// A title or a maker's name, as shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Entry {
    kind: Kind,
    text: String,
    reading: Option<String>,
}

impl Entry {
    /// The terms that lead to a title or name: by its writing and by its reading.
    pub(super) fn terms(kind: Kind, text: &str, reading: Option<&str>) -> BTreeSet<String> {
        let letter = match kind {
            Kind::Title => 't',
            Kind::Creator => 'c',
        };
        let shown = text.replace(SEPARATOR, "");
        let shown_reading = reading.unwrap_or_default().replace(SEPARATOR, "");
        [Some(text), reading]
            .into_iter()
            .flatten()
            .map(text::key)
            .filter(|key| !key.is_empty())
            .map(|key| format!("{key}{SEPARATOR}{letter}{shown}{SEPARATOR}{shown_reading}"))
            .filter(|term| term.len() <= MAX_ENTRY_BYTES)
            .collect()
    }

    /// The key of a term and the entry behind it.
    fn parse(term: &str) -> Option<(&str, Self)> {
        let mut pieces = term.splitn(3, SEPARATOR);
        let (key, shown, reading) = (pieces.next()?, pieces.next()?, pieces.next()?);
        let (kind, text) = match shown.split_at_checked(1)? {
            ("t", text) => (Kind::Title, text),
            ("c", text) => (Kind::Creator, text),
            _ => return None,
        };
        let reading = (!reading.is_empty()).then(|| reading.to_owned());
        Some((key, Self { kind, text: text.to_owned(), reading }))
    }
}

/// The key of an entry's term.
pub(super) fn key_of(term: &str) -> &str {
    term.split(SEPARATOR).next().unwrap_or_default()
}

/// Goes through the terms of a field from one on, in every segment, with the number of documents that have the term
/// (those removed and not yet cleared away included). The segment is left when `each` says so.
fn scan(
    searcher: &Searcher,
    field: Field,
    from: &str,
    mut each: impl FnMut(&str, u32) -> ControlFlow<()>,
) -> io::Result<()> {
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field).map_err(io::Error::other)?;
        let mut terms = index.terms().range().ge(from).into_stream()?;
        while terms.advance() {
            if let Ok(term) = std::str::from_utf8(terms.key())
                && each(term, terms.value().doc_freq).is_break()
            {
                break;
            }
        }
    }
    Ok(())
}

/// Goes through the terms of a field that are near, in every segment, with how near and the number of documents as above.
///
/// Where the first letter is another, nothing else may be: people seldom err there. Those are looked up one by one, with each letter
/// by which a term may begin, since a dictionary would have to be gone through from all its beginnings.
fn scan_near(
    searcher: &Searcher,
    field: Field,
    near: Near<'_>,
    beginnings: impl Fn(&SegmentReader, &TermDictionary) -> io::Result<Arc<[char]>>,
    mut each: impl FnMut(&str, u8, u32),
) -> io::Result<()> {
    let Some((first, rest)) = near.wanted.split_first() else { return Ok(()) };
    let (whole, rest): (String, String) = (near.wanted.iter().collect(), rest.iter().collect());
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field).map_err(io::Error::other)?;
        let mut terms = index.terms().search(near).into_stream()?;
        while terms.advance() {
            if let Ok(term) = std::str::from_utf8(terms.key())
                && let Some(distance) = near.distance(term)
            {
                each(term, distance, terms.value().doc_freq);
            }
        }
        let mut look_up = |term: &str| -> io::Result<()> {
            if let Some(found) = index.terms().get(term)? {
                each(term, 1, found.doc_freq);
            }
            Ok(())
        };
        if !rest.starts_with(*first) {
            look_up(&rest)?;
        }
        let mut term = String::with_capacity(whole.len() + 4);
        for letter in beginnings(segment, index.terms())?.iter().filter(|letter| *letter != first) {
            for behind in [&rest, &whole] {
                term.clear();
                term.push(*letter);
                term.push_str(behind);
                look_up(&term)?;
            }
        }
    }
    Ok(())
}

/// The letters by which keys begin, of each segment of the index; it never changes while there is the segment.
#[derive(Default)]
pub(super) struct Beginnings(Mutex<HashMap<SegmentId, Arc<[char]>>>);

impl Beginnings {
    fn of(&self, searcher: &Searcher, segment: &SegmentReader, keys: &TermDictionary) -> io::Result<Arc<[char]>> {
        if let Some(letters) = self.lock().get(&segment.segment_id()) {
            return Ok(Arc::clone(letters));
        }
        let letters: Arc<[char]> = first_letters(keys)?.into();
        let mut known = self.lock();
        // Segments that were merged away are not asked for again.
        known.retain(|id, _| searcher.segment_readers().iter().any(|segment| segment.segment_id() == *id));
        known.insert(segment.segment_id(), Arc::clone(&letters));
        Ok(letters)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SegmentId, Arc<[char]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The letters by which the terms of a dictionary begin: from each to the first term that begins with a later one.
fn first_letters(terms: &TermDictionary) -> io::Result<Vec<char>> {
    let mut letters = Vec::new();
    let mut from = String::new();
    loop {
        let mut stream = terms.range().ge(&from).into_stream()?;
        let mut first = None;
        while first.is_none() && stream.advance() {
            first = std::str::from_utf8(stream.key()).ok().and_then(|term| term.chars().next());
        }
        let Some(letter) = first else { return Ok(letters) };
        letters.push(letter);
        let Some(next) = (letter..=char::MAX).nth(1) else { return Ok(letters) };
        from.clear();
        from.push(next);
    }
}

/// Goes through the entries that begin so, but not through more than so many.
fn scan_beginning(
    searcher: &Searcher,
    fields: &Fields,
    beginning: &str,
    limit: usize,
    mut each: impl FnMut(&str, Entry, u32),
) -> io::Result<()> {
    let mut left = limit;
    scan(searcher, fields.entries, beginning, |term, documents| {
        if !term.starts_with(beginning) || left == 0 {
            return ControlFlow::Break(());
        }
        left -= 1;
        if let Some((key, entry)) = Entry::parse(term) {
            each(key, entry, documents);
        }
        ControlFlow::Continue(())
    })
}

/// An entry that begins with what was typed.
#[derive(Default)]
struct Candidate {
    documents: u32,
    /// What was typed is all of it.
    whole: bool,
    key: String,
}

/// See [`SearchIndex::suggest`](super::SearchIndex::suggest).
pub(super) fn suggest(
    fields: &Fields,
    searcher: &Searcher,
    typed: &str,
    limit: usize,
) -> tantivy::Result<Vec<Suggestion>> {
    let beginning = text::key(without_unfinished_kana(first_chars(typed)));
    if beginning.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: HashMap<Entry, Candidate> = HashMap::new();
    scan_beginning(searcher, fields, &beginning, MAX_SCANNED, |key, entry, documents| {
        let candidate = found.entry(entry).or_default();
        // The same document stands under its writing and its reading; segments add up.
        if candidate.key.is_empty() || candidate.key == key {
            candidate.documents += documents;
            key.clone_into(&mut candidate.key);
        }
        candidate.whole |= key == beginning;
    })?;
    let mut ranked: Vec<(Entry, Candidate)> = found.into_iter().collect();
    ranked.sort_unstable_by(|(entry_a, a), (entry_b, b)| {
        (b.whole, b.documents, a.key.len(), entry_a).cmp(&(a.whole, a.documents, b.key.len(), entry_b))
    });
    // Makers have many works and would leave no room for titles: each kind may have half, and what the other leaves.
    let half = limit.div_ceil(2);
    let of_kind = |kind| ranked.iter().filter(move |(entry, _)| entry.kind == kind).count();
    let mut room = BTreeMap::from([
        (Kind::Title, limit - half.min(of_kind(Kind::Creator))),
        (Kind::Creator, limit - (limit - half).min(of_kind(Kind::Title))),
    ]);
    let mut suggestions: Vec<Suggestion> = Vec::with_capacity(limit);
    for (entry, candidate) in ranked {
        let Some(left) = room.get_mut(&entry.kind) else { continue };
        if *left == 0 || suggestions.len() == limit || suggestions.iter().any(|known| known.text == entry.text) {
            continue;
        }
        if is_alive(fields, searcher, &candidate.key, &entry)? {
            *left -= 1;
            suggestions.push(Suggestion { text: entry.text, reading: entry.reading });
        }
    }
    Ok(suggestions)
}

/// Cuts the Latin letters that an input method has not yet turned into kana.
fn without_unfinished_kana(typed: &str) -> &str {
    let kana = typed.trim_end_matches(|c: char| {
        text::one_width(c.encode_utf8(&mut [0; 4])).chars().all(|c| c.is_ascii_lowercase())
    });
    if kana.ends_with(is_kana) { kana } else { typed }
}

/// Whether a bib still has the entry; the dictionary keeps those of removed bibs for a while.
fn is_alive(fields: &Fields, searcher: &Searcher, key: &str, entry: &Entry) -> tantivy::Result<bool> {
    for term in Entry::terms(entry.kind, &entry.text, entry.reading.as_deref()) {
        if term.starts_with(key) {
            let term = Term::from_field_text(fields.entries, &term);
            if searcher.search(&TermQuery::new(term, IndexRecordOption::Basic), &Count)? > 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Readings of a word in kanji, in hiragana, learnt from the catalogue: from titles and names that are the word,
/// and from those that begin with it and go on in kana (`図書館の本`), where at least two agree.
pub(super) fn learnt_readings(fields: &Fields, searcher: &Searcher, word: &str) -> io::Result<BTreeSet<String>> {
    let mut readings = BTreeSet::new();
    if !word.contains(is_kanji) {
        return Ok(readings);
    }
    let word_key = text::key(word);
    let word_form = unspaced_reading(word);
    let mut votes: HashMap<String, BTreeSet<String>> = HashMap::new();
    scan_beginning(searcher, fields, &word_key, MAX_TEACHERS, |key, entry, _| {
        let Some(reading) = entry.reading.as_deref().map(unspaced_reading) else { return };
        if key == word_key {
            readings.insert(reading);
        } else if let Some(rest) = unspaced_reading(&entry.text).strip_prefix(&word_form) {
            for candidate in readings_before(rest, &reading) {
                votes.entry(candidate.to_owned()).or_default().insert(entry.text.clone());
            }
        }
    })?;
    readings.extend(votes.into_iter().filter(|(_, titles)| titles.len() > 1).map(|(reading, _)| reading));
    readings.retain(|reading| reading.chars().all(is_kana) && reading.chars().count() >= MIN_LEARNT_KANA);
    Ok(readings)
}

fn unspaced_reading(text: &str) -> String {
    let mut form = text::reading(text);
    form.retain(|c| c != ' ');
    form
}

/// What of a reading may belong to the word before `rest`, judged by the kana that `rest` begins with.
fn readings_before<'a>(rest: &str, reading: &'a str) -> Vec<&'a str> {
    let kana_end = rest.find(|c| !is_kana(c)).unwrap_or(rest.len());
    let kana = &rest[..kana_end];
    if kana.is_empty() {
        Vec::new()
    } else if kana_end == rest.len() {
        reading.strip_suffix(kana).into_iter().collect()
    } else {
        reading.match_indices(kana).map(|(at, _)| &reading[..at]).collect()
    }
}

/// See [`SearchIndex::did_you_mean`](super::SearchIndex::did_you_mean).
pub(super) fn did_you_mean(
    fields: &Fields,
    searcher: &Searcher,
    beginnings: &Beginnings,
    q: &str,
    finds: impl Fn(&str) -> tantivy::Result<bool>,
) -> tantivy::Result<Option<String>> {
    let typed = first_chars(q);
    if let Some(other) = nearest(fields, searcher, beginnings, typed)?
        && finds(&other)?
    {
        return Ok(Some(other));
    }
    let words = words(typed);
    if words.len() < 2 {
        return Ok(None);
    }
    let mut corrected = false;
    let mut spelling = Vec::new();
    for word in words {
        if finds(word)? {
            spelling.push(word.to_owned());
        } else if let Some(other) = nearest(fields, searcher, beginnings, word)? {
            corrected = true;
            spelling.push(other);
        } else {
            return Ok(None);
        }
    }
    let spelling = spelling.join(" ");
    Ok(if corrected && finds(&spelling)? { Some(spelling) } else { None })
}

/// The title, name or Latin word nearest to what was typed; among equally near ones the most frequent.
fn nearest(fields: &Fields, searcher: &Searcher, beginnings: &Beginnings, typed: &str) -> io::Result<Option<String>> {
    let wanted: Vec<char> = text::key(typed).chars().collect();
    let Some(max) = tolerated(wanted.len()) else { return Ok(None) };
    let near = Near { wanted: &wanted, max };
    let mut entry = Best::default();
    let of_keys = |segment: &SegmentReader, keys: &TermDictionary| beginnings.of(searcher, segment, keys);
    scan_near(searcher, fields.keys, near, of_keys, |key, distance, documents| entry.offer(distance, documents, key))?;
    let mut word = Best::default();
    if wanted.len() >= MIN_LATIN && wanted.iter().all(char::is_ascii_alphanumeric) {
        let latin: Arc<[char]> = ('0'..='9').chain('a'..='z').collect();
        for field in [fields.title_folded, fields.creator_folded] {
            scan_near(
                searcher,
                field,
                near,
                |_, _| Ok(Arc::clone(&latin)),
                |term, distance, documents| {
                    if term.starts_with(|c: char| c.is_ascii() && c >= '0') && !term.contains(JOINT) {
                        word.offer(distance, documents, term);
                    }
                },
            )?;
        }
    }
    match (entry.0, word.0) {
        (Some((entry_distance, _, key)), word)
            if word.as_ref().is_none_or(|(word_distance, ..)| entry_distance <= *word_distance) =>
        {
            shown(fields, searcher, &key)
        }
        (_, word) => Ok(word.map(|(_, _, word)| word)),
    }
}

/// The title or name most often looked up by a key.
fn shown(fields: &Fields, searcher: &Searcher, key: &str) -> io::Result<Option<String>> {
    let mut best = Best::default();
    scan_beginning(searcher, fields, &format!("{key}{SEPARATOR}"), MAX_SCANNED, |_, entry, documents| {
        best.offer(0, documents, &entry.text);
    })?;
    Ok(best.0.map(|(_, _, text)| text))
}

/// How many letters may differ in a text of so many; `None` when it is too short to guess.
fn tolerated(letters: usize) -> Option<u8> {
    match letters {
        0..=2 => None,
        3..=5 => Some(1),
        _ => Some(MAX_TOLERATED),
    }
}

/// The best spelling so far: distance, number of documents, text.
#[derive(Default)]
struct Best(Option<(u8, u32, String)>);

impl Best {
    /// Takes a spelling that is better than the one so far: nearer, then more frequent, then first in order.
    fn offer(&mut self, distance: u8, documents: u32, text: &str) {
        let better = self.0.as_ref().is_none_or(|(best_distance, best_documents, best_text)| {
            (distance, *best_documents, text) < (*best_distance, documents, best_text.as_str())
        });
        if better {
            self.0 = Some((distance, documents, text.to_owned()));
        }
    }
}

/// Texts that are so many letters (Levenshtein) from the one wanted, or fewer. Told letter by letter, so that of a dictionary only
/// what can still come near is gone through. The first letter has to be the one wanted.
#[derive(Clone, Copy)]
struct Near<'a> {
    wanted: &'a [char],
    max: u8,
}

/// How near a beginning of a text is.
#[derive(Clone)]
struct Reached {
    letters: usize,
    row: Row,
    /// The letter whose bytes are coming, and how many of them are still to come.
    letter: u32,
    missing: u8,
}

/// The part of a row of the table of distances that can hold a tolerated one. Number `k` of row `i` is the distance of the first
/// `i` letters of the text to the first `i + k - MAX_TOLERATED` letters wanted.
type Row = [u8; 2 * MAX_TOLERATED as usize + 1];

/// Above every tolerated distance, and far enough below the largest number to be added to.
const TOO_FAR: u8 = u8::MAX / 2;

impl Near<'_> {
    /// The distance of a text, when it is not above the maximum.
    fn distance(self, text: &str) -> Option<u8> {
        let reached = text.bytes().fold(self.start(), |reached, byte| self.accept(&reached, byte));
        self.reached(&reached)
    }

    fn reached(self, reached: &Reached) -> Option<u8> {
        let number = (self.wanted.len() + usize::from(MAX_TOLERATED)).checked_sub(reached.letters)?;
        let distance = reached.row.get(number).copied().filter(|distance| *distance <= self.max);
        distance.filter(|_| reached.missing == 0 && reached.letters > 0)
    }

    /// How many of the letters wanted number `k` of the row is about.
    fn letters_at(reached: &Reached, k: usize) -> Option<usize> {
        (reached.letters + k).checked_sub(usize::from(MAX_TOLERATED))
    }

    fn next(self, reached: &Reached, letter: Option<char>) -> Reached {
        let mut next = Reached { letters: reached.letters + 1, row: [TOO_FAR; _], letter: 0, missing: 0 };
        if reached.letters == 0 && self.wanted.first().copied() != letter {
            return next;
        }
        for k in 0..next.row.len() {
            let Some(wanted_letters) = Self::letters_at(&next, k) else { continue };
            if wanted_letters > self.wanted.len() {
                break;
            }
            let inserted = reached.row.get(k + 1).map_or(TOO_FAR, |distance| distance + 1);
            let left_out = if k > 0 { next.row[k - 1] + 1 } else { TOO_FAR };
            let replaced = match wanted_letters.checked_sub(1) {
                Some(last) => reached.row[k] + u8::from(Some(self.wanted[last]) != letter),
                None => TOO_FAR,
            };
            next.row[k] = inserted.min(left_out).min(replaced).min(TOO_FAR);
        }
        next
    }
}

impl Automaton for Near<'_> {
    type State = Reached;

    fn start(&self) -> Reached {
        let mut row = [TOO_FAR; _];
        for (distance, wanted_letters) in row[usize::from(MAX_TOLERATED)..].iter_mut().zip(0..) {
            *distance = wanted_letters;
        }
        Reached { letters: 0, row, letter: 0, missing: 0 }
    }

    fn is_match(&self, reached: &Reached) -> bool {
        self.reached(reached).is_some()
    }

    fn can_match(&self, reached: &Reached) -> bool {
        // Where no more is tolerated, only the letter wanted may come, and its first bytes tell already.
        let comes = |at: usize| {
            self.wanted.get(at).is_some_and(|wanted| u32::from(*wanted) >> (6 * reached.missing) == reached.letter)
        };
        if reached.letters == 0 {
            return reached.missing == 0 || comes(0);
        }
        reached.row.iter().enumerate().any(|(k, distance)| {
            let at = || Self::letters_at(reached, k);
            *distance < self.max || (*distance == self.max && (reached.missing == 0 || at().is_some_and(comes)))
        })
    }

    fn accept(&self, reached: &Reached, byte: u8) -> Reached {
        let (bits, missing) = match byte {
            // The dictionary's terms are UTF-8, so one of these goes on with a letter.
            0x80..=0xbf => (reached.letter << 6 | u32::from(byte & 0x3f), reached.missing.saturating_sub(1)),
            0x00..=0x7f => (u32::from(byte), 0),
            0xc0..=0xdf => (u32::from(byte & 0x1f), 1),
            0xe0..=0xef => (u32::from(byte & 0x0f), 2),
            0xf0..=0xff => (u32::from(byte & 0x07), 3),
        };
        if missing > 0 {
            Reached { letter: bits, missing, ..reached.clone() }
        } else {
            self.next(reached, char::from_u32(bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The table of distances, whole.
    fn plainly(a: &[char], b: &[char]) -> u8 {
        let mut row: Vec<u8> = (0..).take(b.len() + 1).collect();
        for (n, from) in (1..).zip(a) {
            let mut corner = std::mem::replace(&mut row[0], n);
            for (m, to) in (1..).zip(b) {
                let replaced = corner + u8::from(from != to);
                corner = row[m];
                row[m] = replaced.min(row[m] + 1).min(row[m - 1] + 1);
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_the_whole_table(wanted in "[aé猫𠮷]{0,7}", text in "[aé猫𠮷]{0,7}", max in 0..=MAX_TOLERATED) {
            let [wanted, letters] = [&wanted, &text].map(|text| text.chars().collect::<Vec<char>>());
            let distance = plainly(&wanted, &letters);
            let near = Near { wanted: &wanted, max };
            let is_near = distance <= max && !letters.is_empty() && letters.first() == wanted.first();
            prop_assert_eq!(near.distance(&text), is_near.then_some(distance));
            // What is near can be reached by all its beginnings.
            let mut reached = near.start();
            for byte in text.bytes().filter(|_| is_near) {
                prop_assert!(near.can_match(&reached));
                reached = near.accept(&reached, byte);
            }
        }
    }
}
