//! What is ours on PostgreSQL: pools with their bell, a transaction that rings it, and the ear for other servers.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    Connection as _, PgPool, Postgres, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgConnection, PgListener, PgPoolOptions},
};
use tokio::runtime::{Handle, Id};

use super::{
    StorageError,
    bell::{Bell, CHANNEL, Told},
    counts::Counts,
    engine::ACQUIRE,
};

/// How many connections a pool has at most.
const CONNECTIONS: u32 = 16;

/// How long a connection that nobody used is trusted to be there still.
const TRUSTED: Duration = Duration::from_secs(1);

/// Connections to PostgreSQL.
///
/// A connection is listened to by the threads that opened it, so those of another runtime have a pool of their own: otherwise
/// each answer would go through both.
#[derive(Clone, Debug)]
pub struct Served {
    pool: PgPool,
    /// Whose threads those of `pool` are.
    home: Id,
    elsewhere: Arc<Mutex<Vec<(Id, PgPool)>>>,
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
    /// Opens it, on the threads of the runtime it is called on.
    pub(super) async fn open(options: PgConnectOptions) -> Result<Self, StorageError> {
        let pool = pool_options().connect_with(options).await?;
        let bell = Bell::new(Some(pool.clone()));
        Ok(Self { pool, home: Handle::current().id(), elsewhere: Arc::default(), bell, counts: Arc::default() })
    }

    /// The pool of the runtime this is called on.
    fn here(&self) -> PgPool {
        let id = Handle::current().id();
        if id == self.home {
            return self.pool.clone();
        }
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pool)) = elsewhere.iter().find(|(known, _)| *known == id) {
            return pool.clone();
        }
        let pool = pool_options().connect_lazy_with((*self.pool.connect_options()).clone());
        elsewhere.push((id, pool.clone()));
        pool
    }

    fn pools(&self) -> Vec<PgPool> {
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&self.pool).chain(elsewhere.iter().map(|(_, pool)| pool)).cloned().collect()
    }

    /// How many connections there are, and how many of them nobody uses.
    pub(super) fn connections(&self) -> (u32, usize) {
        self.pools().iter().fold((0, 0), |(all, idle), pool| (all + pool.size(), idle + pool.num_idle()))
    }

    /// Closes all connections, letting work under way finish.
    pub(super) async fn close(&self) {
        self.bell.finish().await;
        for pool in self.pools() {
            pool.close().await;
        }
    }

    /// Begins to read one moment.
    pub(super) async fn begin_read(&self) -> Result<PgTx, StorageError> {
        let tx = self.here().begin_with("begin isolation level repeatable read read only").await?;
        Ok(self.tx(Held::Tx(tx), None))
    }

    /// A connection for statements each of which may see a moment of its own.
    pub(super) async fn look(&self) -> Result<PgTx, StorageError> {
        Ok(self.tx(Held::Look(self.here().acquire().await?), None))
    }

    /// Begins to write.
    pub(super) async fn begin_write(&self) -> Result<PgTx, StorageError> {
        Ok(self.tx(Held::Tx(self.here().begin().await?), Some(Arc::clone(&self.counts))))
    }

    fn tx(&self, held: Held, counts: Option<Arc<Counts>>) -> PgTx {
        PgTx { held, told: Vec::new(), bell: self.bell.clone(), counts }
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// What was committed.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Listens to the other servers, on a connection of its own.
    pub(crate) async fn ear(&self) -> Result<Ear, StorageError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Ear { listener, bell: self.bell.clone() })
    }
}

fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        // Each that is given back is tried then; it is tried once more only if it has lain there for a while.
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// A transaction on PostgreSQL.
#[derive(Debug)]
pub struct PgTx {
    held: Held,
    told: Vec<Told>,
    bell: Bell,
    /// Where its commit is counted, if it writes.
    counts: Option<Arc<Counts>>,
}

#[derive(Debug)]
enum Held {
    Tx(Transaction<'static, Postgres>),
    /// No transaction, but a connection.
    Look(PoolConnection<Postgres>),
}

impl Deref for PgTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        match &self.held {
            Held::Tx(tx) => tx,
            Held::Look(connection) => connection,
        }
    }
}

impl DerefMut for PgTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.held {
            Held::Tx(tx) => tx,
            Held::Look(connection) => connection,
        }
    }
}

impl PgTx {
    pub(super) fn tell(&mut self, told: impl IntoIterator<Item = Told>) {
        self.told.extend(told);
    }

    pub(super) async fn commit(self) -> Result<(), StorageError> {
        if let Held::Tx(tx) = self.held {
            tx.commit().await?;
        }
        if let Some(counts) = self.counts {
            counts.commit();
            counts.written(1);
        }
        self.bell.ring(self.told);
        Ok(())
    }

    pub(super) async fn rollback(self) -> Result<(), StorageError> {
        match self.held {
            Held::Tx(tx) => Ok(tx.rollback().await?),
            Held::Look(_) => Ok(()),
        }
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
