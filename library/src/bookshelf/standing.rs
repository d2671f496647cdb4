//! How reading marathons stand (R29): what was noted by hand, and what an opened history brings where its patron allows it.
//!
//! The history is opened in the request that brings its key and for as long as that takes. What comes of it is shown and
//! forgotten; only whether the goal of a season was reached stays, as one word, because the library counts how many did.

use chrono::NaiveDate;
use domain::{
    HistoryEntryId, MarathonId, PatronId, ReadId,
    bookshelf::{
        HistoryEntry,
        marathon::{Entry, FromHistory, Marathon, MarathonLine, MarathonPage, MarathonsPage, Read, Stage, borrowed},
    },
    text::key as text_key,
};
use uuid::Uuid;

use super::{
    boxes::Boxed,
    marathon::{Row, marathon_in, marathon_of, number},
    seal::OpenKey,
    season::open_seasons,
};
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional, in_write},
};

type ReadRow = (Uuid, Uuid, NaiveDate, String, i64);
type Opened = Vec<(HistoryEntryId, HistoryEntry)>;

impl Library {
    /// All marathons of a patron, and the seasons they may join; with the key of their history, when it is open.
    ///
    /// # Errors
    /// When the database can't be read, or written where a goal was reached.
    pub async fn marathons(&self, patron: PatronId, key: Option<&OpenKey>) -> Result<MarathonsPage, Fault> {
        let today = self.today();
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            Row,
            "select id, season_id, name, from_on, until_on, joined_on, books, pages, drawn, from_history from marathon
             where patron_id = $1 order by until_on desc, from_on desc, id",
            patron.0
        )?;
        let marathons = rows.into_iter().map(marathon_of).collect::<Result<Vec<_>, _>>()?;
        let reads = fetch_all!(
            &mut tx,
            ReadRow,
            "select r.marathon_id, r.id, r.read_on, r.title, r.pages from marathon_read r
             join marathon m on m.id = r.marathon_id where m.patron_id = $1",
            patron.0
        )?;
        let mut seasons = open_seasons(&mut tx, today).await?;
        drop(tx);
        seasons.retain(|season| marathons.iter().all(|marathon| marathon.season != Some(season.id)));
        let opened = match key {
            Some(key) if marathons.iter().any(|marathon| marathon.aim.from_history) => {
                Some(self.opened_history(patron, key).await?)
            }
            _ => None,
        };
        let has_history = self.history_count(patron).await?.is_some();
        let mut lines = Vec::with_capacity(marathons.len());
        for marathon in marathons {
            let of = reads.iter().filter(|read| read.0 == marathon.id.0).cloned();
            let entries = of.map(entry_of).collect::<Result<Vec<_>, _>>()?;
            let history = from_history(&marathon, has_history, opened.as_ref(), &entries);
            let page = MarathonPage { today, marathon, entries, on_loan: Vec::new(), history };
            let progress = page.marathon.progress(&page.reads(), today);
            let closed = page.history == FromHistory::Closed;
            lines.push(MarathonLine { marathon: page.marathon, progress, closed });
        }
        let seen = lines.iter().filter(|line| opened.is_some() && counts_in_season(&line.marathon));
        let seen: Vec<_> = seen.map(|line| (line.marathon.id, line.progress.reached_on.is_some())).collect();
        self.note_reached(patron, &seen).await?;
        Ok(MarathonsPage { today, lines, seasons, has_history })
    }

    /// A marathon of a patron, with the key of their history, when it is open. `None` when they have none with this id,
    /// whoever else may.
    ///
    /// # Errors
    /// When the database can't be read, or written where a goal was reached.
    pub async fn marathon(
        &self,
        patron: PatronId,
        id: MarathonId,
        key: Option<&OpenKey>,
    ) -> Result<Option<MarathonPage>, Fault> {
        let today = self.today();
        let mut tx = self.database().begin_read().await?;
        let Some(marathon) = marathon_in(&mut tx, patron, id).await? else { return Ok(None) };
        let rows = fetch_all!(
            &mut tx,
            ReadRow,
            "select marathon_id, id, read_on, title, pages from marathon_read where marathon_id = $1
             order by read_on desc, id",
            id.0
        )?;
        drop(tx);
        let entries = rows.into_iter().map(entry_of).collect::<Result<Vec<_>, _>>()?;
        let opened = match key {
            Some(key) if marathon.aim.from_history => Some(self.opened_history(patron, key).await?),
            _ => None,
        };
        let has_history = self.history_count(patron).await?.is_some();
        let history = from_history(&marathon, has_history, opened.as_ref(), &entries);
        let mut page = MarathonPage { today, marathon, entries, on_loan: Vec::new(), history };
        let progress = page.marathon.progress(&page.reads(), today);
        if progress.stage == Stage::Running {
            let known: Vec<String> = page
                .entries
                .iter()
                .map(|entry| &entry.title)
                .chain(page.history.counted().map(|book| &book.title))
                .map(|title| text_key(title))
                .collect();
            page.on_loan.extend(self.loans(patron).await?.into_iter().map(|loan| loan.title));
            page.on_loan.retain(|title| !known.contains(&text_key(title)));
        }
        if opened.is_some() && counts_in_season(&page.marathon) {
            self.note_reached(patron, &[(id, progress.reached_on.is_some())]).await?;
        }
        Ok(Some(page))
    }

    /// Says of an entry of the history whether its patron read it, which counts in every marathon. The word is sealed with
    /// the rest of the entry. Answers whether there is such an entry.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn say_read(
        &self,
        patron: PatronId,
        key: &OpenKey,
        entry: HistoryEntryId,
        read: bool,
    ) -> Result<bool, Fault> {
        in_write!(self.database(), |tx| say_read_in(tx, patron, key, entry, read).await)
    }

    /// Keeps of marathons that are part of a season whether their goal was reached with what the history says.
    async fn note_reached(&self, patron: PatronId, seen: &[(MarathonId, bool)]) -> Result<(), Fault> {
        if seen.is_empty() {
            return Ok(());
        }
        let mut tx = self.database().begin_read().await?;
        let kept = fetch_all!(
            &mut tx,
            (Uuid, bool),
            "select id, reached from marathon where patron_id = $1 and from_history",
            patron.0
        )?;
        drop(tx);
        for (id, reached) in seen.iter().filter(|(id, reached)| kept.contains(&(id.0, !reached))) {
            in_write!(self.database(), |tx| execute!(
                tx,
                "update marathon set reached = $3 where id = $1 and patron_id = $2 and from_history",
                id.0,
                patron.0,
                reached
            )
            .map(|_| ())
            .map_err(Fault::from))?;
        }
        Ok(())
    }
}

