//! Questions a passkey answers by its signature. Each is remembered until it is answered or too old.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use domain::{PatronId, patrons::MOST_QUESTIONS};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::ceremony::Purpose;
use crate::{
    Fault, Library,
    patrons::guess::Origin,
    storage::{StorageError, Tx, execute, fetch_one, fetch_optional, in_write},
};

/// How long a question can be answered.
pub(super) const OPEN: TimeDelta = TimeDelta::minutes(5);

impl Library {
    /// Asks whoever wants to sign in. `None` when [`MOST_QUESTIONS`] are open for this origin: anybody may ask, and each
    /// question is a write.
    pub(super) async fn ask_anybody(&self, origin: &Origin) -> Result<Option<String>, Fault> {
        let origin = self.hashed_origin(origin).await?;
        let mut tx = self.database().begin_read().await?;
        let (open,) = fetch_one!(
            &mut tx,
            (i64,),
            "select count(*) from passkey_challenge where origin = $1 and expires_at > $2",
            &origin,
            self.now()
        )?;
        drop(tx);
        if usize::try_from(open).unwrap_or(usize::MAX) >= MOST_QUESTIONS {
            return Ok(None);
        }
        self.open_question(Purpose::SignIn, None, Some(&origin)).await.map(Some)
    }

    /// Remembers a question until it is answered or too old; answers what the browser is to be asked.
    pub(super) async fn open_question(
        &self,
        purpose: Purpose,
        patron: Option<PatronId>,
        origin: Option<&[u8]>,
    ) -> Result<String, Fault> {
        let challenge: [u8; 32] = rand::random();
        let hash = hashed(&challenge);
        in_write!(self.database(), |tx| execute!(
            tx,
            "insert into passkey_challenge (challenge_hash, purpose, patron_id, expires_at, origin)
             values ($1, $2, $3, $4, $5)",
            hash.as_slice(),
            purpose.as_str(),
            patron.map(|patron| patron.0),
            self.now() + OPEN,
            origin
        )
        .map_err(Fault::from))?;
        Ok(BASE64URL_NOPAD.encode(&challenge))
    }

    /// Forgets questions that nobody answered in time.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn forget_questions(&self) -> Result<(), Fault> {
        let now = self.now();
        in_write!(self.database(), |tx| execute!(tx, "delete from passkey_challenge where expires_at <= $1", now)
            .map(drop)
            .map_err(Fault::from))
    }

    /// Takes a question as answered. Answers whether it was open, for this and for them; it is closed from now on, also when
    /// it was meant otherwise.
    pub(super) async fn close_question(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        patron: Option<PatronId>,
        challenge: &[u8],
    ) -> Result<bool, StorageError> {
        let row = fetch_optional!(
            tx,
            (String, Option<Uuid>, DateTime<Utc>),
            "delete from passkey_challenge where challenge_hash = $1 returning purpose, patron_id, expires_at",
            hashed(challenge).as_slice()
        )?;
        Ok(row.is_some_and(|(asked, whom, until)| {
            asked == purpose.as_str() && whom.map(PatronId) == patron && until > self.now()
        }))
    }
}

fn hashed(challenge: &[u8]) -> [u8; 32] {
    Sha256::digest(challenge).into()
}
