//! What a patron does on their pages, or staff for them (R19, R24, R26): one way in, and twice is once.

use chrono::{DateTime, Utc};
use domain::{
    BibId, CartId, OpId, PatronId, PlaceCode, ReservationId,
    circulation::{
        By, CancelReason, PatronAction, PatronAnswer, QueueEntry, QueueKey, Refusal, Standing, permissions,
        request_refusal,
    },
    patrons::{Contact, Deed},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    facts::{LockedPatron, lock_bib_of, parse_state, set_of},
    step::{Into, Stepping},
    twice::{Earlier, actor},
};
use crate::{
    Fault, Library,
    catalog::parse_record,
    events::{ActorRole, Event, EventKind, record},
    notices::tell_cancelled,
    storage::{StorageError, Tx, Writes, execute, fetch_optional, in_write, lock_and_fetch},
};

/// A reservation of the patron who acts, read under its locks.
pub(super) struct Own {
    pub(super) stepping: Stepping,
    pub(super) title: String,
    standing: Option<Standing>,
    pickup_place: PlaceCode,
    contact: Contact,
}

/// Place and contact as a patron wishes them.
struct Wish<'a> {
    pickup_place: &'a PlaceCode,
    contact: Contact,
    has_mail: bool,
}

impl Library {
    /// Does what a patron wishes. The same request again, by its `op`, gets the same answer and changes nothing.
    ///
    /// # Errors
    /// When the database can't be written; nothing has happened then.
    pub async fn act(
        &self,
        by: &By,
        patron: PatronId,
        op: OpId,
        action: &PatronAction,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let done = in_write!(self.database(), |tx| self.act_in(tx, by, patron, op, action).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn act_in(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        op: OpId,
        action: &PatronAction,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let asker = lock_patron_for(tx, patron, op).await?.ok_or(Fault::AccountGone)?;
        match asker.earlier {
            Earlier::None => {}
            Earlier::Forgotten => return Ok(Err(Refusal::SettledAlready)),
            Earlier::Answer(answer) => return Ok(Ok(answer)),
        }
        let mut writes = Writes::default();
        let answer = match action {
            PatronAction::Cancel(reservation) => self.cancel(tx, &mut writes, by, patron, *reservation).await?,
            PatronAction::Change { reservation, pickup_place, contact } => {
                let wish = Wish { pickup_place, contact: *contact, has_mail: asker.patron.has_mail };
                self.change(tx, by, patron, *reservation, wish).await?
            }
            PatronAction::Renew(loan) => self.renew(tx, by, patron, *loan).await?,
            PatronAction::SayReturned(loan) => self.say_returned(tx, by, patron, *loan).await?,
            PatronAction::ArrangeSet { set, order } => self.arrange(tx, by, patron, *set, order).await?,
            PatronAction::DissolveSet(set) => self.dissolve(tx, by, patron, *set).await?,
            PatronAction::GoOn(set) => self.go_on(tx, by, patron, *set).await?,
        };
        if let Ok(answer) = &answer {
            let deed = if matches!(action, PatronAction::Cancel(_)) { Deed::Cancelled } else { Deed::Changed };
            self.audit_by(tx, by, Some(deed), patron).await?;
            self.keep_answer(&mut writes, patron, op, answer)?;
            writes.send(tx).await?;
        }
        Ok(answer)
    }

    async fn cancel(
        &self,
        tx: &mut Tx,
        writes: &mut Writes,
        by: &By,
        patron: PatronId,
        reservation: ReservationId,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let own = match self.own(tx, by, patron, reservation).await? {
            Ok(own) => own,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(standing) = own.standing else { return Ok(Err(Refusal::ReservationOver)) };
        let reason = match by {
            By::Patron => {
                if let Some(refusal) = permissions(standing).cancel {
                    return Ok(Err(refusal));
                }
                CancelReason::Patron
            }
            By::Staff | By::Overrule(_) => CancelReason::Staff,
        };
        let (event, _) = self.add_step(writes, own.stepping, Into::Cancelled(reason, None))?;
        tell_cancelled(self, tx, writes, event, reservation, (reason, None)).await?;
        Ok(Ok(PatronAnswer::Cancelled { title: own.title }))
    }

    async fn change(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        reservation: ReservationId,
        wish: Wish<'_>,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let Wish { pickup_place, contact, has_mail } = wish;
        let own = match self.own(tx, by, patron, reservation).await? {
            Ok(own) => own,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(standing) = own.standing else { return Ok(Err(Refusal::ReservationOver)) };
        let allowed = permissions(standing);
        let place_changes = own.pickup_place != *pickup_place;
        // What may not be changed at all refuses also the wish that changes nothing.
        if let Some(refusal) = allowed.contact.or(allowed.place.filter(|_| place_changes)) {
            return Ok(Err(refusal));
        }
        if let Some(refusal) = request_refusal(self.policy(), has_mail, pickup_place, contact) {
            return Ok(Err(refusal));
        }
        if place_changes || own.contact != contact {
            execute!(
                &mut *tx,
                "update reservation set pickup_place = $2, contact = $3 where id = $1",
                reservation.0,
                &pickup_place.0,
                contact.as_str()
            )?;
            let event = Event::of(EventKind::Changed, ActorRole::from(by), self.now());
            record(tx, Event { bib: Some(own.stepping.bib), reservation: Some(reservation), ..event }).await?;
        }
        Ok(Ok(PatronAnswer::Changed { title: own.title }))
    }

    /// Reads a reservation of this patron under the lock of its bib.
    async fn own(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        reservation: ReservationId,
    ) -> Result<Result<Own, Refusal>, Fault> {
        let found = lock_and_fetch!(
            &mut *tx,
            (Uuid, String),
            OwnRow,
            "update bib set revision = revision + 1
             where id = (select p.bib_id from reservation r join part p on p.id = r.part_id
                 where r.id = $1 and r.patron_id = $2)
             returning id, record",
            [reservation.0, patron.0],
            "select p.bib_id, p.label, r.placed_at, r.state, r.pickup_place, r.contact, r.set_id, r.set_ordinal,
                 s.paused_on is not null
             from reservation r join part p on p.id = r.part_id left join ordered_set s on s.id = r.set_id
             where r.id = $1 and r.patron_id = $2",
            []
        )?;
        let Some(((bib, record), rows)) = found else { return Ok(Err(Refusal::UnknownReservation)) };
        // Gone when its tie was cut meanwhile; elsewhere when its bib was merged.
        let Some((in_bib, label, placed_at, state, place, contact, set, ordinal, paused)) = rows.into_iter().next()
        else {
            return Ok(Err(Refusal::UnknownReservation));
        };
        if in_bib != bib {
            return Err(StorageError::Overtaken.into());
        }
        let state = parse_state(&state)?;
        let set = set_of(tx, set, ordinal, paused).await?;
        let entry = QueueEntry { key: QueueKey { placed_at, id: reservation }, card_active: true, assigned: None, set };
        let dormant = entry.is_dormant(self.policy().reservations.set_waits_for);
        let paused = entry.is_paused();
        Ok(Ok(Own {
            stepping: Stepping { id: reservation, state, bib: BibId(bib), actor: ActorRole::from(by) },
            title: parse_record(&record)?.part_title(&label),
            standing: Standing::of(state, dormant, paused),
            pickup_place: PlaceCode(place),
            contact: contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?,
        }))
    }
}

type OwnRow = (Uuid, String, DateTime<Utc>, String, String, String, Option<Uuid>, Option<i64>, Option<bool>);

/// A patron who asks for something, read under their lock.
pub(super) struct Asker<T> {
    pub(super) patron: LockedPatron,
    pub(super) cart: Option<CartId>,
    /// What came of an earlier arrival of this request.
    pub(super) earlier: Earlier<T>,
}

/// Locks a patron as [`lock_patron`], and looks whether this request was answered before.
pub(super) async fn lock_patron_for<T: DeserializeOwned>(
    tx: &mut Tx,
    patron: PatronId,
    op: OpId,
) -> Result<Option<Asker<T>>, StorageError> {
    let found = lock_and_fetch!(
        tx,
        (String, bool, Option<Uuid>),
        (String,),
        "update patron set revision = revision + 1 where id = $1
         returning card_state, case when ready_mail = 2 then mail2 is not null and mail2_confirmed
             else mail1 is not null and mail1_confirmed end, (select c.id from cart c where c.patron_id = $1)",
        [patron.0],
        "select o.answer from patron p join op o on o.actor = $2 and o.id = $3 where p.id = $1",
        [actor(patron), op.0]
    )?;
    let Some(((card, has_mail, cart), answers)) = found else { return Ok(None) };
    Ok(Some(Asker {
        patron: LockedPatron::read((card, has_mail))?,
        cart: cart.map(CartId),
        earlier: Earlier::of(answers.first())?,
    }))
}

/// A reservation as staff or the day's work find it, under the lock of its bib. `None` when there is no such.
pub(super) async fn lock_reservation(
    tx: &mut Tx,
    reservation: ReservationId,
    actor: ActorRole,
) -> Result<Option<Stepping>, StorageError> {
    let Some(bib) = lock_bib_of(tx, reservation).await? else { return Ok(None) };
    let row = fetch_optional!(
        tx,
        (String, Uuid),
        "select r.state, p.bib_id from reservation r join part p on p.id = r.part_id where r.id = $1",
        reservation.0
    )?;
    let Some((state, in_bib)) = row else { return Ok(None) };
    if in_bib != bib.0 {
        return Err(StorageError::Overtaken);
    }
    Ok(Some(Stepping { id: reservation, state: parse_state(&state)?, bib, actor }))
}
