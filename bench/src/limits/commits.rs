//! Commits of one row each, by the engine and nothing else.

use std::time::Instant;

use library::storage::sqlite_options;
use sqlx::{PgPool, SqlitePool, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{client::Took, failure::Failure};

const ONE_ROW: &str = "update patron set revision = revision + 1 where id = $1";

/// A pool of the engine's own. SQLite has one connection that writes, as in the library.
#[derive(Clone)]
enum Engine {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Engine {
    async fn commit(&self, patron: Uuid) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(pool) => {
                let mut tx = pool.begin_with("begin immediate").await?;
                sqlx::query(ONE_ROW).bind(patron).execute(&mut *tx).await?;
                tx.commit().await
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                sqlx::query(ONE_ROW).bind(patron).execute(&mut *tx).await?;
                tx.commit().await
            }
        }
    }
}

/// Has so many clients commit, one row of a patron after the other.
///
/// # Errors
/// When the database can't be written.
pub(crate) async fn commits(address: &str, patrons: &[Uuid], clients: u32) -> Result<Took, Failure> {
    let engine = match address.strip_prefix("sqlite:") {
        Some(path) => {
            Engine::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(sqlite_options(path.into())).await?)
        }
        None => Engine::Postgres(PgPoolOptions::new().max_connections(clients).connect(address).await?),
    };
    let share = patrons.len().div_ceil(usize::try_from(clients).unwrap_or(1)).max(1);
    let begun = Instant::now();
    let mut at_work = JoinSet::new();
    for share in patrons.chunks(share) {
        let (engine, share) = (engine.clone(), share.to_vec());
        at_work.spawn(async move {
            let mut waits = Vec::with_capacity(share.len());
            for patron in share {
                let asked = Instant::now();
                engine.commit(patron).await?;
                waits.push(asked.elapsed());
            }
            Ok::<_, sqlx::Error>(waits)
        });
    }
    let mut each = Vec::with_capacity(patrons.len());
    for done in at_work.join_all().await {
        each.extend(done?);
    }
    let took = Took::of(begun.elapsed(), each);
    match engine {
        Engine::Sqlite(pool) => pool.close().await,
        Engine::Postgres(pool) => pool.close().await,
    }
    Ok(took)
}
