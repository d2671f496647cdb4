//! Links of mails. In the mail stand 128 random bits, here their hash; a link is for one purpose of one patron, works once
//! and not for long. Opening one changes nothing, because mail programs open links before people do: a button does.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    PatronId,
    patrons::{LinkGone, LinkPurpose, LinkState, Slot},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Holder;
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    notices::{DoorMail, tell_of_door},
    storage::{StorageError, Tx, execute, fetch_one, fetch_optional, in_write},
};

/// Most links that are mailed for one patron within an hour, so that nobody's mailbox is filled.
const MOST_AN_HOUR: i64 = 10;

/// For how long a link that leads nowhere is remembered, so that it can be said why.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// A link that leads somewhere.
pub(super) struct OpenLink {
    pub(super) purpose: LinkPurpose,
    pub(super) patron: PatronId,
    pub(super) address: String,
    /// Which of the two addresses it becomes; `None` where it is confirmed already.
    pub(super) slot: Option<Slot>,
}

/// Purpose, patron, address, slot, whether the address is still what it was when the link was mailed, end, use.
type LinkRow = (String, Uuid, String, Option<i64>, bool, DateTime<Utc>, Option<DateTime<Utc>>);

impl Library {
    /// What a link of a mail leads to. Nothing is changed by looking.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn link(&self, token: &str) -> Result<LinkState, Fault> {
        Ok(match self.open_link(token).await? {
            Ok(OpenLink { purpose: LinkPurpose::Password, .. }) => LinkState::Password,
            Ok(OpenLink { address, .. }) => LinkState::Address(address),
            Err(gone) => LinkState::Gone(gone),
        })
    }

    pub(super) async fn open_link(&self, token: &str) -> Result<Result<OpenLink, LinkGone>, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(find(&mut tx, token, self.now()).await?)
    }

    /// Mails a link. An earlier one for the same leads nowhere any more. Answers whether one was mailed: there are only so
    /// many an hour.
    pub(super) async fn mail_link(&self, to: &Holder, link: &OpenLink) -> Result<bool, Fault> {
        let token = new_token();
        let mailed = in_write!(self.database(), |tx| self.mail_link_in(tx, to, link, &token).await)?;
        self.outbox_bell().notify_one();
        Ok(mailed)
    }

    async fn mail_link_in(&self, tx: &mut Tx, to: &Holder, link: &OpenLink, token: &str) -> Result<bool, Fault> {
        let now = self.now();
        // Whoever asks for the same patron at the same time waits here.
        execute!(&mut *tx, "update patron set revision = revision + 1 where id = $1", to.id.0)?;
        let (lately,) = fetch_one!(
            &mut *tx,
            (i64,),
            "select count(*) from link where patron_id = $1 and made_at > $2",
            to.id.0,
            now - TimeDelta::hours(1)
        )?;
        if lately >= MOST_AN_HOUR {
            return Ok(false);
        }
        end_links(tx, to.id, link.purpose, link.slot, now).await?;
        execute!(
            &mut *tx,
            "insert into link (token_hash, purpose, patron_id, address, slot, made_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            hashed(token),
            link.purpose.as_str(),
            to.id.0,
            &link.address,
            link.slot.map(number),
            now,
            now + TimeDelta::minutes(self.policy().accounts.link_minutes.into())
        )?;
        record(tx, Event::of(EventKind::LinkMade, ActorRole::Patron, now)).await?;
        let mail = match link.purpose {
            LinkPurpose::Password => DoorMail::PasswordLink(token),
            LinkPurpose::Address => DoorMail::AddressLink(token),
        };
        tell_of_door(self, tx, to.id, (&to.name, &link.address), mail).await?;
        Ok(true)
    }

    /// Uses a link up for its purpose, and answers what it is for; of two who use it at once one gets it.
    pub(super) async fn use_link(
        &self,
        tx: &mut Tx,
        token: &str,
        purpose: LinkPurpose,
    ) -> Result<Result<OpenLink, LinkGone>, Fault> {
        let now = self.now();
        let used = execute!(
            &mut *tx,
            "update link set used_at = $2 where token_hash = $1 and purpose = $3 and used_at is null and expires_at > $2",
            hashed(token),
            now,
            purpose.as_str()
        )?;
        match row(tx, token).await? {
            Some((read, ..)) if read != purpose.as_str() => Ok(Err(LinkGone::Unknown)),
            Some((.., false, _, _)) => Ok(Err(LinkGone::Expired)),
            Some(found) if used == 1 => Ok(Ok(read(found)?)),
            Some((.., used_at)) => Ok(Err(if used_at.is_some() { LinkGone::Used } else { LinkGone::Expired })),
            None => Ok(Err(LinkGone::Unknown)),
        }
    }

    /// Forgets links that ended long ago, and one-time passwords whose time is over.
    pub(crate) async fn forget_links(&self) -> Result<u64, Fault> {
        let now = self.now();
        in_write!(self.database(), |tx| async {
            execute!(&mut *tx, "delete from one_time_password where expires_at < $1", now)?;
            Ok::<_, Fault>(execute!(tx, "delete from link where expires_at < $1", now - REMEMBERED)?)
        }
        .await)
    }
}

