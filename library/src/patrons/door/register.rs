//! 新規パスワード登録 and 再発行 (R3, R4).
//!
//! The password is chosen on the page the link leads to, and not in the form: else whoever knows four facts of somebody could
//! choose it, and the holder of the mailbox would only be asked to wave it through.

use domain::{
    PatronId,
    patrons::{
        Claimed, DoorRefusal, LinkPurpose, RegisterForm, Slot, card_number, check_register, is_same_person,
        may_set_own_password, read_mail, read_password,
    },
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{Holder, links::OpenLink};
use crate::{
    Fault, Library,
    patrons::guess::{Origin, Scope},
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
};

impl Library {
    /// Takes in the form. What it leads to is done behind the answer, by the task that is answered here: neither what is said
    /// nor how long it takes tells whether there is such a card or whether the facts are its holder's. Every try counts as a
    /// wrong one, also one that was right.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn ask_for_password(
        &self,
        form: &RegisterForm,
        origin: &Origin,
    ) -> Result<Result<JoinHandle<()>, DoorRefusal>, Fault> {
        if let Err(problems) = check_register(form) {
            return Ok(Err(DoorRefusal::Problems(problems)));
        }
        // Only a try that was right is ever taken off again.
        if let Err(wait) = self.begin_guess(Scope::Register, &card_number(&form.card), origin).await? {
            return Ok(Err(DoorRefusal::Slow(wait)));
        }
        let (library, form) = (self.clone(), form.clone());
        Ok(Ok(tokio::spawn(async move {
            if let Err(error) = library.answer_register(&form).await {
                tracing::error!(%error, "a form for a password could not be answered");
            }
        })))
    }

    /// Mails a link when the facts are right and there is where to mail it.
    async fn answer_register(&self, form: &RegisterForm) -> Result<(), Fault> {
        let mut tx = self.database().begin_read().await?;
        let Some(holder) = holder_of(&mut tx, &card_number(&form.card)).await? else { return Ok(()) };
        drop(tx);
        let claimed =
            Claimed { card: &form.card, kana: &form.kana, birth_date: &form.birth_date, telephone: &form.telephone };
        let policy = self.policy();
        let old_enough = may_set_own_password(holder.birth_date, self.today(), policy.accounts.own_password_age);
        if !old_enough || !is_same_person(claimed, holder.recorded(), &policy.library.area_codes) {
            return Ok(());
        }
        let (address, slot) = match (holder.confirmed().first(), &holder.password_hash) {
            // To no other address than this, whatever was typed.
            (Some(confirmed), _) => ((*confirmed).to_owned(), None),
            // Whoever had a password and has no confirmed address gets a new one at the desk.
            (None, Some(_)) => return Ok(()),
            (None, None) => match read_mail(&form.mail) {
                Some(named) => (named.clone(), Some(slot_for(&holder, &named))),
                None => return Ok(()),
            },
        };
        let link = OpenLink { purpose: LinkPurpose::Password, patron: holder.id, address, slot };
        self.mail_link(&holder, &link).await?;
        Ok(())
    }

    /// Sets the password that was chosen on the page of a link. An address the link proves is confirmed with it.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn set_password_by_link(
        &self,
        token: &str,
        password: &str,
        again: &str,
    ) -> Result<Result<(), DoorRefusal>, Fault> {
        let link = match self.open_link(token).await? {
            Ok(link) => link,
            Err(gone) => return Ok(Err(DoorRefusal::Link(gone))),
        };
        let mut tx = self.database().begin_read().await?;
        let holder = Holder::of(&mut tx, link.patron).await?.ok_or(Fault::AccountGone)?;
        drop(tx);
        let password = match read_password(password, again, &self.policy().accounts, Some(holder.own_facts())) {
            Ok(password) => password,
            Err(problem) => return Ok(Err(DoorRefusal::Problems(vec![problem]))),
        };
        let Some(hash) = self.hash_new(&password).await? else { return Ok(Err(DoorRefusal::Busy)) };
        let secret = self.guess_secret().await?;
        let patron = link.patron;
        let done = in_write!(self.database(), |tx| async {
            // Whoever takes the address away at the same time waits here, or was first.
            execute!(&mut *tx, "update patron set revision = revision + 1 where id = $1", patron.0)?;
            let link = match self.use_link(tx, token, LinkPurpose::Password).await? {
                Ok(link) => link,
                Err(gone) => return Ok::<_, Fault>(Err(DoorRefusal::Link(gone))),
            };
            if let Some(slot) = link.slot {
                self.put_address(tx, link.patron, slot, &link.address).await?;
            }
            self.put_password(tx, &secret, link.patron, &hash, "link").await?;
            Ok(Ok(()))
        }
        .await)?;
        self.outbox_bell().notify_one();
        Ok(done)
    }
}

/// Whose card this is.
pub(super) async fn holder_of(tx: &mut Tx, card: &str) -> Result<Option<Holder>, StorageError> {
    let row = fetch_optional!(&mut *tx, (Uuid,), "select id from patron where card_number = $1", card)?;
    match row {
        Some((id,)) => Holder::of(tx, PatronId(id)).await,
        None => Ok(None),
    }
}

/// Where an address goes that is named at the first registration: where it stands already, else into a free place, else in
/// place of one nobody ever confirmed.
fn slot_for(holder: &Holder, address: &str) -> Slot {
    let [first, second] = holder.mails.each_ref().map(|mail| mail.as_ref().map(|mail| mail.address.as_str()));
    match (first, second) {
        (_, Some(second)) if second == address => Slot::Second,
        (Some(first), None) if first != address => Slot::Second,
        _ => Slot::First,
    }
}
