//! What a patron does on their pages, or staff for them (R19, R24, R26): one way in, and twice is once.

use domain::{
    BibId, OpId, PatronId, PlaceCode, ReservationId,
    circulation::{
        By, CancelReason, PatronAction, PatronAnswer, QueueEntry, QueueKey, Refusal, ReservationState, Standing,
        permissions, request_refusal,
    },
    patrons::Contact,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    facts::{lock_bibs, lock_patron, parse_state, set_of},
    step::Stepping,
};
use crate::{
    Fault, Library,
    catalog::part_facts,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Tx, execute, fetch_optional, in_write},
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
        in_write!(self.database(), |tx| self.act_in(tx, by, patron, op, action).await)
    }

    async fn act_in(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        op: OpId,
        action: &PatronAction,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        let locked = lock_patron(tx, patron).await?.ok_or(Fault::AccountGone)?;
        if let Some(answer) = earlier_answer(tx, patron, op).await? {
            return Ok(Ok(answer));
        }
        let answer = match action {
            PatronAction::Cancel(reservation) => self.cancel(tx, by, patron, *reservation).await?,
            PatronAction::Change { reservation, pickup_place, contact } => {
                let wish = Wish { pickup_place, contact: *contact, has_mail: locked.has_mail };
                self.change(tx, by, patron, *reservation, wish).await?
            }
            PatronAction::Renew(loan) => self.renew(tx, by, patron, *loan).await?,
            PatronAction::SayReturned(loan) => self.say_returned(tx, by, patron, *loan).await?,
            PatronAction::ArrangeSet { set, order } => self.arrange(tx, by, patron, *set, order).await?,
            PatronAction::DissolveSet(set) => self.dissolve(tx, by, patron, *set).await?,
            PatronAction::GoOn(set) => self.go_on(tx, by, patron, *set).await?,
        };
        if let Ok(answer) = &answer {
            self.keep_answer(tx, patron, op, answer).await?;
        }
        Ok(answer)
    }

    async fn cancel(
        &self,
        tx: &mut Tx,
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
        self.cancel_step(tx, own.stepping, reason, None).await?;
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
        let Some(bib) = lock_bib_of(tx, reservation).await? else { return Ok(Err(Refusal::UnknownReservation)) };
        let row = fetch_optional!(
            &mut *tx,
            OwnRow,
            "select r.part_id, r.placed_at, r.state, r.pickup_place, r.contact, r.set_id, r.set_ordinal,
                    s.paused_on is not null
             from reservation r left join ordered_set s on s.id = r.set_id where r.id = $1 and r.patron_id = $2",
            reservation.0,
            patron.0
        )?;
        let Some((part, placed_at, state, place, contact, set, ordinal, paused)) = row else {
            return Ok(Err(Refusal::UnknownReservation));
        };
        let state = parse_state(&state)?;
        let set = set_of(tx, set, ordinal, paused).await?;
        let entry = QueueEntry { key: QueueKey { placed_at, id: reservation }, card_active: true, assigned: None, set };
        let dormant = entry.is_dormant(self.policy().reservations.set_waits_for);
        let paused = entry.is_paused();
        let part = domain::PartId(part);
        let titles = part_facts(tx, &[part]).await?;
        let title = titles.iter().find_map(|title| Some(title.part_title(title.parts.iter().find(|p| p.id == part)?)));
        Ok(Ok(Own {
            stepping: Stepping { id: reservation, state, bib, actor: ActorRole::from(by) },
            title: title.unwrap_or_default(),
            standing: Standing::of(state, dormant, paused),
            pickup_place: PlaceCode(place),
            contact: contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?,
        }))
    }

    /// Keeps the answer to a request, so that the same request gets it again.
    pub(super) async fn keep_answer(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        op: OpId,
        answer: &impl Serialize,
    ) -> Result<(), StorageError> {
        let json = serde_json::to_string(answer).map_err(|error| StorageError::corrupt("answer", error))?;
        execute!(
            tx,
            "insert into op (actor, id, answer, at) values ($1, $2, $3, $4)",
            actor(patron),
            op.0,
            json,
            self.now()
        )?;
        Ok(())
    }
}

type OwnRow = (Uuid, chrono::DateTime<chrono::Utc>, String, String, String, Option<Uuid>, Option<i64>, Option<bool>);

fn actor(patron: PatronId) -> String {
    format!("patron:{patron}")
}

/// The answer an earlier request of this patron got.
pub(super) async fn earlier_answer<T: DeserializeOwned>(
    tx: &mut Tx,
    patron: PatronId,
    op: OpId,
) -> Result<Option<T>, StorageError> {
    let row =
        fetch_optional!(tx, (String,), "select answer from op where actor = $1 and id = $2", actor(patron), op.0)?;
    row.map(|(json,)| serde_json::from_str(&json).map_err(|error| StorageError::corrupt("answer", error))).transpose()
}

/// Locks the bib a reservation is for. `None` when there is no such reservation.
pub(super) async fn lock_bib_of(tx: &mut Tx, reservation: ReservationId) -> Result<Option<BibId>, StorageError> {
    let Some(bib) = bib_of(tx, reservation).await? else { return Ok(None) };
    lock_bibs(tx, &[bib]).await?;
    // Merged into another bib between the two statements: again.
    if bib_of(tx, reservation).await? == Some(bib) { Ok(Some(bib)) } else { Err(StorageError::Overtaken) }
}

async fn bib_of(tx: &mut Tx, reservation: ReservationId) -> Result<Option<BibId>, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select p.bib_id from reservation r join part p on p.id = r.part_id where r.id = $1",
        reservation.0
    )?;
    Ok(row.map(|(bib,)| BibId(bib)))
}

/// A reservation as staff or the day's work find it, under the lock of its bib. `None` when there is no such.
pub(super) async fn lock_reservation(
    tx: &mut Tx,
    reservation: ReservationId,
    actor: ActorRole,
) -> Result<Option<Stepping>, StorageError> {
    let Some(bib) = lock_bib_of(tx, reservation).await? else { return Ok(None) };
    let row = fetch_optional!(tx, (String,), "select state from reservation where id = $1", reservation.0)?;
    let Some((state,)) = row else { return Ok(None) };
    let state: ReservationState = parse_state(&state)?;
    Ok(Some(Stepping { id: reservation, state, bib, actor }))
}
