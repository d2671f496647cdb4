//! Cutting the tie between patron and title once it has served (see "Privacy" in the requirements): after the day on
//! which a loan ended, after the days a cancelled reservation is shown, after a mail was delivered.

use chrono::{DateTime, TimeDelta, Utc};
use domain::BibId;
use uuid::Uuid;

use crate::{
    Fault, Library,
    circulation::forget_desk_answers,
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional, in_write},
};

/// A fulfilled reservation and its place in a set, where it has one.
type Fulfilled = (Uuid, Option<Uuid>, Option<i64>);

/// For how long a notice is tried by another channel than mail.
const STALE: TimeDelta = TimeDelta::days(3);

/// For how long a scan that waits for staff says whose card it was.
const LATE_CARDS: TimeDelta = TimeDelta::days(31);

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
            cut += in_write!(self.database(), |tx| cut_loan(tx, loan, BibId(bib)).await)?;
        }
        cut += in_write!(self.database(), |tx| self.forget_scans(tx, today).await)?;
        let days = self.policy().reservations.keep_cancelled_days;
        // The last day on the list is the day it was cancelled and so many days more.
        let before = self.start_of(self.today() - TimeDelta::days(i64::from(days)));
        cut += in_write!(self.database(), |tx| execute!(
            tx,
            "update reservation set patron_id = null, set_id = null, set_ordinal = null, note = null
             where state = 'cancelled' and patron_id is not null and since < $1",
            before
        )
        .map_err(Fault::from))?;
        Ok(cut)
    }

    /// Forgets what the desk could undo before today, what it was answered, and whose card is on the list of late scans
    /// that nobody looked at. Answers how many cards those were.
    async fn forget_scans(&self, tx: &mut Tx, today: DateTime<Utc>) -> Result<u64, Fault> {
        execute!(&mut *tx, "delete from last_scan where seen_at < $1", today)?;
        forget_desk_answers(tx, today).await?;
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

async fn cut_loan(tx: &mut Tx, loan: Uuid, bib: BibId) -> Result<u64, Fault> {
    // Whoever arranges the set this was in waits for the same lock.
    execute!(&mut *tx, "update bib set revision = revision + 1 where id = $1", bib.0)?;
    let cut = execute!(
        &mut *tx,
        "update loan set patron_id = null where id = $1 and patron_id is not null and returned_at is not null",
        loan
    )?;
    execute!(&mut *tx, "delete from late_scan where loan_id = $1", loan)?;
    let fulfilled: Option<Fulfilled> = fetch_optional!(
        &mut *tx,
        Fulfilled,
        "select id, set_id, set_ordinal from reservation where loan_id = $1 and patron_id is not null",
        loan
    )?;
    let Some((reservation, set, ordinal)) = fulfilled else { return Ok(cut) };
    execute!(
        &mut *tx,
        "update reservation set patron_id = null, set_id = null, set_ordinal = null where id = $1",
        reservation
    )?;
    if let Some((set, ordinal)) = set.zip(ordinal) {
        keep_place(tx, set, ordinal).await?;
    }
    Ok(cut + 1)
}

/// Remembers that a place of a set was lent, without saying what; or forgets the set when nobody in it is left.
async fn keep_place(tx: &mut Tx, set: Uuid, ordinal: i64) -> Result<(), StorageError> {
    let left = fetch_optional!(
        &mut *tx,
        (Uuid,),
        "select id from reservation where set_id = $1 and state <> 'cancelled' limit 1",
        set
    )?;
    if left.is_some() {
        execute!(tx, "insert into set_gap (set_id, set_ordinal) values ($1, $2)", set, ordinal)?;
    } else {
        execute!(&mut *tx, "update reservation set set_id = null, set_ordinal = null where set_id = $1", set)?;
        execute!(tx, "delete from ordered_set where id = $1", set)?;
    }
    Ok(())
}
