//! What may be set as a goal and entered as read.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Aim, Drawn, Frame, Read, Season};
use crate::{dates::read_date, text::one_width, words::words};

/// How many letters a name has at most.
pub const NAME_LENGTH: usize = 40;
/// How many letters the title of an entry has at most.
pub const TITLE_LENGTH: usize = 200;
/// How many marathons a patron keeps at most.
pub const MAX_MARATHONS: usize = 100;
/// How many entries a marathon has at most.
pub const MAX_READS: usize = 2000;
/// How many books can be aimed at.
const MAX_BOOKS: u32 = 9999;
/// How many pages can be aimed at.
const MAX_PAGES: u32 = 9_999_999;
/// How many pages a book has at most.
const MAX_PAGES_OF_BOOK: u32 = 99_999;
/// For how many months a marathon lasts at most.
const MAX_MONTHS: u32 = 36;
/// How many months ahead it may begin.
const MONTHS_AHEAD: u32 = 12;

/// A marathon or a season as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarathonForm {
    /// The id of the season that is joined; empty for a time of one's own.
    pub season: String,
    /// What it is called.
    pub name: String,
    /// The first day.
    pub from: String,
    /// The last one.
    pub until: String,
    /// How many books.
    pub books: String,
    /// How many pages; empty when they don't matter.
    pub pages: String,
    /// The word of a [`Drawn`].
    pub drawn: String,
    /// Whether the books of the loan history count: empty, as a box that is not ticked is not sent, or anything else.
    pub from_history: String,
}

/// A book as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadForm {
    /// What it is called; may be empty.
    pub title: String,
    /// The day it was finished.
    pub day: String,
    /// How many pages it has; may be empty.
    pub pages: String,
}

/// A book to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRead {
    /// What counts.
    pub read: Read,
    /// What it is called.
    pub title: String,
}

words! {
    /// Why a marathon, a season or an entry can't be kept so.
    MarathonProblem, "problem of a marathon" {
        /// It has no name.
        Name = "name",
        /// Its name is too long.
        NameLong = "name-long",
        /// The first day can't be read.
        From = "from",
        /// The last day can't be read.
        Until = "until",
        /// It ends before it begins.
        Span = "span",
        /// It lasts too long.
        TooLong = "too-long",
        /// It begins too late.
        TooFar = "too-far",
        /// It is over already.
        Over = "over",
        /// No goal in books that can be reached.
        Books = "books",
        /// No goal in pages that can be reached.
        Pages = "pages",
        /// The season can't be joined any more.
        SeasonGone = "season-gone",
        /// The season has begun: its first day stays.
        SeasonBegun = "season-begun",
        /// The season is over: it stays as it is.
        SeasonOver = "season-over",
        /// The season was joined already.
        Joined = "joined",
        /// The patron keeps too many marathons.
        TooMany = "too-many",
        /// The title of a book is too long.
        Title = "title",
        /// The day of a book can't be read.
        Day = "day",
        /// It is still to come.
        DayToCome = "day-to-come",
        /// It is not within the marathon.
        DayOutside = "day-outside",
        /// The pages of a book can't be read.
        BookPages = "book-pages",
        /// The marathon has too many entries.
        TooManyReads = "too-many-reads",
        /// The marathon is not there any more.
        Gone = "gone",
    }
}

impl MarathonProblem {
    /// The field it stands beside, by its name in the form; `None` for the whole of it.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Name | Self::NameLong => Some("name"),
            Self::From | Self::TooFar | Self::SeasonBegun => Some("from"),
            Self::Until | Self::Span | Self::TooLong | Self::Over => Some("until"),
            Self::Books => Some("books"),
            Self::Pages | Self::BookPages => Some("pages"),
            Self::Title => Some("title"),
            Self::Day | Self::DayToCome | Self::DayOutside => Some("day"),
            Self::SeasonGone | Self::SeasonOver | Self::Joined | Self::TooMany | Self::TooManyReads | Self::Gone => {
                None
            }
        }
    }
}

