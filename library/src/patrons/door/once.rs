//! One-time passwords of the desk (R4): for whoever can't be reached by mail. One of them opens nothing but the choice of a
//! password, with the date of birth, once and not for long; so it is no way into somebody's bookshelf for whoever finds the
//! slip, and the patron is told of it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    PatronId,
    dates::read_date,
    patrons::{Deed, DoorProblem, DoorRefusal, OneTimeForm, card_number, one_time_letters, read_password},
};
use uuid::Uuid;

use super::Holder;
use crate::{
    Fault, Library,
    notices::{DoorMail, tell_of_door},
    patrons::{
        guess::{Origin, Scope},
        passwords::Checked,
    },
    storage::{execute, fetch_optional, in_write},
};

/// Letters and digits none of which is taken for another, on paper or on the telephone.
const LETTERS: &[u8; 28] = b"abcdefghjkmnpqrstuvwxyz23456";

/// How many of them; some 38 bits, far more than can be tried in a day.
const LENGTH: usize = 8;

impl Library {
    /// Gives out a one-time password, after staff have checked who it is. An earlier one leads nowhere any more; the password
    /// in use stays until a new one is chosen. The answer is the only place in which it stands.
    ///
    /// # Errors
    /// When the database can't be written or the hash can't be computed.
    pub async fn issue_one_time(&self, patron: PatronId) -> Result<Result<String, DoorRefusal>, Fault> {
        let letters: String = (0..LENGTH)
            .map(|_| char::from(LETTERS.get(rand::random_range(0..LETTERS.len())).copied().unwrap_or(b'a')))
            .collect();
        let Some(hash) = self.hash_new(&letters).await? else { return Ok(Err(DoorRefusal::Busy)) };
        let expires_at = self.now() + TimeDelta::hours(self.policy().accounts.one_time_hours.into());
        in_write!(self.database(), |tx| async {
            let holder = Holder::of(tx, patron).await?.ok_or(Fault::AccountGone)?;
            execute!(
                &mut *tx,
                "insert into one_time_password (patron_id, hash, expires_at) values ($1, $2, $3)
                 on conflict (patron_id) do update set hash = excluded.hash, expires_at = excluded.expires_at",
                patron.0,
                &hash,
                expires_at
            )?;
            self.audit(tx, Deed::OneTimeIssued, Some(patron), None).await?;
            for address in holder.confirmed() {
                tell_of_door(self, tx, patron, (&holder.name, address), DoorMail::OneTimeIssued).await?;
            }
            Ok::<_, Fault>(())
        }
        .await)?;
        self.outbox_bell().notify_one();
        let (first, second) = letters.split_at(LENGTH / 2);
        Ok(Ok(format!("{first}-{second}")))
    }

    /// Sets a password by a one-time password and the date of birth.
    ///
    /// # Errors
    /// When the database can't be read or written, or a hash can't be computed.
    pub async fn use_one_time(&self, form: &OneTimeForm, origin: &Origin) -> Result<Result<(), DoorRefusal>, Fault> {
        let problem = |problem| Ok(Err(DoorRefusal::Problems(vec![problem])));
        let policy = &self.policy().accounts;
        let password = match read_password(&form.password, &form.again, policy, None) {
            Ok(password) => password,
            Err(why) => return problem(why),
        };
        let card = card_number(&form.card);
        let guess = match self.begin_guess(Scope::Once, &card, origin).await? {
            Ok(guess) => guess,
            Err(wait) => return Ok(Err(DoorRefusal::Slow(wait))),
        };
        let Some(letters) = one_time_letters(&form.once) else { return problem(DoorProblem::Once) };
        let found = self.one_time_of(&card).await?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let checked = self.check_password(hash.clone(), &letters).await?;
        let holder = match (checked, found) {
            (Checked::Busy, _) => {
                self.not_guessed(&guess).await?;
                return Ok(Err(DoorRefusal::Busy));
            }
            (Checked::Right(_), Some((holder, _))) if read_date(&form.birth_date) == Some(holder.birth_date) => holder,
            _ => return problem(DoorProblem::Once),
        };
        self.guessed_right(&guess).await?;
        // Only now is it known whose birthday a password must not be.
        if let Err(why) = read_password(&form.password, &form.again, policy, Some(holder.own_facts())) {
            return problem(why);
        }
        let Some(new) = self.hash_new(&password).await? else { return Ok(Err(DoorRefusal::Busy)) };
        let secret = self.guess_secret().await?;
        let done = in_write!(self.database(), |tx| async {
            let used = execute!(
                &mut *tx,
                "delete from one_time_password where patron_id = $1 and hash = $2",
                holder.id.0,
                hash.as_deref()
            )?;
            if used == 0 {
                return Ok::<_, Fault>(Err(DoorRefusal::Problems(vec![DoorProblem::Once])));
            }
            self.put_password(tx, &secret, holder.id, &new, "one-time").await?;
            Ok(Ok(()))
        }
        .await)?;
        self.outbox_bell().notify_one();
        Ok(done)
    }

    /// The one-time password of a card that can still be used.
    async fn one_time_of(&self, card: &str) -> Result<Option<(Holder, String)>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, String, DateTime<Utc>),
            "select o.patron_id, o.hash, o.expires_at from patron p join one_time_password o on o.patron_id = p.id
             where p.card_number = $1",
            card
        )?;
        let Some((patron, hash, expires_at)) = row else { return Ok(None) };
        let holder = Holder::of(&mut tx, PatronId(patron)).await?;
        Ok(holder.filter(|_| expires_at > self.now()).map(|holder| (holder, hash)))
    }
}
