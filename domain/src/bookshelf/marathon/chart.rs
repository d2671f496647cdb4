//! The chart (R36): what was read beside the even pace, as places on a sheet. The page only draws lines between them.

use chrono::NaiveDate;

use super::{
    Marathon,
    pace::{Day, days_between},
};

/// How wide the sheet is, in its own units.
pub const CHART_WIDTH: u64 = 4000;
/// How high it is.
pub const CHART_HEIGHT: u64 = 2400;

/// The room around the lines, for what is written there.
const LEFT: u64 = 420;
const RIGHT: u64 = 120;
const TOP: u64 = 220;
const BOTTOM: u64 = 260;

/// Into how many steps the height is parted at most.
const STEPS: u64 = 5;

/// A place on the sheet: to the right, and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// To the right.
    pub x: u64,
    /// Down.
    pub y: u64,
}

/// What there is to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What was read: level through the days, up where a book was finished.
    pub own: Vec<Point>,
    /// The even pace, from its first day to the goal.
    pub even: [Point; 2],
    /// Where today is, while it is in the marathon.
    pub today: Option<u64>,
    /// The heights that are written at the side, and what they stand for.
    pub heights: Vec<(u64, u64)>,
    /// The left, right, upper and lower end of the lines.
    pub frame: [u64; 4],
}

impl Chart {
    /// Draws one kind of count up to a goal: `of` says what counts of a day. `since` is the day the even pace begins on.
    pub fn new(
        marathon: &Marathon,
        days: &[Day],
        (since, today): (NaiveDate, NaiveDate),
        goal: u64,
        of: impl Fn(&Day) -> u64,
    ) -> Self {
        let (from, until) = (marathon.frame.from, marathon.frame.until);
        let (right, lower) = (CHART_WIDTH - RIGHT, CHART_HEIGHT - BOTTOM);
        let total = days_between(from, until);
        // A day is as wide as the others: it begins where the one before ends.
        let end_of = |day: NaiveDate| LEFT + (right - LEFT) * days_between(from, day).min(total) / total;
        let begin_of = |day: NaiveDate| day.pred_opt().filter(|before| *before >= from).map_or(LEFT, end_of);
        let most = days.last().map_or(0, &of).max(goal).max(1);
        let step = step_of(most);
        let top = most.div_ceil(step) * step;
        let height = |count: u64| lower - (lower - TOP) * count.min(top) / top;

        let mut own = vec![Point { x: LEFT, y: lower }];
        let mut y = lower;
        for day in days {
            let x = end_of(day.day);
            own.push(Point { x, y });
            y = height(of(day));
            own.push(Point { x, y });
        }
        if today >= from {
            own.push(Point { x: end_of(today.min(until)), y });
        }
        own.dedup();
        Self {
            own,
            even: [Point { x: begin_of(since), y: lower }, Point { x: right, y: height(goal) }],
            today: (from <= today && today <= until).then(|| end_of(today)),
            heights: (0..=top / step).map(|n| (height(n * step), n * step)).collect(),
            frame: [LEFT, right, TOP, lower],
        }
    }
}

/// A round step of which few are enough: 1, 2, 5, 10, 20, 50 …
fn step_of(most: u64) -> u64 {
    let mut unit = 1;
    loop {
        for step in [unit, unit * 2, unit * 5] {
            if most.div_ceil(step) <= STEPS {
                return step;
            }
        }
        unit *= 10;
    }
}
