//! Reserving what is in the cart (R9–R13, R17, R18).

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OpId, OrderedSetId, PartId, PatronId, ReservationId,
    cart::CartLine,
    circulation::{
        By, PatronFacts, Refusal, ReserveAnswer, ReserveRequest, ReservedTitle, Step, decide_cart, request_refusal,
    },
};

use super::{
    act::earlier_answer,
    facts::{lock_bibs, lock_patron, ties},
};
use crate::{
    Fault, Library,
    catalog::bibs_of_parts,
    clock::new_id,
    events::{ActorRole, Event, record},
    storage::{StorageError, Tx, execute, fetch_one, in_write},
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
        let mut tx = self.database().begin_read().await?;
        Ok(earlier_answer(&mut tx, patron, op).await?)
    }

    async fn reserve_in(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        request: &ReserveRequest,
    ) -> Result<Result<ReserveAnswer, Refusal>, Fault> {
        let locked = lock_patron(tx, patron).await?.ok_or(Fault::AccountGone)?;
        if let Some(answer) = earlier_answer(tx, patron, request.op).await? {
            return Ok(Ok(answer));
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
        if let Some(refusal) = request_refusal(self.policy(), locked.has_mail, &request.pickup_place, request.contact) {
            return Ok(Err(refusal));
        }
        let bibs = bibs_of_parts(tx, &parts).await?;
        lock_bibs(tx, &bibs).await?;

        let ties = ties(tx, patron).await?;
        let facts = PatronFacts { card: locked.card, active: ties.reserved() };
        let lines = self.cart_lines(tx, &parts, Some(&ties)).await?;
        let line_facts: Vec<_> = lines.iter().map(|line| line.facts.clone()).collect();
        let in_set = if request.in_set >= 2 { request.in_set.min(lines.len()) } else { 0 };
        let refusals = decide_cart(&self.policy().reservations, by, &facts, &line_facts, in_set);

        let set = if in_set > 0 && refusals.iter().take(in_set).all(Option::is_none) {
            Some(self.make_set(tx, patron).await?)
        } else {
            None
        };
        let mut titles = Vec::with_capacity(lines.len());
        for ((n, line), refusal) in (0usize..).zip(lines).zip(refusals) {
            let answer = match refusal {
                Some(refusal) => Err(refusal),
                None => {
                    let place_in_set = set.filter(|_| n < in_set).map(|set| (set, n + 1));
                    Ok(self.place(tx, by, patron, &line, request, place_in_set).await?)
                }
            };
            titles.push(ReservedTitle { bib: line.bib, part: line.part, title: line.title, answer });
        }
        let reserved: Vec<PartId> = titles.iter().filter(|t| t.answer.is_ok()).map(|t| t.part).collect();
        self.take_out(tx, patron, &reserved).await?;
        let answer =
            ReserveAnswer { titles, in_set, pickup_place: request.pickup_place.clone(), contact: request.contact };
        self.keep_answer(tx, patron, request.op, &answer).await?;
        Ok(Ok(answer))
    }

    /// Writes one reservation and answers its position.
    async fn place(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        line: &CartLine,
        request: &ReserveRequest,
        set: Option<(OrderedSetId, usize)>,
    ) -> Result<(ReservationId, u32), Fault> {
        let bib = line.bib.ok_or_else(|| StorageError::corrupt("cart line", "an accepted title has no bib"))?;
        let (placed_at, before) = self.end_of_queue(tx, line.part).await?;
        let id = ReservationId(new_id(placed_at));
        execute!(
            &mut *tx,
            "insert into reservation
                 (id, part_id, patron_id, placed_at, pickup_place, contact, state, since, hold_extended, set_id,
                  set_ordinal)
             values ($1, $2, $3, $4, $5, $6, 'waiting', $4, false, $7, $8)",
            id.0,
            line.part.0,
            patron.0,
            placed_at,
            &request.pickup_place.0,
            request.contact.as_str(),
            set.map(|(set, _)| set.0),
            set.and_then(|(_, ordinal)| i64::try_from(ordinal).ok())
        )?;
        execute!(
            &mut *tx,
            "insert into claim (patron_id, part_id, reservation_id) values ($1, $2, $3)",
            patron.0,
            line.part.0,
            id.0
        )?;
        record(
            tx,
            Event {
                at: placed_at,
                kind: Step::Reserved.as_str(),
                actor: ActorRole::from(by),
                bib: Some(bib),
                reservation: Some(id),
                loan: None,
                note: by.reason(),
            },
        )
        .await?;
        Ok((id, u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)))
    }

    /// The moment that orders the queue, and how many are in it: now, but always later than the last one, so that neither
    /// two reservations of one microsecond nor a clock that was set back can change places.
    async fn end_of_queue(&self, tx: &mut Tx, part: PartId) -> Result<(DateTime<Utc>, i64), StorageError> {
        let now = self.now();
        let (last, length) = fetch_one!(
            tx,
            (Option<DateTime<Utc>>, i64),
            "select max(placed_at), count(*) from reservation where part_id = $1 and state in ('waiting', 'assigned')",
            part.0
        )?;
        Ok((last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1))), length))
    }
}
