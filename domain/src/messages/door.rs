//! The texts of passwords and mail addresses.

use super::Key;
use crate::{
    notices::DeviceRefusal,
    patrons::{DoorProblem, LinkGone, PasskeyRefusal},
};

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

/// Why it does not go on with a passkey.
pub const fn passkey_refusal(refusal: PasskeyRefusal) -> Key {
    match refusal {
        PasskeyRefusal::NotOffered => Key::PasskeyNotOffered,
        PasskeyRefusal::Stale => Key::PasskeyStale,
        PasskeyRefusal::Unknown => Key::PasskeyUnknown,
        PasskeyRefusal::Known => Key::PasskeyKnown,
        PasskeyRefusal::Full => Key::PasskeyFull,
        PasskeyRefusal::Many => Key::PasskeyMany,
    }
}

/// Why a device was not taken.
pub const fn device_refusal(refusal: DeviceRefusal) -> Key {
    match refusal {
        DeviceRefusal::NotOffered => Key::DeviceNotOffered,
        DeviceRefusal::Unknown => Key::DeviceUnknown,
        DeviceRefusal::TooMany => Key::DeviceFull,
    }
}