/// Reads name and days. `was` is how they stood: who corrects a name need not move an end that has passed.
///
/// # Errors
/// All that is wrong with them.
pub fn read_frame(form: &MarathonForm, today: NaiveDate, was: Option<&Frame>) -> Result<Frame, Vec<MarathonProblem>> {
    let mut problems = Vec::new();
    let name = form.name.trim();
    match name.chars().count() {
        0 => problems.push(MarathonProblem::Name),
        length if length > NAME_LENGTH => problems.push(MarathonProblem::NameLong),
        _ => {}
    }
    let (from, until) = (read_date(&form.from), read_date(&form.until));
    if from.is_none() {
        problems.push(MarathonProblem::From);
    }
    match (from, until) {
        (_, None) => problems.push(MarathonProblem::Until),
        (Some(from), Some(until)) => {
            let moved = was.is_none_or(|was| (was.from, was.until) != (from, until));
            let wrong = match () {
                () if until < from => Some(MarathonProblem::Span),
                () if moved && until < today => Some(MarathonProblem::Over),
                () if later(from, MAX_MONTHS).is_none_or(|end| until >= end) => Some(MarathonProblem::TooLong),
                () if later(today, MONTHS_AHEAD).is_none_or(|end| from > end) => Some(MarathonProblem::TooFar),
                () => None,
            };
            problems.extend(wrong);
        }
        (None, Some(_)) => {}
    }
    match (from, until) {
        (Some(from), Some(until)) if problems.is_empty() => Ok(Frame { name: name.to_owned(), from, until }),
        _ => Err(problems),
    }
}

/// Reads the goal.
///
/// # Errors
/// All that is wrong with it.
pub fn read_aim(form: &MarathonForm) -> Result<Aim, Vec<MarathonProblem>> {
    let books = count(&form.books, MAX_BOOKS);
    let pages = optional(&form.pages, MAX_PAGES);
    let drawn = form.drawn.parse().unwrap_or(Drawn::Line);
    match (books, pages) {
        (Some(books), Ok(pages)) => Ok(Aim { books, pages, drawn, from_history: !form.from_history.is_empty() }),
        (books, pages) => {
            let mut problems = Vec::new();
            problems.extend(books.is_none().then_some(MarathonProblem::Books));
            problems.extend(pages.is_err().then_some(MarathonProblem::Pages));
            Err(problems)
        }
    }
}

/// Reads a season: its name, its days, the number of books it suggests. `was` is how it stood: once it has begun its first
/// day stays, because people count from it, and when it is over all of it stays.
///
/// # Errors
/// All that is wrong with it.
pub fn read_season(
    form: &MarathonForm,
    today: NaiveDate,
    was: Option<&Season>,
) -> Result<(Frame, u32), Vec<MarathonProblem>> {
    let was = was.map(|was| &was.frame);
    if was.is_some_and(|was| was.until < today) {
        return Err(vec![MarathonProblem::SeasonOver]);
    }
    let moved = |was: &Frame| was.from <= today && read_date(&form.from).is_some_and(|from| from != was.from);
    match (read_frame(form, today, was), count(&form.books, MAX_BOOKS)) {
        (Ok(_), Some(_)) if was.is_some_and(moved) => Err(vec![MarathonProblem::SeasonBegun]),
        (Ok(frame), Some(books)) => Ok((frame, books)),
        (frame, books) => {
            let mut problems = frame.err().unwrap_or_default();
            problems.extend(books.is_none().then_some(MarathonProblem::Books));
            Err(problems)
        }
    }
}

/// Reads a book that was read. Its day must have come and lie within the marathon; after the marathon's end, and after the
/// goal was reached, it may still be entered.
///
/// # Errors
/// All that is wrong with it.
pub fn read_read(form: &ReadForm, today: NaiveDate, frame: &Frame) -> Result<NewRead, Vec<MarathonProblem>> {
    let mut problems = Vec::new();
    let title = form.title.trim();
    if title.chars().count() > TITLE_LENGTH {
        problems.push(MarathonProblem::Title);
    }
    let day = read_date(&form.day);
    problems.extend(match day {
        None => Some(MarathonProblem::Day),
        Some(day) if day > today => Some(MarathonProblem::DayToCome),
        Some(day) if day < frame.from || day > frame.until => Some(MarathonProblem::DayOutside),
        Some(_) => None,
    });
    let pages = optional(&form.pages, MAX_PAGES_OF_BOOK);
    problems.extend(pages.is_err().then_some(MarathonProblem::BookPages));
    match (day, pages) {
        (Some(day), Ok(pages)) if problems.is_empty() => {
            Ok(NewRead { read: Read { day, pages: pages.unwrap_or(0) }, title: title.to_owned() })
        }
        _ => Err(problems),
    }
}

/// A number from 1 to `most`, in digits of any width.
fn count(text: &str, most: u32) -> Option<u32> {
    let digits = one_width(text);
    let number = digits.trim().parse().ok()?;
    (1..=most).contains(&number).then_some(number)
}

/// The same, or nothing.
fn optional(text: &str, most: u32) -> Result<Option<u32>, ()> {
    if text.trim().is_empty() { Ok(None) } else { count(text, most).map(Some).ok_or(()) }
}

fn later(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    day.checked_add_months(Months::new(months))
}
