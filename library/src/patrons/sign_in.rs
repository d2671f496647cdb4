//! Signing in (R2, R7), with guesses slowed down.

use domain::{
    PatronId, StaffId,
    patrons::{Account, SignIn, StaffMember, card_number, password_as_typed},
};
use uuid::Uuid;

use super::{
    account,
    guess::{Origin, Scope},
    passwords::Checked,
    staff::parse_role,
};
use crate::{
    Fault, Library,
    storage::{execute, fetch_optional, in_write},
};

impl Library {
    /// Signs a patron in by card number and password.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn sign_in(&self, card_typed: &str, password: &str, origin: &Origin) -> Result<SignIn<Account>, Fault> {
        let card = card_number(card_typed);
        let guess = match self.begin_guess(Scope::SignIn, &card, origin).await? {
            Ok(guess) => guess,
            Err(wait) => return Ok(SignIn::Slow(wait)),
        };
        let mut tx = self.database().look().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, Option<String>, i64),
            "select id, password_hash, generation from patron where card_number = $1",
            &card
        )?;
        // Given back before the hash is computed: a connection is not held while a core is busy.
        drop(tx);
        let (patron, hash) = match row {
            None => (None, None),
            Some((id, hash, generation)) => (Some((PatronId(id), generation)), hash),
        };
        let Some(password) = password_as_typed(password) else { return Ok(SignIn::Wrong) };
        match (self.check_password(hash.clone(), &password).await?, patron) {
            (Checked::Busy, _) => {
                self.not_guessed(&guess).await?;
                Ok(SignIn::Busy)
            }
            (Checked::Right(renewed), Some((patron, generation))) => {
                let mut tx = self.database().look().await?;
                let account = account(&mut tx, patron).await?;
                drop(tx);
                // Password or card may have been changed while the hash was computed: then what was right is so no more.
                let Some(account) = account.filter(|account| account.generation == generation) else {
                    return Ok(SignIn::Wrong);
                };
                self.guessed_right(&guess).await?;
                if let Some((old, new)) = hash.zip(renewed) {
                    self.renew_hash(patron, &old, &new).await?;
                }
                Ok(SignIn::Done(account))
            }
            _ => Ok(SignIn::Wrong),
        }
    }

    /// Keeps a hash that was made anew with the parameters of the policy, unless the password was changed meanwhile.
    async fn renew_hash(&self, patron: PatronId, old: &str, new: &str) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "update patron set password_hash = $3 where id = $1 and password_hash = $2",
            patron.0,
            old,
            new
        )
        .map(|_| ())
        .map_err(Fault::from))
    }

    /// Signs a member of staff in.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn staff_sign_in(
        &self,
        login: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<SignIn<StaffMember>, Fault> {
        let login = login.trim();
        let guess = match self.begin_guess(Scope::Staff, login, origin).await? {
            Ok(guess) => guess,
            Err(wait) => return Ok(SignIn::Slow(wait)),
        };
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, String, String, String, i64),
            "select id, login, password_hash, role, generation from staff where login = $1 and disabled_at is null",
            login
        )?;
        drop(tx);
        let (member, hash) = match row {
            None => (None, None),
            Some((id, login, hash, role, generation)) => {
                (Some(StaffMember { id: StaffId(id), login, role: parse_role(&role)?, generation }), Some(hash))
            }
        };
        if password_as_typed(password).is_none() {
            return Ok(SignIn::Wrong);
        }
        match (self.check_password(hash.clone(), password).await?, member) {
            (Checked::Busy, _) => {
                self.not_guessed(&guess).await?;
                Ok(SignIn::Busy)
            }
            (Checked::Right(renewed), Some(member)) => {
                self.guessed_right(&guess).await?;
                if let Some((old, new)) = hash.zip(renewed) {
                    let sql = "update staff set password_hash = $3 where id = $1 and password_hash = $2";
                    in_write!(self.database(), |tx| execute!(tx, sql, member.id.0, &old, &new).map_err(Fault::from))?;
                }
                Ok(SignIn::Done(member))
            }
            _ => Ok(SignIn::Wrong),
        }
    }
}
