//! How a history is chosen and opened (R28): by the password, by the recovery code, by an earlier password.

use domain::{
    PatronId,
    bookshelf::HistoryProblem,
    patrons::{DoorRefusal, password_as_typed},
};

use super::{
    rewrap::{Rewrapped, rewrapped},
    seal::{OpenKey, Purpose, code_secret, new_code},
};
use crate::{
    Fault, Library, Origin,
    storage::{execute, fetch_optional, in_write},
};

/// A history that was just chosen.
#[derive(Debug)]
pub struct Started {
    /// Its key, open.
    pub key: OpenKey,
    /// The recovery code, to be shown once; `None` when there was a history already and it goes on.
    pub code: Option<String>,
}

/// What came of giving the password.
#[derive(Debug)]
pub enum Opening {
    /// It is open.
    Open(OpenKey),
    /// The password is right, but the history was closed with an earlier one.
    OtherPassword,
    /// There is no history.
    Nothing,
}

/// The row that a key is opened with.
#[derive(Clone, PartialEq)]
pub(crate) struct Locked {
    pub(super) salt: Vec<u8>,
    pub(super) memory_kib: i64,
    pub(super) passes: i64,
    pub(super) by_password: Vec<u8>,
    pub(super) by_code: Vec<u8>,
}

type LockedRow = (Vec<u8>, i64, i64, Vec<u8>, Vec<u8>);

