//! Reserving what is in the cart (R9–R13, R17, R18).

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OpId, OrderedSetId, PartId, PatronId, ReservationId,
    cart::CartLine,
    circulation::{Refusal, ReserveAnswer, ReserveRequest, ReservedTitle, decide_cart, request_refusal},
};

use super::facts::{lock_bibs, lock_patron, patron_facts};
use crate::{
    Fault, Library,
    catalog::bibs_of_parts,
    clock::new_id,
    events::{ActorRole, Event, EventKind, record},
    patrons::account,
    storage::{StorageError, Tx, execute, fetch_one, fetch_optional, in_write},
};

impl Library {
    /// Reserves titles for a patron. The same request again, by its `op`, gets the same answer and changes nothing.
    ///
    /// # Errors
    /// When the database can't be written; nothing is reserved then.
    pub async fn reserve(
        &self,
        patron: PatronId,
        request: &ReserveRequest,
    ) -> Result<Result<ReserveAnswer, Refusal>, Fault> {
        in_write!(self.database(), |tx| self.reserve_in(tx, patron, request).await)
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
        patron: PatronId,
        request: &ReserveRequest,
    ) -> Result<Result<ReserveAnswer, Refusal>, Fault> {
        if !lock_patron(tx, patron).await? {
            return Err(Fault::AccountGone);
        }
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
        let has_mail = account(tx, patron).await?.is_some_and(|account| account.ready_mail.is_some());
        if let Some(refusal) = request_refusal(self.policy(), has_mail, &request.pickup_place, request.contact) {
            return Ok(Err(refusal));
        }
        let bibs = bibs_of_parts(tx, &parts).await?;
        lock_bibs(tx, &bibs).await?;

        let facts = patron_facts(tx, patron).await?.ok_or(Fault::AccountGone)?;
        let lines = self.cart_lines(tx, &parts, Some(patron)).await?;
        let line_facts: Vec<_> = lines.iter().map(|line| line.facts.clone()).collect();
        let in_set = if request.in_set >= 2 { request.in_set.min(lines.len()) } else { 0 };
        let refusals = decide_cart(&self.policy().reservations, &facts, &line_facts, in_set);

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
                    Ok(self.place(tx, patron, &line, request, place_in_set).await?)
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

    async fn make_set(&self, tx: &mut Tx, patron: PatronId) -> Result<OrderedSetId, StorageError> {
        let now = self.now();
        let id = new_id(now);
        execute!(tx, "insert into ordered_set (id, patron_id, made_at) values ($1, $2, $3)", id, patron.0, now)?;
        Ok(OrderedSetId(id))
    }

    /// Writes one reservation and answers its position.
    async fn place(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        line: &CartLine,
        request: &ReserveRequest,
        set: Option<(OrderedSetId, usize)>,
    ) -> Result<(ReservationId, u32), Fault> {
        let bib = line.bib.ok_or_else(|| StorageError::corrupt("cart line", "an accepted title has no bib"))?;
        let placed_at = self.queue_time(tx, line.part).await?;
        let id = ReservationId(new_id(placed_at));
        execute!(
            &mut *tx,
            "insert into reservation
                 (id, part_id, patron_id, placed_at, pickup_place, contact, state, set_id, set_ordinal)
             values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8)",
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
                kind: EventKind::Reserved,
                actor: ActorRole::Patron,
                bib,
                reservation: Some(id),
                loan: None,
            },
        )
        .await?;
        let (before,) = fetch_one!(
            tx,
            (i64,),
            "select count(*) from reservation where part_id = $1 and state = 'waiting' and placed_at < $2",
            line.part.0,
            placed_at
        )?;
        Ok((id, u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)))
    }

    /// The moment that orders the queue: now, but always later than the last one in it, so that neither two
    /// reservations of one microsecond nor a clock that was set back can change places.
    async fn queue_time(&self, tx: &mut Tx, part: PartId) -> Result<DateTime<Utc>, StorageError> {
        let now = self.now();
        let (last,) = fetch_one!(
            tx,
            (Option<DateTime<Utc>>,),
            "select max(placed_at) from reservation where part_id = $1 and state = 'waiting'",
            part.0
        )?;
        Ok(last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1))))
    }

    async fn keep_answer(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        op: OpId,
        answer: &ReserveAnswer,
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

fn actor(patron: PatronId) -> String {
    format!("patron:{patron}")
}

async fn earlier_answer(tx: &mut Tx, patron: PatronId, op: OpId) -> Result<Option<ReserveAnswer>, StorageError> {
    let row =
        fetch_optional!(tx, (String,), "select answer from op where actor = $1 and id = $2", actor(patron), op.0)?;
    row.map(|(json,)| serde_json::from_str(&json).map_err(|error| StorageError::corrupt("answer", error))).transpose()
}
