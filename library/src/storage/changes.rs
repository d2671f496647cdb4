//! Whether a database was written.

use sqlx::{Sqlite, pool::PoolConnection};

use super::{Database, StorageError};

/// Asks again and again whether a database was written, by whatever program.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// SQLite counts what other connections commit, for each connection by itself.
    eye: Option<(PoolConnection<Sqlite>, i64)>,
}

impl Changes {
    /// Whether anything may have been written since the last time. SQLite knows that without reading; of PostgreSQL it is
    /// always said.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn any(&mut self, database: &Database) -> Result<bool, StorageError> {
        let Database::Sqlite { readers, .. } = database else { return Ok(true) };
        let (mut connection, before) = match self.eye.take() {
            Some((connection, version)) => (connection, Some(version)),
            None => (readers.acquire().await?, None),
        };
        let now = sqlx::query_scalar("pragma data_version").fetch_one(&mut *connection).await?;
        self.eye = Some((connection, now));
        Ok(before != Some(now))
    }
}
