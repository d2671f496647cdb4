//! `hondana export`: everything circulation needs as CSV files that `hondana import` reads.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use library::Clock;

use super::{Stop, open_library_beside_a_server};
use crate::{config::Settings, terminal};

/// Writes the files into a folder.
///
/// # Errors
/// When the database can't be read, or one of the files is there already or can't be written.
pub async fn export(settings: &Settings, folder: &Path, with_passwords: bool) -> Result<(), Stop> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Stop::Folder { path: PathBuf::from(folder), error })?;
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let counts = library.export(folder, with_passwords).await?;
    library.database().close().await;
    for (kind, rows) in counts {
        terminal::say(format_args!("{kind}.csv: {rows} rows"));
    }
    if !with_passwords {
        terminal::say("Passwords are not among them: patrons set new ones. --with-passwords takes them along.");
    }
    Ok(())
}
