//! Rows for the web's sessions. What is in them is the web's affair, but for whose they are; the ids arrive hashed, so that
//! a copy of the database opens nobody's session.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{PatronId, StaffId, patrons::SessionView};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Told, Tx, execute, fetch_all, fetch_in, fetch_optional, in_write},
};

/// For how much longer than other answers it is remembered that a scan of the desk was answered.
const LATE_SCANS: TimeDelta = TimeDelta::days(31);

/// A session as it is kept.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// What it holds.
    pub data: String,
    /// The patron who is signed in.
    pub patron: Option<PatronId>,
    /// The member of staff who is.
    pub staff: Option<StaffId>,
    /// The browser in a few words.
    pub browser: String,
    /// When the patron signed in.
    pub begun_at: Option<DateTime<Utc>>,
    /// When the patron was last here, to the day.
    pub seen_at: Option<DateTime<Utc>>,
    /// When the member of staff signed in.
    pub staff_begun_at: Option<DateTime<Utc>>,
    /// When the member of staff was last here, to the minute.
    pub staff_seen_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Whose sessions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A patron's.
    Patron(PatronId),
    /// Those of a member of staff.
    Staff(StaffId),
}

/// A session in which somebody is signed in, as far as it says whether they still are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// The hash of its id.
    pub(crate) hash: Vec<u8>,
    /// When they signed in.
    pub(crate) begun: DateTime<Utc>,
    /// When they last did something.
    pub(crate) seen: DateTime<Utc>,
    /// The generation of their password now; a session of an earlier one is over.
    pub(crate) generation: i64,
}

type SignedInRow = (Vec<u8>, Uuid, DateTime<Utc>, DateTime<Utc>, DateTime<Utc>, i64);

/// The hash under which a session's id is kept.
pub fn session_hash(id: i128) -> [u8; 32] {
    Sha256::digest(id.to_le_bytes()).into()
}

