//! Cutting the tie between a patron and a title: whose it was is taken out, and with it every moment by which it could be
//! found again, since something of the patron's may bear the same.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use domain::BibId;
use uuid::Uuid;

use crate::{
    Fault, Library,
    storage::{StorageError, Tx, execute, fetch_all, fetch_optional},
};

/// The deeds that concern a title ([`Deed::concerns_title`](domain::patrons::Deed::concerns_title)), as the log of staff has
/// them, from one moment to another: of these there is only the month from now on.
const FORGET_DAYS_OF_DEEDS: &str = "update audit set at = $2
     where patron_id = $1 and at >= $3 and at < $4
         and deed in ('reserved', 'requested', 'cancelled', 'changed', 'hold-extended', 'overruled')";

/// A reservation whose tie is about to be cut: which, whose, and when it was made and came into its state.
type Tied = (Uuid, Uuid, DateTime<Utc>, DateTime<Utc>);

/// What a loan fulfilled, with its place in a set, where it has one.
type Fulfilled = (Uuid, Uuid, DateTime<Utc>, DateTime<Utc>, Option<Uuid>, Option<i64>);

impl Library {
    /// Cuts the tie of a loan that ended, and of the reservation it fulfilled. Answers how many ties that were.
    pub(crate) async fn cut_loan(&self, tx: &mut Tx, loan: Uuid, bib: BibId) -> Result<u64, Fault> {
        // Whoever arranges the set this was in waits for the same lock.
        execute!(&mut *tx, "update bib set revision = revision + 1 where id = $1", bib.0)?;
        let ended = fetch_optional!(
            &mut *tx,
            (Uuid, DateTime<Utc>, DateTime<Utc>),
            "select patron_id, lent_at, returned_at from loan
             where id = $1 and patron_id is not null and returned_at is not null",
            loan
        )?;
        let mut cut = 0;
        if let Some((patron, lent_at, returned_at)) = ended {
            cut += execute!(
                &mut *tx,
                "update loan set patron_id = null, lent_at = $2, returned_at = $3, return_said_at = null where id = $1",
                loan,
                self.beginning_of(lent_at),
                self.beginning_of(returned_at)
            )?;
            self.forget_days_of_deeds(tx, patron, lent_at).await?;
        }
        execute!(&mut *tx, "delete from late_scan where loan_id = $1", loan)?;
        let fulfilled = fetch_optional!(
            &mut *tx,
            Fulfilled,
            "select id, patron_id, placed_at, since, set_id, set_ordinal from reservation
             where loan_id = $1 and patron_id is not null",
            loan
        )?;
        let Some((id, patron, placed_at, since, set, ordinal)) = fulfilled else { return Ok(cut) };
        cut += self.cut_reservation(tx, (id, patron, placed_at, since)).await?;
        if let Some((set, ordinal)) = set.zip(ordinal) {
            keep_place(tx, set, ordinal).await?;
        }
        Ok(cut)
    }

    /// Cuts the tie of all reservations that were cancelled before that moment. Answers how many.
    pub(crate) async fn cut_cancelled(&self, tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, Fault> {
        let tied = fetch_all!(
            &mut *tx,
            Tied,
            "select id, patron_id, placed_at, since from reservation
             where state = 'cancelled' and patron_id is not null and since < $1",
            before
        )?;
        self.cut_reservations(tx, tied).await
    }

    /// Cuts the tie of all cancelled reservations of a patron.
    pub(crate) async fn cut_cancelled_of(&self, tx: &mut Tx, patron: Uuid) -> Result<u64, Fault> {
        let tied = fetch_all!(
            &mut *tx,
            Tied,
            "select id, patron_id, placed_at, since from reservation where patron_id = $1 and state = 'cancelled'",
            patron
        )?;
        self.cut_reservations(tx, tied).await
    }

    async fn cut_reservations(&self, tx: &mut Tx, tied: Vec<Tied>) -> Result<u64, Fault> {
        let mut cut = 0;
        for one in tied {
            cut += self.cut_reservation(tx, one).await?;
        }
        Ok(cut)
    }

    async fn cut_reservation(&self, tx: &mut Tx, (id, patron, placed_at, since): Tied) -> Result<u64, Fault> {
        let cut = execute!(
            &mut *tx,
            "update reservation set patron_id = null, set_id = null, set_ordinal = null, note = null, placed_at = $2, since = $3
             where id = $1 and patron_id is not null",
            id,
            self.beginning_of(placed_at),
            self.beginning_of(since)
        )?;
        // A try of a notice has a moment which a mail to the patron may share.
        execute!(&mut *tx, "delete from notice_try where reservation_id = $1", id)?;
        self.forget_days_of_deeds(tx, patron, placed_at).await?;
        Ok(cut)
    }

    /// What staff did about titles to a card since that day is kept with its month: a deed that is rare would by its day be
    /// found in the event log, with its title.
    async fn forget_days_of_deeds(&self, tx: &mut Tx, patron: Uuid, since: DateTime<Utc>) -> Result<(), StorageError> {
        let (mut from, last) = (self.day_of(since), self.today() + TimeDelta::days(1));
        while from < last {
            let month = first_of(from);
            let next = (month + Months::new(1)).min(last);
            let (month, from_moment) = (self.start_of(month), self.start_of(from));
            execute!(&mut *tx, FORGET_DAYS_OF_DEEDS, patron, month, from_moment, self.start_of(next))?;
            from = next;
        }
        Ok(())
    }
}

fn first_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
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

#[cfg(test)]
mod tests {
    use domain::patrons::Deed;

    use super::FORGET_DAYS_OF_DEEDS;

    #[test]
    fn the_statement_names_the_deeds_that_concern_a_title_and_no_others() {
        for deed in Deed::ALL {
            let named = FORGET_DAYS_OF_DEEDS.contains(&format!("'{deed}'"));
            assert_eq!(named, deed.concerns_title(), "{deed}");
        }
    }
}
