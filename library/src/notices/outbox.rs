//! Sending what lies in the outbox.

use std::{future::Future, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use domain::notices::{Backlog, Channel};

use super::{
    bounces::remember_sent,
    channel::Carrier,
    mailer::Undelivered,
    parcel::{Parcel, Taken},
};
use crate::{
    Fault, Library,
    storage::{StorageError, Told, Tx, execute, fetch_one, in_write},
};

/// The longest pause before a notice that failed is tried again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(4);

/// After so many days a mail that failed every time, and so often that it is on the desk's list, is not tried again by
/// itself, as mail systems do. It counts as refused from then on and is forgotten as those are.
const TRIED_FOR: TimeDelta = TimeDelta::days(5);

/// How often the outbox is looked at though nobody rang: for what other servers put in, for what failed, and for what
/// waited for others of its kind.
const POLL: Duration = Duration::from_secs(10);

/// The longest pause after which a mail server that could not be reached is tried again.
const LONGEST_WAIT_FOR_SERVER: Duration = Duration::from_secs(5 * 60);

/// How a look into the outbox ended.
enum Turn {
    /// Nothing is due.
    Idle,
    /// A notice, or several in one, went out.
    Sent,
    /// What was due was not sent: it is not true any more, failed, or is somebody else's.
    NotSent,
    /// The server can't be reached: what else is due would fare no better.
    Stopped,
}

impl Library {
    /// Sends what is due, and again whenever something is put into the outbox, until `stop` is ready. It is looked at
    /// between notices, never in the middle of one: a mail that the mail server took is also marked as sent. A server that
    /// can't be reached is asked again after ten seconds, twenty, forty … and nothing is held against what waits for it.
    /// Each channel has a worker of its own, so that one that is slow holds no other up.
    pub async fn run_outbox<C: Carrier>(&self, carrier: C, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut refusals = 0;
        loop {
            let turn = self.send_next(&carrier).await.unwrap_or_else(|error| {
                tracing::error!(%error, "outbox");
                Turn::Idle
            });
            refusals = if matches!(turn, Turn::Stopped) { refusals + 1 } else { 0 };
            let pause = match turn {
                Turn::Sent | Turn::NotSent => Duration::ZERO,
                Turn::Idle => {
                    carrier.rest().await;
                    POLL
                }
                Turn::Stopped => {
                    self.log_backlog().await;
                    wait_for_server(refusals)
                }
            };
            let bell = async {
                // Who waits for a server is not woken by what is put in meanwhile.
                // And one is woken at a time: it is for mail, which somebody may be waiting for on the page.
                if refusals > 0 || carrier.channel() != Channel::Mail {
                    std::future::pending().await
                } else {
                    self.outbox_bell().notified().await
                }
            };
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = bell => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        carrier.rest().await;
    }

    /// Sends what is due of a channel and answers how many went out. One that fails is tried again later, each time after twice the
    /// pause; when the server can't be reached, the rest is left as it is.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn send_due(&self, carrier: &impl Carrier) -> Result<u64, Fault> {
        let mut sent = 0;
        loop {
            match self.send_next(carrier).await? {
                Turn::Sent => sent += 1,
                Turn::NotSent => {}
                Turn::Idle | Turn::Stopped => {
                    carrier.rest().await;
                    return Ok(sent);
                }
            }
        }
    }

    /// Sends what is due first, with what goes along with it.
    async fn send_next(&self, carrier: &impl Carrier) -> Result<Turn, Fault> {
        let Some(head) = self.next_due(carrier.channel()).await? else { return Ok(Turn::Idle) };
        let parcel = match in_write!(self.database(), |tx| self.take(tx, &head).await)? {
            Taken::Parcel(parcel) => parcel,
            Taken::Elsewhere | Taken::Nothing => return Ok(Turn::NotSent),
        };
        match carrier.carry(self, &parcel).await {
            Ok(()) => {
                self.mark_sent(carrier.channel(), &parcel).await?;
                Ok(Turn::Sent)
            }
            Err(Undelivered::Unreachable(error)) => {
                tracing::warn!(%error, "nothing can be sent now");
                self.put_back(&parcel).await?;
                Ok(Turn::Stopped)
            }
            Err(Undelivered::BrokenOff(error)) => {
                self.try_later(&parcel, &error).await?;
                Ok(Turn::Stopped)
            }
            Err(Undelivered::NotNow(error)) => {
                self.try_later(&parcel, &error).await?;
                Ok(Turn::NotSent)
            }
            Err(Undelivered::BadAddress(error)) => {
                tracing::warn!(notice = %parcel.id, %error, "refused for good");
                self.mark_refused(&parcel).await?;
                Ok(Turn::NotSent)
            }
        }
    }

    /// Of a mail it is kept for some days that it went, in case it comes back; what went by another channel can't.
    async fn mark_sent(&self, channel: Channel, parcel: &Parcel) -> Result<(), Fault> {
        let now = self.now();
        in_write!(self.database(), |tx| async {
            if channel != Channel::Mail {
                return Ok::<_, Fault>(execute!(
                    tx,
                    "delete from outbox
                     where sent_as = $1 and channel = $2 and sent_at is null and refused_at is null",
                    parcel.id.0,
                    channel.as_str()
                )?);
            }
            remember_sent(tx, parcel.id, &parcel.recipient, self.beginning_of_today()).await?;
            // What was given up apart from it and bears its id has not gone.
            Ok::<_, Fault>(execute!(
            tx,
            "update outbox set sent_at = $2, recipient = $3, subject = $4, body = case when secret then '' else $5 end,
                 about = case when secret then '{}' else about end
             where sent_as = $1 and sent_at is null and refused_at is null",
            parcel.id.0,
            now,
            &parcel.recipient,
            &parcel.letter.subject,
            &parcel.letter.text
        )?)
        }
        .await)?;
        Ok(())
    }

    /// As if it had not been taken: the other side never heard of it.
    async fn put_back(&self, parcel: &Parcel) -> Result<(), Fault> {
        in_write!(self.database(), |tx| execute!(
            tx,
            "update outbox set next_try_at = $3, tries = tries - 1
             where sent_as = $1 and next_try_at = $2 and sent_at is null",
            parcel.id.0,
            parcel.lease,
            parcel.due
        )
        .map_err(Fault::from))?;
        Ok(())
    }

    /// Leaves it to a later try. Only while the lease is ours: past it, another sender may have had more luck.
    async fn try_later(&self, parcel: &Parcel, error: &Fault) -> Result<(), Fault> {
        tracing::warn!(notice = %parcel.id, tries = parcel.tries, %error, "not sent");
        let now = self.now();
        let next = now + pause_after(parcel.tries - 1);
        let most: i64 = self.policy().daily.mail_tries.into();
        in_write!(self.database(), |tx| {
            async {
            execute!(
                &mut *tx,
                "update outbox set next_try_at = $3,
                     refused_at = case when channel = 'mail' and tries >= $4 and made_at < $5 then $6 else refused_at end
                 where sent_as = $1 and next_try_at = $2 and sent_at is null",
                parcel.id.0,
                parcel.lease,
                next,
                most,
                now - TRIED_FOR,
                now
            )?;
            if parcel.tries >= most {
                // The desk's lists have it from now on.
                tx.tell([Told::Staff]);
            }
            Ok::<_, Fault>(())
        }
        .await
        })
    }

    /// The address is invalid (R13): nothing is tried there again by itself, and the desk telephones (R14).
    async fn mark_refused(&self, parcel: &Parcel) -> Result<(), Fault> {
        let now = self.now();
        in_write!(self.database(), |tx| async {
            tx.tell([Told::Staff]);
            execute!(
                &mut *tx,
                "update outbox set refused_at = $2 where sent_as = $1 and sent_at is null and refused_at is null",
                parcel.id.0,
                now
            )?;
            self.address_refused(tx, &parcel.recipient).await
        }
        .await)?;
        Ok(())
    }

    /// What waits to be sent though its time has come. What single addresses do not take is not counted: it stands on the
    /// desk's lists.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn backlog(&self) -> Result<Backlog, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(backlog(self, &mut tx).await?)
    }

    async fn log_backlog(&self) {
        match self.backlog().await {
            Ok(Backlog { waiting, oldest_minutes }) => {
                tracing::warn!(waiting, oldest_minutes, "notices wait for the mail server");
            }
            Err(error) => tracing::error!(%error, "outbox"),
        }
    }
}

