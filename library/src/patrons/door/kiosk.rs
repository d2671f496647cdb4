//! The first password at a kiosk (R3): without a mail, because whoever stands there has the card in their hands and stands
//! before the library's own staff; and never where there is a password already (R4).

use domain::patrons::{
    Claimed, DoorProblem, DoorRefusal, KioskForm, card_number, check_register, is_same_person, may_register_here,
    may_set_own_password, read_password,
};

use super::{Holder, register::holder_of};
use crate::{
    Fault, Library,
    patrons::guess::{Origin, Scope},
    storage::{execute, in_write},
};

impl Library {
    /// Sets the first password of a card at the kiosk with this token. Whatever does not fit, the answer is the same: it
    /// tells nobody whether there is such a card, or whether it has a password.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn register_here(
        &self,
        token: &str,
        form: &KioskForm,
        origin: &Origin,
    ) -> Result<Result<(), DoorRefusal>, Fault> {
        let problem = |problem| Ok(Err(DoorRefusal::Problems(vec![problem])));
        if self.kiosk(token).await?.is_none() {
            return Ok(Err(DoorRefusal::NoKiosk));
        }
        if let Err(problems) = check_register(&form.facts()) {
            return Ok(Err(DoorRefusal::Problems(problems)));
        }
        let accounts = &self.policy().accounts;
        let password = match read_password(&form.password, &form.again, accounts, None) {
            Ok(password) => password,
            Err(why) => return problem(why),
        };
        let guess = match self.begin_guess(Scope::Register, &card_number(&form.card), origin).await? {
            Ok(guess) => guess,
            Err(wait) => return Ok(Err(DoorRefusal::Slow(wait))),
        };
        // Before anybody looks for the card, so that the time it takes tells nothing.
        let Some(hash) = self.hash_new(&password).await? else {
            self.not_guessed(&guess).await?;
            return Ok(Err(DoorRefusal::Busy));
        };
        let mut tx = self.database().begin_read().await?;
        let holder = holder_of(&mut tx, &card_number(&form.card)).await?;
        drop(tx);
        let Some(holder) = holder.filter(|holder| self.may_register(holder, form)) else {
            return problem(DoorProblem::Unmatched);
        };
        self.guessed_right(&guess).await?;
        // Only now is it known whose birthday a password must not be.
        if let Err(why) = read_password(&form.password, &form.again, accounts, Some(holder.own_facts())) {
            return problem(why);
        }
        let secret = self.guess_secret().await?;
        let done = in_write!(self.database(), |tx| async {
            // Of two who choose one at once, the first has it.
            let first = execute!(
                &mut *tx,
                "update patron set revision = revision + 1 where id = $1 and password_hash is null",
                holder.id.0
            )?;
            if first == 0 {
                return Ok::<_, Fault>(Err(DoorRefusal::Problems(vec![DoorProblem::Unmatched])));
            }
            self.put_password(tx, &secret, holder.id, &hash, "kiosk").await?;
            Ok(Ok(()))
        }
        .await)?;
        self.outbox_bell().notify_one();
        Ok(done)
    }

    /// Whether the facts are the holder's, and they may choose a password here.
    fn may_register(&self, holder: &Holder, form: &KioskForm) -> bool {
        let claimed =
            Claimed { card: &form.card, kana: &form.kana, birth_date: &form.birth_date, telephone: &form.telephone };
        let policy = self.policy();
        may_register_here(true, holder.password_hash.is_some())
            && may_set_own_password(holder.birth_date, self.today(), policy.accounts.own_password_age)
            && is_same_person(claimed, holder.recorded(), &policy.library.area_codes)
    }
}
