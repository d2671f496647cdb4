//! Sending what lies in the outbox.

use std::{future::Future, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use domain::NoticeId;
use uuid::Uuid;

use super::mailer::{Mailer, OutgoingMail};
use crate::{
    Fault, Library,
    storage::{execute, fetch_all, in_write},
};

/// How many mails are taken at once.
const BATCH: i64 = 20;

/// For how long a sender has a mail to itself. One that was killed in the middle leaves it to another after that.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// The longest pause before a mail that failed is tried again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(4);

/// How often the outbox is looked at though nobody rang: for what other servers put in, and for what failed.
const POLL: Duration = Duration::from_secs(10);

type DueRow = (Uuid, String, String, String, i64, DateTime<Utc>);

impl Library {
    /// Sends what is due, and again whenever something is put into the outbox, until `stop` is ready.
    pub async fn run_outbox(&self, mailer: Mailer, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            if let Err(error) = self.send_due(&mailer).await {
                tracing::error!(%error, "outbox");
            }
            tokio::select! {
                () = &mut stop => return,
                () = self.outbox_bell().notified() => {}
                () = tokio::time::sleep(POLL) => {}
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
        loop {
            let due = self.due().await?;
            if due.is_empty() {
                return Ok(sent);
            }
            for row in due {
                if self.send_one(mailer, row).await? {
                    sent += 1;
                }
            }
        }
    }

    async fn due(&self) -> Result<Vec<DueRow>, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(fetch_all!(
            &mut tx,
            DueRow,
            "select id, recipient, subject, body, tries, next_try_at from outbox
             where sent_at is null and next_try_at <= $1 order by next_try_at, id limit $2",
            self.now(),
            BATCH
        )?)
    }

    async fn send_one(&self, mailer: &Mailer, row: DueRow) -> Result<bool, Fault> {
        let (id, recipient, subject, body, tries, seen) = row;
        let now = self.now();
        // Whoever moves the time of the next try has the mail for the lease; any other sender finds it moved.
        let mine = in_write!(self.database(), |tx| execute!(
            tx,
            "update outbox set next_try_at = $3, tries = tries + 1
             where id = $1 and next_try_at = $2 and sent_at is null",
            id,
            seen,
            now + LEASE
        )
        .map_err(Fault::from))?;
        if mine == 0 {
            return Ok(false);
        }
        let from = self.policy().library.mail_from.as_str();
        let mail = OutgoingMail { id: NoticeId(id), from, to: &recipient, subject: &subject, body: &body };
        let (sent_at, next_try_at) = match mailer.send(&mail).await {
            Ok(()) => (Some(self.now()), now),
            Err(error) => {
                tracing::warn!(notice = %id, tries = tries + 1, %error, "mail not sent");
                (None, now + pause_after(tries))
            }
        };
        in_write!(self.database(), |tx| execute!(
            tx,
            "update outbox set sent_at = $2, next_try_at = $3 where id = $1",
            id,
            sent_at,
            next_try_at
        )
        .map_err(Fault::from))?;
        Ok(sent_at.is_some())
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
