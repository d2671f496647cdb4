//! `hondana demo`: fill a new database with a small library to try things out.

use library::demo::{
    CARD_AT_LIMITS, CARD_OVERDUE, CARD_WITHOUT_PASSWORD, FREE_CARDS, MANAGER_LOGIN, MANAGER_PASSWORD, PATRON_PASSWORD,
    STAFF_LOGIN, STAFF_PASSWORD,
};

use library::Clock;

use super::{Stop, open_library_beside_a_server, refresh_search};
use crate::{config::Settings, terminal};

/// Makes the demo library, unless it is there already, and prints how to get in.
///
/// # Errors
/// When the database holds another library or can't be written.
pub async fn demo(settings: &Settings) -> Result<(), Stop> {
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    if !library.is_demo().await? {
        terminal::note("Making the demo library …");
    }
    library.make_demo().await?;
    library.database().close().await;
    drop(library);
    refresh_search(settings).await;
    terminal::say(format_args!(
        "The demo library is ready. `hondana serve` shows it at http://{}

  Readers (利用者番号, パスワード {PATRON_PASSWORD}):
    {} to {}  nothing reserved, nothing on loan
    {CARD_OVERDUE}             with overdue loans
    {CARD_AT_LIMITS}             at every limit
    {CARD_WITHOUT_PASSWORD}             without a password yet (ホンマ シズエ, 1941-03-14, 0480-00-0001)
  Desk (/desk): {STAFF_LOGIN}, password {STAFF_PASSWORD}
  Its manager: {MANAGER_LOGIN}, password {MANAGER_PASSWORD}

Everybody knows these passwords: it is for trying out only.",
        settings.server.addr, FREE_CARDS.0, FREE_CARDS.1
    ));
    Ok(())
}
