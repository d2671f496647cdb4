//! What differs between SQLite and PostgreSQL: opening, migrating, beginning a transaction, reading an error.

use std::{path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, SqlSafeStr, Sqlite, SqlitePool, Transaction,
    migrate::{Migration, MigrationType, Migrator},
    pool::PoolConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    bell::{Bell, Told},
    counts::DatabaseFigures,
    postgres::{PgTx, Served},
    shared_commit::{Member, Writer},
};

/// The steps of the schema, oldest first. A step that was released is never changed, only followed by another.
const MIGRATIONS: [(i64, &str, &str); 19] = [
    (1, "library", include_str!("../../migrations/0001_library.sql")),
    (2, "circulation", include_str!("../../migrations/0002_circulation.sql")),
    (3, "counter", include_str!("../../migrations/0003_counter.sql")),
    (4, "lists", include_str!("../../migrations/0004_lists.sql")),
    (5, "keeping", include_str!("../../migrations/0005_keeping.sql")),
    (6, "door", include_str!("../../migrations/0006_door.sql")),
    (7, "walls", include_str!("../../migrations/0007_walls.sql")),
    (8, "kiosk", include_str!("../../migrations/0008_kiosk.sql")),
    (9, "marathon", include_str!("../../migrations/0009_marathon.sql")),
    (10, "shelf", include_str!("../../migrations/0010_shelf.sql")),
    (11, "passkeys", include_str!("../../migrations/0011_passkeys.sql")),
    (12, "live", include_str!("../../migrations/0012_live.sql")),
    (13, "notices", include_str!("../../migrations/0013_notices.sql")),
    (14, "bounces", include_str!("../../migrations/0014_bounces.sql")),
    (15, "channels", include_str!("../../migrations/0015_channels.sql")),
    (16, "marathon_history", include_str!("../../migrations/0016_marathon_history.sql")),
    (17, "home", include_str!("../../migrations/0017_home.sql")),
    (18, "door", include_str!("../../migrations/0018_door.sql")),
    (20, "privacy", include_str!("../../migrations/0020_privacy.sql")),
];

/// How many prepared statements a connection keeps; more than there are in this program.
const STATEMENTS: usize = 500;

/// Bytes of SQLite's file that are mapped into memory, from its beginning: 2 GiB, the most it allows.
const MAPPED: &str = "2147418112";

/// How long a request waits for a connection before it gives up.
pub(super) const ACQUIRE: Duration = Duration::from_secs(30);

/// What the database answered instead of a result.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The engine refused or could not be reached.
    #[error("database: {0}")]
    Engine(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The address names no engine known here.
    #[error("database address must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// The schema is older or newer than the program.
    #[error("the database has schema {found}, this program needs {needed}; run `hondana migrate`")]
    WrongSchema {
        /// The step the database is at.
        found: i64,
        /// The step the program needs.
        needed: i64,
    },
    /// Several writes were to be committed together, and it failed for all of them.
    #[error("shared commit: {0}")]
    SharedCommit(String),
    /// What a rule was to decide on was moved by a rival before it could be locked.
    #[error("a rival moved what was to be changed")]
    Overtaken,
    /// What is stored can't be read as what it should be.
    #[error("stored {what} can't be read: {why}")]
    Corrupt {
        /// What it is.
        what: &'static str,
        /// Why it can't be read.
        why: String,
    },
}

impl StorageError {
    /// A stored value that can't be read.
    pub fn corrupt(what: &'static str, why: impl ToString) -> Self {
        Self::Corrupt { what, why: why.to_string() }
    }

    /// Whether a rival's write was the reason, so that trying again makes sense.
    pub fn is_worth_another_try(&self) -> bool {
        if matches!(self, Self::Overtaken) {
            return true;
        }
        let Self::Engine(sqlx::Error::Database(error)) = self else { return false };
        // PostgreSQL: serialization failure, deadlock. SQLite takes its only writer before it begins.
        error.is_unique_violation() || matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether the program had closed the database, as it does before it ends.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Engine(sqlx::Error::PoolClosed))
    }
}

/// A database of one of the two engines.
#[derive(Clone, Debug)]
pub enum Database {
    /// The embedded engine. Several writers starve each other on its lock, so all writes share one connection, for
    /// which they queue; readers have a pool of their own and never wait for a writer (WAL).
    Sqlite {
        /// Many connections, for reading.
        readers: SqlitePool,
        /// One connection, for writing.
        writer: Writer,
    },
    /// The engine for a library that outgrows one machine.
    Postgres(Served),
}

