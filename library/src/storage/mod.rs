//! Two engines behind one SQL text.
//!
//! A statement is written once, in SQL that SQLite and PostgreSQL read alike, and run by [`fetch_all!`],
//! [`fetch_optional!`], [`fetch_one!`] or [`execute!`] through whichever engine the [`Tx`] is on. Everything goes
//! through a [`Tx`]: a read sees one moment, a write is whole. What truly differs between the engines lies in
//! [`engine`].

mod bell;
mod changes;
mod counts;
mod engine;
mod postgres;
mod shared_commit;
mod writes;

pub(crate) use bell::Told;
pub(crate) use changes::{Changes, Written};
pub use counts::DatabaseFigures;
pub use engine::{Database, SqliteTx, StorageError, Tx, sqlite_options};
pub use postgres::{PgTx, Served};
pub use shared_commit::{Member, Writer};
pub(crate) use writes::{Cell, Writes, bind_cell};

/// Runs a statement with the same binds on whichever engine the transaction is on.
macro_rules! on_engine {
    ($tx:expr, |$executor:ident| $run:expr) => {
        match $tx {
            $crate::storage::Tx::Sqlite(tx) => match tx.connection() {
                Ok($executor) => $run.map_err($crate::storage::StorageError::from),
                Err(error) => Err(error),
            },
            $crate::storage::Tx::Postgres(tx) => {
                let $executor = &mut **tx;
                $run.map_err($crate::storage::StorageError::from)
            }
        }
    };
}

/// All rows as tuples of the given type.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::storage::on_engine!($tx, |executor| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(executor).await)
    };
}

/// The row, if there is one.
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::storage::on_engine!($tx, |executor| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(executor).await)
    };
}

/// The one row there must be.
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::storage::on_engine!($tx, |executor| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(executor).await)
    };
}

/// Runs a statement; the answer is the number of rows it touched.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::storage::on_engine!($tx, |executor| sqlx::query($sql)$(.bind($bind))*.execute(executor).await.map(|done| done.rows_affected()))
    };
}

/// Runs a block inside a write transaction and commits it, again when the engine says that a rival came first.
///
/// The block may run several times, so it must have no effect but on the transaction. On a violated unique index it
/// runs again as well: the second time the rule sees the rival's row and says the refusal.
macro_rules! in_write {
    ($db:expr, |$tx:ident| $block:expr) => {{
        let mut tries = 0u32;
        loop {
            tries += 1;
            let mut tx = $db.begin_write().await?;
            let answer = {
                let $tx = &mut tx;
                $block
            };
            let error: $crate::Fault = match answer {
                Ok(answer) => match tx.commit().await {
                    Ok(()) => break Ok(answer),
                    Err(error) => error.into(),
                },
                Err(error) => {
                    tx.rollback().await;
                    error
                }
            };
            if tries >= $crate::storage::MAX_TRIES || !error.is_worth_another_try() {
                break Err(error);
            }
            $crate::storage::pause_before(tries).await;
        }
    }};
}

pub(crate) use {execute, fetch_all, fetch_one, fetch_optional, in_write, on_engine};

/// How often a write is tried before the person is told to try again later.
pub(crate) const MAX_TRIES: u32 = 8;

/// Waits a little longer before each further try, so that rivals do not meet again at once.
pub(crate) async fn pause_before(tries: u32) {
    let most = 4u64 << tries.min(6);
    let millis = rand::random_range(1..=most);
    tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
}

/// How many ids one statement takes at most; see [`fetch_in!`].
pub(crate) const CHUNK: usize = 20;

/// All rows for many ids. The statement is given in pieces, between which the list of ids belongs.
///
/// It has two texts, each prepared once: for one id, as nearly everything that writes has it, and for a chunk of fixed
/// size. A planner that is shown twenty ids where one is meant reads whole tables.
macro_rules! fetch_in {
    ($tx:expr, $row:ty, [$first:literal $(, $rest:literal)*], $ids:expr) => {{
        let mut rows: Vec<$row> = Vec::new();
        let mut failed: Option<$crate::storage::StorageError> = None;
        for chunk in $ids.chunks($crate::storage::CHUNK) {
            // A short chunk is filled up with an id that no row has.
            let id = |n: usize| chunk.get(n).map_or(uuid::Uuid::nil(), |id| id.0);
            let found: Result<Vec<$row>, $crate::storage::StorageError> = if chunk.len() == 1 {
                $crate::storage::fetch_all!($tx, $row, concat!($first $(, "($1)", $rest)*), id(0))
            } else {
                $crate::storage::fetch_all!(
                    $tx,
                    $row,
                    concat!(
                        $first
                        $(,
                            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
                            $rest
                        )*
                    ),
                    id(0),
                    id(1),
                    id(2),
                    id(3),
                    id(4),
                    id(5),
                    id(6),
                    id(7),
                    id(8),
                    id(9),
                    id(10),
                    id(11),
                    id(12),
                    id(13),
                    id(14),
                    id(15),
                    id(16),
                    id(17),
                    id(18),
                    id(19),
                )
            };
            match found {
                Ok(found) => rows.extend(found),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        match failed {
            None => Ok(rows),
            Some(error) => Err(error),
        }
    }};
}

/// Takes a lock by a write that ends in `returning`, and reads what lies behind it: the row of the lock, or `None`, and the
/// rows that were read. The lock has the first placeholders, the reading all of them.
///
/// SQLite, where nobody else writes meanwhile, gets both in one go. On PostgreSQL the reading is a statement of its own,
/// begun when the lock is ours, because a statement sees nothing that was committed while it waited.
macro_rules! lock_and_fetch {
    ($tx:expr, $locked:ty, $row:ty, $lock:literal, [$($bind:expr),+], $fetch:literal, [$($more:expr),*]) => {{
        let answer: Result<Option<($locked, Vec<$row>)>, $crate::storage::StorageError> = async {
            match $tx {
                $crate::storage::Tx::Sqlite(tx) => {
                    let rows = sqlx::query(concat!($lock, ";\n", $fetch))
                        $(.bind($bind))+
                        $(.bind($more))*
                        .fetch_all(tx.connection()?)
                        .await?;
                    let Some((locked, rows)) = rows.split_first() else { return Ok(None) };
                    let locked = sqlx::FromRow::from_row(locked)?;
                    let rows = rows.iter().map(sqlx::FromRow::from_row).collect::<Result<_, _>>()?;
                    Ok(Some((locked, rows)))
                }
                $crate::storage::Tx::Postgres(tx) => {
                    let locked = sqlx::query_as($lock)$(.bind($bind))+.fetch_optional(&mut **tx).await?;
                    let Some(locked) = locked else { return Ok(None) };
                    let rows = sqlx::query_as($fetch)$(.bind($bind))+$(.bind($more))*.fetch_all(&mut **tx).await?;
                    Ok(Some((locked, rows)))
                }
            }
        }
        .await;
        answer
    }};
}

pub(crate) use {fetch_in, lock_and_fetch};
