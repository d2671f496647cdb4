//! The texts of the reading marathon.

use super::Key;
use crate::bookshelf::marathon::{Drawn, MarathonProblem};

/// Why a marathon, a season or an entry can't be kept so.
pub const fn marathon_problem(problem: MarathonProblem) -> Key {
    match problem {
        MarathonProblem::Name => Key::MarathonProblemName,
        MarathonProblem::NameLong => Key::MarathonProblemNameLong,
        MarathonProblem::From => Key::MarathonProblemFrom,
        MarathonProblem::Until => Key::MarathonProblemUntil,
        MarathonProblem::Span => Key::MarathonProblemSpan,
        MarathonProblem::TooLong => Key::MarathonProblemTooLong,
        MarathonProblem::TooFar => Key::MarathonProblemTooFar,
        MarathonProblem::Over => Key::MarathonProblemOver,
        MarathonProblem::Books => Key::MarathonProblemBooks,
        MarathonProblem::Pages => Key::MarathonProblemPages,
        MarathonProblem::SeasonGone => Key::MarathonProblemSeasonGone,
        MarathonProblem::SeasonBegun => Key::MarathonProblemSeasonBegun,
        MarathonProblem::SeasonOver => Key::MarathonProblemSeasonOver,
        MarathonProblem::Joined => Key::MarathonProblemJoined,
        MarathonProblem::TooMany => Key::MarathonProblemTooMany,
        MarathonProblem::Title => Key::MarathonProblemTitle,
        MarathonProblem::Day => Key::MarathonProblemDay,
        MarathonProblem::DayToCome => Key::MarathonProblemDayToCome,
        MarathonProblem::DayOutside => Key::MarathonProblemDayOutside,
        MarathonProblem::BookPages => Key::MarathonProblemBookPages,
        MarathonProblem::TooManyReads => Key::MarathonProblemTooManyReads,
        MarathonProblem::Gone => Key::MarathonProblemGone,
    }
}

/// How the way to the goal is drawn.
pub const fn drawn(drawn: Drawn) -> Key {
    match drawn {
        Drawn::Line => Key::MarathonDrawnLine,
        Drawn::Stations => Key::MarathonDrawnStations,
    }
}
