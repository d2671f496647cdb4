//! The route with stations in place of the line (R36), for children: it winds from the start to the goal, and one stands
//! somewhere on it.

use super::{Measure, Point};

/// How wide the sheet is, in its own units.
pub const ROUTE_WIDTH: u64 = 4000;

/// How many legs the route has at most.
const LEGS: u64 = 10;
/// How many stations stand beside each other.
const ACROSS: u64 = 4;
/// From the edge to the first station, from station to station, from row to row.
const EDGE: u64 = 500;
const ACROSS_STEP: u64 = 1000;
const ROW: u64 = 800;

/// A station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Station {
    /// After how many books one is here.
    pub at: u64,
    /// Where it is.
    pub place: Point,
    /// Whether one has come this far.
    pub reached: bool,
}

/// The route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// From the start to the goal.
    pub stations: Vec<Station>,
    /// Where one stands now.
    pub here: Point,
    /// How many books it is to the next station; `None` at the goal.
    pub to_next: Option<u64>,
    /// How high the sheet is.
    pub height: u64,
}

impl Route {
    /// The route to a goal of at least one book.
    pub fn new(books: &Measure) -> Self {
        let goal = books.goal.max(1);
        let legs = goal.min(LEGS);
        let stations: Vec<Station> = (0..=legs)
            .map(|n| {
                let at = (goal * n).div_ceil(legs);
                Station { at, place: place_of(n), reached: at <= books.done }
            })
            .collect();
        let behind = stations.iter().rev().find(|station| station.reached);
        let ahead = stations.iter().find(|station| !station.reached);
        let here = match (behind, ahead) {
            (Some(behind), Some(ahead)) => between(behind, ahead, books.done),
            (Some(one), None) | (None, Some(one)) => one.place,
            (None, None) => place_of(0),
        };
        let to_next = ahead.map(|station| station.at - books.done);
        Self { stations, here, to_next, height: (legs / ACROSS + 1) * ROW + ROW / 2 }
    }
}

/// Row by row, there and back.
const fn place_of(n: u64) -> Point {
    let (row, column) = (n / ACROSS, n % ACROSS);
    let column = if row.is_multiple_of(2) { column } else { ACROSS - 1 - column };
    Point { x: EDGE + column * ACROSS_STEP, y: (row + 1) * ROW - ROW / 4 }
}

fn between(behind: &Station, ahead: &Station, done: u64) -> Point {
    let (way, leg) = (done - behind.at, (ahead.at - behind.at).max(1));
    let part =
        |from: u64, to: u64| if to >= from { from + (to - from) * way / leg } else { from - (from - to) * way / leg };
    Point { x: part(behind.place.x, ahead.place.x), y: part(behind.place.y, ahead.place.y) }
}
