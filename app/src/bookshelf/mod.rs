//! My本棚: a patron's lists (R27), their loan history (R28), their reading marathons (R29). No page of the desk leads here.

pub mod api;
pub(crate) mod buttons;
pub mod deeds;
pub mod history;
pub mod history_api;
pub mod list;
pub mod marathon;
pub(crate) mod said;
pub mod shared;
pub mod shelf;

use domain::BookListId;

/// My本棚
pub(crate) const SHELF: &str = "/account/bookshelf";
/// 貸出履歴
pub(crate) const HISTORY: &str = "/account/history";
/// The address of a list as a file. The host answers it.
pub const LIST_FILE: &str = "/account/bookshelf.csv";
/// The address that a list as a file is posted to. The host answers it.
pub const LIST_IMPORT: &str = "/account/bookshelf/import";
/// The address of the opened history as a file. The host answers it.
pub const HISTORY_FILE: &str = "/account/history.csv";

/// The address of a list.
pub fn list_address(list: BookListId) -> String {
    format!("{SHELF}/{list}")
}
