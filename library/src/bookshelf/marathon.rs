//! 読書マラソン: setting a goal, and noting what was read towards it (R29).

use chrono::NaiveDate;
use domain::{
    MarathonId, PatronId, ReadId, SeasonId,
    bookshelf::marathon::{
        Aim, Frame, MAX_MARATHONS, MAX_READS, Marathon, MarathonForm, MarathonProblem, ReadForm, Season, read_aim,
        read_frame, read_read,
    },
};
use uuid::Uuid;

use super::{lists::lock, season::season_to_join};
use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_one, fetch_optional, in_write},
};

type Problems = Vec<MarathonProblem>;

impl Library {
    /// Begins a marathon, or joins a season. The id comes with the request, so that the same request makes one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn begin_marathon(
        &self,
        patron: PatronId,
        id: MarathonId,
        form: &MarathonForm,
    ) -> Result<Result<(), Problems>, Fault> {
        in_write!(self.database(), |tx| self.begin_in(tx, patron, id, form).await)
    }

    async fn begin_in(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        id: MarathonId,
        form: &MarathonForm,
    ) -> Result<Result<(), Problems>, Fault> {
        lock(tx, patron).await?;
        if marathon_in(tx, patron, id).await?.is_some() {
            return Ok(Ok(()));
        }
        let (count,) = fetch_one!(&mut *tx, (i64,), "select count(*) from marathon where patron_id = $1", patron.0)?;
        if reached(count, MAX_MARATHONS) {
            return Ok(Err(vec![MarathonProblem::TooMany]));
        }
        let joined = match form.season.as_str() {
            "" => None,
            season => match self.season_for(tx, patron, season).await? {
                Ok(season) => Some(season),
                Err(problem) => return Ok(Err(vec![problem])),
            },
        };
        let frame = match &joined {
            Some(season) => Ok(season.frame.clone()),
            None => read_frame(form, self.today(), None),
        };
        let (frame, aim) = match both(frame, read_aim(form)) {
            Ok(both) => both,
            Err(problems) => return Ok(Err(problems)),
        };
        execute!(
            tx,
            "insert into marathon (id, patron_id, season_id, name, from_on, until_on, joined_on, books, pages, drawn,
                 from_history, reached)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, false)",
            id.0,
            patron.0,
            joined.map(|season| season.id.0),
            frame.name.as_str(),
            frame.from,
            frame.until,
            self.today(),
            i64::from(aim.books),
            aim.pages.map(i64::from),
            aim.drawn.as_str(),
            aim.from_history
        )?;
        Ok(Ok(()))
    }

    /// The season a patron wants to join, if they may.
    async fn season_for(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        id: &str,
    ) -> Result<Result<Season, MarathonProblem>, Fault> {
        let Ok(id) = id.parse::<SeasonId>() else { return Ok(Err(MarathonProblem::SeasonGone)) };
        let Some(season) = season_to_join(tx, id, self.today()).await? else {
            return Ok(Err(MarathonProblem::SeasonGone));
        };
        let joined = fetch_optional!(
            tx,
            (Uuid,),
            "select id from marathon where patron_id = $1 and season_id = $2",
            patron.0,
            id.0
        )?;
        Ok(if joined.is_some() { Err(MarathonProblem::Joined) } else { Ok(season) })
    }

    /// Sets another goal. What was noted stays; name and days of a season stay as well.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn change_marathon(
        &self,
        patron: PatronId,
        id: MarathonId,
        form: &MarathonForm,
    ) -> Result<Result<(), Problems>, Fault> {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let Some(was) = marathon_in(tx, patron, id).await? else {
                return Ok::<_, Fault>(Err(vec![MarathonProblem::Gone]));
            };
            let frame = match was.season {
                Some(_) => Ok(was.frame),
                None => read_frame(form, self.today(), Some(&was.frame)),
            };
            let (frame, aim) = match both(frame, read_aim(form)) {
                Ok(both) => both,
                Err(problems) => return Ok(Err(problems)),
            };
            execute!(
                tx,
                "update marathon set name = case when season_id is null then $3 else name end,
                     from_on = case when season_id is null then $4 else from_on end,
                     until_on = case when season_id is null then $5 else until_on end,
                     books = $6, pages = $7, drawn = $8, from_history = $9, reached = false
                 where id = $1 and patron_id = $2",
                id.0,
                patron.0,
                frame.name.as_str(),
                frame.from,
                frame.until,
                i64::from(aim.books),
                aim.pages.map(i64::from),
                aim.drawn.as_str(),
                aim.from_history
            )?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Deletes a marathon with all that was noted in it.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_marathon(&self, patron: PatronId, id: MarathonId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "delete from marathon where id = $1 and patron_id = $2",
            id.0,
            patron.0
        )
        .map(|_| ())
        .map_err(Fault::from))
    }

    /// Notes a book. The id comes with the request, so that the same request notes one.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn enter_read(
        &self,
        patron: PatronId,
        marathon: MarathonId,
        id: ReadId,
        form: &ReadForm,
    ) -> Result<Result<(), Problems>, Fault> {
        in_write!(self.database(), |tx| async {
            lock(tx, patron).await?;
            let Some(of) = marathon_in(tx, patron, marathon).await? else {
                return Ok::<_, Fault>(Err(vec![MarathonProblem::Gone]));
            };
            let new = match read_read(form, self.today(), &of.frame) {
                Ok(new) => new,
                Err(problems) => return Ok(Err(problems)),
            };
            let (count,) = fetch_one!(
                &mut *tx,
                (i64,),
                "select count(*) from marathon_read where marathon_id = $1 and id <> $2",
                marathon.0,
                id.0
            )?;
            if reached(count, MAX_READS) {
                return Ok(Err(vec![MarathonProblem::TooManyReads]));
            }
            execute!(
                tx,
                "insert into marathon_read (id, marathon_id, read_on, title, pages) values ($1, $2, $3, $4, $5)
                 on conflict (id) do nothing",
                id.0,
                marathon.0,
                new.read.day,
                new.title,
                i64::from(new.read.pages)
            )?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Deletes a note of a book.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn drop_read(&self, patron: PatronId, id: ReadId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "delete from marathon_read
             where id = $1 and marathon_id in (select id from marathon where patron_id = $2)",
            id.0,
            patron.0
        )
        .map(|_| ())
        .map_err(Fault::from))
    }
}

