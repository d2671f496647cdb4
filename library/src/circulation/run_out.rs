//! What runs out by itself: holds nobody picked up (R15), copies that did not arrive, sets nobody answered about. Each
//! is judged again under its locks, so that doing it twice, or on two servers at once, does it once.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    OrderedSetId, ReservationId,
    circulation::{CancelReason, ReservationState, WriteOff, days_after, has_run_out},
};
use uuid::Uuid;

use super::{
    act::lock_reservation,
    facts::{lock_bibs, parse_state},
    step::{Into, Stepping},
};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, add_event},
    notices::{ask_about_set, recipient, tell_cancelled},
    storage::{StorageError, Tx, Writes, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

impl Library {
    /// Cancels what was ready and not picked up in time (R15). The copy stays on the hold shelf until it is scanned.
    /// Answers how many.
    pub(crate) async fn expire_holds(&self) -> Result<u64, Fault> {
        let today = self.today();
        let mut tx = self.database().begin_read().await?;
        let due = fetch_all!(
            &mut tx,
            (Uuid,),
            "select id from reservation where state = 'ready' and hold_until < $1 order by hold_until, id",
            today
        )?;
        drop(tx);
        let mut expired = 0;
        for (id,) in due {
            expired += in_write!(self.database(), |tx| self.expire_in(tx, ReservationId(id), today).await)?;
        }
        Ok(expired)
    }

    async fn expire_in(&self, tx: &mut Tx, id: ReservationId, today: NaiveDate) -> Result<u64, Fault> {
        let Some(of) = lock_reservation(tx, id, ActorRole::System).await? else { return Ok(0) };
        let row = fetch_optional!(
            &mut *tx,
            (Option<Uuid>, Option<NaiveDate>),
            "select set_id, hold_until from reservation where id = $1 and state = 'ready'",
            id.0
        )?;
        let Some((set, Some(until))) = row else { return Ok(0) };
        if until >= today {
            return Ok(0);
        }
        self.cancel_and_tell(tx, of, CancelReason::Expired).await?;
        if let Some(set) = set {
            self.pause(tx, OrderedSetId(set), id, today).await?;
        }
        Ok(1)
    }

    /// Cancels what ran out, or cannot be had, and tells the patron where the library wishes so (R15).
    pub(super) async fn cancel_and_tell(
        &self,
        tx: &mut Tx,
        of: Stepping,
        reason: CancelReason,
    ) -> Result<(), StorageError> {
        let event = self.take_step(tx, of, Into::Cancelled(reason, None)).await?;
        let mut writes = Writes::default();
        tell_cancelled(self, tx, &mut writes, event, of.id, (reason, None)).await?;
        writes.send(tx).await
    }

    /// Pauses the rest of a set, where there is any, and asks the patron. The event bears the moment at which the member
    /// ran out and names the next, by which the telephone list finds it.
    async fn pause(
        &self,
        tx: &mut Tx,
        set: OrderedSetId,
        ran_out: ReservationId,
        today: NaiveDate,
    ) -> Result<(), Fault> {
        let rest = fetch_optional!(
            &mut *tx,
            (Uuid,),
            "select id from reservation where set_id = $1 and state in ('waiting', 'assigned')
             order by set_ordinal limit 1",
            set.0
        )?;
        let Some((next,)) = rest else { return Ok(()) };
        // Paused already: the patron was asked, and the days run from then.
        let paused = execute!(
            &mut *tx,
            "update ordered_set set paused_on = $2 where id = $1 and paused_on is null",
            set.0,
            today
        )?;
        if paused == 1 {
            let next = ReservationId(next);
            let (at,) =
                fetch_one!(&mut *tx, (DateTime<Utc>,), "select since from reservation where id = $1", ran_out.0)?;
            let mut writes = Writes::default();
            let event = Event::of(EventKind::SetPaused, ActorRole::System, at);
            let event = add_event(&mut writes, &Event { reservation: Some(next), ..event });
            let patron = recipient(tx, next).await?;
            let answer_by = days_after(today, self.policy().reservations.pause_days);
            ask_about_set(self, &mut writes, event, (next, &patron), set, answer_by)?;
            writes.send(tx).await?;
        }
        Ok(())
    }

    /// Puts reservations whose copy did not arrive in time back into the queue; the copy is missing. Answers how many.
    pub(crate) async fn give_up_transits(&self) -> Result<u64, Fault> {
        let days = self.policy().reservations.transit_days;
        let mut tx = self.database().begin_read().await?;
        let late = fetch_all!(
            &mut tx,
            (String, DateTime<Utc>),
            "select i.barcode, r.since from reservation r join item i on i.id = r.item_id
             where r.state = 'in-transit' and r.since < $1 order by r.since, r.id",
            self.now()
        )?;
        drop(tx);
        let mut given_up = 0;
        for (barcode, _) in late.iter().filter(|(_, since)| has_run_out(self.day_of(*since), days, self.today())) {
            given_up += in_write!(self.database(), |tx| self.give_up_in(tx, barcode, days).await)?;
        }
        Ok(given_up)
    }

    async fn give_up_in(&self, tx: &mut Tx, barcode: &str, days: u32) -> Result<u64, Fault> {
        // Writing it off locks its bib; what is judged here is judged again afterwards by the state it finds.
        let row = fetch_optional!(
            &mut *tx,
            (DateTime<Utc>,),
            "select r.since from reservation r join item i on i.id = r.item_id
             where i.barcode = $1 and r.state = 'in-transit'",
            barcode
        )?;
        let late = row.is_some_and(|(since,)| has_run_out(self.day_of(since), days, self.today()));
        if !late {
            return Ok(0);
        }
        Ok(u64::from(self.write_off_in(tx, barcode, WriteOff::Missing, ActorRole::System).await?.is_ok()))
    }

    /// Cancels the rest of sets whose patron was asked and did not answer in time. Answers how many reservations.
    pub(crate) async fn cancel_unanswered(&self) -> Result<u64, Fault> {
        let today = self.today();
        let days = self.policy().reservations.pause_days;
        let mut tx = self.database().begin_read().await?;
        let paused = fetch_all!(
            &mut tx,
            (Uuid, NaiveDate),
            "select id, paused_on from ordered_set where paused_on is not null order by id"
        )?;
        drop(tx);
        let mut cancelled = 0;
        for (set, _) in paused.into_iter().filter(|(_, on)| has_run_out(*on, days, today)) {
            cancelled += in_write!(self.database(), |tx| self.cancel_rest(tx, OrderedSetId(set), today).await)?;
        }
        Ok(cancelled)
    }

    async fn cancel_rest(&self, tx: &mut Tx, set: OrderedSetId, today: NaiveDate) -> Result<u64, Fault> {
        let bibs = fetch_all!(
            &mut *tx,
            (Uuid,),
            "select distinct p.bib_id from reservation r join part p on p.id = r.part_id
             where r.set_id = $1 and r.state in ('waiting', 'assigned')",
            set.0
        )?;
        let mut bibs: Vec<_> = bibs.into_iter().map(|(bib,)| domain::BibId(bib)).collect();
        bibs.sort_unstable();
        lock_bibs(tx, &bibs).await?;
        // The patron may have answered meanwhile, or before the locks were ours.
        let row = fetch_optional!(
            &mut *tx,
            (Option<NaiveDate>,),
            "update ordered_set set made_at = made_at where id = $1 and paused_on is not null returning paused_on",
            set.0
        )?;
        let Some((Some(on),)) = row else { return Ok(0) };
        if !has_run_out(on, self.policy().reservations.pause_days, today) {
            return Ok(0);
        }
        let rest = fetch_all!(
            &mut *tx,
            (Uuid, Uuid, String),
            "select r.id, p.bib_id, r.state from reservation r join part p on p.id = r.part_id
             where r.set_id = $1 and r.state in ('waiting', 'assigned') order by r.set_ordinal",
            set.0
        )?;
        let mut cancelled = 0;
        for (id, bib, state) in rest {
            let bib = domain::BibId(bib);
            if !bibs.contains(&bib) {
                return Err(StorageError::Overtaken.into());
            }
            let state: ReservationState = parse_state(&state)?;
            let of = Stepping { id: ReservationId(id), state, bib, actor: ActorRole::System };
            self.cancel_and_tell(tx, of, CancelReason::Unanswered).await?;
            cancelled += 1;
        }
        execute!(tx, "update ordered_set set paused_on = null where id = $1", set.0)?;
        Ok(cancelled)
    }
}
