//! Reserving what is in the cart (R9–R13, R17, R18).

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    CartId, OpId, OrderedSetId, PartId, PatronId, ReservationId,
    cart::{Arrangement, CartLine},
    circulation::{
        By, PatronFacts, Refusal, ReservationState, ReserveAnswer, ReserveRequest, ReservedTitle, Step, decide_cart,
        request_refusal,
    },
    patrons::{CardState, Deed},
};
use uuid::Uuid;

use super::{
    act::lock_patron_for,
    facts::{Ties, lock_titles, ties},
    together::Turn,
    twice::{Earlier, earlier_answer},
};
use crate::{
    Fault, Library,
    cart::{cart_lines, lock_carts, take_out},
    catalog::{Title, title_of_mut},
    events::{ActorRole, Event, add_event, overruled},
    storage::{StorageError, Tx, Writes, in_write},
};

/// Who asks to reserve, with what the rule has to know of them, read under their lock.
pub(super) struct Applicant<'a> {
    pub(super) patron: PatronId,
    pub(super) card: CardState,
    pub(super) ties: Ties,
    /// Their cart, under its lock.
    pub(super) cart: Option<(CartId, Arrangement)>,
    pub(super) request: &'a ReserveRequest,
}

/// A request that was looked at: its titles, and which of them is refused.
pub(super) struct Decided {
    lines: Vec<CartLine>,
    pub(super) refusals: Vec<Option<Refusal>>,
    /// How many of them, from the first, form an ordered set; none or at least two.
    in_set: usize,
}

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
        // What staff do is written down with who did it, and of several titles each has a crowd of its own.
        let lead = match (by, request.parts.as_slice()) {
            (By::Patron, [part]) => match self.take_turn(*part, patron, request).await {
                Turn::Reserved(answer) => return Ok(Ok(answer)),
                Turn::Alone(lead) => lead,
            },
            _ => None,
        };
        let answer = in_write!(self.database(), |tx| self.reserve_in(tx, by, patron, request).await);
        if let (Err(Fault::Storage(_)), Some(lead)) = (&answer, &lead) {
            lead.disperse();
        }
        // Whoever came meanwhile goes next.
        drop(lead);
        answer
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
        let locked = lock_patron_for(tx, patron, request.op).await?.ok_or(Fault::AccountGone)?;
        match locked.earlier {
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
            request_refusal(self.policy(), locked.patron.has_mail, &request.pickup_place, request.contact)
        {
            return Ok(Err(refusal));
        }
        // Read before the titles are locked, so that those are held for less: what a patron has grows under the patron's lock only.
        let ties = ties(tx, patron).await?;
        let cart = match locked.cart {
            Some(cart) => lock_carts(tx, &[cart]).await?.remove_entry(&cart),
            None => None,
        };
        let applicant = Applicant { patron, card: locked.patron.card, ties, cart, request };
        let mut known = lock_titles(tx, &parts).await?;
        let decided = self.decide(by, &applicant, &known, &parts);
        let accepted = decided.refusals.iter().take(decided.in_set).all(Option::is_none);
        let set = if decided.in_set > 0 && accepted { Some(self.make_set(tx, patron).await?) } else { None };
        if decided.refusals.iter().any(Option::is_none) {
            self.audit_by(tx, by, Some(Deed::Reserved), patron).await?;
        }
        let mut writes = Writes::default();
        let answer = self.add_reserved(&mut writes, by, applicant, decided, set, &mut known)?;
        writes.send(tx).await?;
        Ok(Ok(answer))
    }

    /// Lets the rule decide on titles that are locked.
    pub(super) fn decide(&self, by: &By, applicant: &Applicant<'_>, known: &[Title], parts: &[PartId]) -> Decided {
        let facts = PatronFacts { card: applicant.card, active: applicant.ties.reserved() };
        let lines = cart_lines(known, parts, Some(&applicant.ties));
        let line_facts: Vec<_> = lines.iter().map(|line| line.facts.clone()).collect();
        let wished = applicant.request.in_set.min(lines.len());
        let in_set = if wished >= 2 { wished } else { 0 };
        let refusals = decide_cart(&self.policy().reservations, by, &facts, &line_facts, in_set);
        Decided { lines, refusals, in_set }
    }

    /// Adds what was decided to what is written: the reservations that are accepted, which leave the cart, and the answer that is
    /// kept. In `known` they have their places in the queues then.
    pub(super) fn add_reserved(
        &self,
        writes: &mut Writes,
        by: &By,
        applicant: Applicant<'_>,
        decided: Decided,
        set: Option<OrderedSetId>,
        known: &mut [Title],
    ) -> Result<ReserveAnswer, StorageError> {
        let Applicant { patron, cart, request, .. } = applicant;
        let Decided { lines, refusals, in_set } = decided;
        let mut titles = Vec::with_capacity(lines.len());
        for ((n, line), refusal) in (0usize..).zip(lines).zip(refusals) {
            let answer = match refusal {
                Some(refusal) => Err(refusal),
                None => {
                    let set = set.filter(|_| n < in_set).map(|set| (set, n + 1));
                    Ok(self.place(writes, &line, &Placing { by, patron, request, set }, known)?)
                }
            };
            titles.push(ReservedTitle { bib: line.bib, part: line.part, title: line.title, answer });
        }
        let reserved: Vec<PartId> = titles.iter().filter(|t| t.answer.is_ok()).map(|t| t.part).collect();
        if let Some((cart, found)) = &cart {
            take_out(writes, *cart, found, &reserved);
        }
        let answer =
            ReserveAnswer { titles, in_set, pickup_place: request.pickup_place.clone(), contact: request.contact };
        self.keep_answer(writes, patron, request.op, &answer)?;
        Ok(answer)
    }

    /// Adds one reservation at the end of its queue; answers it with its position.
    fn place(
        &self,
        writes: &mut Writes,
        line: &CartLine,
        placing: &Placing<'_>,
        known: &mut [Title],
    ) -> Result<(ReservationId, u32), StorageError> {
        let Placing { by, patron, request, set } = *placing;
        let bib = line.bib.ok_or_else(|| StorageError::corrupt("cart line", "an accepted title has no bib"))?;
        let queue = title_of_mut(known, line.part)
            .ok_or_else(|| StorageError::corrupt("cart line", "an accepted title is not known"))?;
        let placed_at = self.end_of_queue(queue.last_placed_at);
        queue.last_placed_at = Some(placed_at);
        queue.waiting = queue.waiting.saturating_add(1);
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
        writes.row(
            "insert into reservation
                 (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, hold_extended, set_id, set_ordinal)
             values ",
            "",
            [
                id.0.into(),
                line.part.0.into(),
                patron.0.into(),
                placed_at.into(),
                request.pickup_place.0.as_str().into(),
                request.contact.as_str().into(),
                ReservationState::Waiting.as_str().into(),
                event.at.into(),
                false.into(),
                set.map(|(set, _)| set.0).into(),
                set.and_then(|(_, ordinal)| i64::try_from(ordinal).ok()).into(),
            ],
        );
        writes.row(
            "insert into claim (patron_id, part_id, reservation_id) values ",
            "",
            [patron.0.into(), line.part.0.into(), id.0.into()],
        );
        Ok((id, queue.waiting))
    }

    /// The moment that orders the queue: now, but always later than the last one in it, so that neither two reservations
    /// of one microsecond nor a clock that was set back can change places.
    fn end_of_queue(&self, last_placed_at: Option<DateTime<Utc>>) -> DateTime<Utc> {
        let now = self.now();
        last_placed_at.map_or(now, |last| now.max(last + TimeDelta::microseconds(1)))
    }
}

/// For whom a title of a cart is reserved, and how.
#[derive(Clone, Copy)]
struct Placing<'a> {
    by: &'a By,
    patron: PatronId,
    request: &'a ReserveRequest,
    /// Its place in an ordered set, from 1.
    set: Option<(OrderedSetId, usize)>,
}
