//! A believable library of any size, out of a seed.
//!
//! Titles come in by the library's own import. Patrons, loans, reservations and events are written directly, since one use case
//! after the other would take hours for a million titles.

mod circulation;
mod people;
mod skew;
mod titles;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use domain::PlaceCode;
use library::{
    Clock, Library,
    catalog::search::SearchIndex,
    storage::{Database, Tx},
};
use server::{config::Settings, terminal};

use self::{circulation::Circulation, titles::Titles};
use crate::{failure::Failure, sql::fetch_all, words::Words};

/// The source the titles come from.
const SOURCE: &str = "grown";

/// Titles of one transaction.
const BATCH: usize = 1000;
/// Bibs whose indexing takes long enough to disturb what is measured.
const NOTICED: usize = 5_000;
/// How long after the last change everything is known to be in the index.
const REST: Duration = Duration::from_secs(62);

/// How large the library is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// Titles.
    pub(crate) bibs: usize,
    /// Card holders.
    pub(crate) patrons: usize,
    /// What everything is drawn by.
    pub(crate) seed: u64,
}

/// What was grown, and what it took.
#[derive(Clone, Debug)]
pub(crate) struct Grown {
    /// As it was ordered.
    pub(crate) size: Size,
    /// Copies.
    pub(crate) items: u64,
    /// Loans, reservations, events.
    pub(crate) circulation: Circulation,
    /// Taking the titles in, by the library's own import.
    pub(crate) import: Duration,
    /// Writing patrons, loans, reservations and events.
    pub(crate) fill: Duration,
    /// Building the search index.
    pub(crate) index: Duration,
    /// The work of a day, of which most is there to be done on the first.
    pub(crate) day: Duration,
    /// Joining the segments of the search index.
    pub(crate) tidying: Duration,
    /// Bytes of the database, on SQLite with its log.
    pub(crate) database_bytes: u64,
    /// Bytes of the search index.
    pub(crate) index_bytes: u64,
}

/// Grows a library into the database of these settings, which has to be empty.
///
/// The same seed gives the same library on the same day: moments lie before today, and ids of titles, parts and copies are
/// made by the library.
///
/// # Errors
/// When the database holds a library, or can't be written.
pub(crate) async fn grow(settings: &Settings, words: &Words, size: Size) -> Result<Grown, Failure> {
    for folder in [settings.server.data_dir.clone(), settings.server.search_dir()] {
        std::fs::create_dir_all(&folder).map_err(|error| Failure::File { path: folder, error })?;
    }
    let database = Database::open(&settings.server.database_url()).await?;
    database.migrate().await?;
    let index = SearchIndex::open(&settings.server.search_dir())?;
    let library = Library::new(database, settings.policy.clone(), index, Clock::System)?;
    if count(&library, "select (select count(*) from bib) + (select count(*) from patron)").await? > 0 {
        return Err(Failure::NotEmpty);
    }
    terminal::note(format_args!("Growing {} titles of the words of {} …", size.bibs, words.source));
    let begun = Instant::now();
    let items = import(&library, words, size).await?;
    let import = begun.elapsed();

    let begun = Instant::now();
    let patrons = people::people(&library, words, size.seed, size.patrons).await?;
    let circulation = circulation::circulation(&library, size.seed, &patrons).await?;
    library.database().refresh_statistics().await?;
    let fill = begun.elapsed();

    let begun = Instant::now();
    library.feed_search().await?;
    let index = begun.elapsed();

    let begun = Instant::now();
    library.daily_once().await?;
    let day = begun.elapsed();
    // A library that opens its doors has come to rest: what the day has touched is indexed, and the index has been tidied. Of a
    // small one nobody would notice.
    library.feed_search().await?;
    if size.bibs >= NOTICED {
        tokio::time::sleep(REST).await;
    }
    let begun = Instant::now();
    library.feed_search().await?;
    let tidying = begun.elapsed();
    let database_bytes = database_bytes(&library, settings).await?;
    library.database().close().await;
    drop(library);
    Ok(Grown {
        size,
        items,
        circulation,
        import,
        fill,
        index,
        day,
        tidying,
        database_bytes,
        index_bytes: bytes_of(&settings.server.search_dir()),
    })
}

