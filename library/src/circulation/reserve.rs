//! Reserving what is in the cart (R9–R13, R17, R18).

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OpId, OrderedSetId, PartId, PatronId, ReservationId,
    cart::CartLine,
    circulation::{
        By, PatronFacts, Refusal, ReserveAnswer, ReserveRequest, ReservedTitle, Step, decide_cart, request_refusal,
    },
    patrons::Deed,
};
use uuid::Uuid;

use super::{
    act::lock_patron_for,
    facts::{lock_titles, ties},
    twice::{Earlier, earlier_answer},
};
use crate::{
    Fault, Library,
    cart::cart_lines,
    catalog::title_of,
    events::{ActorRole, Event, add_event, overruled},
    storage::{StorageError, Tx, Writes, in_write},
};

impl Library {
    /// Reserves titles for a patron. The same request again, by its `op`, gets the same answer and changes nothing.
    ///
    /// # Errors
    /// When the database can't be written; nothing is reserved then.
    pub async fn reserve(
        &self,
        by: &By,
        patron: PatronId,
        request: &ReserveRequest,
    ) -> Result<Result<ReserveAnswer, Refusal>, Fault> {
        in_write!(self.database(), |tx| self.reserve_in(tx, by, patron, request).await)
    }

    /// What came of an earlier [`Library::reserve`].
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn reserve_answer(&self, patron: PatronId, op: OpId) -> Result<Option<ReserveAnswer>, Fault> {
        let mut tx = self.database().look().await?;
        Ok(earlier_answer(&mut tx, patron, op).await?)
    }

    async fn reserve_in(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        request: &ReserveRequest,
    ) -> Result<Result<ReserveAnswer, Refusal>, Fault> {
        let asker = lock_patron_for(tx, patron, request.op).await?.ok_or(Fault::AccountGone)?;
        match asker.earlier {
            Earlier::None => {}
            Earlier::Forgotten => return Ok(Err(Refusal::SettledAlready)),
            Earlier::Answer(answer) => return Ok(Ok(answer)),
        }
        if request.parts.is_empty() {
            return Ok(Err(Refusal::EmptyCart));
        }
        let mut parts: Vec<PartId> = Vec::with_capacity(request.parts.len());
        for part in request.parts.iter().take(domain::cart::MAX_TITLES) {
            if !parts.contains(part) {
                parts.push(*part);
            }
        }
        if let Some(refusal) =
            request_refusal(self.policy(), asker.patron.has_mail, &request.pickup_place, request.contact)
        {
            return Ok(Err(refusal));
        }
        let known = lock_titles(tx, &parts).await?;
        let ties = ties(tx, patron).await?;
        let facts = PatronFacts { card: asker.patron.card, active: ties.reserved() };
        let lines = cart_lines(&known, &parts, Some(&ties));
        let line_facts: Vec<_> = lines.iter().map(|line| line.facts.clone()).collect();
        let in_set = if request.in_set >= 2 { request.in_set.min(lines.len()) } else { 0 };
        let refusals = decide_cart(&self.policy().reservations, by, &facts, &line_facts, in_set);

        let set = if in_set > 0 && refusals.iter().take(in_set).all(Option::is_none) {
            Some(self.make_set(tx, patron).await?)
        } else {
            None
        };
        let mut writes = Writes::default();
        let mut titles = Vec::with_capacity(lines.len());
        for ((n, line), refusal) in (0usize..).zip(lines).zip(refusals) {
            let answer = match refusal {
                Some(refusal) => Err(refusal),
                None => {
                    let place_in_set = set.filter(|_| n < in_set).map(|set| (set, n + 1));
                    let last = title_of(&known, line.part).and_then(|(_, part)| part.last_placed_at);
                    let placed_at = self.end_of_queue(last);
                    let placing = Placing { by, patron, request, placed_at, set: place_in_set };
                    // Of several titles each is sent before the next; the last one goes together with the answer.
                    writes.send(tx).await?;
                    Ok(self.place(&mut writes, &line, &placing)?)
                }
            };
            titles.push(ReservedTitle { bib: line.bib, part: line.part, title: line.title, answer });
        }
        let reserved: Vec<PartId> = titles.iter().filter(|t| t.answer.is_ok()).map(|t| t.part).collect();
        if !reserved.is_empty() {
            self.audit_by(tx, by, Some(Deed::Reserved), patron).await?;
        }
        let answer =
            ReserveAnswer { titles, in_set, pickup_place: request.pickup_place.clone(), contact: request.contact };
        self.keep_answer(&mut writes, patron, request.op, &answer)?;
        writes.send(tx).await?;
        if let Some(cart) = asker.cart {
            self.take_out(tx, cart, &reserved).await?;
        }
        Ok(Ok(answer))
    }

    /// Writes one reservation and answers its position.
    fn place(
        &self,
        writes: &mut Writes,
        line: &CartLine,
        placing: &Placing<'_>,
    ) -> Result<(ReservationId, u32), StorageError> {
        let Placing { by, patron, request, placed_at, set } = *placing;
        let bib = line.bib.ok_or_else(|| StorageError::corrupt("cart line", "an accepted title has no bib"))?;
        let id = ReservationId(Uuid::new_v4());
        let event = Event {
            // Not the moment that orders the queue, which may lie a little ahead: what happens next comes later.
            at: self.now(),
            kind: Step::Reserved.as_str(),
            actor: ActorRole::from(by),
            bib: Some(bib),
            reservation: Some(id),
            loan: None,
            note: overruled(by),
        };
        add_event(writes, &event);
        writes.add(
            "insert into reservation
                 (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, hold_extended, set_id, set_ordinal)
             values ($1, $2, $3, $4, $5, $6, 'waiting', $7, false, $8, $9)",
            [
                id.0.into(),
                line.part.0.into(),
                patron.0.into(),
                placed_at.into(),
                request.pickup_place.0.as_str().into(),
                request.contact.as_str().into(),
                event.at.into(),
                set.map(|(set, _)| set.0).into(),
                set.and_then(|(_, ordinal)| i64::try_from(ordinal).ok()).into(),
            ],
        );
        writes.add(
            "insert into claim (patron_id, part_id, reservation_id) values ($1, $2, $3)",
            [patron.0.into(), line.part.0.into(), id.0.into()],
        );
        Ok((id, line.waiting.saturating_add(1)))
    }

    /// The moment that orders the queue: now, but always later than the last one in it, so that neither two reservations
    /// of one microsecond nor a clock that was set back can change places.
    fn end_of_queue(&self, last_placed_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
        let now = self.now();
        last_placed_at.map_or(now, |last| now.max(last + TimeDelta::microseconds(1)))
    }
}

/// For whom a title of a cart is reserved, and how.
struct Placing<'a> {
    by: &'a By,
    patron: PatronId,
    request: &'a ReserveRequest,
    placed_at: DateTime<Utc>,
    /// Its place in an ordered set, from 1.
    set: Option<(OrderedSetId, usize)>,
}
