//! `hondana staff`: make the first manager of a library, or let one in again.

use std::io::BufRead;

use library::Clock;

use super::{Stop, open_library_beside_a_server};
use crate::{config::Settings, terminal};

/// Makes a manager with the password that stands in the first line of standard input.
///
/// # Errors
/// When the login or the password can't be used, or the database can't be written.
pub async fn staff(settings: &Settings, login: &str) -> Result<(), Stop> {
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).map_err(Stop::Password)?;
    let made = library.make_manager(login, password.trim_end_matches(['\r', '\n'])).await?;
    library.database().close().await;
    made.map_err(Stop::Account)?;
    terminal::say(format_args!("{login} can sign in at /desk as a manager."));
    Ok(())
}