/// See [`Library::backlog`].
pub(crate) async fn backlog(library: &Library, tx: &mut Tx) -> Result<Backlog, StorageError> {
    let now = library.now();
    let (waiting, oldest) = fetch_one!(
        tx,
        (i64, Option<DateTime<Utc>>),
        "select count(*), min(next_try_at) from outbox
         where channel = 'mail' and sent_at is null and refused_at is null and next_try_at <= $1 and tries < $2",
        now,
        i64::from(library.policy().daily.mail_tries)
    )?;
    let minutes = oldest.map_or(0, |oldest| (now - oldest).num_minutes());
    Ok(Backlog {
        waiting: waiting.try_into().unwrap_or(u32::MAX),
        oldest_minutes: minutes.try_into().unwrap_or(u32::MAX),
    })
}

/// A minute, two, four … up to the longest pause.
fn pause_after(tries: i64) -> TimeDelta {
    let doublings = u32::try_from(tries).unwrap_or(u32::MAX).min(10);
    TimeDelta::minutes(1i64 << doublings).min(LONGEST_PAUSE)
}

/// Ten seconds after the first failure in a row, twenty, forty … up to five minutes.
fn wait_for_server(failures: u32) -> Duration {
    POLL.saturating_mul(1 << failures.saturating_sub(1).min(5)).min(LONGEST_WAIT_FOR_SERVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_four_hours() {
        assert_eq!([0, 1, 2, 8, 60].map(|tries| pause_after(tries).num_minutes()), [1, 2, 4, 240, 240]);
    }

    #[test]
    fn a_server_is_asked_again_ever_more_patiently() {
        assert_eq!([1, 2, 3, 6, 99].map(|failures| wait_for_server(failures).as_secs()), [10, 20, 40, 300, 300]);
    }
}
