//! The texts of how pages look, and of what the library tells.

use super::Key;
use crate::{
    bulletin::BulletinProblem,
    display::{TextSize, Theme},
};

/// Light or dark.
pub const fn theme(theme: Theme) -> Key {
    match theme {
        Theme::Auto => Key::DisplayAuto,
        Theme::Light => Key::DisplayLight,
        Theme::Dark => Key::DisplayDark,
        Theme::HighContrast => Key::DisplayHighContrast,
    }
}

/// How large letters are.
pub const fn text_size(size: TextSize) -> Key {
    match size {
        TextSize::Usual => Key::DisplayUsual,
        TextSize::Large => Key::DisplayLarge,
        TextSize::Largest => Key::DisplayLargest,
    }
}

/// Why something the library wants to tell can't be kept so.
pub const fn bulletin_problem(problem: BulletinProblem) -> Key {
    match problem {
        BulletinProblem::Title => Key::BulletinProblemTitle,
        BulletinProblem::Text => Key::BulletinProblemText,
        BulletinProblem::From => Key::BulletinProblemFrom,
        BulletinProblem::Until => Key::BulletinProblemUntil,
        BulletinProblem::Span => Key::BulletinProblemSpan,
        BulletinProblem::Over => Key::BulletinProblemOver,
        BulletinProblem::TooFar => Key::BulletinProblemTooFar,
        BulletinProblem::Gone => Key::BulletinProblemGone,
    }
}