/// A row of a marathon.
pub(super) type Row = (Uuid, Option<Uuid>, String, NaiveDate, NaiveDate, NaiveDate, i64, Option<i64>, String, bool);

pub(super) fn marathon_of(row: Row) -> Result<Marathon, StorageError> {
    let (id, season, name, from, until, joined_on, books, pages, drawn, from_history) = row;
    let drawn = drawn.parse().map_err(|error| StorageError::corrupt("marathon", error))?;
    Ok(Marathon {
        id: MarathonId(id),
        season: season.map(SeasonId),
        frame: Frame { name, from, until },
        joined_on,
        aim: Aim { books: number(books)?, pages: pages.map(number).transpose()?, drawn, from_history },
    })
}

pub(super) async fn marathon_in(
    tx: &mut Tx,
    patron: PatronId,
    id: MarathonId,
) -> Result<Option<Marathon>, StorageError> {
    let row = fetch_optional!(
        tx,
        Row,
        "select id, season_id, name, from_on, until_on, joined_on, books, pages, drawn, from_history from marathon
         where id = $1 and patron_id = $2",
        id.0,
        patron.0
    )?;
    row.map(marathon_of).transpose()
}

/// Both, or all that is wrong with either.
fn both(frame: Result<Frame, Problems>, aim: Result<Aim, Problems>) -> Result<(Frame, Aim), Problems> {
    match (frame, aim) {
        (Ok(frame), Ok(aim)) => Ok((frame, aim)),
        (frame, aim) => Err([frame.err(), aim.err()].into_iter().flatten().flatten().collect()),
    }
}

pub(super) fn number(stored: i64) -> Result<u32, StorageError> {
    u32::try_from(stored).map_err(|error| StorageError::corrupt("count of a marathon", error))
}

fn reached(count: i64, most: usize) -> bool {
    usize::try_from(count).is_ok_and(|count| count >= most)
}
