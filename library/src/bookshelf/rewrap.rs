//! Wrapping the key of a history anew with a password (R28): with another one, or because deriving from it has another cost now.

use domain::{PatronId, patrons::password_as_typed};
use zeroize::Zeroizing;

use super::{
    seal::{OpenKey, Purpose},
    unlock::Locked,
};
use crate::{
    Fault, Library,
    storage::{Tx, execute, in_write},
};

/// A key wrapped with a new password, to be written with it.
pub(crate) struct Rewrapped {
    pub(super) was: Vec<u8>,
    pub(super) salt: Vec<u8>,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) by_password: Vec<u8>,
}

impl Library {
    /// The key wrapped with a new password by who gave the old one, to be written with it: nothing when there is none, or the
    /// old password does not open it either. The outer `None`: too many wait.
    pub(crate) async fn rewrap(
        &self,
        patron: PatronId,
        old: &str,
        new: &str,
    ) -> Result<Option<Option<Rewrapped>>, Fault> {
        let Some(locked) = self.locked(patron).await? else { return Ok(Some(None)) };
        let key = match self.unlock(patron, &locked, old).await? {
            None => return Ok(None),
            Some(None) => return Ok(Some(None)),
            Some(Some(key)) => key,
        };
        let wrapped = self.wrap_by_password(&key, new).await?;
        Ok(wrapped.map(|wrapped| Some(Rewrapped { was: locked.by_password, ..wrapped })))
    }

    /// Wraps the key anew when hashing was made dearer, or cheaper, since it was wrapped: at a visit that gave the password, as
    /// the password's own hash is. When too many wait, the next visit does it.
    pub(super) async fn keep_cost(&self, locked: Locked, key: &OpenKey, password: &str) -> Result<(), Fault> {
        let accounts = &self.policy().accounts;
        let cost = (i64::from(accounts.hash_memory_kib), i64::from(accounts.hash_passes));
        if (locked.memory_kib, locked.passes) == cost {
            return Ok(());
        }
        let Some(wrapped) = self.wrap_by_password(key, password).await? else { return Ok(()) };
        let wrapped = Rewrapped { was: locked.by_password, ..wrapped };
        in_write!(self.database(), |tx| rewrapped(tx, key.patron, &wrapped).await)
    }

    /// `None` when too many wait.
    pub(super) async fn wrap_by_password(&self, key: &OpenKey, password: &str) -> Result<Option<Rewrapped>, Fault> {
        let password = Zeroizing::new(password_as_typed(password).unwrap_or_default());
        let salt: [u8; 16] = rand::random();
        let accounts = &self.policy().accounts;
        let cost = (accounts.hash_memory_kib, accounts.hash_passes);
        let Some(secret) = self.derived_key(&password, &salt, cost).await? else { return Ok(None) };
        Ok(Some(Rewrapped {
            was: Vec::new(),
            salt: salt.to_vec(),
            memory_kib: cost.0,
            passes: cost.1,
            by_password: key.wrapped(&*secret, Purpose::ByPassword)?,
        }))
    }
}

/// Writes a key that was wrapped anew, unless somebody else did so meanwhile.
pub(crate) async fn rewrapped(tx: &mut Tx, patron: PatronId, wrapped: &Rewrapped) -> Result<(), Fault> {
    execute!(
        tx,
        "update history_key set salt = $3, memory_kib = $4, passes = $5, by_password = $6
         where patron_id = $1 and by_password = $2",
        patron.0,
        &wrapped.was,
        &wrapped.salt,
        i64::from(wrapped.memory_kib),
        i64::from(wrapped.passes),
        &wrapped.by_password
    )?;
    Ok(())
}