impl Library {
    /// 利用する, by a patron who gives their password. Only what is lent from now on is kept. One who had stopped goes on with
    /// what there is. Pressed twice, the answer to the first press was seen by nobody, so the second makes another code.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn start_history(
        &self,
        patron: PatronId,
        password: &str,
        origin: &Origin,
    ) -> Result<Result<Started, HistoryProblem>, Fault> {
        let key = match self.open_history(patron, password, origin).await? {
            Err(refusal) => return Ok(Err(HistoryProblem::Door(refusal))),
            Ok(Opening::OtherPassword) => return Ok(Err(HistoryProblem::NotOpened)),
            Ok(Opening::Open(key)) => {
                let begun = in_write!(self.database(), |tx| execute!(
                    tx,
                    "update history_key set keeping = true where patron_id = $1 and not keeping",
                    patron.0
                )
                .map_err(Fault::from))?;
                let code = if begun == 0 { Some(self.put_new_code(&key).await?) } else { None };
                return Ok(Ok(Started { key, code }));
            }
            Ok(Opening::Nothing) => OpenKey::new(patron),
        };
        let ((key, public), code) = (key, new_code());
        let secret = code_secret(&code).ok_or(Fault::Sealing("a code that is none"))?;
        let by_code = key.wrapped(&secret, Purpose::ByCode)?;
        let Some(wrapped) = self.wrap_by_password(&key, password).await? else {
            return Ok(Err(HistoryProblem::Door(DoorRefusal::Busy)));
        };
        let made = in_write!(self.database(), |tx| execute!(
            tx,
            "insert into history_key (patron_id, keeping, public_key, salt, memory_kib, passes, by_password, by_code)
             values ($1, true, $2, $3, $4, $5, $6, $7) on conflict do nothing",
            patron.0,
            &public,
            &wrapped.salt,
            i64::from(wrapped.memory_kib),
            i64::from(wrapped.passes),
            &wrapped.by_password,
            &by_code
        )
        .map_err(Fault::from))?;
        // Pressed twice, the first press has made it meanwhile.
        if made == 0 {
            return self.new_recovery_code(patron, password, origin).await;
        }
        Ok(Ok(Started { key, code: Some(code) }))
    }

    /// Opens the history with the password in use, when it was just proved by signing in. Nothing when there is none, when it
    /// was closed with another password, or when too many passwords are being looked at: its page asks again.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn open_at_sign_in(&self, patron: PatronId, password: &str) -> Result<Option<OpenKey>, Fault> {
        let Some(locked) = self.locked(patron).await? else { return Ok(None) };
        let key = self.unlock(patron, &locked, password).await?.flatten();
        if let Some(key) = &key {
            self.keep_cost(locked, key, password).await?;
        }
        Ok(key)
    }

    /// Opens the history with the password in use. Wrong ones are slowed down as at the sign-in.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn open_history(
        &self,
        patron: PatronId,
        password: &str,
        origin: &Origin,
    ) -> Result<Result<Opening, DoorRefusal>, Fault> {
        if let Err(refusal) = self.prove_password(patron, password, origin, async || Ok(true)).await? {
            return Ok(Err(refusal));
        }
        let Some(locked) = self.locked(patron).await? else { return Ok(Ok(Opening::Nothing)) };
        Ok(match self.unlock(patron, &locked, password).await? {
            None => Err(DoorRefusal::Busy),
            Some(None) => Ok(Opening::OtherPassword),
            Some(Some(key)) => {
                self.keep_cost(locked, &key, password).await?;
                Ok(Opening::Open(key))
            }
        })
    }

    /// Opens a history that was closed with an earlier password, by that one or by the recovery code; from now on the password
    /// in use opens it. Wrong ones count as wrong passwords do.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn reopen_history(
        &self,
        patron: PatronId,
        password: &str,
        earlier: &str,
        origin: &Origin,
    ) -> Result<Result<OpenKey, HistoryProblem>, Fault> {
        let Some(locked) = self.locked(patron).await? else { return Ok(Err(HistoryProblem::None)) };
        let mut opened = None;
        let proved = self
            .prove_password(patron, password, origin, async || {
                opened = self.unlock_by_earlier(patron, &locked, earlier).await?;
                Ok(opened.is_some())
            })
            .await?;
        let key = match (proved, opened) {
            (Err(refusal), _) => return Ok(Err(HistoryProblem::Door(refusal))),
            (Ok(()), None) => return Ok(Err(HistoryProblem::NotOpened)),
            (Ok(()), Some(key)) => key,
        };
        let Some(wrapped) = self.wrap_by_password(&key, password).await? else {
            return Ok(Err(HistoryProblem::Door(DoorRefusal::Busy)));
        };
        let wrapped = Rewrapped { was: locked.by_password, ..wrapped };
        in_write!(self.database(), |tx| rewrapped(tx, patron, &wrapped).await)?;
        Ok(Ok(key))
    }

    /// A new recovery code, for who gives the password in use; the one before opens nothing any more.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn new_recovery_code(
        &self,
        patron: PatronId,
        password: &str,
        origin: &Origin,
    ) -> Result<Result<Started, HistoryProblem>, Fault> {
        let key = match self.open_history(patron, password, origin).await? {
            Err(refusal) => return Ok(Err(HistoryProblem::Door(refusal))),
            Ok(Opening::OtherPassword) => return Ok(Err(HistoryProblem::NotOpened)),
            Ok(Opening::Nothing) => return Ok(Err(HistoryProblem::None)),
            Ok(Opening::Open(key)) => key,
        };
        let code = self.put_new_code(&key).await?;
        Ok(Ok(Started { key, code: Some(code) }))
    }

    /// Puts a new recovery code in the place of the one before.
    async fn put_new_code(&self, key: &OpenKey) -> Result<String, Fault> {
        let code = new_code();
        let secret = code_secret(&code).ok_or(Fault::Sealing("a code that is none"))?;
        let by_code = key.wrapped(&secret, Purpose::ByCode)?;
        in_write!(self.database(), |tx| execute!(
            tx,
            "update history_key set by_code = $2 where patron_id = $1",
            key.patron.0,
            &by_code
        )
        .map_err(Fault::from))?;
        Ok(code)
    }

    pub(super) async fn locked(&self, patron: PatronId) -> Result<Option<Locked>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            LockedRow,
            "select salt, memory_kib, passes, by_password, by_code from history_key where patron_id = $1",
            patron.0
        )?;
        Ok(row.map(|(salt, memory_kib, passes, by_password, by_code)| Locked {
            salt,
            memory_kib,
            passes,
            by_password,
            by_code,
        }))
    }

    /// The key, when this password opens it. The outer `None`: too many wait.
    pub(super) async fn unlock(
        &self,
        patron: PatronId,
        locked: &Locked,
        password: &str,
    ) -> Result<Option<Option<OpenKey>>, Fault> {
        let Some(password) = password_as_typed(password) else { return Ok(Some(None)) };
        let cost = (u32::try_from(locked.memory_kib).unwrap_or(0), u32::try_from(locked.passes).unwrap_or(0));
        let Some(secret) = self.derived_key(&password, &locked.salt, cost).await? else { return Ok(None) };
        Ok(Some(OpenKey::unwrapped(patron, &locked.by_password, &*secret, Purpose::ByPassword)))
    }

    async fn unlock_by_earlier(
        &self,
        patron: PatronId,
        locked: &Locked,
        typed: &str,
    ) -> Result<Option<OpenKey>, Fault> {
        let by_code =
            code_secret(typed).and_then(|secret| OpenKey::unwrapped(patron, &locked.by_code, &secret, Purpose::ByCode));
        match by_code {
            Some(key) => Ok(Some(key)),
            None => Ok(self.unlock(patron, locked, typed).await?.flatten()),
        }
    }
}
