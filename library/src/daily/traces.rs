//! What the engines themselves remember of a transaction, when all that we wrote of it is forgotten.

use std::time::Duration;

use crate::{
    Fault, Library,
    storage::{Database, execute, fetch_one, fetch_optional, in_write},
};

/// Where `meta` keeps up to which transaction rows were written anew.
const UP_TO: &str = "traces";

/// How often SQLite is asked to empty its log, and how long is waited in between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// What stands beside a patron and is written in one transaction with an event. PostgreSQL keeps with each row which transaction
/// wrote it (`xmin`) or locked it (`xmax`), so that the patron's row could be laid beside the event's. These are written anew, a
/// table in one transaction, those that were touched since the last time.
const BESIDE_PATRONS: [&str; 9] = [
    "update patron set revision = revision where age(xmin) <= $1 or xmax::text <> '0'",
    "update audit set deed = deed where age(xmin) <= $1 or xmax::text <> '0'",
    "update ordered_set set made_at = made_at where age(xmin) <= $1 or xmax::text <> '0'",
    "update set_gap set set_ordinal = set_ordinal where age(xmin) <= $1 or xmax::text <> '0'",
    "update cart set ordered = ordered where age(xmin) <= $1 or xmax::text <> '0'",
    "update cart_line set place = place where age(xmin) <= $1 or xmax::text <> '0'",
    "update op set at = at where age(xmin) <= $1 or xmax::text <> '0'",
    "update sent_mail set sent_at = sent_at where age(xmin) <= $1 or xmax::text <> '0'",
    "update late_scan set lent = lent where age(xmin) <= $1 or xmax::text <> '0'",
];

impl Library {
    /// Wipes out what the engine remembers. What it can't be made to forget stands in docs/privacy.md.
    pub(super) async fn wipe_traces(&self) -> Result<(), Fault> {
        match self.database() {
            Database::Postgres(_) => self.write_anew().await,
            Database::Sqlite { .. } => self.empty_log().await,
        }
    }

    async fn write_anew(&self) -> Result<(), Fault> {
        let mut tx = self.database().begin_read().await?;
        // Before the first that is still at work: what it writes is seen the next time.
        let (now,) = fetch_one!(&mut tx, (i64,), "select txid_snapshot_xmin(txid_current_snapshot())")?;
        let before = fetch_optional!(&mut tx, (String,), "select value from meta where key = $1", UP_TO)?;
        drop(tx);
        let before = before.and_then(|(value,)| value.parse::<i64>().ok());
        for sql in BESIDE_PATRONS {
            in_write!(self.database(), |tx| async {
                let (current,) = fetch_one!(&mut *tx, (i64,), "select txid_current()")?;
                // Where that was of another server's counting, everything is written anew.
                let since = before.filter(|before| *before <= current).map_or(i64::MAX, |before| current - before);
                Ok::<_, Fault>(execute!(tx, sql, i32::try_from(since).unwrap_or(i32::MAX))?)
            }
            .await)?;
        }
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
            UP_TO,
            now.to_string()
        )
        .map_err(Fault::from))?;
        Ok(())
    }

    async fn empty_log(&self) -> Result<(), Fault> {
        for _ in 0..TRIES {
            if self.database().empty_log().await? {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::warn!("the database's log could not be emptied: somebody was reading all the time");
        Ok(())
    }
}
