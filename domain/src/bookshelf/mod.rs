//! My本棚 (R27–R29): lists a patron keeps, the history of what they borrowed, if they chose one, and reading marathons.
//!
//! Staff have no page, route or query that reads any of it. A list is the patron's own writing; the history is sealed to
//! them, and what is here of it exists only while it is open.

pub mod history;
pub mod lists;
pub mod marathon;
pub mod sheet;

pub use history::{HISTORY_PAGE, HistoryEntry, HistoryLine, HistoryProblem, HistoryView, pages_of};
pub use lists::{
    BookEntry, BookList, CartFate, ENTRY_PAGE, EntryChange, ImportProblem, ImportReport, ListChoice, ListForCart,
    ListKind, ListQuery, ListSort, ListView, MAX_ENTRIES, MAX_FILE_MB, MAX_LISTS, MAX_NAME, MAX_NOTE, Share,
    SharedEntry, SharedList, ShelfDone, ShelfRefusal, TOLD, arrange, list_name, move_entry, note,
};
