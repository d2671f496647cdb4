//! メールアドレス1 and 2 (R6): each confirmed by a mailed link before it takes the place of what was there.

use chrono::{DateTime, Utc};
use domain::{
    PatronId,
    notices::Devices,
    patrons::{DoorProblem, DoorRefusal, LinkPurpose, Settings, Slot, read_mail},
};

use super::{Holder, links::OpenLink};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    notices::{DoorMail, tell_of_door},
    patrons::guess::Origin,
    storage::{Told, Tx, execute, fetch_all, fetch_one, in_write},
};

impl Library {
    /// What a patron keeps on 利用者情報.
    ///
    /// # Errors
    /// When the database can't be read, or there is no such patron.
    pub async fn settings(&self, patron: PatronId) -> Result<Settings, Fault> {
        let mut tx = self.database().begin_read().await?;
        let holder = Holder::of(&mut tx, patron).await?.ok_or(Fault::AccountGone)?;
        let rows = fetch_all!(
            &mut tx,
            (i64, String),
            "select slot, address from link where patron_id = $1 and purpose = 'address' and used_at is null
                 and expires_at > $2 order by made_at",
            patron.0,
            self.now()
        )?;
        let mut pending = [None, None];
        for (slot, address) in rows {
            pending[usize::from(slot == 2)] = Some(address);
        }
        let passkeys = self.passkeys(&mut tx, patron).await?;
        let (first, second) = fetch_one!(
            &mut tx,
            (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
            "select mail1_refused_at, mail2_refused_at from patron where id = $1",
            patron.0
        )?;
        let mut mails = holder.mails;
        for (mail, refused) in mails.iter_mut().zip([first, second]) {
            if let Some(mail) = mail {
                mail.refused_on = refused.map(|at| self.day_of(at));
            }
        }
        drop(tx);
        let devices = Devices { known: self.devices(patron).await?, offered_by: None };
        Ok(Settings { mails, pending, passkeys, devices })
    }

    /// Mails a link by which an address is confirmed. It takes its place only then: a slip loses nobody the address they
    /// have. The password in use is wanted because by an address the next password comes.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn ask_for_address(
        &self,
        patron: PatronId,
        slot: Slot,
        (typed, password): (&str, &str),
        origin: &Origin,
    ) -> Result<Result<String, DoorRefusal>, Fault> {
        let holder = self.holder(patron).await?;
        let problem = |problem| Ok(Err(DoorRefusal::Problems(vec![problem])));
        let Some(address) = read_mail(typed) else { return problem(DoorProblem::Mail) };
        let other = holder.mails[1 - slot.index()].as_ref();
        if other.is_some_and(|other| other.address == address) {
            return problem(DoorProblem::MailTwice);
        }
        if let Err(refusal) = self.prove(&holder, password, origin).await? {
            return Ok(Err(refusal));
        }
        let link = OpenLink { purpose: LinkPurpose::Address, patron, address: address.clone(), slot: Some(slot) };
        let mailed = self.mail_link(&holder, &link).await?;
        Ok(if mailed { Ok(address) } else { Err(DoorRefusal::Busy) })
    }

    /// Confirms the address a link went to, whoever is signed in: the link opens where the mail is read. Who had an address
    /// before is told there.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn confirm_address(&self, token: &str) -> Result<Result<String, DoorRefusal>, Fault> {
        let done = in_write!(self.database(), |tx| async {
            let link = match self.use_link(tx, token, LinkPurpose::Address).await? {
                Ok(link) => link,
                Err(gone) => return Ok::<_, Fault>(Err(DoorRefusal::Link(gone))),
            };
            let before = Holder::of(tx, link.patron).await?.ok_or(Fault::AccountGone)?;
            self.put_address(tx, link.patron, link.slot.unwrap_or(Slot::First), &link.address).await?;
            self.tell_of_addresses(tx, &before, &link.address).await?;
            Ok(Ok(link.address))
        }
        .await)?;
        self.outbox_bell().notify_one();
        Ok(done)
    }

    /// Takes an address away.
    ///
    /// # Errors
    /// When the database can't be read or written, or the hash can't be computed.
    pub async fn remove_address(
        &self,
        patron: PatronId,
        slot: Slot,
        password: &str,
        origin: &Origin,
    ) -> Result<Result<(), DoorRefusal>, Fault> {
        let holder = self.holder(patron).await?;
        if let Err(refusal) = self.prove(&holder, password, origin).await? {
            return Ok(Err(refusal));
        }
        let sql = match slot {
            Slot::First => {
                "update patron set mail1 = null, mail1_confirmed = false, mail1_refused_at = null, revision = revision + 1,
                     ready_mail = case when mail2 is null then ready_mail else 2 end where id = $1"
            }
            Slot::Second => {
                "update patron set mail2 = null, mail2_confirmed = false, mail2_refused_at = null, revision = revision + 1,
                     ready_mail = 1
                 where id = $1"
            }
        };
        in_write!(self.database(), |tx| async {
            execute!(&mut *tx, sql, patron.0)?;
            super::links::end_links(tx, patron, LinkPurpose::Address, Some(slot), self.now()).await?;
            record(tx, Event::of(EventKind::AddressChanged, ActorRole::Patron, self.now())).await?;
            self.tell_of_addresses(tx, &holder, "").await
        }
        .await)?;
        self.outbox_bell().notify_one();
        Ok(Ok(()))
    }

    /// Chooses the address that gets ready notices, among those that are confirmed.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn choose_ready_mail(&self, patron: PatronId, slot: Slot) -> Result<Result<(), DoorRefusal>, Fault> {
        let sql = match slot {
            Slot::First => {
                "update patron set ready_mail = 1, revision = revision + 1
                 where id = $1 and mail1 is not null and mail1_confirmed"
            }
            Slot::Second => {
                "update patron set ready_mail = 2, revision = revision + 1
                 where id = $1 and mail2 is not null and mail2_confirmed"
            }
        };
        let chosen = in_write!(self.database(), |tx| {
            // Whether there is an address decides who is telephoned.
            tx.tell([Told::Staff]);
            execute!(tx, sql, patron.0).map_err(Fault::from)
        })?;
        Ok(if chosen == 1 { Ok(()) } else { Err(DoorRefusal::Problems(vec![DoorProblem::Mail])) })
    }

    /// Tells at every address that was confirmed before, but for the one that is new.
    async fn tell_of_addresses(&self, tx: &mut Tx, before: &Holder, new: &str) -> Result<(), Fault> {
        for address in before.confirmed().into_iter().filter(|address| *address != new) {
            tell_of_door(self, tx, before.id, (&before.name, address), DoorMail::AddressChanged).await?;
        }
        Ok(())
    }
}
