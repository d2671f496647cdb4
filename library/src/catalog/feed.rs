//! Keeping the search index up to what the database says.
//!
//! The index has a cursor: the latest change it has seen. A transaction that began earlier may commit later, so
//! each pass looks a window further back than the cursor and drops what it has handed on already. What was handed on is
//! known to this process only; so when nothing has changed for longer than the window, and nobody can still be at work in it,
//! the cursor moves on behind it, and the next process has nothing to do twice. That is also the time to tidy the index.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{BibId, PlaceCode};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::titles::parse_record;
use crate::{
    Fault, Library,
    catalog::search::{IndexedBib, SearchIndex},
    storage::{StorageError, Tx, fetch_all, fetch_in},
};

/// How far before the cursor a pass looks; writers are kept well under half of it.
const WINDOW: TimeDelta = TimeDelta::seconds(60);

/// The least by which moments differ in both engines.
const TICK: TimeDelta = TimeDelta::microseconds(1);

/// The source of titles the library does not own, entered for a patron.
pub(crate) const REQUESTS: &str = "request";

/// How many bibs are read and handed to the index at once.
const CHUNK: usize = 1000;

/// What of the window was handed to the index already: bib and the moment of its change. The lock also keeps two
/// passes from running at once.
pub(crate) type Fed = Mutex<HashMap<Uuid, DateTime<Utc>>>;

impl Library {
    /// Brings the search index up to what the database says. Answers whether anything had changed.
    ///
    /// # Errors
    /// When the database can't be read or the index can't be written.
    pub async fn feed_search(&self) -> Result<bool, Fault> {
        let mut fed = self.fed().lock().await;
        let cursor = self.search_index().cursor()?.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        let from = cursor.map_or(DateTime::UNIX_EPOCH, |at| at.to_utc() - WINDOW);
        let mut tx = self.database().begin_read().await?;
        let changes = fetch_all!(
            &mut tx,
            (Uuid, DateTime<Utc>),
            "select id, changed_at from bib where changed_at >= $1 order by changed_at",
            from
        )?;
        let Some((_, latest)) = changes.last().copied() else { return Ok(false) };
        let new: Vec<_> = changes.into_iter().filter(|(id, at)| fed.get(id) != Some(at)).collect();
        for chunk in new.chunks(CHUNK) {
            let ids: Vec<BibId> = chunk.iter().map(|(id, _)| BibId(*id)).collect();
            let (bibs, gone) = indexed(&mut tx, &ids).await?;
            on_index(self.search_index(), move |index| index.replace(&bibs, &gone)).await?;
        }
        if new.is_empty() {
            if latest + WINDOW < self.now() {
                // Joining may take a minute, in which nobody is to be held up by what was read.
                drop(tx);
                if let Err(error) = on_index(self.search_index(), SearchIndex::join_segments).await {
                    tracing::info!(error = %error, "the search index is tidied later");
                    return Ok(false);
                }
                let behind = latest + WINDOW + TICK;
                on_index(self.search_index(), move |index| index.commit(&behind.to_rfc3339())).await?;
                *fed = HashMap::new();
            }
            return Ok(false);
        }
        on_index(self.search_index(), move |index| index.commit(&latest.to_rfc3339())).await?;
        fed.extend(new);
        fed.retain(|_, at| *at >= latest - WINDOW);
        Ok(true)
    }

    /// How many titles the search index holds.
    pub fn indexed_titles(&self) -> u64 {
        self.search_index().documents()
    }
}

/// Runs work of the index off the threads that serve requests.
async fn on_index<E: Into<Fault> + Send + 'static>(
    index: Arc<SearchIndex>,
    work: impl FnOnce(&SearchIndex) -> Result<(), E> + Send + 'static,
) -> Result<(), Fault> {
    tokio::task::spawn_blocking(move || work(&index)).await?.map_err(Into::into)
}

/// What the index is to know of these bibs, and which of them it is not to show.
async fn indexed(tx: &mut Tx, ids: &[BibId]) -> Result<(Vec<IndexedBib>, Vec<BibId>), StorageError> {
    let rows = fetch_in!(
        &mut *tx,
        (Uuid, String, Option<Uuid>, String),
        ["select id, record, merged_into, source from bib where id in ", ""],
        ids
    )?;
    let mut stock = stock_of(tx, ids).await?;
    let mut bibs = Vec::with_capacity(rows.len());
    let mut gone = Vec::new();
    for (id, record, merged_into, source) in rows {
        let (branches, part_labels) = stock.remove(&id).unwrap_or_default();
        // What staff entered for one patron is nobody else's affair until the library owns it.
        if merged_into.is_some() || (source == REQUESTS && branches.is_empty()) {
            gone.push(BibId(id));
            continue;
        }
        bibs.push(IndexedBib { id: BibId(id), record: parse_record(&record)?, branches, part_labels });
    }
    Ok((bibs, gone))
}

type Stock = (Vec<PlaceCode>, Vec<String>);

/// The branches that have a copy, and the labels of the parts, by bib.
async fn stock_of(tx: &mut Tx, ids: &[BibId]) -> Result<HashMap<Uuid, Stock>, StorageError> {
    let rows = fetch_in!(
        tx,
        (Uuid, String, Option<String>),
        [
            "select distinct p.bib_id, p.label, i.branch from part p
             left join item i on i.part_id = p.id and i.lender is null and i.state not in ('missing', 'lost', 'withdrawn')
             where p.bib_id in ",
            ""
        ],
        ids
    )?;
    let mut stock: HashMap<Uuid, Stock> = HashMap::new();
    for (bib, label, branch) in rows {
        let (branches, labels) = stock.entry(bib).or_default();
        if let Some(branch) = branch.map(PlaceCode)
            && !branches.contains(&branch)
        {
            branches.push(branch);
        }
        if !label.is_empty() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    Ok(stock)
}
