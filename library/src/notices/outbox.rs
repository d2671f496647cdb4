//! Sending what lies in the outbox.

use std::{future::Future, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use domain::NoticeId;
use uuid::Uuid;

use super::{
    bounces::remember_sent,
    mailer::{Mailer, OutgoingMail},
};
use crate::{
    Fault, Library,
    storage::{execute, fetch_optional, in_write},
};

/// For how long a sender has a mail to itself. One that was killed in the middle leaves it to another after that.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// The longest pause before a mail that failed is tried again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(4);

/// How often the outbox is looked at though nobody rang: for what other servers put in, and for what failed.
const POLL: Duration = Duration::from_secs(10);

type DueRow = (Uuid, String, String, String, i64, DateTime<Utc>);

impl Library {
    /// Sends what is due, and again whenever something is put into the outbox, until `stop` is ready. It is looked at
    /// between mails, never in the middle of one: a mail that the mail server took is also marked as sent.
    pub async fn run_outbox(&self, mailer: Mailer, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let more = match self.send_next(&mailer).await {
                Ok(attempt) => attempt.is_some(),
                Err(error) => {
                    tracing::error!(%error, "outbox");
                    false
                }
            };
            let pause = if more { Duration::ZERO } else { POLL };
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = self.outbox_bell().notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Sends what is due and answers how many mails went out. One that fails is tried again later, each time after
    /// twice the pause.
    ///
    /// # Errors
    /// When the database can't be read or written.
    pub async fn send_due(&self, mailer: &Mailer) -> Result<u64, Fault> {
        let mut sent = 0;
        while let Some(went_out) = self.send_next(mailer).await? {
            sent += u64::from(went_out);
        }
        Ok(sent)
    }

    /// Sends the next mail that is due and answers whether it went out; `None` when none is due.
    async fn send_next(&self, mailer: &Mailer) -> Result<Option<bool>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let due = fetch_optional!(
            &mut tx,
            DueRow,
            "select id, recipient, subject, body, tries, next_try_at from outbox
             where sent_at is null and next_try_at <= $1 order by next_try_at, id limit 1",
            self.now()
        )?;
        drop(tx);
        let Some((id, recipient, subject, body, tries, seen)) = due else { return Ok(None) };
        let lease = self.now() + LEASE;
        // Whoever moves the time of the next try has the mail for the lease; any other sender finds it moved.
        let mine = in_write!(self.database(), |tx| execute!(
            tx,
            "update outbox set next_try_at = $3, tries = tries + 1
             where id = $1 and next_try_at = $2 and sent_at is null",
            id,
            seen,
            lease
        )
        .map_err(Fault::from))?;
        if mine == 0 {
            return Ok(Some(false));
        }
        let from = self.policy().library.mail_from.as_str();
        let mail = OutgoingMail { id: NoticeId(id), from, to: &recipient, subject: &subject, body: &body };
        match mailer.send(&mail).await {
            Ok(()) => {
                let now = self.now();
                in_write!(self.database(), |tx| async {
                    remember_sent(tx, NoticeId(id), NoticeId(id), now).await?;
                    Ok::<_, Fault>(execute!(
                        tx,
                        "update outbox set sent_at = $2, body = case when secret then '' else body end where id = $1",
                        id,
                        now
                    )?)
                }
                .await)?;
                Ok(Some(true))
            }
            Err(error) => {
                tracing::warn!(notice = %id, tries = tries + 1, %error, "mail not sent");
                let next = self.now() + pause_after(tries);
                // Only while the lease is ours: past it, another sender may have had more luck.
                in_write!(self.database(), |tx| execute!(
                    tx,
                    "update outbox set next_try_at = $2 where id = $1 and next_try_at = $3 and sent_at is null",
                    id,
                    next,
                    lease
                )
                .map_err(Fault::from))?;
                Ok(Some(false))
            }
        }
    }
}

/// A minute, two, four … up to the longest pause.
fn pause_after(tries: i64) -> TimeDelta {
    let doublings = u32::try_from(tries).unwrap_or(u32::MAX).min(10);
    TimeDelta::minutes(1i64 << doublings).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_four_hours() {
        assert_eq!([0, 1, 2, 8, 60].map(|tries| pause_after(tries).num_minutes()), [1, 2, 4, 240, 240]);
    }
}
