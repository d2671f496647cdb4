//! Whether a database was written.

use sqlx::{Sqlite, pool::PoolConnection};

use super::{Database, StorageError};

/// Asks again and again whether a database was written, by whatever program.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// SQLite counts what other connections commit, for each connection by itself.
    eye: Option<(PoolConnection<Sqlite>, i64)>,
    /// How often this process had committed.
    commits: u64,
}

/// What is known of a database since it was asked the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// Nothing was written.
    Not,
    /// Something was written, as far as can be known by this process alone; or that can't be known.
    Perhaps,
    /// Another program wrote, and this one did not.
    Elsewhere,
}

impl Changes {
    /// Whether anything was written since the last time, and by whom. SQLite knows that without reading; of PostgreSQL it is
    /// always said that something may have been.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn any(&mut self, database: &Database) -> Result<Written, StorageError> {
        let Database::Sqlite { readers, writer } = database else { return Ok(Written::Perhaps) };
        let (mut connection, before) = match self.eye.take() {
            Some((connection, version)) => (connection, Some(version)),
            None => (readers.acquire().await?, None),
        };
        let now = sqlx::query_scalar("pragma data_version").fetch_one(&mut *connection).await?;
        self.eye = Some((connection, now));
        let commits = writer.commits();
        let is_ours = std::mem::replace(&mut self.commits, commits) != commits;
        Ok(match before {
            Some(before) if before == now => Written::Not,
            Some(_) if !is_ours => Written::Elsewhere,
            _ => Written::Perhaps,
        })
    }
}