async fn find(tx: &mut Tx, token: &str, now: DateTime<Utc>) -> Result<Result<OpenLink, LinkGone>, StorageError> {
    Ok(match row(tx, token).await? {
        None => Err(LinkGone::Unknown),
        Some((.., Some(_))) => Err(LinkGone::Used),
        Some((.., proven, expires_at, None)) if expires_at <= now || !proven => Err(LinkGone::Expired),
        Some(found) => Ok(read(found)?),
    })
}

/// Whether a link leads somewhere.
pub(crate) async fn link_is_open(tx: &mut Tx, token: &str, now: DateTime<Utc>) -> Result<bool, StorageError> {
    Ok(find(tx, token, now).await?.is_ok())
}

async fn row(tx: &mut Tx, token: &str) -> Result<Option<LinkRow>, StorageError> {
    fetch_optional!(
        tx,
        LinkRow,
        // A link to a password that names no place went to an address that was confirmed. Once it is so no more, whoever reads
        // there has no say in the account.
        "select l.purpose, l.patron_id, l.address, l.slot,
             l.purpose = 'address' or l.slot is not null
                 or coalesce(p.mail1_confirmed and p.mail1 = l.address, false)
                 or coalesce(p.mail2_confirmed and p.mail2 = l.address, false),
             l.expires_at, l.used_at
         from link l join patron p on p.id = l.patron_id where l.token_hash = $1",
        hashed(token)
    )
}

fn read((purpose, patron, address, slot, ..): LinkRow) -> Result<OpenLink, StorageError> {
    Ok(OpenLink {
        purpose: purpose.parse().map_err(|error| StorageError::corrupt("purpose of a link", error))?,
        patron: PatronId(patron),
        address,
        slot: slot.map(|slot| if slot == 2 { Slot::Second } else { Slot::First }),
    })
}

/// Ends links of a patron that were not used: all of a purpose, or those for one of the two addresses.
pub(super) async fn end_links(
    tx: &mut Tx,
    patron: PatronId,
    purpose: LinkPurpose,
    slot: Option<Slot>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    // A link to a password is one of its purpose, whatever address it proves.
    let slot = slot.filter(|_| purpose == LinkPurpose::Address).map(number);
    execute!(
        tx,
        "update link set expires_at = $3 where patron_id = $1 and purpose = $2 and used_at is null and expires_at > $3
             and coalesce(slot, 0) = coalesce($4, slot, 0)",
        patron.0,
        purpose.as_str(),
        now,
        slot
    )?;
    Ok(())
}

const fn number(slot: Slot) -> i64 {
    match slot {
        Slot::First => 1,
        Slot::Second => 2,
    }
}

fn new_token() -> String {
    let bits: [u8; 16] = rand::random();
    bits.map(|byte| format!("{byte:02x}")).concat()
}

fn hashed(token: &str) -> Vec<u8> {
    Sha256::digest(token.trim().as_bytes()).to_vec()
}
