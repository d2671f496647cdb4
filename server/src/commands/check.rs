//! `hondana check`: whether everything in the database is as it must be.

use library::{Clock, Library};

use super::{Stop, open_library_beside_a_server};
use crate::{config::Settings, terminal};

/// Looks at the whole database and says what is wrong.
///
/// # Errors
/// [`Stop::Unsound`] when something is; or when the database can't be read.
pub async fn check(settings: &Settings) -> Result<(), Stop> {
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let done = check_library(&library).await;
    library.database().close().await;
    done
}

/// The same with a library that is open.
pub(super) async fn check_library(library: &Library) -> Result<(), Stop> {
    let report = library.check().await?;
    for finding in &report.wrong {
        terminal::say(format_args!("wrong: {finding}"));
    }
    for finding in &report.odd {
        terminal::say(format_args!("odd:   {finding}"));
    }
    if !report.wrong.is_empty() {
        return Err(Stop::Unsound(report.wrong.len()));
    }
    terminal::say("Everything is as it must be.");
    Ok(())
}
