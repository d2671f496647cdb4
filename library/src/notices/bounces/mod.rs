//! Mails that come back (R13, R14).
//!
//! A report counts only for a mail we sent, and only for the address that mail went to. Both are known by the notice's id, of
//! which the Message-ID is made: 122 of its bits are drawn at random, it stands nowhere but in that one mail and with the
//! mail servers it passed, and the row of `sent_mail` says to whom it went. So nobody can make a stranger's address invalid
//! by a forged report, and a keyed mark beside the id would tell nothing more.

mod flat;
mod imap;
mod maildir;
mod plain;
mod read;
mod report;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{NoticeId, notices::BounceVerdict};
use uuid::Uuid;

pub use self::imap::ImapSettings;
pub use self::read::{Bounce, Bounced, read_bounce};
use crate::{
    Fault, Library,
    storage::{StorageError, Told, Tx, execute, fetch_all, fetch_optional, in_write},
};

/// What became of a mail that was taken for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BounceAnswer {
    /// It is no report about a mail that came back.
    NoBounce,
    /// It is about no mail we sent, or about one sent too long ago.
    NotOurs,
    /// The mail is still under way, or arrived.
    NothingToDo,
    /// It was known already that the mail came back.
    KnownAlready,
    /// The mail did not arrive; the desk telephones (R14).
    Undelivered,
    /// Mail to the address is refused: it is invalid (R13), and the desk telephones (R14).
    AddressRefused,
}

type SentRow = (Uuid, Option<Uuid>, Option<String>, bool);

impl Library {
    /// Takes a mail that came to the address of return. The same report again has no effect.
    ///
    /// # Errors
    /// When the database can't be written; the mail is to be kept and taken again.
    pub async fn take_bounce(&self, raw: &[u8]) -> Result<BounceAnswer, Fault> {
        let raw = raw.get(..read::LONGEST).unwrap_or(raw).to_vec();
        // What strangers wrote can be tiresome to read; who waits for a page does not wait for it.
        let Some(bounce) = tokio::task::spawn_blocking(move || read_bounce(&raw)).await? else {
            return Ok(BounceAnswer::NoBounce);
        };
        let Some(mail) = bounce.notice() else { return Ok(BounceAnswer::NotOurs) };
        let answer = in_write!(self.database(), |tx| self.came_back(tx, mail, &bounce).await)?;
        tracing::info!(?answer, "a report about a mail");
        Ok(answer)
    }

