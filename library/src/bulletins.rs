//! What the library tells everybody on its home page, as staff write it.

use chrono::NaiveDate;
use domain::{
    BulletinId,
    bulletin::{Bulletin, BulletinForm, BulletinProblem, read_bulletin},
};
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, in_write},
};

/// How many the desk is shown, the last to end first.
const SHOWN: i64 = 200;
/// How many the home page has at most.
const AT_HOME: i64 = 10;

type Row = (Uuid, String, String, NaiveDate, NaiveDate);

impl Library {
    /// All there are, also those that are over or still to come; the last to end first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn bulletins(&self) -> Result<Vec<Bulletin>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            Row,
            "select id, title, body, from_on, until_on from bulletin order by until_on desc, id desc limit $1",
            SHOWN
        )?;
        Ok(rows.into_iter().map(bulletin).collect())
    }

    /// Tells everybody something. The id comes with the request, so that the same request tells it once.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn add_bulletin(
        &self,
        id: BulletinId,
        form: &BulletinForm,
    ) -> Result<Result<(), Vec<BulletinProblem>>, Fault> {
        let told = match read_bulletin(id, form, self.today()) {
            Ok(told) => told,
            Err(problems) => return Ok(Err(problems)),
        };
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into bulletin (id, title, body, from_on, until_on) values ($1, $2, $3, $4, $5)
             on conflict (id) do nothing",
            told.id.0,
            told.title.as_str(),
            told.text.as_str(),
            told.from,
            told.until
        )
        .map(|_| Ok(()))
        .map_err(Fault::from))
    }

    /// Changes what is told.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn change_bulletin(
        &self,
        id: BulletinId,
        form: &BulletinForm,
    ) -> Result<Result<(), Vec<BulletinProblem>>, Fault> {
        let told = match read_bulletin(id, form, self.today()) {
            Ok(told) => told,
            Err(problems) => return Ok(Err(problems)),
        };
        in_write!(self.database(), |tx| execute!(
            tx,
            "update bulletin set title = $2, body = $3, from_on = $4, until_on = $5 where id = $1",
            told.id.0,
            told.title.as_str(),
            told.text.as_str(),
            told.from,
            told.until
        )
        .map(|changed| if changed == 0 { Err(vec![BulletinProblem::Gone]) } else { Ok(()) })
        .map_err(Fault::from))
    }

    /// Takes it back.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn remove_bulletin(&self, id: BulletinId) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(tx, "delete from bulletin where id = $1", id.0)
            .map(|_| ())
            .map_err(Fault::from))
    }
}

/// Those that are shown on this day, the latest first.
pub(crate) async fn bulletins_on(tx: &mut Tx, day: NaiveDate) -> Result<Vec<Bulletin>, StorageError> {
    let rows = fetch_all!(
        tx,
        Row,
        "select id, title, body, from_on, until_on from bulletin where until_on >= $1 and from_on <= $1
         order by from_on desc, id desc limit $2",
        day,
        AT_HOME
    )?;
    Ok(rows.into_iter().map(bulletin).collect())
}

fn bulletin((id, title, text, from, until): Row) -> Bulletin {
    Bulletin { id: BulletinId(id), title, text, from, until }
}
