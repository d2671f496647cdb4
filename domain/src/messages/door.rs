//! The texts of passwords and mail addresses.

use super::Key;
use crate::patrons::{DoorProblem, LinkGone};

/// What is wrong with what was typed.
pub const fn door_problem(problem: DoorProblem) -> Key {
    match problem {
        DoorProblem::Card => Key::DoorProblemCard,
        DoorProblem::Kana => Key::DoorProblemKana,
        DoorProblem::BirthDate => Key::DoorProblemBirthDate,
        DoorProblem::Telephone => Key::DoorProblemTelephone,
        DoorProblem::Mail => Key::DoorProblemMail,
        DoorProblem::MailTwice => Key::DoorProblemMailTwice,
        DoorProblem::Old => Key::DoorProblemOld,
        DoorProblem::Once => Key::DoorProblemOnce,
        DoorProblem::Unmatched => Key::DoorProblemUnmatched,
        DoorProblem::Length => Key::DoorProblemLength,
        DoorProblem::Characters => Key::DoorProblemCharacters,
        DoorProblem::Differs => Key::DoorProblemDiffers,
        DoorProblem::Easy => Key::DoorProblemEasy,
    }
}

/// Why a link leads nowhere.
pub const fn link_gone(gone: LinkGone) -> Key {
    match gone {
        LinkGone::Used => Key::LinkUsed,
        LinkGone::Expired => Key::LinkExpired,
        LinkGone::Unknown => Key::LinkUnknown,
    }
}