    /// As [`Library::take_bounce`], for whoever reads many: answers whether the mail is done with. One that comes too early
    /// is not, and is no reason to leave the others.
    async fn take_or_leave(&self, raw: &[u8]) -> Result<bool, Fault> {
        match self.take_bounce(raw).await {
            Ok(_) => Ok(true),
            Err(error @ Fault::TooEarly(_)) => {
                tracing::warn!(%error, "left for the next look");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn came_back(&self, tx: &mut Tx, mail: NoticeId, bounce: &Bounce) -> Result<BounceAnswer, Fault> {
        let sent = fetch_all!(
            &mut *tx,
            SentRow,
            "select notice_id, event_id, address, came_back_at is not null from sent_mail where mail_id = $1 order by notice_id",
            mail.0
        )?;
        if sent.is_empty() {
            return self.came_back_early(tx, mail).await;
        }
        // Of several notices in one mail some may have been sent again meanwhile, by mails of their own.
        let Some((.., address, _)) = sent.iter().find(|(.., known)| !known) else {
            return Ok(BounceAnswer::KnownAlready);
        };
        let verdict = verdict_on(bounce, address.as_deref());
        if verdict < BounceVerdict::Undelivered {
            return Ok(BounceAnswer::NothingToDo);
        }
        let today = self.start_of(self.today());
        // Of two servers that read the same report, the second finds it noted.
        let mine = execute!(
            &mut *tx,
            "update sent_mail set came_back_at = $2 where mail_id = $1 and came_back_at is null",
            mail.0,
            today
        )?;
        if mine == 0 {
            return Ok(BounceAnswer::KnownAlready);
        }
        for (notice, event, ..) in sent.iter().filter(|(.., known)| !known) {
            self.give_to_desk(tx, *notice, *event).await?;
        }
        match (verdict, address) {
            (BounceVerdict::AddressRefused, Some(address)) => {
                self.address_refused(tx, address).await?;
                Ok(BounceAnswer::AddressRefused)
            }
            _ => Ok(BounceAnswer::Undelivered),
        }
    }

    /// A report may be here before it is noted that the mail went: it is taken again then, and not thrown away.
    async fn came_back_early(&self, tx: &mut Tx, mail: NoticeId) -> Result<BounceAnswer, Fault> {
        let under_way = fetch_optional!(
            tx,
            (Uuid,),
            "select id from outbox where sent_as = $1 and channel = 'mail' and sent_at is null and refused_at is null limit 1",
            mail.0
        )?;
        match under_way {
            Some(_) => Err(Fault::TooEarly("a report about a mail that is not noted as sent yet")),
            None => Ok(BounceAnswer::NotOurs),
        }
    }

    /// Puts what did not arrive before the desk (R14): as a mail that was refused, while it is kept; when its text is forgotten
    /// already, by its event, which the telephone list reads.
    async fn give_to_desk(&self, tx: &mut Tx, notice: Uuid, event: Option<Uuid>) -> Result<(), StorageError> {
        let now = self.now();
        tx.tell([Told::Staff]);
        let kept = execute!(
            &mut *tx,
            "update outbox set sent_at = null, refused_at = $2 where id = $1 and not secret",
            notice,
            now
        )?;
        let Some(event) = event.filter(|_| kept == 0) else { return Ok(()) };
        let row = fetch_optional!(&mut *tx, (Option<Uuid>,), "select reservation_id from event where id = $1", event)?;
        if let Some((Some(reservation),)) = row {
            execute!(
                tx,
                "insert into notice_try (event_id, channel, op, reservation_id, at, result)
                 values ($1, 'mail', $2, $3, $4, 'given-up') on conflict (event_id, channel, op) do nothing",
                event,
                // Not the notice's own: the address it went to is kept under that.
                Uuid::new_v4(),
                reservation,
                now
            )?;
        }
        Ok(())
    }

    /// Forgets mails that will not come back any more, and which reservation a mail told of once that is nobody's.
    pub(crate) async fn forget_sent_mails(&self) -> Result<(), Fault> {
        let before = self.now() - TimeDelta::days(self.policy().daily.keep_sent_days.into());
        in_write!(self.database(), |tx| async {
            execute!(&mut *tx, "delete from sent_mail where sent_at < $1", before)?;
            execute!(
                tx,
                "update sent_mail set event_id = null where event_id is not null and not exists
                     (select 1 from event e join reservation r on r.id = e.reservation_id
                      where e.id = sent_mail.event_id and r.patron_id is not null)"
            )?;
            Ok::<_, Fault>(())
        }
        .await)
    }
}

/// Remembers that notices go out in a mail on that day, for as long as that may come back. One that went out again may come
/// back again.
pub(super) async fn remember_sent(
    tx: &mut Tx,
    mail: NoticeId,
    address: &str,
    today: DateTime<Utc>,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "insert into sent_mail (notice_id, mail_id, event_id, address, sent_at, patron_id)
         select o.id, $1, (select e.id from event e where e.id = o.event_id and e.reservation_id is not null), $2, $3, o.patron_id
         from outbox o where o.sent_as = $1 and o.sent_at is null and o.refused_at is null
         on conflict (notice_id) do update set mail_id = excluded.mail_id, address = excluded.address,
             sent_at = excluded.sent_at, came_back_at = null",
        mail.0,
        address,
        today
    )?;
    Ok(())
}

/// What a report says of the address a mail went to. That an address refuses mail is believed of this address alone: where
/// the mail was forwarded and refused elsewhere, it did not arrive, and no more.
fn verdict_on(bounce: &Bounce, address: Option<&str>) -> BounceVerdict {
    let of = |bounced: &Bounced| {
        if address.is_some_and(|address| bounced.is_about(address)) {
            bounced.verdict
        } else {
            bounced.verdict.min(BounceVerdict::Undelivered)
        }
    };
    bounce.recipients.iter().map(of).max().unwrap_or(BounceVerdict::Delivered)
}
