//! A list's file: its columns, and the lines of one that a patron brings (R27).

use std::borrow::Cow;

use domain::bookshelf::{
    MAX_ENTRIES, MAX_NOTE, TOLD,
    sheet::{MAX_CELL, unguarded},
};

/// Spreadsheets take UTF-8 for what it is by this mark only.
pub(super) const BOM: &str = "\u{FEFF}";

/// The columns, as they are written. They are read in any order, by these names or the English ones.
pub(super) const COLUMNS: [(&str, &str); 7] = [
    ("書名", "title"),
    ("著者など", "creators"),
    ("巻号", "part"),
    ("ISBN", "isbn"),
    ("メモ", "note"),
    ("日付", "date"),
    ("書誌ID", "bib"),
];

/// How many lines of a file are looked at; a list does not hold more than half of them.
const LOOKED_AT: usize = 2 * MAX_ENTRIES;

/// Where the note stands among the columns. It has a bound of its own.
const NOTE: usize = 4;

/// A line of a file.
pub(super) struct Line {
    /// In the order of [`COLUMNS`].
    pub(super) cells: [String; 7],
    /// Whether a cell was longer than is taken in.
    pub(super) cut: bool,
}

/// The lines of a file with their numbers, as far as they are looked at.
pub(super) struct Lines {
    pub(super) read: Vec<(usize, Result<Line, ()>)>,
    /// How many more there are, and the first of them.
    pub(super) left_out: (Vec<usize>, usize),
}

/// The lines of a file. `None` when it is no CSV with a column that is known. What is not UTF-8 is what spreadsheets of Japan
/// write.
pub(super) fn read_lines(file: &[u8]) -> Option<Lines> {
    let text = match std::str::from_utf8(file) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(file)?,
    };
    let text = text.strip_prefix(BOM).unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().ok()?.iter().map(|name| name.trim().to_lowercase()).collect();
    let at = COLUMNS.map(|(ja, en)| names.iter().position(|name| name == en || *name == ja.to_lowercase()));
    // By one of these a title is known.
    if [at[0], at[3], at[6]].iter().all(Option::is_none) {
        return None;
    }
    let mut read: Vec<(usize, Result<Line, ()>)> = Vec::new();
    let (mut first_left_out, mut left_out) = (Vec::new(), 0);
    for (n, record) in reader.records().enumerate() {
        let number = record.as_ref().ok().and_then(csv::StringRecord::position).map(csv::Position::line);
        let number = number.and_then(|line| usize::try_from(line).ok()).unwrap_or(n + 2);
        let cell = |record: &csv::StringRecord, at: Option<usize>| {
            unguarded(at.and_then(|at| record.get(at)).unwrap_or_default().trim()).trim().to_owned()
        };
        let cells = record.map(|record| at.map(|at| cell(&record, at)));
        if cells.as_ref().is_ok_and(|cells| cells.iter().all(String::is_empty)) {
            continue;
        }
        if read.len() < LOOKED_AT {
            read.push((number, cells.map(line_of).map_err(drop)));
        } else {
            left_out += 1;
            if first_left_out.len() < TOLD {
                first_left_out.push(number);
            }
        }
    }
    Some(Lines { read, left_out: (first_left_out, left_out) })
}

/// A line whose cells are no longer than they may be. A note is one line, and keeps one letter too many, by which it is seen
/// that it was too long.
fn line_of(mut cells: [String; 7]) -> Line {
    let mut cut = false;
    for (n, cell) in cells.iter_mut().enumerate() {
        if n == NOTE {
            *cell = cell.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NOTE + 1).collect();
        } else if let Some((end, _)) = cell.char_indices().nth(MAX_CELL) {
            cell.truncate(end);
            cut = true;
        }
    }
    Line { cells, cut }
}