/// Takes the titles in; answers how many copies they have.
async fn import(library: &Library, words: &Words, size: Size) -> Result<u64, Failure> {
    let stocked = library.policy().places.iter().filter(|place| place.holds_stock);
    let branches: Vec<PlaceCode> = stocked.map(|place| place.code.clone()).collect();
    let mut titles = Titles::new(words, size.seed, size.bibs, branches, library.today());
    let mut items = 0;
    loop {
        let batch = titles.take(BATCH);
        if batch.is_empty() {
            return Ok(items);
        }
        let counts = library.import(SOURCE, &batch).await?;
        items += counts.items_added;
        if let Some((key, refusal)) = counts.rejected.first() {
            return Err(Failure::Refused { key: key.clone(), why: refusal.to_string() });
        }
    }
}

/// A number that SQL counts.
async fn count(library: &Library, sql: &'static str) -> Result<i64, Failure> {
    let mut tx: Tx = library.database().begin_read().await?;
    let rows = fetch_all!(&mut tx, (i64,), sql)?;
    Ok(rows.first().map_or(0, |(count,)| *count))
}

async fn database_bytes(library: &Library, settings: &Settings) -> Result<u64, Failure> {
    match library.database() {
        Database::Postgres(_) => {
            Ok(u64::try_from(count(library, "select pg_database_size(current_database())").await?).unwrap_or(0))
        }
        Database::Sqlite { .. } => {
            let file = settings.server.database_url().trim_start_matches("sqlite:").to_owned();
            let size = |path: &str| std::fs::metadata(path).map_or(0, |file| file.len());
            Ok(size(&file) + size(&format!("{file}-wal")))
        }
    }
}

/// Bytes of all files in a folder and in those within it; what can't be read counts nothing.
fn bytes_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => bytes_of(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use server::config::Overrides;

    use super::*;

    /// What of a grown library does not depend on the ids its import makes.
    async fn traits(folder: PathBuf, seed: u64) -> (Vec<(String, String)>, Vec<(String, i64)>) {
        let overrides = Overrides { data_dir: Some(folder), ..Overrides::default() };
        let settings = Settings::load(None, overrides).expect("sound settings");
        let words = Words::read(Path::new("nowhere")).expect("the demo's words");
        let size = Size { bibs: 600, patrons: 300, seed };
        let grown = grow(&settings, &words, size).await.expect("grown");
        assert!(grown.circulation.loans > 50 && grown.circulation.reservations > 50, "{grown:?}");
        assert!(matches!(grow(&settings, &words, size).await, Err(Failure::NotEmpty)));
        let database = Database::open(&settings.server.database_url()).await.expect("a database");
        let index = SearchIndex::in_ram().expect("an index");
        let library = Library::new(database, settings.policy, index, Clock::System).expect("a library");
        let report = library.check().await.expect("read");
        assert!(report.wrong.is_empty() && report.odd.is_empty(), "{:?} {:?}", report.wrong, report.odd);
        let mut tx = library.database().begin_read().await.expect("a transaction");
        let mut read = async || -> Result<_, Failure> {
            let titles =
                fetch_all!(&mut tx, (String, String), "select source_key, record from bib order by source_key")?;
            let sql = "select i.barcode || ' ' || i.state || ' ' || coalesce(p.card_number, ''),
                           (select count(*) from reservation r where r.part_id = i.part_id and r.state = 'waiting')
                       from item i left join loan l on l.item_id = i.id and l.returned_at is null
                       left join patron p on p.id = l.patron_id order by i.barcode";
            Ok((titles, fetch_all!(&mut tx, (String, i64), sql)?))
        };
        read().await.expect("read")
    }

    #[tokio::test]
    async fn nothing_is_wrong_with_it_and_a_seed_says_all() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, again, other] =
            [("one", 1), ("again", 1), ("other", 2)].map(|(name, seed)| traits(folder.path().join(name), seed));
        let (one, again, other) = (one.await, again.await, other.await);
        assert_eq!(one, again);
        assert_ne!(one, other);
    }
}