impl Library {
    /// A session that has not expired: its data and when it does.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn load_session(&self, id_hash: &[u8]) -> Result<Option<(String, DateTime<Utc>)>, Fault> {
        let mut tx = self.database().look().await?;
        Ok(fetch_optional!(
            &mut tx,
            (String, DateTime<Utc>),
            "select data, expires_at from session where id_hash = $1 and expires_at > $2",
            id_hash,
            self.now()
        )?)
    }

    /// The sessions of these patrons that have not expired, each with whose it is.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn sessions_of_patrons(
        &self,
        patrons: &[PatronId],
    ) -> Result<Vec<(PatronId, SignedIn)>, StorageError> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_in!(
            &mut tx,
            SignedInRow,
            [
                "select s.id_hash, s.patron_id, s.begun_at, s.seen_at, s.expires_at, p.generation
                 from session s join patron p on p.id = s.patron_id
                 where s.begun_at is not null and s.seen_at is not null and s.patron_id in ",
                ""
            ],
            patrons
        )?;
        Ok(self.unexpired(rows).map(|(id, session)| (PatronId(id), session)).collect())
    }

    /// The sessions of these members of staff that have not expired; of those whose account was disabled there are none.
    ///
    /// # Errors
    /// When the database can't be read.
    pub(crate) async fn sessions_of_staff(&self, staff: &[StaffId]) -> Result<Vec<SignedIn>, StorageError> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_in!(
            &mut tx,
            SignedInRow,
            [
                "select s.id_hash, s.staff_id, s.staff_begun_at, s.staff_seen_at, s.expires_at, m.generation
                 from session s join staff m on m.id = s.staff_id
                 where s.staff_begun_at is not null and s.staff_seen_at is not null and m.disabled_at is null
                     and s.staff_id is not null and s.staff_id in ",
                ""
            ],
            staff
        )?;
        Ok(self.unexpired(rows).map(|(_, session)| session).collect())
    }

    fn unexpired(&self, rows: Vec<SignedInRow>) -> impl Iterator<Item = (Uuid, SignedIn)> {
        let now = self.now();
        rows.into_iter()
            .filter(move |(_, _, _, _, expires, _)| *expires > now)
            .map(|(hash, whose, begun, seen, _, generation)| (whose, SignedIn { hash, begun, seen, generation }))
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn create_session(&self, id_hash: &[u8], row: &SessionRow) -> Result<(), Fault> {
        in_write!(self.database(), |tx| {
            execute!(
            tx,
            "insert into session (id_hash, data, expires_at, patron_id, staff_id, browser, begun_at, seen_at, staff_begun_at,
                 staff_seen_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            id_hash,
            &row.data,
            row.expires_at,
            row.patron.map(|id| id.0),
            row.staff.map(|id| id.0),
            &row.browser,
            row.begun_at,
            row.seen_at,
            row.staff_begun_at,
            row.staff_seen_at
        )
        .map(|_| ())
        .map_err(Fault::from)
        })
    }

    /// Keeps a session. One that was ended meanwhile stays ended: a request that was still under way when its reader
    /// signed out does not sign them in again.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn save_session(&self, id_hash: &[u8], row: &SessionRow) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "update session set data = $2, expires_at = $3, patron_id = $4, staff_id = $5, browser = $6, begun_at = $7,
                 seen_at = $8, staff_begun_at = $9, staff_seen_at = $10
             where id_hash = $1",
            id_hash,
            &row.data,
            row.expires_at,
            row.patron.map(|id| id.0),
            row.staff.map(|id| id.0),
            &row.browser,
            row.begun_at,
            row.seen_at,
            row.staff_begun_at,
            row.staff_seen_at
        )
        .map(|_| ())
        .map_err(Fault::from))
    }

    /// Where somebody is signed in, the browser that asks first, then the one used last.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn sessions_of(&self, owner: Owner, here: &[u8]) -> Result<Vec<SessionView>, Fault> {
        let (now, accounts) = (self.now(), &self.policy().accounts);
        let (id, sql) = match owner {
            Owner::Patron(PatronId(id)) => (
                id,
                "select id_hash, browser, begun_at, seen_at from session
                 where patron_id = $1 and begun_at is not null and seen_at is not null and expires_at > $2",
            ),
            Owner::Staff(StaffId(id)) => (
                id,
                "select id_hash, browser, staff_begun_at, staff_seen_at from session
                 where staff_id = $1 and staff_begun_at is not null and staff_seen_at is not null and expires_at > $2",
            ),
        };
        let mut tx = self.database().begin_read().await?;
        let mut rows = fetch_all!(&mut tx, (Vec<u8>, String, DateTime<Utc>, DateTime<Utc>), sql, id, now)?;
        // The row of one that is over for its owner lives on: there may be a cart in it.
        rows.retain(|(_, _, begun, seen)| match owner {
            Owner::Patron(_) => !accounts.patron_is_over(*begun, *seen, now),
            Owner::Staff(_) => !accounts.staff_is_over(*begun, *seen, now),
        });
        rows.sort_by_key(|(hash, _, _, seen)| (hash.as_slice() != here, std::cmp::Reverse(*seen)));
        let view = |(hash, browser, begun, seen): (Vec<u8>, String, DateTime<Utc>, DateTime<Utc>)| SessionView {
            here: hash.as_slice() == here,
            key: hex(&hash),
            browser,
            begun: self.day_of(begun),
            seen: self.day_of(seen),
        };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Signs a patron out in one browser, named by its key. Answers whether they were signed in there.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn end_patron_session(&self, patron: PatronId, key: &str) -> Result<bool, Fault> {
        let Some(hash) = unhex(key) else { return Ok(false) };
        in_write!(self.database(), |tx| execute!(
            tx,
            "delete from session where id_hash = $1 and patron_id = $2",
            hash.as_slice(),
            patron.0
        )
        .map(|ended| {
            tx.tell([Told::Patron(patron)]);
            ended > 0
        })
        .map_err(Fault::from))
    }

    /// Signs somebody out everywhere but in the browser with this hash.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn end_other_sessions(&self, owner: Owner, here: &[u8]) -> Result<(), Fault> {
        let (id, sql, told) = match owner {
            Owner::Patron(patron) => {
                (patron.0, "delete from session where patron_id = $1 and id_hash <> $2", Told::Patron(patron))
            }
            Owner::Staff(StaffId(id)) => (id, "delete from session where staff_id = $1 and id_hash <> $2", Told::Staff),
        };
        in_write!(self.database(), |tx| execute!(tx, sql, id, here).map(|_| tx.tell([told])).map_err(Fault::from))
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn delete_session(&self, id_hash: &[u8]) -> Result<(), Fault> {
        in_write!(self.database(), |tx| async {
            let ended = fetch_optional!(
                &mut *tx,
                (Option<Uuid>, Option<Uuid>),
                "delete from session where id_hash = $1 returning patron_id, staff_id",
                id_hash
            )?;
            let (patron, staff) = ended.unwrap_or_default();
            tx.tell(patron.map(|id| Told::Patron(PatronId(id))));
            tx.tell(staff.map(|_| Told::Staff));
            Ok::<_, Fault>(())
        }
        .await)
    }

    /// Changes what is in patrons' sessions that were last used before today, where `changed` answers with what is to be in it
    /// instead. What a browser did not come back for stays in its session, and is the web's affair.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn change_old_sessions(&self, changed: impl Fn(&str) -> Option<String>) -> Result<(), Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            (Vec<u8>, String),
            "select id_hash, data from session where patron_id is not null and seen_at < $1",
            self.beginning_of_today()
        )?;
        drop(tx);
        for (hash, data) in rows {
            let Some(instead) = changed(&data) else { continue };
            let sql = "update session set data = $3 where id_hash = $1 and data = $2";
            in_write!(self.database(), |tx| execute!(tx, sql, &hash, &data, &instead).map_err(Fault::from))?;
        }
        Ok(())
    }

    /// Forgets what browsers left behind: sessions that have expired, carts of nobody that were not touched for a season, and
    /// the answers kept for requests that are no longer repeated.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        let daily = &self.policy().daily;
        let carts = now - TimeDelta::days(daily.keep_carts_days.into());
        let answers = now - TimeDelta::days(daily.keep_answers_days.into());
        let scans = answers - LATE_SCANS;
        in_write!(self.database(), |tx| async {
            execute!(&mut *tx, "delete from session where expires_at <= $1", now)?;
            execute!(&mut *tx, "delete from cart where patron_id is null and touched_at <= $1", carts)?;
            // A scan that waits in a desk's browser is played once, also after a long stop.
            execute!(&mut *tx, "delete from op where at <= $1 and (actor <> 'desk' or at <= $2)", answers, scans)?;
            Ok::<_, Fault>(())
        }
        .await)
    }
}

/// Ends all sessions of a patron.
pub(crate) async fn end_sessions(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    tx.tell([Told::Patron(patron)]);
    execute!(tx, "delete from session where patron_id = $1", patron.0).map(|_| ())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| (0..64).step_by(2).filter_map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect())
}