/// A transaction on one of the two engines. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(SqliteTx),
    /// On PostgreSQL.
    Postgres(PgTx),
}

/// A transaction on SQLite.
#[derive(Debug)]
pub enum SqliteTx {
    /// On a connection of the readers.
    Read(Transaction<'static, Sqlite>),
    /// No transaction, but a connection of the readers ([`Database::look`]).
    Look(PoolConnection<Sqlite>),
    /// On the connection of the writers.
    Write(Member),
}

impl SqliteTx {
    /// The connection, in the transaction.
    ///
    /// # Errors
    /// When the writers have lost it.
    pub fn connection(&mut self) -> Result<&mut SqliteConnection, StorageError> {
        match self {
            Self::Read(tx) => Ok(&mut **tx),
            Self::Look(connection) => Ok(&mut **connection),
            Self::Write(member) => member.connection(),
        }
    }
}

impl Database {
    /// Opens `sqlite:PATH` or `postgres://…`. A SQLite file is made if it is not there and brought up to date; the
    /// schema of PostgreSQL is only ever changed by [`Database::migrate`], since several servers may share it.
    ///
    /// # Errors
    /// When the engine can't be reached or the file can't be opened.
    pub async fn open(address: &str) -> Result<Self, StorageError> {
        if let Some(path) = address.strip_prefix("sqlite:") {
            return Self::open_sqlite(PathBuf::from(path)).await;
        }
        if !(address.starts_with("postgres:") || address.starts_with("postgresql:")) {
            return Err(StorageError::UnknownEngine);
        }
        let options = PgConnectOptions::from_str(address)?
            .options([("timezone", "UTC"), ("default_transaction_isolation", "read committed")])
            .statement_cache_capacity(STATEMENTS);
        Ok(Self::Postgres(Served::open(options).await?))
    }

    async fn open_sqlite(path: PathBuf) -> Result<Self, StorageError> {
        let options = sqlite_options(path);
        // A file does not hang up, so nobody asks whether it is still there.
        let pool =
            |most| SqlitePoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE).test_before_acquire(false);
        let writer = pool(1).connect_with(options.clone()).await?;
        let database = Self::Sqlite { readers: pool(8).connect_lazy_with(options), writer: Writer::new(writer) };
        database.migrate().await?;
        Ok(database)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a step fails, or an earlier one is not what it was when it ran.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        let steps = MIGRATIONS
            .iter()
            .map(|(version, name, sql)| {
                Migration::new(
                    *version,
                    (*name).into(),
                    MigrationType::Simple,
                    AssertSqlSafe(*sql).into_sql_str(),
                    false,
                )
            })
            .collect();
        let mut migrator = Migrator::with_migrations(steps);
        // The lock would be an advisory one, which other engines that speak PostgreSQL lack; the table's own
        // primary key stops a second migration just as well.
        migrator.set_locking(false);
        match self {
            Self::Sqlite { writer, .. } => migrator.run(writer.pool()).await?,
            Self::Postgres(pool) => migrator.run(&**pool).await?,
        }
        Ok(())
    }

    /// The step of the schema this program was written for.
    pub(crate) fn schema() -> i64 {
        MIGRATIONS.last().map_or(0, |(version, ..)| *version)
    }

    /// Checks that the schema is the one this program was written for.
    ///
    /// # Errors
    /// [`StorageError::WrongSchema`] when it is not.
    pub async fn check_schema(&self) -> Result<(), StorageError> {
        let needed = Self::schema();
        let sql = "select max(version) from _sqlx_migrations where success";
        let found: Option<i64> = match self {
            Self::Sqlite { readers, .. } => sqlx::query_scalar(sql).fetch_one(readers).await?,
            Self::Postgres(pool) => {
                let table: Option<String> =
                    sqlx::query_scalar("select to_regclass('_sqlx_migrations')::text").fetch_one(&**pool).await?;
                match table {
                    Some(_) => sqlx::query_scalar(sql).fetch_one(&**pool).await?,
                    None => None,
                }
            }
        };
        match found.unwrap_or(0) {
            found if found == needed => Ok(()),
            found => Err(StorageError::WrongSchema { found, needed }),
        }
    }

