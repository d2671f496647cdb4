//! The work of each day: what has run out, reminders, and what privacy says must go.
//!
//! It looks at the present state and not at what it did before, so it can run again at any time, and a day on which
//! nobody ran it is caught up by the next. `job_run` only keeps several servers from doing the same at once.

mod expiring;
mod privacy;
mod reminders;
mod traces;

use std::{future::Future, time::Duration};

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use uuid::Uuid;

use crate::{
    Fault, Library,
    clock::new_id,
    events::ActorRole,
    storage::{execute, fetch_optional, in_write},
};

/// The name of the day's work in `job_run`.
const JOB: &str = "daily";

/// For how long a server has the day's work to itself. One that was killed leaves it to another after that.
const LEASE: TimeDelta = TimeDelta::minutes(30);

/// How often a server looks whether the day's work is to be done.
const POLL: Duration = Duration::from_secs(30);

/// What a day's work did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyReport {
    /// Reservations that were ready and not picked up in time.
    pub expired: u64,
    /// Copies that did not arrive.
    pub not_arrived: u64,
    /// Reservations of sets whose patron did not answer.
    pub unanswered: u64,
    /// Copies on the shelves that were picked for those who wait: the pull lists of the morning.
    pub picked: u64,
    /// Reminders put into the outbox.
    pub reminders: u64,
    /// Loans and reservations whose tie to a patron was cut.
    pub ties_cut: u64,
    /// Mails that were delivered and are forgotten now.
    pub mails_forgotten: u64,
    /// Lines about what staff did that are forgotten now.
    pub deeds_forgotten: u64,
}

/// What failed first of the day's work.
#[derive(Default)]
struct Steps {
    failed: Option<Fault>,
}

impl Steps {
    fn took<T>(&mut self, step: &str, done: Result<T, Fault>) -> Option<T> {
        done.map_err(|error| {
            tracing::error!(step, %error, "the day's work");
            self.failed.get_or_insert(error);
        })
        .ok()
    }

    fn count(&mut self, step: &str, done: Result<u64, Fault>) -> u64 {
        self.took(step, done).unwrap_or_default()
    }

    fn end(self, report: DailyReport) -> Result<DailyReport, Fault> {
        self.failed.map_or(Ok(report), Err)
    }
}

impl Library {
    /// Does the day's work, whoever did it before. One step that fails keeps none of the others from being done: what
    /// privacy says must go goes also on the day a reminder can't be written.
    ///
    /// # Errors
    /// What failed first, when the database can't be read or written; everything else is done.
    pub async fn daily(&self) -> Result<DailyReport, Fault> {
        let mut steps = Steps::default();
        // Before the ties of the loans are cut, so that none of them lives on in a history.
        let settled = steps.took("history", self.settle_history().await).is_some();
        let mut report = DailyReport {
            expired: steps.count("holds", self.expire_holds().await),
            not_arrived: steps.count("transits", self.give_up_transits().await),
            unanswered: steps.count("sets", self.cancel_unanswered().await),
            picked: steps.count("pull lists", self.pick_copies(ActorRole::System).await),
            reminders: steps.count("due dates", self.remind_of_due_dates().await)
                + steps.count("deadlines", self.remind_of_deadlines().await),
            ..DailyReport::default()
        };
        if settled {
            report.ties_cut = steps.count("ties", self.cut_ties().await);
        }
        report.mails_forgotten = steps.count("mails", self.forget_mails().await);
        report.deeds_forgotten = steps.count("deeds", self.forget_audit().await);
        steps.took("guesses", self.forget_guesses().await);
        steps.took("links", self.forget_links().await);
        steps.took("sent mails", self.forget_sent_mails().await);
        steps.took("traces", self.wipe_traces().await);
        self.outbox_bell().notify_one();
        steps.end(report)
    }

    /// Does the day's work unless somebody did it today or is doing it now; `None` then. Any number of servers and a
    /// cron job may call this.
    ///
    /// # Errors
    /// When the database can't be read or written; the next call tries again after the lease.
    pub async fn daily_once(&self) -> Result<Option<DailyReport>, Fault> {
        let (owner, day) = (new_id(self.now()), self.today());
        let mine = in_write!(self.database(), |tx| execute!(
            tx,
            "insert into job_run (job, day, owner, lease_until) values ($1, $2, $3, $4)
             on conflict (job, day) do update set owner = excluded.owner, lease_until = excluded.lease_until
             where job_run.done_at is null and job_run.lease_until < $5",
            JOB,
            day,
            owner,
            self.now() + LEASE,
            self.now()
        )
        .map_err(Fault::from))?;
        if mine == 0 {
            return Ok(None);
        }
        let report = self.daily().await?;
        in_write!(self.database(), |tx| execute!(
            tx,
            "update job_run set done_at = $4 where job = $1 and day = $2 and owner = $3",
            JOB,
            day,
            owner,
            self.now()
        )
        .map_err(Fault::from))?;
        Ok(Some(report))
    }

    /// When today's work was done; `None` when it was not yet.
    async fn done_today(&self) -> Result<Option<DateTime<Utc>>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let row = fetch_optional!(
            &mut tx,
            (Uuid, Option<DateTime<Utc>>),
            "select owner, done_at from job_run where job = $1 and day = $2",
            JOB,
            self.today()
        )?;
        Ok(row.and_then(|(_, done_at)| done_at))
    }

    /// Does the day's work at the hour of the policy, and at once when that hour has passed and nobody did it, until
    /// `stop` is ready.
    pub async fn run_daily(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            if self.hour() >= self.policy().daily.hour {
                match self.done_today().await {
                    Ok(Some(_)) => {}
                    Ok(None) => match self.daily_once().await {
                        Ok(Some(report)) => tracing::info!(?report, "the day's work is done"),
                        Ok(None) => {}
                        Err(error) => tracing::error!(%error, "the day's work"),
                    },
                    Err(error) => tracing::error!(%error, "the day's work"),
                }
            }
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// The hour it is in the library.
    fn hour(&self) -> u32 {
        self.local(self.now()).hour()
    }
}
