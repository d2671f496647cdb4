//! 貸出履歴 (R28) as it is kept: sealed entries, put in when something is lent, and shown when they are opened.

use domain::{
    HistoryEntryId, LoanId, PatronId,
    bookshelf::{HISTORY_PAGE, HistoryEntry, HistoryLine, HistoryView, sheet::guarded},
};
use rand::seq::SliceRandom as _;
use uuid::Uuid;

use super::{
    boxes::{Boxed, SealedAnew, sealed_entry},
    lists::lock,
    seal::OpenKey,
};
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, Writes, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

/// What can be said of a history that is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct HistoryCount {
    /// Whether loans are being kept.
    pub keeping: bool,
    /// How many sealed entries there are.
    pub sealed_entries: i64,
}

impl Library {
    /// The history as its page shows it, with the key that was opened, when one was.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn history(&self, patron: PatronId, key: Option<&OpenKey>, page: usize) -> Result<HistoryView, Fault> {
        let Some(count) = self.history_count(patron).await? else { return Ok(HistoryView::Off) };
        let keeping = count.keeping;
        let Some(key) = key else { return Ok(HistoryView::Closed { keeping }) };
        let entries = self.opened_history(patron, key).await?;
        let total = entries.len();
        let page = page.clamp(1, total.div_ceil(HISTORY_PAGE).max(1));
        let lines = entries.into_iter().skip((page - 1) * HISTORY_PAGE).take(HISTORY_PAGE);
        let lines = lines.map(|(id, entry)| HistoryLine { id, entry }).collect();
        Ok(HistoryView::Open { keeping, lines, total, page })
    }

    /// All entries that the key opens, the latest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn opened_history(
        &self,
        patron: PatronId,
        key: &OpenKey,
    ) -> Result<Vec<(HistoryEntryId, HistoryEntry)>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (Uuid, Vec<u8>, bool),
            "select id, sealed, true from history_entry where patron_id = $1
             union all select id, sealed, false from history_today where patron_id = $1",
            patron.0
        )?;
        drop(tx);
        let key = key.clone();
        // Some thousands take longer than a request may hold a thread of the others.
        let opened = tokio::task::spawn_blocking(move || {
            let boxed = |(id, sealed, settled)| Boxed { id: HistoryEntryId(id), sealed, settled };
            key.entries(rows.into_iter().map(boxed).collect())
        })
        .await??;
        if !opened.anew.is_empty()
            && let Err(error) = self.put_anew(patron, &opened.anew).await
        {
            // They open all the same, only not as fast.
            tracing::warn!(%error, "entries of a history could not be sealed anew");
        }
        let mut entries = opened.entries;
        entries.sort_by(|(a_id, a), (b_id, b)| (b.lent_on, &a.title, a_id).cmp(&(a.lent_on, &b.title, b_id)));
        Ok(entries)
    }

    /// Puts boxes in the place of those they were made from, where these are still there.
    async fn put_anew(&self, patron: PatronId, anew: &[SealedAnew]) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            for SealedAnew { id, was, now } in anew {
                execute!(
                    &mut *tx,
                    "update history_entry set sealed = $4 where id = $1 and patron_id = $2 and sealed = $3",
                    id.0,
                    patron.0,
                    was,
                    now
                )?;
            }
            Ok::<_, Fault>(())
        }
        .await)
    }

    /// The history as CSV in UTF-8, as the patron opened it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn history_as_csv(&self, patron: PatronId, key: &OpenKey) -> Result<String, Fault> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let failed = |error: csv::Error| Fault::Sheet(error.to_string());
        writer.write_record(["貸出日", "書名", "著者など", "ページ数", "書誌ID"]).map_err(failed)?;
        for (_, entry) in self.opened_history(patron, key).await? {
            let pages = entry.pages.map(|pages| pages.to_string()).unwrap_or_default();
            let (title, creators) = (guarded(&entry.title), guarded(&entry.creators));
            let (day, bib) = (entry.lent_on.to_string(), entry.bib.to_string());
            writer.write_record([day.as_str(), &title, &creators, &pages, &bib]).map_err(failed)?;
        }
        let bytes = writer.into_inner().map_err(|error| Fault::Sheet(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| Fault::Sheet(error.to_string()))?;
        Ok(format!("\u{FEFF}{text}"))
    }

    /// Whether a patron has a history, and what can be said of it while it is closed.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn history_count(&self, patron: PatronId) -> Result<Option<HistoryCount>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(&mut tx, (bool,), "select keeping from history_key where patron_id = $1", patron.0)?;
        let Some((keeping,)) = row else { return Ok(None) };
        let (sealed_entries,) = fetch_one!(
            &mut tx,
            (i64,),
            "select (select count(*) from history_entry where patron_id = $1)
                 + (select count(*) from history_today where patron_id = $1)",
            patron.0
        )?;
        Ok(Some(HistoryCount { keeping, sealed_entries }))
    }

    /// 利用しない from now on. What is kept stays, and can still be opened and deleted.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn stop_history(&self, patron: PatronId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            execute!(tx, "update history_key set keeping = false where patron_id = $1", patron.0)?;
            Ok::<_, Fault>(())
        }
        .await)
    }

    /// Deletes one entry. Answers whether it was there.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_history_entry(&self, patron: PatronId, entry: HistoryEntryId) -> Result<bool, Fault> {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let mut deleted = 0;
            for sql in [
                "delete from history_today where id = $1 and patron_id = $2",
                "delete from history_entry where id = $1 and patron_id = $2",
            ] {
                deleted += execute!(&mut *tx, sql, entry.0, patron.0)?;
            }
            Ok::<_, Fault>(deleted > 0)
        }
        .await)
    }

    /// Deletes all entries. Whether loans go on being kept stays as it is.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_history(&self, patron: PatronId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            Ok::<_, Fault>(delete_entries(tx, patron).await?)
        }
        .await)
    }

    /// Deletes all entries and the key: 利用しない, as if it had never been otherwise. It is also the way to begin anew when
    /// neither password nor recovery code opens it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn end_history(&self, patron: PatronId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            Ok::<_, Fault>(erase_history(tx, patron).await?)
        }
        .await)
    }

    /// Puts entries of earlier days, which can't be undone any more, where nothing ties them to their loan, in an order drawn
    /// at random. Answers how many. They are taken before they are put: whoever deletes meanwhile waits for the row that is
    /// taken and finds it where it was put.
    pub(crate) async fn settle_history(&self) -> Result<u64, Fault> {
        let today = self.today();
        in_write!(self.database(), |tx| async {
            let mut rows = fetch_all!(
                &mut *tx,
                (Uuid, Uuid, Vec<u8>),
                "delete from history_today where day < $1 returning id, patron_id, sealed",
                today
            )?;
            rows.shuffle(&mut rand::rng());
            for (id, patron, sealed) in &rows {
                execute!(
                    &mut *tx,
                    "insert into history_entry (id, patron_id, sealed) values ($1, $2, $3)",
                    id,
                    patron,
                    sealed
                )?;
            }
            Ok::<_, Fault>(u64::try_from(rows.len()).unwrap_or_default())
        }
        .await)
    }

    /// Adds the entry of a loan to what is written with it, when its patron keeps a history. The box is made here, so that
    /// the database never sees what is in it.
    pub(crate) async fn keep_in_history(
        &self,
        tx: &mut Tx,
        writes: &mut Writes,
        patron: PatronId,
        loan: LoanId,
        entry: &HistoryEntry,
    ) -> Result<(), Fault> {
        let row = fetch_optional!(
            tx,
            (Vec<u8>,),
            "select public_key from history_key where patron_id = $1 and keeping",
            patron.0
        )?;
        let Some((public,)) = row else { return Ok(()) };
        let sealed = sealed_entry(&public, patron, entry)?;
        writes.add(
            "insert into history_today (loan_id, id, patron_id, day, sealed) values ($1, $2, $3, $4, $5)",
            [loan.0.into(), Uuid::new_v4().into(), patron.0.into(), self.today().into(), sealed.into()],
        );
        Ok(())
    }
}

/// The loan was never made.
pub(crate) async fn forget_loan(tx: &mut Tx, loan: LoanId) -> Result<(), StorageError> {
    execute!(tx, "delete from history_today where loan_id = $1", loan.0).map(|_| ())
}

/// Erases all of a patron's history, under the patron's lock: who lends to them at the same time comes before or after.
pub(crate) async fn erase_history(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    delete_entries(tx, patron).await?;
    execute!(tx, "delete from history_key where patron_id = $1", patron.0).map(|_| ())
}

/// First where the work of the day takes entries from, then where it puts them.
async fn delete_entries(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    execute!(&mut *tx, "delete from history_today where patron_id = $1", patron.0)?;
    execute!(tx, "delete from history_entry where patron_id = $1", patron.0).map(|_| ())
}
