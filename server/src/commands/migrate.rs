//! `hondana migrate`: bring the database's tables up to date.

use library::storage::Database;

use super::{Stop, make_folder};
use crate::{config::Settings, terminal};

/// Brings the tables up to date.
///
/// # Errors
/// When the database can't be reached or a step fails.
pub async fn migrate(settings: &Settings) -> Result<(), Stop> {
    make_folder(settings.server.data_dir.clone())?;
    let database = Database::open(&settings.server.database_url()).await?;
    database.migrate().await?;
    database.check_schema().await?;
    database.close().await;
    terminal::say("The database is up to date.");
    Ok(())
}
