//! Searches by Tantivy and nothing else, and by the library without the web.

use std::time::{Duration, Instant};

use domain::{
    BibId,
    catalog::{PAGE_SIZE, SearchQuery},
};
use library::{Library, catalog::search::SearchIndex, storage::Tx};
use uuid::Uuid;

use crate::{client::Took, failure::Failure, sql::fetch_all};

/// Tantivy's best hits for each of these searches again and again for that long, and the records they stand for, read by their
/// key.
///
/// # Errors
/// When index or database can't be read.
pub(crate) async fn bare(
    library: &Library,
    index: &SearchIndex,
    queries: &[&SearchQuery],
    time: Duration,
) -> Result<Took, Failure> {
    let begun = Instant::now();
    let mut each = Vec::new();
    for query in queries.iter().cycle().take_while(|_| begun.elapsed() < time) {
        let asked = Instant::now();
        let (_, ids) = index.best(&query.q, query.page.saturating_sub(1) * PAGE_SIZE, PAGE_SIZE)?;
        records(library, &ids).await?;
        each.push(asked.elapsed());
    }
    Ok(Took::of(begun.elapsed(), each))
}

/// The same searches by the library: narrowed, counted, ordered, with the state of the copies.
///
/// # Errors
/// When index or database can't be read.
pub(crate) async fn ours(library: &Library, queries: &[&SearchQuery], time: Duration) -> Result<Took, Failure> {
    let begun = Instant::now();
    let mut each = Vec::new();
    for query in queries.iter().cycle().take_while(|_| begun.elapsed() < time) {
        let asked = Instant::now();
        library.search(query).await?;
        each.push(asked.elapsed());
    }
    Ok(Took::of(begun.elapsed(), each))
}

/// Loads the documents, which lie in the database and not in the index.
async fn records(library: &Library, ids: &[BibId]) -> Result<usize, Failure> {
    if ids.is_empty() {
        return Ok(0);
    }
    let id = |n: usize| ids.get(n).map_or_else(Uuid::nil, |id| id.0);
    let mut tx: Tx = library.database().begin_read().await?;
    let rows = fetch_all!(
        &mut tx,
        (Uuid, String),
        "select id, record from bib where id in
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)",
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
    )?;
    Ok(rows.len())
}
