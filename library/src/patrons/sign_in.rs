//! Signing in (R2, R7). What slows down guessing comes with the whole of registration and passwords.

use domain::{
    PatronId, StaffId,
    patrons::{Account, SignIn, StaffMember, card_number},
};
use uuid::Uuid;

use super::{account, staff::parse_role};
use crate::{Fault, Library, storage::fetch_optional};

/// Longer than any password a policy allows; what is longer is refused before it costs anything.
const LONGEST_PASSWORD: usize = 256;

impl Library {
    /// Signs a patron in by card number and password.
    ///
    /// # Errors
    /// When the database can't be read or the hash can't be computed.
    pub async fn sign_in(&self, card_typed: &str, password: &str) -> Result<SignIn<Account>, Fault> {
        let card = card_number(card_typed);
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, Option<String>),
            "select id, password_hash from patron where card_number = $1",
            &card
        )?;
        // Given back before the hash is computed: a connection is not held while a core is busy.
        drop(tx);
        let (patron, hash) = row.map_or((None, None), |(id, hash)| (Some(PatronId(id)), hash));
        if password.len() > LONGEST_PASSWORD || !self.verify_password(hash, password).await? {
            return Ok(SignIn::Wrong);
        }
        let Some(patron) = patron else { return Ok(SignIn::Wrong) };
        let mut tx = self.database().begin_read().await?;
        Ok(account(&mut tx, patron).await?.map_or(SignIn::Wrong, SignIn::Done))
    }

    /// Signs a member of staff in.
    ///
    /// # Errors
    /// When the database can't be read or the hash can't be computed.
    pub async fn staff_sign_in(&self, login: &str, password: &str) -> Result<SignIn<StaffMember>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, String, String, String, i64),
            "select id, login, password_hash, role, generation from staff where login = $1 and disabled_at is null",
            login.trim()
        )?;
        drop(tx);
        let (member, hash) = match row {
            None => (None, None),
            Some((id, login, hash, role, generation)) => {
                (Some(StaffMember { id: StaffId(id), login, role: parse_role(&role)?, generation }), Some(hash))
            }
        };
        if password.len() > LONGEST_PASSWORD || !self.verify_password(hash, password).await? {
            return Ok(SignIn::Wrong);
        }
        Ok(member.map_or(SignIn::Wrong, SignIn::Done))
    }
}
