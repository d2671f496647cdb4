//! The hold shelf: extending a hold, and moving deadlines when a place has to close.

use chrono::NaiveDate;
use domain::{
    BibId, LoanId, PlaceCode, ReservationId,
    calendar::{Closure, ClosureEffect},
    circulation::{Refusal, ReservationState, extended_hold},
    patrons::Deed,
};
use uuid::Uuid;

use super::{act::lock_reservation, facts::lock_bibs};
use crate::{
    Fault, Library,
    calendar::closures,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_all, fetch_one, in_write},
};

impl Library {
    /// Keeps a ready copy longer, once. Answers the new last day.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn extend_hold(&self, reservation: ReservationId) -> Result<Result<NaiveDate, Refusal>, Fault> {
        in_write!(self.database(), |tx| self.extend_hold_in(tx, reservation).await)
    }

    async fn extend_hold_in(
        &self,
        tx: &mut Tx,
        reservation: ReservationId,
    ) -> Result<Result<NaiveDate, Refusal>, Fault> {
        let Some(of) = lock_reservation(tx, reservation, ActorRole::Staff).await? else {
            return Ok(Err(Refusal::UnknownReservation));
        };
        if of.state != ReservationState::Ready {
            return Ok(Err(Refusal::NotReady));
        }
        let (until, extended, place) = fetch_one!(
            &mut *tx,
            (Option<NaiveDate>, bool, String),
            "select hold_until, hold_extended, pickup_place from reservation where id = $1",
            reservation.0
        )?;
        if extended {
            return Ok(Err(Refusal::ExtendedAlready));
        }
        let until = until.ok_or_else(|| StorageError::corrupt("reservation", "ready without a deadline"))?;
        let place = PlaceCode(place);
        let closed = closures(tx, &place, until).await?;
        let until = extended_hold(self.policy(), &self.calendar(&closed), &place, until);
        execute!(
            &mut *tx,
            "update reservation set hold_until = $2, hold_extended = true where id = $1",
            reservation.0,
            until
        )?;
        let event = Event::of(EventKind::HoldExtended, ActorRole::Staff, self.now());
        record(tx, Event { bib: Some(of.bib), reservation: Some(reservation), ..event }).await?;
        self.audit_reservation(tx, Deed::HoldExtended, reservation).await?;
        Ok(Ok(until))
    }

    /// What a closure would move, without moving it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn closure_effect(&self, closure: &Closure) -> Result<ClosureEffect, Fault> {
        let mut tx = self.database().begin_read().await?;
        let (loans,) = fetch_one!(
            &mut tx,
            (i64,),
            "select count(*) from loan where place = $1 and returned_at is null and due_on between $2 and $3",
            &closure.place.0,
            closure.from,
            closure.until
        )?;
        let (holds,) = fetch_one!(
            &mut tx,
            (i64,),
            "select count(*) from reservation
             where pickup_place = $1 and state = 'ready' and hold_until between $2 and $3",
            &closure.place.0,
            closure.from,
            closure.until
        )?;
        let mut closed = closures(&mut tx, &closure.place, closure.from).await?;
        closed.push(closure.clone());
        Ok(ClosureEffect {
            loans: u64::try_from(loans).unwrap_or_default(),
            holds: u64::try_from(holds).unwrap_or_default(),
            moved_to: self.calendar(&closed).next_open(&closure.place, closure.from),
        })
    }

    /// Closes a place for some days (臨時休館) and moves all due dates and deadlines that fall on them, together, to
    /// the first day it is open again. The same closure again changes nothing. Answers how many were moved.
    ///
    /// # Errors
    /// When the database can't be written; nothing was moved then.
    pub async fn close_place(&self, closure: &Closure) -> Result<Result<u64, Refusal>, Fault> {
        if self.policy().place(&closure.place).is_none() {
            return Ok(Err(Refusal::UnknownPlace));
        }
        if closure.until < closure.from {
            return Ok(Err(Refusal::BadSpan));
        }
        in_write!(self.database(), |tx| self.close_place_in(tx, closure).await).map(Ok)
    }

    async fn close_place_in(&self, tx: &mut Tx, closure: &Closure) -> Result<u64, Fault> {
        let now = self.now();
        let new = execute!(
            &mut *tx,
            "insert into closure (id, place, from_on, until_on, reason, made_at) values ($1, $2, $3, $4, $5, $6)
             on conflict (place, from_on, until_on) do nothing",
            new_id(now),
            &closure.place.0,
            closure.from,
            closure.until,
            &closure.reason,
            now
        )?;
        if new == 0 {
            return Ok(0);
        }
        record(tx, Event { note: Some(&closure.place.0), ..Event::of(EventKind::PlaceClosed, ActorRole::Staff, now) })
            .await?;
        self.audit(tx, Deed::PlaceClosed, None, Some(&closure.place.0)).await?;
        let bibs = fetch_all!(
            &mut *tx,
            (Uuid,),
            "select p.bib_id from loan l join part p on p.id = l.part_id
             where l.place = $1 and l.returned_at is null and l.due_on between $2 and $3
             union select p.bib_id from reservation r join part p on p.id = r.part_id
             where r.pickup_place = $1 and r.state = 'ready' and r.hold_until between $2 and $3",
            &closure.place.0,
            closure.from,
            closure.until
        )?;
        let mut bibs: Vec<BibId> = bibs.into_iter().map(|(bib,)| BibId(bib)).collect();
        bibs.sort_unstable();
        lock_bibs(tx, &bibs).await?;
        let closed = closures(tx, &closure.place, closure.from).await?;
        let calendar = self.calendar(&closed);
        let loans = fetch_all!(
            &mut *tx,
            (Uuid, Uuid, NaiveDate),
            "select l.id, p.bib_id, l.due_on from loan l join part p on p.id = l.part_id
             where l.place = $1 and l.returned_at is null and l.due_on between $2 and $3 order by l.id",
            &closure.place.0,
            closure.from,
            closure.until
        )?;
        let holds = fetch_all!(
            &mut *tx,
            (Uuid, Uuid, Option<NaiveDate>),
            "select r.id, p.bib_id, r.hold_until from reservation r join part p on p.id = r.part_id
             where r.pickup_place = $1 and r.state = 'ready' and r.hold_until between $2 and $3 order by r.id",
            &closure.place.0,
            closure.from,
            closure.until
        )?;
        let mut moved = 0;
        let event = || Event::of(EventKind::DeadlineMoved, ActorRole::Staff, now);
        for (id, bib, due_on) in loans {
            let day = calendar.next_open(&closure.place, due_on);
            moved += execute!(&mut *tx, "update loan set due_on = $2 where id = $1", id, day)?;
            record(tx, Event { bib: Some(BibId(bib)), loan: Some(LoanId(id)), ..event() }).await?;
        }
        for (id, bib, until) in holds {
            let day = until.map(|until| calendar.next_open(&closure.place, until));
            moved += execute!(&mut *tx, "update reservation set hold_until = $2 where id = $1", id, day)?;
            record(tx, Event { bib: Some(BibId(bib)), reservation: Some(ReservationId(id)), ..event() }).await?;
        }
        Ok(moved)
    }
}
