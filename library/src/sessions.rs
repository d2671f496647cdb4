//! Rows for the web's sessions. What is in them is the web's affair; the ids arrive hashed, so that a copy of the
//! database opens nobody's session.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Fault, Library,
    storage::{execute, fetch_optional, in_write},
};

/// For how much longer than other answers it is remembered that a scan of the desk was answered.
const LATE_SCANS: TimeDelta = TimeDelta::days(31);

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

    /// Begins a session.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn create_session(&self, id_hash: &[u8], data: &str, expires_at: DateTime<Utc>) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into session (id_hash, data, expires_at) values ($1, $2, $3)",
            id_hash,
            data,
            expires_at
        )
        .map(|_| ())
        .map_err(Fault::from))
    }

    /// Keeps a session. One that was ended meanwhile stays ended: a request that was still under way when its reader
    /// signed out does not sign them in again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn save_session(&self, id_hash: &[u8], data: &str, expires_at: DateTime<Utc>) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "update session set data = $2, expires_at = $3 where id_hash = $1",
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

    /// Forgets what browsers left behind: sessions that have expired, carts of nobody that were not touched for a
    /// season, and the answers kept for requests that are no longer repeated.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        let daily = &self.policy().daily;
        let carts = now - TimeDelta::days(daily.keep_carts_days.into());
        let answers = now - TimeDelta::days(daily.keep_answers_days.into());
        let scans = answers - LATE_SCANS;
        in_write!(self.database(), |tx| async {
            execute!(&mut *tx, "delete from session where expires_at <= $1", now)?;
            execute!(&mut *tx, "delete from cart where patron_id is null and touched_at <= $1", carts)?;
            // A scan that waits in a desk's browser is played once, also after a long stop.
            execute!(&mut *tx, "delete from op where at <= $1 and (actor <> 'desk' or at <= $2)", answers, scans)?;
            Ok::<_, Fault>(())
        }
        .await)
    }
}
