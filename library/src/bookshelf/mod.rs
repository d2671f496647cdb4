//! My本棚: lists (R27), the sealed history (R28) and reading marathons (R29). Every use case here is a patron's own; staff
//! have none that reads any of it, and of the seasons of the marathon they get numbers alone.

mod boxes;
mod carted;
mod csv_lines;
mod history;
mod lists;
mod marathon;
mod own;
mod reseal;
mod rewrap;
mod seal;
mod season;
mod shared;
mod sheet;
mod standing;
mod unlock;

pub use history::HistoryCount;
pub(crate) use history::{erase_history, forget_loan};
pub(crate) use lists::{entries_of, erase_lists, lists_of};
pub use own::{OwnMarathon, OwnRead};
pub(crate) use own::{erase_marathons, own_marathons};
pub(crate) use rewrap::rewrapped;
pub use seal::OpenKey;
pub(crate) use season::running_season;
pub use unlock::{Opening, Started};
