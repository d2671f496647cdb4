//! 読書マラソン (R29): a goal for a time, what was read towards it, and how it stands.
//!
//! Whose it is, is not in here, and nothing in here asks what a book was: a rule sees days and pages alone. So what the
//! patron entered by hand and what a history brings, once it was opened, count alike, as one list of [`Read`].

mod borrowed;
mod chart;
mod form;
mod pace;
mod route;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use borrowed::{Borrowed, FromHistory, Stands, borrowed};
pub use chart::{CHART_HEIGHT, CHART_WIDTH, Chart, Point};
pub use form::{
    MAX_MARATHONS, MAX_READS, MarathonForm, MarathonProblem, NAME_LENGTH, NewRead, ReadForm, TITLE_LENGTH, read_aim,
    read_frame, read_read, read_season,
};
pub use pace::{Day, Measure, Progress, Stage, even};
pub use route::{ROUTE_WIDTH, Route, Station};

use crate::{MarathonId, ReadId, SeasonId, figures::Figure, words::words};

words! {
    /// How the way to the goal is drawn (R36); the reader chooses.
    Drawn, "picture of a marathon" {
        /// A line over the days, beside the even pace.
        Line = "line",
        /// A route with stations, for children.
        Stations = "stations",
    }
}

/// What it is called, and its first and last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// As the reader or the library calls it.
    pub name: String,
    /// The first day that counts.
    pub from: NaiveDate,
    /// The last one, which is not before the first.
    pub until: NaiveDate,
}

/// What one sets out to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aim {
    /// So many books, at least one.
    pub books: u32,
    /// And so many pages, at least one, where pages are counted.
    pub pages: Option<u32>,
    /// How the way there is drawn.
    pub drawn: Drawn,
    /// Whether the books of the loan history count too. Only its patron can open that, so they count while it is open.
    pub from_history: bool,
}

/// A marathon of a patron.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marathon {
    /// Which.
    pub id: MarathonId,
    /// The season of the library it is part of. Its name and days were taken over when the patron joined.
    pub season: Option<SeasonId>,
    /// Name and days.
    pub frame: Frame,
    /// The day the patron set out. Who joins late is not behind for it.
    pub joined_on: NaiveDate,
    /// The goal.
    pub aim: Aim,
}

/// A time of the library that patrons may join (夏休み読書マラソン).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    /// Which.
    pub id: SeasonId,
    /// Name and days.
    pub frame: Frame,
    /// How many books the library suggests. Everybody may set themselves another goal.
    pub books: u32,
}

/// A season as the library sees it: how many, never who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeasonFigures {
    /// The season.
    pub season: Season,
    /// How many joined.
    pub joined: Figure,
    /// How many of them reached their goal.
    pub finished: Figure,
}

impl SeasonFigures {
    /// Veils what was counted: nothing below five is told, nor what would tell it by subtraction.
    pub fn of(season: Season, joined: u64, finished: u64) -> Self {
        let shown = crate::figures::veil(&[finished, joined.saturating_sub(finished)]);
        let finished = shown.first().copied().unwrap_or(Figure::Few);
        Self { season, joined: Figure::alone(joined), finished }
    }
}

/// A book that was read, as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Read {
    /// The day it was finished.
    pub day: NaiveDate,
    /// Its pages; 0 where they were not said.
    pub pages: u32,
}

/// A book that was entered by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which.
    pub id: ReadId,
    /// What counts of it.
    pub read: Read,
    /// What the patron wrote of it; may be empty.
    pub title: String,
}

/// A marathon in the list of all of a patron's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarathonLine {
    /// The marathon.
    pub marathon: Marathon,
    /// How it stands.
    pub progress: Progress,
    /// Whether books of the history are missing in that, because it is closed.
    pub closed: bool,
}

/// All marathons of a patron.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarathonsPage {
    /// The day it is.
    pub today: NaiveDate,
    /// The latest first.
    pub lines: Vec<MarathonLine>,
    /// Seasons of the library that are not over and were not joined.
    pub seasons: Vec<Season>,
    /// Whether the patron has a loan history that could count.
    pub has_history: bool,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarathonPage {
    /// The day it is.
    pub today: NaiveDate,
    /// The marathon.
    pub marathon: Marathon,
    /// What was entered by hand, the latest first.
    pub entries: Vec<Entry>,
    /// Titles on loan that were not entered yet, for as long as it runs.
    pub on_loan: Vec<String>,
    /// What the loan history has to do with it.
    pub history: FromHistory,
}

impl MarathonPage {
    /// All that counts: what was noted by hand, and what an opened history brings.
    pub fn reads(&self) -> Vec<Read> {
        let by_hand = self.entries.iter().map(|entry| entry.read);
        by_hand.chain(self.history.counted().map(|book| book.read)).collect()
    }
}
