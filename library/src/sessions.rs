//! Rows for the web's sessions. What is in them is the web's affair; the ids arrive hashed, so that a copy of the
//! database opens nobody's session.

use chrono::{DateTime, Utc};

use crate::{
    Fault, Library,
    storage::{execute, fetch_optional, in_write},
};

impl Library {
    /// A session that has not expired: its data and when it does.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn load_session(&self, id_hash: &[u8]) -> Result<Option<(String, DateTime<Utc>)>, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(fetch_optional!(
            &mut tx,
            (String, DateTime<Utc>),
            "select data, expires_at from session where id_hash = $1 and expires_at > $2",
            id_hash,
            self.now()
        )?)
    }

    /// Keeps a session.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn save_session(&self, id_hash: &[u8], data: &str, expires_at: DateTime<Utc>) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into session (id_hash, data, expires_at) values ($1, $2, $3)
             on conflict (id_hash) do update set data = excluded.data, expires_at = excluded.expires_at",
            id_hash,
            data,
            expires_at
        )
        .map(|_| ())
        .map_err(Fault::from))
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_session(&self, id_hash: &[u8]) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(tx, "delete from session where id_hash = $1", id_hash)
            .map(|_| ())
            .map_err(Fault::from))
    }

    /// Forgets the sessions that have expired.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn purge_sessions(&self) -> Result<(), Fault> {
        let now = self.now();
        in_write!(self.database(), |tx| execute!(tx, "delete from session where expires_at <= $1", now)
            .map(|_| ())
            .map_err(Fault::from))
    }
}
