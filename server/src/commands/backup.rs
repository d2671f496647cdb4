//! `hondana backup` and `hondana restore`.

use std::{fs, io, path::Path, time::Instant};

use library::Clock;

use super::{Stop, check::check_library, import::ImportFault, open_library_beside_a_server, refresh_search};
use crate::{config::Settings, terminal};

/// Writes the whole database into a file.
///
/// # Errors
/// When the database can't be read, or the file is there already or can't be written.
pub async fn backup(settings: &Settings, file: &Path) -> Result<(), Stop> {
    let started = Instant::now();
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let counts = library.backup(file).await?;
    library.database().close().await;
    terminal::say(format_args!(
        "{}: {} rows of {} tables; {:.1} s",
        file.display(),
        counts.rows,
        counts.tables,
        started.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Puts a backup into an empty database and looks whether all of it is as it must be.
///
/// # Errors
/// When the file is damaged, the database is not empty or can't be written, or what is in it then is not sound.
pub async fn restore(settings: &Settings, file: &Path) -> Result<(), Stop> {
    let started = Instant::now();
    let library = open_library_beside_a_server(settings, Clock::System).await?;
    let counts = library.restore(file).await?;
    terminal::say(format_args!(
        "{} rows of {} tables; {:.1} s",
        counts.rows,
        counts.tables,
        started.elapsed().as_secs_f64()
    ));
    let sound = check_library(&library).await;
    library.database().close().await;
    drop(library);
    // An index of another database would show titles that are not there and believe itself up to date.
    match fs::remove_dir_all(settings.server.search_dir()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(ImportFault::file(&settings.server.search_dir())(error).into());
        }
        _ => refresh_search(settings).await,
    }
    sound
}
