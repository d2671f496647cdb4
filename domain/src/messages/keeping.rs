//! The texts of what the desk keeps.

use super::Key;
use crate::{
    catalog::{KeepProblem, LoanRule},
    circulation::{ItemState, RequestStep},
    figures::FigureKind,
    patrons::{CardProblem, CardState, StaffProblem, StaffRole},
};

/// Why a card can't be kept as typed.
pub const fn card_problem(problem: CardProblem) -> Key {
    match problem {
        CardProblem::Number => Key::CardProblemNumber,
        CardProblem::NumberTaken => Key::CardProblemNumberTaken,
        CardProblem::NumberReplaced => Key::CardProblemNumberReplaced,
        CardProblem::Name => Key::CardProblemName,
        CardProblem::Kana => Key::CardProblemKana,
        CardProblem::BirthDate => Key::CardProblemBirthDate,
        CardProblem::BirthDateImpossible => Key::CardProblemBirthDateImpossible,
        CardProblem::Telephone => Key::CardProblemTelephone,
        CardProblem::Mail1 => Key::CardProblemMail1,
        CardProblem::Mail2 => Key::CardProblemMail2,
    }
}

/// Whether a card may be used.
pub const fn card_state(state: CardState) -> Key {
    match state {
        CardState::Active => Key::CardStateActive,
        CardState::Suspended => Key::CardStateSuspended,
        CardState::Expired => Key::CardStateExpired,
    }
}

/// Why something of the catalogue can't be kept as typed.
pub const fn keep_problem(problem: KeepProblem) -> Key {
    match problem {
        KeepProblem::Title => Key::KeepProblemTitle,
        KeepProblem::Reading => Key::KeepProblemReading,
        KeepProblem::Year => Key::KeepProblemYear,
        KeepProblem::Isbn => Key::KeepProblemIsbn,
        KeepProblem::IsbnTaken => Key::KeepProblemIsbnTaken,
        KeepProblem::Material => Key::KeepProblemMaterial,
        KeepProblem::MaterialInUse => Key::KeepProblemMaterialInUse,
        KeepProblem::Barcode => Key::KeepProblemBarcode,
        KeepProblem::BarcodeTaken => Key::RefusalBarcodeTaken,
        KeepProblem::BarcodeUnknown => Key::RefusalUnknownBarcode,
        KeepProblem::Branch => Key::KeepProblemBranch,
        KeepProblem::LoanRule => Key::KeepProblemLoanRule,
        KeepProblem::CopyHeld => Key::KeepProblemCopyHeld,
        KeepProblem::Issue => Key::KeepProblemIssue,
        KeepProblem::Day => Key::KeepProblemDay,
        KeepProblem::Gone => Key::RefusalUnknownBib,
    }
}

/// Whether a copy may leave the library.
pub const fn loan_rule(rule: LoanRule) -> Key {
    match rule {
        LoanRule::Lendable => Key::LoanRuleLendable,
        LoanRule::InLibraryOnly => Key::LoanRuleInLibraryOnly,
    }
}

/// What a copy is doing.
pub const fn item_state(state: ItemState) -> Key {
    match state {
        ItemState::OnShelf => Key::ItemOnShelf,
        ItemState::OnLoan => Key::ItemOnLoan,
        ItemState::InTransit => Key::ItemInTransit,
        ItemState::OnHoldShelf => Key::ItemOnHoldShelf,
        ItemState::GoingHome => Key::ItemGoingHome,
        ItemState::OnOrder => Key::ItemOnOrder,
        ItemState::Missing => Key::FateMissing,
        ItemState::Lost => Key::FateLost,
        ItemState::Withdrawn => Key::FateWithdrawn,
    }
}

/// How far staff have come with a title the library does not own.
pub const fn request_step(step: RequestStep) -> Key {
    match step {
        RequestStep::Received => Key::StepReceived,
        RequestStep::Searching => Key::StepSearching,
        RequestStep::Ordering => Key::StepOrdering,
    }
}

/// Why an account of staff can't be kept so.
pub const fn staff_problem(problem: StaffProblem) -> Key {
    match problem {
        StaffProblem::Login => Key::StaffProblemLogin,
        StaffProblem::LoginTaken => Key::StaffProblemLoginTaken,
        StaffProblem::Password => Key::StaffProblemPassword,
        StaffProblem::Old => Key::StaffProblemOld,
        StaffProblem::Again => Key::StaffProblemAgain,
        StaffProblem::Wait => Key::StaffProblemWait,
        StaffProblem::LastManager => Key::StaffProblemLastManager,
        StaffProblem::Unknown => Key::StaffProblemUnknown,
    }
}

/// What a member of staff may do.
pub const fn staff_role(role: StaffRole) -> Key {
    match role {
        StaffRole::Desk => Key::StaffRoleDesk,
        StaffRole::Manager => Key::StaffRoleManager,
    }
}

/// What is counted.
pub const fn figure_kind(kind: FigureKind) -> Key {
    match kind {
        FigureKind::Loans => Key::FigureLoans,
        FigureKind::Returns => Key::FigureReturns,
        FigureKind::Reserved => Key::FigureReserved,
        FigureKind::Filled => Key::FigureFilled,
        FigureKind::Cancelled => Key::FigureCancelled,
        FigureKind::NewCards => Key::FigureNewCards,
    }
}
