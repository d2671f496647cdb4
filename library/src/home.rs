//! The home page: what the library tells, where it is open today, what came in and what people wait for.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    BibId, PartId, PlaceCode,
    calendar::Closure,
    home::{HOME_TITLES, HomePage, HomeTitle, MANY_WAIT},
};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    Fault, Library,
    bookshelf::running_season,
    bulletins::bulletins_on,
    catalog::parse_record,
    storage::{StorageError, Tx, fetch_all, fetch_in},
};

/// For how long the lists of titles are kept: everybody sees them first, and nobody misses a reservation of the last
/// minute in them.
const KEPT: TimeDelta = TimeDelta::seconds(60);

/// Parts that are looked at for the list of what came in: a magazine's issues, or the volumes of a work, come together
/// and are one title of it.
const LOOKED_AT: i64 = 60;

/// The lists of titles, as they were a moment ago. While they are read, whoever else wants them waits.
#[derive(Default)]
pub(crate) struct HomeTitles(Mutex<Option<(DateTime<Utc>, Arc<Titles>)>>);

/// What came in, and what people wait for.
struct Titles {
    arrived: Vec<HomeTitle>,
    wanted: Vec<HomeTitle>,
}

impl Library {
    /// The home page.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn home(&self) -> Result<HomePage, Fault> {
        let today = self.today();
        let titles = self.home_titles(today).await?;
        let mut tx = self.database().look().await?;
        let closures = closures_on(&mut tx, today).await?;
        Ok(HomePage {
            bulletins: bulletins_on(&mut tx, today).await?,
            places: self.calendar(&closures).everywhere(today),
            arrived: titles.arrived.clone(),
            wanted: titles.wanted.clone(),
            season: running_season(&mut tx, today).await?,
        })
    }

    async fn home_titles(&self, today: NaiveDate) -> Result<Arc<Titles>, Fault> {
        let now = self.now();
        let mut kept = self.kept_home().0.lock().await;
        if let Some((since, titles)) = kept.as_ref()
            && (*since..*since + KEPT).contains(&now)
        {
            return Ok(Arc::clone(titles));
        }
        let mut tx = self.database().begin_read().await?;
        let arrived = arrived(&mut tx, today).await?;
        let wanted = wanted(&mut tx).await?;
        let titles = Arc::new(Titles { arrived, wanted });
        *kept = Some((now, Arc::clone(&titles)));
        Ok(titles)
    }
}

/// What came in lately, each title once, by its latest part.
async fn arrived(tx: &mut Tx, today: NaiveDate) -> Result<Vec<HomeTitle>, StorageError> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, Uuid),
        "select id, bib_id from part where received_on is not null and received_on <= $1
             and exists (select 1 from item i where i.part_id = part.id and i.lender is null
                 and i.state not in ('missing', 'lost', 'withdrawn'))
         order by received_on desc, id desc limit $2",
        today,
        LOOKED_AT
    )?;
    let mut seen: Vec<Uuid> = Vec::new();
    let mut parts = Vec::new();
    for (part, bib) in rows {
        if !seen.contains(&bib) && parts.len() < HOME_TITLES {
            seen.push(bib);
            parts.push((PartId(part), 0));
        }
    }
    described(tx, &parts).await
}

/// For what the most people wait. Counts, of which each is on its title's page as well; never who.
async fn wanted(tx: &mut Tx) -> Result<Vec<HomeTitle>, StorageError> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, i64),
        "select part_id, count(*) from reservation where state in ('waiting', 'assigned')
         group by part_id having count(*) >= $1 order by 2 desc, 1 limit $2",
        i64::from(MANY_WAIT),
        i64::try_from(HOME_TITLES).unwrap_or(i64::MAX)
    )?;
    let parts: Vec<_> =
        rows.into_iter().map(|(part, waiting)| (PartId(part), u32::try_from(waiting).unwrap_or(u32::MAX))).collect();
    described(tx, &parts).await
}

/// The titles of these parts, in the order given.
async fn described(tx: &mut Tx, parts: &[(PartId, u32)]) -> Result<Vec<HomeTitle>, StorageError> {
    let ids: Vec<PartId> = parts.iter().map(|(part, _)| *part).collect();
    let rows = fetch_in!(
        tx,
        (Uuid, Uuid, String, String, Option<NaiveDate>),
        [
            "select p.id, b.id, b.record, p.label, p.received_on from part p join bib b on b.id = p.bib_id
             where b.merged_into is null and p.id in ",
            ""
        ],
        ids
    )?;
    let mut known: HashMap<Uuid, HomeTitle> = HashMap::with_capacity(rows.len());
    for (part, bib, record, label, received_on) in rows {
        let record = parse_record(&record)?;
        known.insert(part, HomeTitle { bib: BibId(bib), record, label, received_on, waiting: 0 });
    }
    let of = |(part, waiting): &(PartId, u32)| Some(HomeTitle { waiting: *waiting, ..known.remove(&part.0)? });
    Ok(parts.iter().filter_map(of).collect())
}

/// The emergency closures of this day, wherever they are.
async fn closures_on(tx: &mut Tx, day: NaiveDate) -> Result<Vec<Closure>, StorageError> {
    let rows = fetch_all!(
        tx,
        (String, NaiveDate, NaiveDate, String),
        "select place, from_on, until_on, reason from closure where from_on <= $1 and until_on >= $1
         order by from_on, until_on",
        day
    )?;
    let closure = |(place, from, until, reason)| Closure { place: PlaceCode(place), from, until, reason };
    Ok(rows.into_iter().map(closure).collect())
}
