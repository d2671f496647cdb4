//! The texts of My本棚.

use super::{Key, Messages, refusal};
use crate::bookshelf::{CartFate, ImportProblem, ListKind, ListSort, ShelfRefusal};

/// The name of a list, as it is shown.
pub fn list_title(messages: &Messages, kind: ListKind, name: &str) -> String {
    match kind {
        ListKind::Wanted => messages.text(Key::ShelfWanted),
        ListKind::Favourite => messages.text(Key::ShelfFavourite),
        ListKind::Named => name.to_owned(),
    }
}

/// The name of an order.
pub const fn list_sort(sort: ListSort) -> Key {
    match sort {
        ListSort::Hand => Key::ShelfSortHand,
        ListSort::Added => Key::ShelfSortAdded,
        ListSort::Title => Key::ShelfSortTitle,
        ListSort::Creator => Key::ShelfSortCreator,
    }
}

/// What was odd about a line of a file.
pub const fn import_problem(problem: ImportProblem) -> Key {
    match problem {
        ImportProblem::NotFound => Key::ShelfProblemNotFound,
        ImportProblem::Date => Key::ShelfProblemDate,
        ImportProblem::Note => Key::ShelfProblemNote,
        ImportProblem::Long => Key::ShelfProblemLong,
        ImportProblem::Nothing => Key::ShelfProblemNothing,
        ImportProblem::Full => Key::ShelfProblemFull,
        ImportProblem::Unreadable => Key::ShelfProblemUnreadable,
    }
}

/// What becomes of a title on its way into the cart.
pub fn cart_fate(messages: &Messages, fate: &CartFate) -> String {
    match fate {
        CartFate::Goes => messages.text(Key::ShelfFateGoes),
        CartFate::GoesBut(why) => messages.fill(Key::ShelfFateBut, &[("reason", &refusal(messages, why))]),
        CartFate::InCart => messages.text(Key::ShelfFateInCart),
        CartFate::ChoosePart => messages.text(Key::ShelfFateChoose),
        CartFate::NotHeld => messages.text(Key::ShelfFateNotHeld),
        CartFate::Refused(why) => refusal(messages, why),
        CartFate::Full => messages.text(Key::ShelfFateFull),
    }
}

/// The sentence that tells why something is not done with a list.
pub fn shelf_refusal(messages: &Messages, refusal: &ShelfRefusal) -> String {
    let numbered = |key: Key, n: usize| messages.fill(key, &[("n", &n.to_string())]);
    let key = match refusal {
        ShelfRefusal::NameTooLong(n) => return numbered(Key::ShelfLongName, *n),
        ShelfRefusal::NoteTooLong(n) => return numbered(Key::ShelfLongNote, *n),
        ShelfRefusal::TooManyLists(n) => return numbered(Key::ShelfManyLists, *n),
        ShelfRefusal::ListFull(n) => return numbered(Key::ShelfListFull, *n),
        ShelfRefusal::FileTooBig(n) => return numbered(Key::ShelfBigFile, *n),
        ShelfRefusal::UnknownList => Key::ShelfNoList,
        ShelfRefusal::UnknownEntry => Key::ShelfNoEntry,
        ShelfRefusal::UnknownTitle => Key::ShelfNoTitle,
        ShelfRefusal::NoName => Key::ShelfNoName,
        ShelfRefusal::NameTaken => Key::ShelfNameTaken,
        ShelfRefusal::BadDate => Key::ShelfBadDate,
        ShelfRefusal::NothingToReserve => Key::ShelfNothingGoes,
        ShelfRefusal::FixedList => Key::ShelfFixedList,
        ShelfRefusal::ThereAlready => Key::ShelfThereAlready,
        ShelfRefusal::BadFile => Key::ShelfBadFile,
    };
    messages.text(key)
}
