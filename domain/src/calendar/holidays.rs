//! National holidays (国民の祝日), read from the list the Cabinet Office publishes.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Label;
use crate::dates::read_date;

/// Japan's national holidays from 2025 to 2027, for libraries that name no list of their own. The list of a year is
/// published in February of the year before; a third column has the names in English.
pub const BUILT_IN_HOLIDAYS: &str = include_str!("../../holidays/jp.csv");

/// A national holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day.
    pub day: NaiveDate,
    /// Its name in Japanese.
    pub name: String,
    /// Its name in English, when the list has it.
    pub name_en: Option<String>,
}

impl Holiday {
    pub(super) fn label(&self) -> Label {
        Label { name: self.name.clone(), name_en: self.name_en.clone() }
    }
}

/// A line of a list of holidays that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct HolidayError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: HolidayFault,
}

/// What can be wrong with a line of a list of holidays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HolidayFault {
    /// The first column is no day.
    #[error("`{0}` is no day; write it like 2026/1/1 or 2026-01-01")]
    Day(String),
    /// The second column is missing or empty.
    #[error("the holiday has no name")]
    Name,
    /// A quote is opened and not closed.
    #[error("a quotation mark is not closed")]
    Quote,
}

/// Reads a list of holidays: a line for each, with the day, the name and, if it is there, the name in English.
///
/// The Cabinet Office's list is read as it is, once decoded: with its heading, `2026/1/1,元日`, and CRLF.
///
/// # Errors
/// The first line that can't be read.
pub fn parse_holidays(text: &str) -> Result<Vec<Holiday>, HolidayError> {
    let mut holidays = Vec::new();
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        // A heading has words where a holiday has its day.
        let heading = n == 0 && !line.trim_start_matches(['"', ' ']).starts_with(|c: char| c.is_ascii_digit());
        if heading {
            continue;
        }
        holidays.push(holiday(line).map_err(|why| HolidayError { line: n + 1, why })?);
    }
    Ok(holidays)
}

fn holiday(line: &str) -> Result<Holiday, HolidayFault> {
    let mut columns = columns(line)?.into_iter();
    let day = columns.next().unwrap_or_default();
    // A year of long ago is a slip, not the reign of an emperor of Rome.
    let day = read_date(&day).filter(|day| day.year() >= 1900).ok_or(HolidayFault::Day(day))?;
    let name = columns.next().filter(|name| !name.is_empty()).ok_or(HolidayFault::Name)?;
    Ok(Holiday { day, name, name_en: columns.next().filter(|name| !name.is_empty()) })
}

/// The columns of a CSV line, without their quotes and the spaces around them.
fn columns(line: &str) -> Result<Vec<String>, HolidayFault> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // A quote within quotes is written twice.
            '"' if quoted && letters.next_if_eq(&'"').is_some() => push(&mut columns, '"'),
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            _ => push(&mut columns, letter),
        }
    }
    if quoted {
        return Err(HolidayFault::Quote);
    }
    Ok(columns.into_iter().map(|column| column.trim().to_owned()).collect())
}

fn push(columns: &mut [String], letter: char) {
    if let Some(column) = columns.last_mut() {
        column.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String, Option<String>)> {
        let holidays = parse_holidays(text).expect("sound");
        holidays.into_iter().map(|holiday| (holiday.day.to_string(), holiday.name, holiday.name_en)).collect()
    }

    fn fault(text: &str) -> (usize, HolidayFault) {
        let error = parse_holidays(text).expect_err("no list");
        (error.line, error.why)
    }

    #[test]
    fn the_cabinet_offices_list_is_read_as_it_is() {
        let list = "国民の祝日・休日月日,国民の祝日・休日名称\r\n1955/1/1,元日\r\n2026/9/22,休日\r\n";
        let expected = [("1955-01-01", "元日"), ("2026-09-22", "休日")];
        assert_eq!(read(list), expected.map(|(day, name)| (day.to_owned(), name.to_owned(), None)));
    }

    #[test]
    fn quotes_byte_order_mark_empty_lines_and_english_are_understood() {
        let list = "\u{feff}\"日\",\"名\"\n\n\"2026-01-01\", \"元日, \"\"正月\"\"\" ,New Year's Day\n   \n2026/02/11,建国記念の日,\n";
        assert_eq!(
            read(list),
            [
                ("2026-01-01".to_owned(), "元日, \"正月\"".to_owned(), Some("New Year's Day".to_owned())),
                ("2026-02-11".to_owned(), "建国記念の日".to_owned(), None),
            ]
        );
        assert_eq!(read("2026/1/1,元日").len(), 1, "a list without a heading loses no day");
        assert_eq!(read(""), []);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        assert_eq!(fault("日,名\n2026/1/1,元日\n2026/13/1,謎\n"), (3, HolidayFault::Day("2026/13/1".into())));
        assert_eq!(fault("2026/2/30,謎\n"), (1, HolidayFault::Day("2026/2/30".into())));
        assert_eq!(fault("2026/1/1/1,謎\n"), (1, HolidayFault::Day("2026/1/1/1".into())));
        assert_eq!(fault("26/1/1,元日\n"), (1, HolidayFault::Day("26/1/1".into())));
        assert_eq!(fault("日,名\nきのう,謎\n"), (2, HolidayFault::Day("きのう".into())));
        assert_eq!(fault("日,名\n\n2026/1/1\n"), (3, HolidayFault::Name));
        assert_eq!(fault("2026/1/1,\"元日\n"), (1, HolidayFault::Quote));
    }
}
