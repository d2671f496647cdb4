//! Writes that are carried out in one go.
//!
//! Every way there and back to the engine costs more than what it does there. So a use case first reads what its rule
//! needs, then gathers what is to be written, and sends it all at once.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{StorageError, Told, Tx};

/// A value on its way to or from the engine, with the type that PostgreSQL wants to know also of a `null`.
#[derive(Debug)]
pub(crate) enum Cell {
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Day(Option<NaiveDate>),
    Id(Option<Uuid>),
    Moment(Option<DateTime<Utc>>),
    Number(Option<i64>),
    Text(Option<String>),
}

/// Binds a value to a query of either engine.
macro_rules! bind_cell {
    ($query:expr, $value:expr) => {{
        use $crate::storage::Cell;
        match $value {
            Cell::Bool(value) => $query.bind(value),
            Cell::Bytes(value) => $query.bind(value),
            Cell::Day(value) => $query.bind(value),
            Cell::Id(value) => $query.bind(value),
            Cell::Moment(value) => $query.bind(value),
            Cell::Number(value) => $query.bind(value),
            Cell::Text(value) => $query.bind(value),
        }
    }};
}
pub(crate) use bind_cell;

macro_rules! from {
    ($($kind:ident: $of:ty),* $(,)?) => {$(
        impl From<$of> for Cell {
            fn from(value: $of) -> Self {
                Self::$kind(Some(value.into()))
            }
        }

        impl From<Option<$of>> for Cell {
            fn from(value: Option<$of>) -> Self {
                Self::$kind(value.map(Into::into))
            }
        }
    )*};
}
from!(Bool: bool, Bytes: Vec<u8>, Day: NaiveDate, Id: Uuid, Moment: DateTime<Utc>, Number: i64, Text: String, Text: &str);

/// Writes that are sent to the engine together.
///
/// PostgreSQL carries them out as one statement, in which none sees what the others do, SQLite one after the other. So
/// none may depend on the others' effects, touch a row that another of them touches, or take a place in a unique index
/// that another of them frees. Foreign keys may point from a later one to an earlier one.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    statements: Vec<Statement>,
    /// Which of the statements must find their row, and what is broken when one does not.
    musts: Vec<(usize, &'static str)>,
    values: Vec<Cell>,
    /// What whoever watches is told of them.
    told: Vec<Told>,
}

/// Statements of more rows than these are not prepared for the next time: what steps at the desk write has fewer.
const KEPT_ROWS: usize = 3;

/// A statement with its placeholders numbered through.
#[derive(Debug)]
enum Statement {
    /// As it stands.
    Whole(String),
    /// Rows between what stands before and behind them.
    Rows { before: &'static str, rows: String, many: usize, behind: &'static str },
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(sql) => f.write_str(sql),
            Self::Rows { before, rows, behind, .. } => write!(f, "{before}{rows}{behind}"),
        }
    }
}

impl Writes {
    /// Notes what is told once they are committed.
    pub(crate) fn tell(&mut self, told: Told) {
        self.told.push(told);
    }

    /// Adds a statement. Its placeholders are numbered from `$1`.
    pub(crate) fn add<const N: usize>(&mut self, sql: &'static str, values: [Cell; N]) {
        self.statements.push(Statement::Whole(renumbered(sql, self.values.len())));
        self.values.extend(values);
    }

    /// Adds a row to the statement that has the same text before and behind its rows, where the first of them was added. So many
    /// rows of a table cost the engine little more than one. It goes where the first went, so what it points to must have been added
    /// before that.
    pub(crate) fn row<const N: usize>(&mut self, before: &'static str, behind: &'static str, values: [Cell; N]) {
        let first = self.values.len() + 1;
        let placeholders: Vec<String> = (first..first + N).map(|n| format!("${n}")).collect();
        let row = format!("({})", placeholders.join(", "));
        self.values.extend(values);
        let same = self.statements.iter_mut().find_map(|statement| match statement {
            Statement::Rows { before: b, rows, many, behind: e } if *b == before && *e == behind => Some((rows, many)),
            Statement::Rows { .. } | Statement::Whole(_) => None,
        });
        match same {
            Some((rows, many)) => {
                rows.push_str(", ");
                rows.push_str(&row);
                *many += 1;
            }
            None => self.statements.push(Statement::Rows { before, rows: row, many: 1, behind }),
        }
    }

    /// Adds a statement that must touch a row, or else all of them fail: `what` is not as it was under its lock.
    pub(crate) fn must<const N: usize>(&mut self, what: &'static str, sql: &'static str, values: [Cell; N]) {
        self.musts.push((self.statements.len(), what));
        self.add(sql, values);
    }

