//! What is ours on PostgreSQL: a pool with its bell, a transaction that rings it, and the ear for other servers.

use std::ops::{Deref, DerefMut};

use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnection, PgListener},
};

use super::{
    StorageError,
    bell::{Bell, CHANNEL, Told},
};

/// Connections to PostgreSQL.
#[derive(Clone, Debug)]
pub struct Served {
    pool: PgPool,
    bell: Bell,
}

impl Deref for Served {
    type Target = PgPool;

    fn deref(&self) -> &PgPool {
        &self.pool
    }
}

impl Served {
    pub(super) fn new(pool: PgPool) -> Self {
        let bell = Bell::new(Some(pool.clone()));
        Self { pool, bell }
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    pub(super) fn in_transaction(&self, tx: Transaction<'static, Postgres>) -> PgTx {
        PgTx { tx, told: Vec::new(), bell: self.bell.clone() }
    }

    /// Listens to the other servers, on a connection of its own.
    pub(crate) async fn ear(&self) -> Result<Ear, StorageError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Ear { listener, bell: self.bell.clone() })
    }
}

/// A transaction on PostgreSQL.
#[derive(Debug)]
pub struct PgTx {
    tx: Transaction<'static, Postgres>,
    told: Vec<Told>,
    bell: Bell,
}

impl Deref for PgTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for PgTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

impl PgTx {
    pub(super) fn tell(&mut self, told: impl IntoIterator<Item = Told>) {
        self.told.extend(told);
    }

    pub(super) async fn commit(self) -> Result<(), StorageError> {
        self.tx.commit().await?;
        self.bell.ring(self.told);
        Ok(())
    }

    pub(super) async fn rollback(self) -> Result<(), StorageError> {
        Ok(self.tx.rollback().await?)
    }
}

/// The ear for what other servers tell.
pub(crate) struct Ear {
    listener: PgListener,
    bell: Bell,
}

impl Ear {
    /// What another server tells next. A connection that was lost is made again, and what was said meanwhile is not known.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub(crate) async fn hear(&mut self) -> Result<Vec<Told>, StorageError> {
        Ok(match self.listener.try_recv().await? {
            Some(notification) => self.bell.read(notification.payload()),
            None => vec![Told::Anything],
        })
    }
}
