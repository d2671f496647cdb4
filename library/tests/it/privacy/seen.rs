//! The whole database as somebody sees it who has the file: every row with its ids, its moments, its words, and what the engine
//! itself keeps with it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use library::storage::Database;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use crate::support::Shelf;

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) table: String,
    /// Its own id and all it refers to.
    pub(super) ids: BTreeSet<Uuid>,
    /// What tells a moment: columns, and ids of its own of the kind in which one stands.
    pub(super) moments: Vec<(String, DateTime<Utc>)>,
    /// Its words, in small letters.
    pub(super) words: String,
    /// The transactions that wrote and locked it; PostgreSQL's alone.
    pub(super) transactions: BTreeSet<String>,
}

impl Seen {
    /// Whether it names somebody or something, as an id or in its words.
    pub(super) fn names(&self, id: Uuid) -> bool {
        self.ids.contains(&id) || self.words.contains(&id.to_string()) || self.words.contains(&id.simple().to_string())
    }
}

/// Ids a row has of its own; by those it refers to something else.
const OWN_IDS: [&str; 5] = ["id", "notice_id", "mail_id", "op", "sent_as"];

macro_rules! read {
    ($row:expr, $table:expr, $columns:expr, $with_transactions:expr) => {{
        let mut seen = Seen {
            table: $table.to_owned(),
            ids: BTreeSet::new(),
            moments: Vec::new(),
            words: String::new(),
            transactions: BTreeSet::new(),
        };
        for (n, (name, kind)) in $columns.iter().enumerate() {
            match kind.as_str() {
                "uuid" => {
                    let Some(id) = $row.try_get::<Option<Uuid>, _>(n).unwrap() else { continue };
                    seen.ids.insert(id);
                    if let Some(made) = id.get_timestamp().filter(|_| OWN_IDS.contains(&name.as_str())) {
                        let (seconds, nanos) = made.to_unix();
                        let made = DateTime::from_timestamp(i64::try_from(seconds).unwrap(), nanos).unwrap();
                        seen.moments.push((format!("{name}, of version 7"), made));
                    }
                }
                "timestamptz" | "timestamp with time zone" => {
                    let at = $row.try_get::<Option<DateTime<Utc>>, _>(n).unwrap();
                    seen.moments.extend(at.map(|at| (name.clone(), at)));
                }
                "text" => {
                    let text = $row.try_get::<Option<String>, _>(n).unwrap().unwrap_or_default();
                    seen.words.push_str(&text.to_lowercase());
                    seen.words.push('|');
                }
                _ => {}
            }
        }
        if $with_transactions {
            for n in [$columns.len(), $columns.len() + 1] {
                let number: String = $row.try_get(n).unwrap();
                seen.transactions.extend((number != "0").then_some(number));
            }
        }
        seen
    }};
}

/// Every row there is.
pub(super) async fn everything(shelf: &Shelf) -> Vec<Seen> {
    let mut all = Vec::new();
    match shelf.library.database() {
        Database::Sqlite { readers, .. } => {
            let tables: Vec<(String,)> = sqlx::query_as(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like '%sqlx%'",
            )
            .fetch_all(readers)
            .await
            .unwrap();
            for (table,) in tables {
                let columns = format!("select name, lower(type) from pragma_table_info('{table}')");
                let columns: Vec<(String, String)> =
                    sqlx::query_as(AssertSqlSafe(columns)).fetch_all(readers).await.unwrap();
                let sql = format!("select {} from {table}", names(&columns));
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(readers).await.unwrap();
                all.extend(rows.iter().map(|row| read!(row, table, columns, false)));
            }
        }
        Database::Postgres(pool) => {
            let columns: Vec<(String, String, String)> = sqlx::query_as(
                "select table_name::text, column_name::text, data_type::text from information_schema.columns
                 where table_schema = 'public' and table_name not like '%sqlx%' order by table_name, ordinal_position",
            )
            .fetch_all(&**pool)
            .await
            .unwrap();
            let tables: BTreeSet<String> = columns.iter().map(|(table, ..)| table.clone()).collect();
            for table in tables {
                let columns: Vec<(String, String)> = columns
                    .iter()
                    .filter(|(of, ..)| *of == table)
                    .map(|(_, name, kind)| (name.clone(), kind.clone()))
                    .collect();
                let sql = format!("select {}, xmin::text, xmax::text from {table}", names(&columns));
                let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&**pool).await.unwrap();
                all.extend(rows.iter().map(|row| read!(row, table, columns, true)));
            }
        }
    }
    assert!(all.len() > 20);
    all
}

fn names(columns: &[(String, String)]) -> String {
    columns.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
