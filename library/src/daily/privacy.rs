//! Cutting the tie between patron and title once it has served (see "Privacy" in the requirements): after the day on
//! which a loan ended, after the days a cancelled reservation is shown, after a mail was delivered.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::BibId;
use uuid::Uuid;

use crate::{
    Fault, Library,
    circulation::{forget_desk_answers, forget_patrons_answers},
    storage::{StorageError, Tx, execute, fetch_all, in_write},
};

/// For how long a notice is tried by another channel than mail.
const STALE: TimeDelta = TimeDelta::days(3);

/// For how long a scan that waits for staff says whose card it was.
const LATE_CARDS: TimeDelta = TimeDelta::days(31);

/// How many hours of the event log are made coarse by one transaction.
const HOURS_TOGETHER: usize = 24;

impl Library {
    /// Cuts the tie of loans that ended before today, of the reservations they fulfilled, and of reservations whose days
    /// on 予約取消一覧 are over. Answers how many.
    pub(super) async fn cut_ties(&self) -> Result<u64, Fault> {
        let today = self.start_of(self.today());
        let mut tx = self.database().begin_read().await?;
        let ended = fetch_all!(
            &mut tx,
            (Uuid, Uuid),
            "select l.id, p.bib_id from loan l join part p on p.id = l.part_id
             where l.patron_id is not null and l.returned_at < $1 order by l.returned_at, l.id",
            today
        )?;
        drop(tx);
        let mut cut = 0;
        for (loan, bib) in ended {
            cut += in_write!(self.database(), |tx| self.cut_loan(tx, loan, BibId(bib)).await)?;
        }
        cut += in_write!(self.database(), |tx| self.forget_scans(tx, today).await)?;
        let days = self.policy().reservations.keep_cancelled_days;
        // The last day on the list is the day it was cancelled and so many days more.
        let before = self.start_of(self.today() - TimeDelta::days(i64::from(days)));
        cut += in_write!(self.database(), |tx| self.cut_cancelled(tx, before).await)?;
        self.make_events_coarse(today).await?;
        Ok(cut)
    }

    /// Of what the log says of earlier days there is only the hour from now on, and of titles neither the actor nor a word
    /// more: by these a patron could be found who was seen at that moment, or for whom staff did something rare. Left as they are
    /// is what concerns a reservation or a loan that is somebody's. The figures count by hours at the finest.
    async fn make_events_coarse(&self, today: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.database().begin_read().await?;
        let moments = fetch_all!(
            &mut tx,
            (DateTime<Utc>,),
            "select e.at from event e where e.exact and e.at < $1
                 and not exists (select 1 from reservation r where r.id = e.reservation_id and r.patron_id is not null)
                 and not exists (select 1 from loan l where l.id = e.loan_id and l.patron_id is not null)",
            today
        )?;
        drop(tx);
        let hours: BTreeSet<DateTime<Utc>> = moments.into_iter().map(|(at,)| self.hour_of(at)).collect();
        let hours: Vec<DateTime<Utc>> = hours.into_iter().collect();
        for hours in hours.chunks(HOURS_TOGETHER) {
            in_write!(self.database(), |tx| make_coarse(tx, hours, today).await.map_err(Fault::from))?;
        }
        Ok(())
    }

    /// The hour of its day in which a moment lies, as the figures part a day.
    fn hour_of(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let day = self.beginning_of(at);
        day + TimeDelta::hours((at - day).num_hours())
    }

    /// Forgets what the desk could undo before today, what it and patrons were answered, and whose card is on the list of late
    /// scans that nobody looked at. Answers how many cards those were.
    async fn forget_scans(&self, tx: &mut Tx, today: DateTime<Utc>) -> Result<u64, Fault> {
        execute!(&mut *tx, "delete from last_scan where seen_at < $1", today)?;
        forget_desk_answers(tx, today).await?;
        let kept_days = i64::from(self.policy().daily.keep_answers_days);
        for ago in 1..=kept_days.max(1) {
            let day = |ago| self.start_of(self.today() - TimeDelta::days(ago));
            forget_patrons_answers(tx, day(ago), day(ago - 1)).await?;
        }
        let before = today - LATE_CARDS;
        execute!(tx, "update late_scan set card = null where card is not null and played_at < $1", before)
            .map_err(Fault::from)
    }

    /// Forgets mails some days after they were delivered, and those nobody takes after some weeks. Answers how many.
    pub(super) async fn forget_mails(&self) -> Result<u64, Fault> {
        let before = self.now() - TimeDelta::days(self.policy().daily.keep_mail_days.into());
        let policy = &self.policy().reservations;
        // What was refused for good is forgotten when nothing it can be about stands ready any more.
        let longest = policy.keep_cancelled_days.max(policy.hold_days + policy.hold_extension_days);
        let refused_before = self.now() - TimeDelta::days(longest.into());
        // By the other channels it is no news any more after some days, and where one is switched off nobody carries it.
        let stale = self.now() - STALE;
        in_write!(self.database(), |tx| async {
            execute!(&mut *tx, "delete from outbox where channel <> 'mail' and made_at < $1", stale)?;
            let sent = execute!(&mut *tx, "delete from outbox where sent_at < $1", before)?;
            let refused = execute!(tx, "delete from outbox where refused_at < $1 and sent_at is null", refused_before)?;
            Ok::<_, Fault>(sent + refused)
        }
        .await)
    }
}

async fn make_coarse(tx: &mut Tx, hours: &[DateTime<Utc>], today: DateTime<Utc>) -> Result<(), StorageError> {
    for hour in hours {
        execute!(
            &mut *tx,
            "update event set at = $1, exact = false,
                 actor_role = case when reservation_id is null and loan_id is null then actor_role else 'system' end,
                 data = case when reservation_id is null and loan_id is null then data else '{}' end
             where exact and at >= $1 and at < $2
                 and not exists (select 1 from reservation r where r.id = event.reservation_id and r.patron_id is not null)
                 and not exists (select 1 from loan l where l.id = event.loan_id and l.patron_id is not null)",
            hour,
            (*hour + TimeDelta::hours(1)).min(today)
        )?;
    }
    Ok(())
}
