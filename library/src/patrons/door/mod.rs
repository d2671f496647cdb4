//! The patron's door: how somebody comes by a password and keeps it, and how mail addresses are confirmed (R3–R6).
//!
//! Whoever proves something here does so by a link that was mailed, by a password that is in use, by a one-time password of
//! the desk, or by a passkey. Every way to a new password ends in [`Library::put_password`].

mod addresses;
mod ceremony;
mod kiosk;
mod links;
mod once;
mod passkeys;
mod password;
mod questions;
mod register;

use domain::{
    PatronId,
    patrons::{LinkPurpose, MailOfCard, OwnFacts, Recorded, Slot},
};

pub(crate) use links::link_is_open;
pub(super) use passkeys::forget_passkeys;

use super::guess::forget_tries;
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    notices::{DoorMail, address_proven, forget_devices, tell_of_door},
    storage::{StorageError, Told, Tx, execute, fetch_optional},
};

/// What is known of a patron here.
pub(super) struct Holder {
    id: PatronId,
    card: String,
    name: String,
    kana: String,
    birth_date: chrono::NaiveDate,
    telephone: String,
    password_hash: Option<String>,
    mails: [Option<MailOfCard>; 2],
}

type HolderRow = (
    String,
    String,
    String,
    chrono::NaiveDate,
    String,
    Option<String>,
    Option<String>,
    bool,
    Option<String>,
    bool,
    i64,
);

impl Holder {
    /// What is known of this patron.
    async fn of(tx: &mut Tx, id: PatronId) -> Result<Option<Self>, StorageError> {
        let row = fetch_optional!(
            tx,
            HolderRow,
            "select card_number, name, name_kana, birth_date, telephone, password_hash, mail1, mail1_confirmed, mail2,
                 mail2_confirmed, ready_mail from patron where id = $1",
            id.0
        )?;
        let Some((card, name, kana, birth_date, telephone, password_hash, mail1, confirmed1, mail2, confirmed2, ready)) =
            row
        else {
            return Ok(None);
        };
        // Since when an address refuses mail is asked where it is shown: on 利用者情報.
        let mail = |address: Option<String>, confirmed, ready| {
            address.map(|address| MailOfCard { address, confirmed, ready, refused_on: None })
        };
        let mails = [mail(mail1, confirmed1, ready != 2), mail(mail2, confirmed2, ready == 2)];
        Ok(Some(Self { id, card, name, kana, birth_date, telephone, password_hash, mails }))
    }

    /// Addresses that were confirmed, the one for ready notices first.
    fn confirmed(&self) -> Vec<&str> {
        let mut mails: Vec<&MailOfCard> = self.mails.iter().flatten().filter(|mail| mail.confirmed).collect();
        mails.sort_by_key(|mail| !mail.ready);
        mails.into_iter().map(|mail| mail.address.as_str()).collect()
    }

    /// What the record says of whoever claims to be its holder.
    fn recorded(&self) -> Recorded<'_> {
        Recorded { card: &self.card, kana: &self.kana, birth_date: self.birth_date, telephone: &self.telephone }
    }

    /// What whoever finds the card would try first.
    fn own_facts(&self) -> OwnFacts<'_> {
        OwnFacts { card: &self.card, birth_date: self.birth_date, telephone: &self.telephone }
    }
}

impl Library {
    /// Gives a patron a new password. Every session begun with the old one is over, links of mails and one-time passwords lead
    /// nowhere any more, whatever they were for, and devices are told of nothing any more: who asked for one or added one may
    /// have had the old password. Nothing that was guessed holds the patron up, and they are told by mail. Answers the
    /// generation of sessions that begin now.
    async fn put_password(
        &self,
        tx: &mut Tx,
        secret: &[u8],
        patron: PatronId,
        hash: &str,
        how: &str,
    ) -> Result<i64, Fault> {
        let row = fetch_optional!(
            &mut *tx,
            (i64,),
            "update patron set password_hash = $2, generation = generation + 1, revision = revision + 1 where id = $1
             returning generation",
            patron.0,
            hash
        )?;
        let Some((generation,)) = row else { return Err(Fault::AccountGone) };
        execute!(&mut *tx, "delete from one_time_password where patron_id = $1", patron.0)?;
        for purpose in LinkPurpose::ALL {
            links::end_links(tx, patron, *purpose, None, self.now()).await?;
        }
        forget_tries(tx, secret, patron).await?;
        tx.tell([Told::Patron(patron)]);
        let event = Event::of(EventKind::PasswordSet, ActorRole::Patron, self.now());
        record(tx, Event { note: Some(how), ..event }).await?;
        let devices = forget_devices(tx, patron).await? > 0;
        // They are the holder's as well, but not all who choose a password anew will think of them.
        let passkeys = passkeys::count(tx, patron).await? > 0;
        self.tell_holder(tx, patron, DoorMail::PasswordChanged { passkeys, devices }).await?;
        Ok(generation)
    }

    /// Tells a patron at every confirmed address.
    pub(crate) async fn tell_holder(&self, tx: &mut Tx, patron: PatronId, what: DoorMail<'_>) -> Result<(), Fault> {
        let holder = Holder::of(tx, patron).await?.ok_or(Fault::AccountGone)?;
        for address in holder.confirmed() {
            tell_of_door(self, tx, patron, (&holder.name, address), what).await?;
        }
        Ok(())
    }

    /// Makes this the patron's confirmed address in that place, and the one for ready notices when none is.
    async fn put_address(&self, tx: &mut Tx, patron: PatronId, slot: Slot, address: &str) -> Result<(), Fault> {
        let (sql, n) = match slot {
            Slot::First => (
                "update patron set mail1 = $2, mail1_confirmed = true, mail1_refused_at = null, revision = revision + 1,
                     ready_mail = case when ready_mail = 2 and mail2 is not null and mail2_confirmed then 2 else $3 end
                 where id = $1",
                1i64,
            ),
            Slot::Second => (
                "update patron set mail2 = $2, mail2_confirmed = true, mail2_refused_at = null, revision = revision + 1,
                     ready_mail = case when ready_mail = 1 and mail1 is not null and mail1_confirmed then 1 else $3 end
                 where id = $1",
                2i64,
            ),
        };
        if execute!(&mut *tx, sql, patron.0, address, n)? == 0 {
            return Err(Fault::AccountGone);
        }
        address_proven(tx, address).await?;
        record(tx, Event::of(EventKind::AddressChanged, ActorRole::Patron, self.now())).await?;
        Ok(())
    }
}
