//! SQLite's one writer, whose commits are shared.
//!
//! What takes longest in a small write is waiting for the disk at its end. Writers that queue for the connection therefore
//! share a transaction: the first begins it; each of those who queued when the first was done does its work behind a
//! savepoint, so that one that gives up takes nothing of the others along; then it is committed for all of them, and only
//! then does any of them hear that its work is done. Nobody waits for company: where nobody queues, a writer commits at
//! once.
//!
//! The queue is the mutex's own, first come, first served. The first of a group puts the commit itself into that queue,
//! behind those who are waiting already; so a group is never larger than the queue was, and nobody is waited for twice.
//! Nor does it grow beyond [`MOST`]: when two thousand come at once, the first would hear with the last.

use std::sync::Arc;

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{
    StorageError,
    bell::{Bell, Told},
    counts::Counts,
    engine::ACQUIRE,
};

/// How many share a commit at most. The disk's part in a write is small long before, and SQLite looks at every savepoint that is
/// open for each page it writes.
const MOST: usize = 32;

/// The one connection that writes.
#[derive(Clone, Debug)]
pub struct Writer {
    pool: SqlitePool,
    group: Arc<Mutex<Group>>,
    bell: Bell,
    counts: Arc<Counts>,
}

/// Those who share the next commit.
#[derive(Debug, Default)]
struct Group {
    /// Nothing is open: the next writer is the first of a new group.
    tx: Option<Transaction<'static, Sqlite>>,
    /// Whoever is done and waits for the commit.
    done: Vec<oneshot::Sender<Result<(), StorageError>>>,
    /// What they tell once it is committed.
    told: Vec<Told>,
    counts: Arc<Counts>,
    /// A member was dropped in the middle of its work, which has to be undone first.
    abandoned: bool,
}

/// A write on SQLite, alone on the connection until it is committed or given up.
#[derive(Debug)]
pub struct Member {
    group: OwnedMutexGuard<Group>,
    /// For whom the commit is made in the end.
    queue: Arc<Mutex<Group>>,
    /// The first of its group has no savepoint: it takes nobody along when it gives up.
    first: bool,
    settled: bool,
    told: Vec<Told>,
    bell: Bell,
}

impl Writer {
    /// The writer on a pool of one connection.
    pub(super) fn new(pool: SqlitePool) -> Self {
        let counts = Arc::<Counts>::default();
        let group = Group { counts: Arc::clone(&counts), ..Group::default() };
        Self { pool, group: Arc::new(Mutex::new(group)), bell: Bell::new(None), counts }
    }

    /// What is rung after commits.
    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// How often this process has committed: a database that changed while this did not was written by another program.
    pub(super) fn commits(&self) -> u64 {
        self.counts.commits()
    }

    /// What was committed.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The pool, for what is not a write of the library: migrating, closing.
    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Waits for the connection and begins.
    pub(super) async fn begin(&self) -> Result<Member, StorageError> {
        let mut group = Arc::clone(&self.group).lock_owned().await;
        group.settle().await?;
        if group.done.len() >= MOST {
            group.commit(&self.bell).await;
        }
        let first = group.tx.is_none();
        if first {
            group.tx = Some(self.pool.begin_with("begin immediate").await?);
        } else {
            group.run("savepoint member").await?;
        }
        Ok(Member {
            group,
            queue: Arc::clone(&self.group),
            first,
            settled: false,
            told: Vec::new(),
            bell: self.bell.clone(),
        })
    }

    /// Lets SQLite count its tables, as far as it thinks it worth while.
    pub(super) async fn analyze(&self) -> Result<(), StorageError> {
        let mut member = self.begin().await?;
        sqlx::query("pragma optimize").execute(member.connection()?).await?;
        member.commit().await
    }