/// Whether the library counts how many reached this goal, and can't tell by what was noted by hand.
const fn counts_in_season(marathon: &Marathon) -> bool {
    marathon.season.is_some() && marathon.aim.from_history
}

fn from_history(marathon: &Marathon, kept: bool, opened: Option<&Opened>, entries: &[Entry]) -> FromHistory {
    match opened {
        _ if !kept => FromHistory::NotKept,
        _ if !marathon.aim.from_history => FromHistory::NotAllowed,
        None => FromHistory::Closed,
        Some(opened) => FromHistory::Open(borrowed(opened, entries, &marathon.frame)),
    }
}

fn entry_of((_, id, day, title, pages): ReadRow) -> Result<Entry, StorageError> {
    Ok(Entry { id: ReadId(id), read: Read { day, pages: number(pages)? }, title })
}

async fn say_read_in(
    tx: &mut Tx,
    patron: PatronId,
    key: &OpenKey,
    entry: HistoryEntryId,
    read: bool,
) -> Result<bool, Fault> {
    let row = fetch_optional!(
        &mut *tx,
        (Vec<u8>,),
        "select sealed from history_entry where id = $1 and patron_id = $2
         union all select sealed from history_today where id = $1 and patron_id = $2",
        entry.0,
        patron.0
    )?;
    let Some((sealed,)) = row else { return Ok(false) };
    let boxed = Boxed { id: entry, sealed, settled: false };
    let Some((_, mut opened)) = key.entries(vec![boxed])?.entries.pop() else { return Ok(false) };
    opened.unread = !read;
    let sealed = key.sealed_anew(&opened)?;
    // In this order, as the work of the day moves it from the one to the other.
    for sql in [
        "update history_today set sealed = $3 where id = $1 and patron_id = $2",
        "update history_entry set sealed = $3 where id = $1 and patron_id = $2",
    ] {
        execute!(&mut *tx, sql, entry.0, patron.0, &sealed)?;
    }
    Ok(true)
}
