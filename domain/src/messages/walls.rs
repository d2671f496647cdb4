//! The texts of what guards the accounts: second factor, audit log.

use super::Key;
use crate::{
    patrons::{Deed, FactorProblem},
    policy::SecondFactor,
};

/// Why a code was not accepted.
pub const fn factor_problem(problem: FactorProblem) -> Key {
    match problem {
        FactorProblem::Wrong => Key::FactorProblemWrong,
        FactorProblem::Wait => Key::FactorProblemWait,
        FactorProblem::Password => Key::FactorProblemPassword,
    }
}

/// Who of the staff has to give a code beside the password.
pub const fn second_factor(rule: SecondFactor) -> Key {
    match rule {
        SecondFactor::Optional => Key::PolicyFactorOptional,
        SecondFactor::Managers => Key::PolicyFactorManagers,
        SecondFactor::Everyone => Key::PolicyFactorEveryone,
    }
}

/// What staff did.
pub const fn deed(deed: Deed) -> Key {
    match deed {
        Deed::KioskRegistered => Key::DeedKioskRegistered,
        Deed::KioskRemoved => Key::DeedKioskRemoved,
        Deed::CardIssued => Key::DeedCardIssued,
        Deed::CardEdited => Key::DeedCardEdited,
        Deed::CardReplaced => Key::DeedCardReplaced,
        Deed::CardActivated => Key::DeedCardActivated,
        Deed::CardSuspended => Key::DeedCardSuspended,
        Deed::CardExpired => Key::DeedCardExpired,
        Deed::OneTimeIssued => Key::DeedOneTimeIssued,
        Deed::WaitLifted => Key::DeedWaitLifted,
        Deed::Reserved => Key::DeedReserved,
        Deed::Requested => Key::DeedRequested,
        Deed::Cancelled => Key::DeedCancelled,
        Deed::Changed => Key::DeedChanged,
        Deed::HoldExtended => Key::DeedHoldExtended,
        Deed::Overruled => Key::DeedOverruled,
        Deed::SignedIn => Key::DeedSignedIn,
        Deed::RecoveryUsed => Key::DeedRecoveryUsed,
        Deed::FactorSet => Key::DeedFactorSet,
        Deed::FactorRemoved => Key::DeedFactorRemoved,
        Deed::StaffAdded => Key::DeedStaffAdded,
        Deed::StaffRole => Key::DeedStaffRole,
        Deed::StaffEnabled => Key::DeedStaffEnabled,
        Deed::StaffDisabled => Key::DeedStaffDisabled,
        Deed::StaffPassword => Key::DeedStaffPassword,
        Deed::PlaceClosed => Key::DeedPlaceClosed,
    }
}