    /// Takes what lies in the write-ahead log into the database file and cuts the log to nothing, since what was deleted is
    /// overwritten in the file, and in the log stands until it is. Answers whether it could; a reader who looks at what was before
    /// holds it up, and is waited for a moment only, since nobody writes meanwhile.
    pub(super) async fn empty_log(&self) -> Result<bool, StorageError> {
        let mut group = self.group.lock().await;
        // What is open was done by those who wait for its commit.
        group.commit(&self.bell).await;
        let mut connection = self.pool.acquire().await?;
        sqlx::query("pragma busy_timeout = 1000").execute(&mut *connection).await?;
        let emptied = sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut *connection).await;
        let waits = format!("pragma busy_timeout = {}", ACQUIRE.as_millis());
        sqlx::query(sqlx::AssertSqlSafe(waits)).execute(&mut *connection).await?;
        let (busy, _, _): (i64, i64, i64) = emptied?;
        Ok(busy == 0)
    }

    /// Lets the work under way finish and closes the connection.
    pub(super) async fn close(&self) {
        let _last = self.group.lock().await;
        self.pool.close().await;
    }
}

impl Group {
    /// Undoes what an abandoned member left behind. The savepoint stays, so that this may be done twice.
    async fn settle(&mut self) -> Result<(), StorageError> {
        if self.abandoned {
            self.run("rollback to member").await?;
            self.abandoned = false;
        }
        Ok(())
    }

    /// A statement of the group itself. When it fails the group is lost, and whoever waited for its commit hears it.
    async fn run(&mut self, statement: &'static str) -> Result<(), StorageError> {
        let Some(tx) = &mut self.tx else { return Err(StorageError::SharedCommit("nothing is open".to_owned())) };
        match sqlx::query(statement).execute(&mut **tx).await {
            Ok(_) => Ok(()),
            Err(error) => {
                self.tx = None;
                self.told.clear();
                self.abandoned = false;
                self.tell(&Err(error.to_string()));
                Err(error.into())
            }
        }
    }

    /// Commits for all who are done.
    async fn commit(&mut self, bell: &Bell) {
        // Another may have undone the group meanwhile, and told everybody.
        if self.settle().await.is_err() {
            return;
        }
        let told = std::mem::take(&mut self.told);
        let Some(tx) = self.tx.take() else { return };
        // Before and not after: whoever sees the change sees that it may be ours.
        self.counts.commit();
        let outcome = tx.commit().await.map_err(|error| error.to_string());
        if outcome.is_ok() {
            self.counts.written(self.done.len());
            bell.ring(told);
        }
        self.tell(&outcome);
    }

    fn tell(&mut self, outcome: &Result<(), String>) {
        for waiting in self.done.drain(..) {
            // One who went away meanwhile has no use for the answer; the write stands or falls with the others'.
            drop(waiting.send(outcome.clone().map_err(StorageError::SharedCommit)));
        }
    }
}

impl Member {
    /// The connection, in its transaction.
    ///
    /// # Errors
    /// When the group was lost, with the connection for instance.
    pub fn connection(&mut self) -> Result<&mut SqliteConnection, StorageError> {
        match &mut self.group.tx {
            Some(tx) => Ok(&mut **tx),
            None => Err(StorageError::SharedCommit("nothing is open".to_owned())),
        }
    }

    /// Notes what is told once this is committed.
    pub(super) fn tell(&mut self, told: impl IntoIterator<Item = Told>) {
        self.told.extend(told);
    }

    /// Ends the work; answers when it is on the disk.
    pub(super) async fn commit(mut self) -> Result<(), StorageError> {
        // The savepoint stays behind; the commit ends them all, and going back goes to the latest.
        let (done, committed) = oneshot::channel();
        self.group.done.push(done);
        let told = std::mem::take(&mut self.told);
        self.group.told.extend(told);
        if self.first {
            // A task of its own, so that the commit happens also when the one who asked for it goes away.
            let (queue, bell) = (Arc::clone(&self.queue), self.bell.clone());
            tokio::spawn(async move { queue.lock().await.commit(&bell).await });
        }
        self.settled = true;
        drop(self);
        committed.await.unwrap_or_else(|_| Err(StorageError::SharedCommit("the commit was abandoned".to_owned())))
    }

    /// Gives the work up.
    pub(super) async fn rollback(mut self) -> Result<(), StorageError> {
        self.settled = true;
        if self.first {
            match self.group.tx.take() {
                Some(tx) => Ok(tx.rollback().await?),
                None => Ok(()),
            }
        } else {
            self.group.abandoned = true;
            self.group.settle().await
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        if self.first {
            // Dropping the transaction rolls it back.
            self.group.tx = None;
        } else {
            self.group.abandoned = true;
        }
    }
}
