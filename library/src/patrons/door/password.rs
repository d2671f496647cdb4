//! パスワードの変更, signed in (R5).

use domain::{
    PatronId,
    patrons::{DoorProblem, DoorRefusal, card_number, password_as_typed, read_password},
};

use super::Holder;
use crate::{
    Fault, Library,
    bookshelf::rewrapped,
    patrons::{
        guess::{Origin, Scope},
        passwords::Checked,
    },
    storage::in_write,
};

impl Library {
    /// Changes the password of a patron who gives the one in use. Answers the generation of sessions from now on, which the
    /// one that asks goes on with.
    ///
    /// # Errors
    /// When the database can't be read or written, or a hash can't be computed.
    pub async fn change_password(
        &self,
        patron: PatronId,
        (old, new, again): (&str, &str, &str),
        origin: &Origin,
    ) -> Result<Result<i64, DoorRefusal>, Fault> {
        let holder = self.holder(patron).await?;
        let new = match read_password(new, again, &self.policy().accounts, Some(holder.own_facts())) {
            Ok(password) => password,
            Err(problem) => return Ok(Err(DoorRefusal::Problems(vec![problem]))),
        };
        if let Err(refusal) = self.prove(&holder, old, origin).await? {
            return Ok(Err(refusal));
        }
        let Some(hash) = self.hash_new(&new).await? else { return Ok(Err(DoorRefusal::Busy)) };
        // What the old password opens, the new one opens from now on. Without that the history would be closed and nobody told.
        let Some(history) = self.rewrap(patron, old, &new).await? else { return Ok(Err(DoorRefusal::Busy)) };
        let secret = self.guess_secret().await?;
        let generation = in_write!(self.database(), |tx| async {
            let generation = self.put_password(tx, &secret, patron, &hash, "changed").await?;
            if let Some(history) = &history {
                rewrapped(tx, patron, history).await?;
            }
            Ok::<_, Fault>(generation)
        }
        .await)?;
        self.outbox_bell().notify_one();
        Ok(Ok(generation))
    }

    /// Whether this is the password in use. Wrong ones are slowed down as at the sign-in: a phone that was left behind signed
    /// in must not be a place to guess at leisure.
    pub(super) async fn prove(
        &self,
        holder: &Holder,
        password: &str,
        origin: &Origin,
    ) -> Result<Result<(), DoorRefusal>, Fault> {
        self.prove_password(holder.id, password, origin, async || Ok(true)).await
    }

    /// Whether this is the password in use, and `also` holds: a try counts as right only when both are.
    pub(crate) async fn prove_password(
        &self,
        patron: PatronId,
        password: &str,
        origin: &Origin,
        also: impl AsyncFnOnce() -> Result<bool, Fault>,
    ) -> Result<Result<(), DoorRefusal>, Fault> {
        let holder = self.holder(patron).await?;
        let guess = match self.begin_guess(Scope::SignIn, &card_number(&holder.card), origin).await? {
            Ok(guess) => guess,
            Err(wait) => return Ok(Err(DoorRefusal::Slow(wait))),
        };
        let wrong = Ok(Err(DoorRefusal::Problems(vec![DoorProblem::Old])));
        let Some(password) = password_as_typed(password) else { return wrong };
        match self.check_password(holder.password_hash.clone(), &password).await? {
            Checked::Right(_) if also().await? => {
                self.guessed_right(&guess).await?;
                Ok(Ok(()))
            }
            // Which of the two was wrong, the caller knows.
            Checked::Right(_) => Ok(Ok(())),
            Checked::Wrong => wrong,
            Checked::Busy => {
                self.not_guessed(&guess).await?;
                Ok(Err(DoorRefusal::Busy))
            }
        }
    }

    /// What is known of a patron who is signed in.
    pub(super) async fn holder(&self, patron: PatronId) -> Result<Holder, Fault> {
        let mut tx = self.database().begin_read().await?;
        Holder::of(&mut tx, patron).await?.ok_or(Fault::AccountGone)
    }
}
