//! Seasons of the library that patrons may join, and the only thing the library learns of them: how many.

use chrono::NaiveDate;
use domain::{
    SeasonId,
    bookshelf::marathon::{Frame, MarathonForm, MarathonProblem, Season, SeasonFigures, read_season},
};
use uuid::Uuid;

use super::marathon::number;
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional, in_write},
};

type Row = (Uuid, String, NaiveDate, NaiveDate, i64);

impl Library {
    /// The seasons, the latest first, each with how many joined and how many reached their goal by what they noted or by their
    /// history. The numbers are counted where the rows lie: nothing that says who comes out of the database.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn seasons(&self) -> Result<Vec<SeasonFigures>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (Uuid, String, NaiveDate, NaiveDate, i64, i64, i64),
            "select s.id, s.name, s.from_on, s.until_on, s.books,
                 (select count(*) from marathon m where m.season_id = s.id),
                 (select count(*) from marathon m where m.season_id = s.id and (m.reached or (
                     m.books <= (select count(*) from marathon_read r
                         where r.marathon_id = m.id and r.read_on >= m.from_on and r.read_on <= m.until_on)
                     and (m.pages is null or m.pages <= (select coalesce(sum(r.pages), 0) from marathon_read r
                         where r.marathon_id = m.id and r.read_on >= m.from_on and r.read_on <= m.until_on)))))
             from season s order by s.until_on desc, s.id"
        )?;
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        rows.into_iter()
            .map(|(id, name, from, until, books, joined, finished)| {
                let season = season_of((id, name, from, until, books))?;
                Ok(SeasonFigures::of(season, count(joined), count(finished)))
            })
            .collect()
    }

    /// Makes a season. The id comes with the request, so that the same request makes one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_season(
        &self,
        id: SeasonId,
        form: &MarathonForm,
    ) -> Result<Result<(), Vec<MarathonProblem>>, Fault> {
        let (frame, books) = match read_season(form, self.today(), None) {
            Ok(season) => season,
            Err(problems) => return Ok(Err(problems)),
        };
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into season (id, name, from_on, until_on, books) values ($1, $2, $3, $4, $5)
             on conflict (id) do nothing",
            id.0,
            frame.name.as_str(),
            frame.from,
            frame.until,
            i64::from(books)
        )
        .map(|_| Ok(()))
        .map_err(Fault::from))
    }

    /// Changes a season, as far as it may be changed; name and days of those who joined go along.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn change_season(
        &self,
        id: SeasonId,
        form: &MarathonForm,
    ) -> Result<Result<(), Vec<MarathonProblem>>, Fault> {
        in_write!(self.database(), |tx| async {
            let row = fetch_optional!(
                &mut *tx,
                Row,
                "update season set name = name where id = $1 returning id, name, from_on, until_on, books",
                id.0
            )?;
            let Some(was) = row.map(season_of).transpose()? else {
                return Ok::<_, Fault>(Err(vec![MarathonProblem::Gone]));
            };
            let (frame, books) = match read_season(form, self.today(), Some(&was)) {
                Ok(season) => season,
                Err(problems) => return Ok(Err(problems)),
            };
            let (name, from, until) = (frame.name.as_str(), frame.from, frame.until);
            execute!(
                &mut *tx,
                "update season set name = $2, from_on = $3, until_on = $4, books = $5 where id = $1",
                id.0,
                name,
                from,
                until,
                i64::from(books)
            )?;
            execute!(
                &mut *tx,
                "update marathon set name = $2, from_on = $3, until_on = $4 where season_id = $1",
                id.0,
                name,
                from,
                until
            )?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Withdraws a season. Who joined keeps it as a marathon of their own.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remove_season(&self, id: SeasonId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(tx, "delete from season where id = $1", id.0)
            .map(|_| ())
            .map_err(Fault::from))
    }
}

fn season_of((id, name, from, until, books): Row) -> Result<Season, StorageError> {
    Ok(Season { id: SeasonId(id), frame: Frame { name, from, until }, books: number(books)? })
}

/// The seasons that are not over, the next to end first.
pub(super) async fn open_seasons(tx: &mut Tx, today: NaiveDate) -> Result<Vec<Season>, StorageError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select id, name, from_on, until_on, books from season where until_on >= $1 order by until_on, id",
        today
    )?;
    rows.into_iter().map(season_of).collect()
}

/// The season that runs on this day, the next to end before others.
pub(crate) async fn running_season(tx: &mut Tx, today: NaiveDate) -> Result<Option<Season>, StorageError> {
    let open = open_seasons(tx, today).await?;
    Ok(open.into_iter().find(|season| season.frame.from <= today))
}

/// A season, unless it is over. Whoever changes it waits until it is joined.
pub(super) async fn season_to_join(
    tx: &mut Tx,
    id: SeasonId,
    today: NaiveDate,
) -> Result<Option<Season>, StorageError> {
    let row = fetch_optional!(
        tx,
        Row,
        "update season set name = name where id = $1 and until_on >= $2 returning id, name, from_on, until_on, books",
        id.0,
        today
    )?;
    row.map(season_of).transpose()
}
