//! What is ours on PostgreSQL: a pool with its bell, a transaction that rings it, and the ear for other servers.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnection, PgListener},
};

use super::{
    StorageError,
    bell::{Bell, CHANNEL, Told},
    counts::Counts,
};

/// Connections to PostgreSQL.
#[derive(Clone, Debug)]
pub struct Served {
    pool: PgPool,
    bell: Bell,
    counts: Arc<Counts>,
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
        Self { pool, bell, counts: Arc::default() }
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// What was committed.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn reading(&self, tx: Transaction<'static, Postgres>) -> PgTx {
        PgTx { tx, told: Vec::new(), bell: self.bell.clone(), counts: None }
    }

    pub(super) fn writing(&self, tx: Transaction<'static, Postgres>) -> PgTx {
        PgTx { counts: Some(Arc::clone(&self.counts)), ..self.reading(tx) }
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
    /// Where its commit is counted, if it writes.
    counts: Option<Arc<Counts>>,
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
        if let Some(counts) = self.counts {
            counts.commit();
            counts.written(1);
        }
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
