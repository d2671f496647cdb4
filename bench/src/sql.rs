//! SQL that no use case offers, written once for both engines: what a library is grown with, and what is looked up to measure it.

/// Rows of one statement. The engines allow thousands of values in one, and gain nothing by more than this.
pub(crate) const CHUNK: usize = 200;

/// All rows as tuples of the given type.
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            library::storage::Tx::Sqlite(tx) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(tx.connection()?).await
            }
            library::storage::Tx::Postgres(tx) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **tx).await
            }
        }
    };
}

/// Runs a statement.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $tx {
            library::storage::Tx::Sqlite(tx) => {
                sqlx::query($sql)$(.bind($bind))*.execute(tx.connection()?).await.map(drop)
            }
            library::storage::Tx::Postgres(tx) => sqlx::query($sql)$(.bind($bind))*.execute(&mut **tx).await.map(drop),
        }
    };
}

/// Writes many rows: the beginning of the statement, the rows, and what of each is bound in which order.
macro_rules! insert_all {
    ($tx:expr, $into:expr, $rows:expr, |$row:ident| [$($value:expr),+ $(,)?]) => {
        for chunk in $rows.chunks($crate::sql::CHUNK) {
            match &mut *$tx {
                library::storage::Tx::Sqlite(tx) => {
                    let mut sql = sqlx::QueryBuilder::<sqlx::Sqlite>::new($into);
                    sql.push_values(chunk, |mut values, $row| { $(values.push_bind($value);)+ });
                    sql.build().execute(tx.connection()?).await?;
                }
                library::storage::Tx::Postgres(tx) => {
                    let mut sql = sqlx::QueryBuilder::<sqlx::Postgres>::new($into);
                    sql.push_values(chunk, |mut values, $row| { $(values.push_bind($value);)+ });
                    sql.build().execute(&mut **tx).await?;
                }
            }
        }
    };
}

pub(crate) use {execute, fetch_all, insert_all};