    /// Sends what has been gathered, after which nothing is left of it.
    ///
    /// # Errors
    /// When the engine refuses one of them, or one that must touch a row found none.
    pub(crate) async fn send(&mut self, tx: &mut Tx) -> Result<(), StorageError> {
        let Self { statements, musts, values, told } = std::mem::take(self);
        tx.tell(told);
        if statements.is_empty() {
            return Ok(());
        }
        // There are as many texts as there may be numbers of rows.
        let keep = statements.iter().all(|statement| match statement {
            Statement::Whole(_) => true,
            Statement::Rows { many, .. } => *many <= KEPT_ROWS,
        });
        let touched = match tx {
            Tx::Sqlite(tx) => {
                let mut query = sqlx::query(AssertSqlSafe(one_by_one(&statements, &musts))).persistent(keep);
                for value in values {
                    query = bind_cell!(query, value);
                }
                query.fetch_all(tx.connection()?).await?.len()
            }
            Tx::Postgres(tx) => {
                let mut query = sqlx::query(AssertSqlSafe(as_one(&statements, &musts))).persistent(keep);
                for value in values {
                    query = bind_cell!(query, value);
                }
                query.fetch_all(&mut **tx).await?.len()
            }
        };
        match musts.get(touched) {
            None => Ok(()),
            Some(_) => {
                let what: Vec<&str> = musts.iter().map(|(_, what)| *what).collect();
                Err(StorageError::corrupt("row", format!("{} is not where it was under its lock", what.join(" or "))))
            }
        }
    }
}

/// Several statements for SQLite. Each that must touch a row answers with one.
fn one_by_one(statements: &[Statement], musts: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (n, statement) in statements.iter().enumerate() {
        text.push_str(&statement.to_string());
        if musts.iter().any(|(must, _)| *must == n) {
            text.push_str(" returning 1");
        }
        text.push_str(";\n");
    }
    text
}

/// One statement for PostgreSQL, which answers with the rows of those that must touch one.
fn as_one(statements: &[Statement], musts: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (n, statement) in statements.iter().enumerate() {
        text.push_str(if n == 0 { "with w" } else { ", w" });
        text.push_str(&format!("{n} as ({statement} returning 1)"));
    }
    for (n, (must, _)) in musts.iter().enumerate() {
        text.push_str(if n == 0 { " " } else { " union all " });
        text.push_str(&format!("select 1 from w{must}"));
    }
    if musts.is_empty() {
        text.push_str(" select 1 where false");
    }
    text
}

/// A statement whose placeholders come after so many others. A `$` stands nowhere else in our statements.
fn renumbered(sql: &str, before: usize) -> String {
    if before == 0 {
        return sql.to_owned();
    }
    let mut pieces = sql.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = piece.split_at(digits);
        let number = number.parse().map_or(0, |number: usize| number + before);
        text.push_str(&format!("${number}{rest}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Writes {
        let mut writes = Writes::default();
        writes.add("insert into a (x, y) values ($1, $2)", ["one".into(), 2.into()]);
        writes.must("b", "update b set x = $2 where y = $1 or y = $12", [3.into(), true.into()]);
        writes
    }

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(two().statements[1].to_string(), "update b set x = $4 where y = $3 or y = $14");
    }

    #[test]
    fn each_engine_gets_its_text() {
        let writes = two();
        assert_eq!(
            one_by_one(&writes.statements, &writes.musts),
            "insert into a (x, y) values ($1, $2);\nupdate b set x = $4 where y = $3 or y = $14 returning 1;\n"
        );
        assert_eq!(
            as_one(&writes.statements, &writes.musts),
            "with w0 as (insert into a (x, y) values ($1, $2) returning 1), \
             w1 as (update b set x = $4 where y = $3 or y = $14 returning 1) select 1 from w1"
        );
        assert!(as_one(&writes.statements, &[]).ends_with("returning 1) select 1 where false"));
    }

    #[test]
    fn rows_of_one_statement_are_sent_as_one() {
        let mut writes = Writes::default();
        for n in 1..=2 {
            writes.row("insert into a (x, y) values ", "", [n.into(), "one".into()]);
            writes.row("delete from b where (x, y) in (values ", ")", [n.into(), "two".into()]);
        }
        let statements: Vec<String> = writes.statements.iter().map(ToString::to_string).collect();
        assert_eq!(
            statements,
            [
                "insert into a (x, y) values ($1, $2), ($5, $6)",
                "delete from b where (x, y) in (values ($3, $4), ($7, $8))"
            ]
        );
        assert_eq!(writes.values.len(), 8);
    }
}