    /// Begins a transaction that reads one moment of the database.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_read(&self) -> Result<Tx, StorageError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(SqliteTx::Read(readers.begin().await?)),
            Self::Postgres(served) => Tx::Postgres(served.begin_read().await?),
        })
    }

    /// A connection for statements each of which may see a moment of its own: the one there is, mostly. It spares the engine
    /// a beginning and an end, which on the way there and back take as long as the statement.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn look(&self) -> Result<Tx, StorageError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(SqliteTx::Look(readers.acquire().await?)),
            Self::Postgres(served) => Tx::Postgres(served.look().await?),
        })
    }

    /// Begins a transaction that writes. Use `in_write!`, which tries again where rivals met.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_write(&self) -> Result<Tx, StorageError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(SqliteTx::Write(writer.begin().await?)),
            Self::Postgres(served) => Tx::Postgres(served.begin_write().await?),
        })
    }

    /// Lets the engine count its tables anew, so that it plans for what is in them: after much has come in at once, when
    /// it would go on taking them for small.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn refresh_statistics(&self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite { writer, .. } => writer.analyze().await?,
            Self::Postgres(pool) => {
                sqlx::query("analyze").execute(&**pool).await?;
            }
        }
        Ok(())
    }

    /// Empties the write-ahead log of SQLite, in which what was deleted stands longer than in the database. Answers whether it
    /// could; PostgreSQL's is its server's affair.
    ///
    /// # Errors
    /// When the engine refuses.
    pub(crate) async fn empty_log(&self) -> Result<bool, StorageError> {
        match self {
            Self::Sqlite { writer, .. } => writer.empty_log().await,
            Self::Postgres(_) => Ok(true),
        }
    }

    /// Closes all connections, letting work under way finish.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(served) => served.close().await,
        }
    }

    /// How it is doing. Asks nothing of the engine.
    pub fn figures(&self) -> DatabaseFigures {
        let ((connections, idle), counts) = match self {
            Self::Sqlite { readers, writer } => ((readers.size(), readers.num_idle()), writer.counts()),
            Self::Postgres(served) => (served.connections(), served.counts()),
        };
        // Never more than a few dozen.
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        DatabaseFigures { connections, idle, writes: counts.writes(), commits: counts.commits() }
    }

    /// What is rung after its commits.
    pub(crate) fn bell(&self) -> &Bell {
        match self {
            Self::Sqlite { writer, .. } => writer.bell(),
            Self::Postgres(pool) => pool.bell(),
        }
    }
}

impl Tx {
    /// Makes what was written last, also through a power cut.
    ///
    /// # Errors
    /// When the engine can't; nothing was written then.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(SqliteTx::Read(tx)) => tx.commit().await?,
            Self::Sqlite(SqliteTx::Look(_)) => {}
            Self::Sqlite(SqliteTx::Write(member)) => member.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Notes what whoever watches is told once this is committed.
    pub(crate) fn tell(&mut self, told: impl IntoIterator<Item = Told>) {
        match self {
            // A reader does nothing that could be told.
            Self::Sqlite(SqliteTx::Read(_) | SqliteTx::Look(_)) => {}
            Self::Sqlite(SqliteTx::Write(member)) => member.tell(told),
            Self::Postgres(tx) => tx.tell(told),
        }
    }

    /// Gives up what was written. An error here has the same effect and is not worth telling.
    pub(crate) async fn rollback(self) {
        let done = match self {
            Self::Sqlite(SqliteTx::Read(tx)) => tx.rollback().await.map_err(StorageError::from),
            Self::Sqlite(SqliteTx::Look(_)) => Ok(()),
            Self::Sqlite(SqliteTx::Write(member)) => member.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        };
        if let Err(error) = done {
            tracing::debug!(%error, "rollback");
        }
    }
}

/// How a connection to SQLite behaves.
pub fn sqlite_options(path: PathBuf) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was acknowledged survives a power cut, not only a crash of the program.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // Pages are read where the system has them, as the search index is: a search reads hundreds.
        .pragma("mmap_size", MAPPED)
        // What privacy says must go is overwritten, not only unlinked.
        .pragma("secure_delete", "on")
        .statement_cache_capacity(STATEMENTS)
        .busy_timeout(ACQUIRE)
}
