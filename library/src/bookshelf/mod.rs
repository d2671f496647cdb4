//! My本棚: lists (R27) and the sealed history (R28). Every use case here is a patron's own; none is for staff.

mod carted;
mod history;
mod lists;
mod seal;
mod shared;
mod sheet;
mod unlock;

pub use history::HistoryCount;
pub(crate) use history::{erase_history, forget_loan};
pub(crate) use lists::{entries_of, erase_lists, lists_of};
pub use seal::OpenKey;
pub(crate) use unlock::rewrapped;
pub use unlock::{Opening, Started};
