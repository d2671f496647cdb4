//! How a marathon stands: what is done, what the even pace would have done, and what is needed from now on.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Marathon, Read};

/// How far ahead an end is foretold, in days. What lies further off is as good as never.
const FORESIGHT: u64 = 3650;

/// Where today stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The first day is still to come.
    ToCome,
    /// It runs.
    Running,
    /// The last day has passed.
    Over,
}

/// How it stands in books, or in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What is aimed at.
    pub goal: u64,
    /// What was read.
    pub done: u64,
    /// What the even pace has done by the end of today, in whole books or pages.
    pub due: u64,
    /// How far one is behind what the even pace had done when today began: nobody is late for a day that is not over.
    pub behind: u64,
    /// What is left; 0 once the goal is reached.
    pub left: u64,
    /// What has to be read on each day that is left, in tenths, rounded up; 0 when nothing is left to do or no day to do
    /// it on.
    pub per_day: u64,
    /// The same for a week, or for what is left of one.
    pub per_week: u64,
    /// The day on which the goal is reached when it goes on as it went so far. `None` when nothing can be said: nothing
    /// was read yet, or all was, or it is over.
    pub finish: Option<NaiveDate>,
}

/// How a marathon stands (R29).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where today stands.
    pub stage: Stage,
    /// How many days are left, today included; all of them before it begins, none when it is over.
    pub days_left: u64,
    /// The day the even pace begins on: the first one, or later for who joined late.
    pub since: NaiveDate,
    /// Books.
    pub books: Measure,
    /// Pages, where they count.
    pub pages: Option<Measure>,
    /// The day on which all goals were reached.
    pub reached_on: Option<NaiveDate>,
    /// How many of the books don't count, because their day lies outside.
    pub outside: usize,
}

/// What was read by the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub day: NaiveDate,
    /// Books up to here.
    pub books: u64,
    /// Pages up to here.
    pub pages: u64,
}

impl Marathon {
    /// The reads that count, in the order of their days.
    fn counted(&self, reads: &[Read], today: NaiveDate) -> Vec<Read> {
        let last = self.frame.until.min(today);
        let mut counted: Vec<Read> =
            reads.iter().filter(|read| read.day >= self.frame.from && read.day <= last).copied().collect();
        counted.sort_unstable();
        counted
    }

    /// The days on which something was read, each with what had come together by then.
    pub fn days(&self, reads: &[Read], today: NaiveDate) -> Vec<Day> {
        let mut days: Vec<Day> = Vec::new();
        let (mut books, mut pages) = (0, 0);
        for read in self.counted(reads, today) {
            books += 1;
            pages += u64::from(read.pages);
            match days.last_mut().filter(|last| last.day == read.day) {
                Some(last) => (last.books, last.pages) = (books, pages),
                None => days.push(Day { day: read.day, books, pages }),
            }
        }
        days
    }

    /// How it stands today.
    pub fn progress(&self, reads: &[Read], today: NaiveDate) -> Progress {
        let days = self.days(reads, today);
        let (from, until) = (self.frame.from, self.frame.until);
        let stage = match () {
            () if today < from => Stage::ToCome,
            () if today > until => Stage::Over,
            () => Stage::Running,
        };
        let since = self.since(days.first());
        let span = Span {
            since,
            until,
            today,
            days_left: if today > until { 0 } else { days_between(today.max(from), until) },
        };
        let done = days.last().map_or((0, 0), |last| (last.books, last.pages));
        let books = span.measure(self.aim.books.into(), done.0);
        let pages = self.aim.pages.map(|pages| span.measure(pages.into(), done.1));
        let reached = |day: &&Day| {
            day.books >= self.aim.books.into() && self.aim.pages.is_none_or(|pages| day.pages >= pages.into())
        };
        Progress {
            stage,
            days_left: span.days_left,
            since,
            books,
            pages,
            reached_on: days.iter().find(reached).map(|day| day.day),
            outside: reads.iter().filter(|read| read.day < from || read.day > until).count(),
        }
    }

    /// The day the even pace begins on: when the patron set out, or with the first book if that was read before, and never
    /// outside the marathon.
    fn since(&self, first: Option<&Day>) -> NaiveDate {
        let set_out = first.map_or(self.joined_on, |first| first.day.min(self.joined_on));
        set_out.clamp(self.frame.from, self.frame.until)
    }
}

impl Progress {
    /// Whether the reader is behind the even pace neither in books nor in pages.
    pub const fn is_on_course(&self) -> bool {
        let pages = match self.pages {
            Some(pages) => pages.behind == 0,
            None => true,
        };
        self.books.behind == 0 && pages
    }
}

struct Span {
    since: NaiveDate,
    until: NaiveDate,
    today: NaiveDate,
    days_left: u64,
}

impl Span {
    fn measure(&self, goal: u64, done: u64) -> Measure {
        let left = goal.saturating_sub(done);
        let before = self.today.pred_opt().map_or(0, |yesterday| even(goal, self.since, self.until, yesterday));
        Measure {
            goal,
            done,
            due: even(goal, self.since, self.until, self.today),
            behind: before.saturating_sub(done),
            left,
            per_day: needed(left, self.days_left, 1),
            per_week: needed(left, self.days_left, self.days_left.min(7)),
            finish: self.finish(goal, done),
        }
    }

    fn finish(&self, goal: u64, done: u64) -> Option<NaiveDate> {
        if done == 0 || done >= goal || self.today < self.since || self.today > self.until {
            return None;
        }
        let needed = (goal * days_between(self.since, self.today)).div_ceil(done);
        self.since.checked_add_days(Days::new(needed - 1)).filter(|_| needed <= FORESIGHT)
    }
}

/// What the even pace has done by the end of a day, in whole books or pages.
pub fn even(goal: u64, since: NaiveDate, until: NaiveDate, day: NaiveDate) -> u64 {
    if day < since {
        return 0;
    }
    let total = days_between(since, until);
    goal * days_between(since, day).min(total) / total
}

/// What has to be read in so many of the days that are left, in tenths, rounded up.
fn needed(left: u64, days_left: u64, days: u64) -> u64 {
    if days_left == 0 { 0 } else { (left * 10 * days).div_ceil(days_left) }
}

/// How many days there are from one to another, both included; at least one.
pub(super) fn days_between(from: NaiveDate, until: NaiveDate) -> u64 {
    u64::try_from((until - from).num_days()).unwrap_or_default() + 1
}
