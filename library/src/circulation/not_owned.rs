//! Titles the library does not own, entered by staff for a patron: 受付 → 調査中 → 手配中, then into the queue with the
//! original time, or お断り; and copies other libraries lend.

use domain::{
    BibId, ItemId, PatronId, ReservationId,
    catalog::{BibRecord, Creator, LimitGroup},
    circulation::{
        BorrowedCopy, By, CancelReason, Refusal, RequestStep, ReservationState, Step, TitleRequest, may_advance,
        request_refusal,
    },
    patrons::{CardState, Deed},
};
use uuid::Uuid;

use super::{
    act::lock_reservation,
    facts::{lock_patron, ties},
    step::{Into, Stepping},
};
use crate::{
    Fault, Library,
    catalog::REQUESTS,
    clock::new_id,
    events::{ActorRole, Event, EventKind, overruled, record},
    notices::tell_cancelled,
    storage::{StorageError, Tx, Writes, execute, fetch_one, fetch_optional, in_write},
};

impl Library {
    /// Enters a title the library does not own for a patron. It counts against their limit (R17).
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn request_title(
        &self,
        by: &By,
        patron: PatronId,
        request: &TitleRequest,
    ) -> Result<Result<ReservationId, Refusal>, Fault> {
        in_write!(self.database(), |tx| self.request_title_in(tx, by, patron, request).await)
    }

    async fn request_title_in(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        request: &TitleRequest,
    ) -> Result<Result<ReservationId, Refusal>, Fault> {
        let locked = lock_patron(tx, patron).await?.ok_or(Fault::AccountGone)?;
        if request.title.trim().is_empty() {
            return Ok(Err(Refusal::NoTitle));
        }
        match locked.card {
            CardState::Active => {}
            CardState::Suspended => return Ok(Err(Refusal::CardSuspended)),
            CardState::Expired => return Ok(Err(Refusal::CardExpired)),
        }
        if let Some(refusal) = request_refusal(self.policy(), locked.has_mail, &request.pickup_place, request.contact) {
            return Ok(Err(refusal));
        }
        let group = request.material.limit_group();
        if group == LimitGroup::Videos {
            return Ok(Err(Refusal::MaterialNotReservable { material: request.material }));
        }
        let limit = self.policy().reservations.limits.of(group);
        let active = ties(tx, patron).await?.reserved().iter().find(|(of, _)| *of == group).map_or(0, |(_, n)| *n);
        if let Some(refusal) = by.settle((active >= limit).then_some(Refusal::LimitReached { group, limit })) {
            return Ok(Err(refusal));
        }
        self.enter(tx, by, patron, request).await.map(Ok)
    }

    async fn enter(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        request: &TitleRequest,
    ) -> Result<ReservationId, Fault> {
        let now = self.now();
        let (bib, part, id) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        let creators = Some(request.creators.trim()).filter(|name| !name.is_empty());
        let record_of = BibRecord {
            title: request.title.trim().to_owned(),
            title_reading: None,
            subtitle: None,
            volume: None,
            creators: creators
                .map(|name| Creator { name: name.to_owned(), reading: None, role: None })
                .into_iter()
                .collect(),
            publisher: None,
            year: None,
            isbns: Vec::new(),
            ndc: Vec::new(),
            series: None,
            subjects: Vec::new(),
            extent: None,
            material: request.material,
        };
        let json = serde_json::to_string(&record_of).map_err(|error| StorageError::corrupt("bib record", error))?;
        execute!(
            &mut *tx,
            "insert into bib (id, source, source_key, record, title, material, revision, changed_at)
             values ($1, $2, $3, $4, $5, $6, 0, $7)",
            bib,
            REQUESTS,
            bib.to_string(),
            json,
            &record_of.title,
            request.material.as_str(),
            now
        )?;
        execute!(&mut *tx, "insert into part (id, bib_id, label, ordinal) values ($1, $2, '', 0)", part, bib)?;
        execute!(
            &mut *tx,
            "insert into reservation (id, part_id, patron_id, placed_at, pickup_place, contact, state, since,
                 hold_extended, request_step)
             values ($1, $2, $3, $4, $5, $6, 'not-owned', $4, false, $7)",
            id,
            part,
            patron.0,
            now,
            &request.pickup_place.0,
            request.contact.as_str(),
            RequestStep::Received.as_str()
        )?;
        execute!(
            &mut *tx,
            "insert into claim (patron_id, part_id, reservation_id) values ($1, $2, $3)",
            patron.0,
            part,
            id
        )?;
        let event = Event {
            at: now,
            kind: Step::Requested.as_str(),
            actor: ActorRole::Staff,
            bib: Some(BibId(bib)),
            reservation: Some(ReservationId(id)),
            loan: None,
            note: overruled(by),
        };
        record(tx, event).await?;
        self.audit_by(tx, by, Some(Deed::Requested), patron).await?;
        Ok(ReservationId(id))
    }

    /// Notes how far staff have come with a title.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn advance_request(
        &self,
        reservation: ReservationId,
        to: RequestStep,
    ) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| async {
            let of = match self.requested(tx, reservation).await? {
                Ok(of) => of,
                Err(refusal) => return Ok::<_, Fault>(Err(refusal)),
            };
            let (step,) = fetch_one!(
                &mut *tx,
                (Option<String>,),
                "select request_step from reservation where id = $1",
                reservation.0
            )?;
            let from: RequestStep =
                step.unwrap_or_default().parse().map_err(|error| StorageError::corrupt("step of a request", error))?;
            if !may_advance(from, to) {
                return Ok(Err(Refusal::StepNotPossible));
            }
            execute!(&mut *tx, "update reservation set request_step = $2 where id = $1", reservation.0, to.as_str())?;
            let event = Event::of(EventKind::RequestStep, ActorRole::Staff, self.now());
            record(tx, Event { bib: Some(of.bib), reservation: Some(reservation), note: Some(to.as_str()), ..event })
                .await?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Puts a title that was not owned into the queue with its original time: the library can lend it now, or soon.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn request_arrived(&self, reservation: ReservationId) -> Result<Result<(), Refusal>, Fault> {
        in_write!(self.database(), |tx| async {
            let of = match self.requested(tx, reservation).await? {
                Ok(of) => of,
                Err(refusal) => return Ok::<_, Fault>(Err(refusal)),
            };
            self.take_step(tx, of, Into::Waiting(Step::Arrived, None)).await?;
            Ok(Ok(()))
        }
        .await)
    }

    /// Says that the title can't be had (お断り), and why.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn decline_request(&self, reservation: ReservationId, why: &str) -> Result<Result<(), Refusal>, Fault> {
        let done = in_write!(self.database(), |tx| async {
            let of = match self.requested(tx, reservation).await? {
                Ok(of) => of,
                Err(refusal) => return Ok::<_, Fault>(Err(refusal)),
            };
            let said = (CancelReason::Declined, Some(why.trim()));
            let event = self.take_step(tx, of, Into::Cancelled(said.0, said.1)).await?;
            let mut writes = Writes::default();
            tell_cancelled(self, tx, &mut writes, event, reservation, said).await?;
            writes.send(tx).await?;
            self.audit_reservation(tx, Deed::Cancelled, reservation).await?;
            Ok(Ok(()))
        }
        .await);
        self.outbox_bell().notify_one();
        done
    }

    /// Takes in a copy another library lends for this reservation. It is for nobody else, is due when the lender wants
    /// it back, and goes back there. Scanned as any other copy, it is captured for its reservation.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn receive_borrowed(
        &self,
        reservation: ReservationId,
        copy: &BorrowedCopy,
    ) -> Result<Result<(), Refusal>, Fault> {
        if self.policy().place(&copy.here).is_none() {
            return Ok(Err(Refusal::UnknownPlace));
        }
        in_write!(self.database(), |tx| self.receive_borrowed_in(tx, reservation, copy).await)
    }

    async fn receive_borrowed_in(
        &self,
        tx: &mut Tx,
        reservation: ReservationId,
        copy: &BorrowedCopy,
    ) -> Result<Result<(), Refusal>, Fault> {
        let of = match self.requested(tx, reservation).await? {
            Ok(of) => of,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let barcode = domain::circulation::barcode(&copy.barcode);
        let taken = fetch_optional!(&mut *tx, (Uuid,), "select id from item where barcode = $1", &barcode)?;
        if taken.is_some() || barcode.is_empty() {
            return Ok(Err(Refusal::BarcodeTaken));
        }
        let item = new_id(self.now());
        execute!(
            &mut *tx,
            "insert into item (id, part_id, barcode, branch, place, shelf_mark, loan_rule, state, lender, lender_due_on)
             select $1, part_id, $3, $4, $4, '', 'lendable', 'on-shelf', $5, $6 from reservation where id = $2",
            item,
            reservation.0,
            barcode,
            &copy.here.0,
            &copy.lender,
            copy.due_on
        )?;
        self.take_step(tx, of, Into::Assigned(ItemId(item))).await?;
        Ok(Ok(()))
    }

    /// A reservation of a title the library does not own, under the lock of its bib.
    async fn requested(
        &self,
        tx: &mut Tx,
        reservation: ReservationId,
    ) -> Result<Result<Stepping, Refusal>, StorageError> {
        let of = lock_reservation(tx, reservation, ActorRole::Staff).await?;
        Ok(match of {
            None => Err(Refusal::UnknownReservation),
            Some(of) if of.state == ReservationState::NotOwned => Ok(of),
            Some(of) if of.state.is_active() => Err(Refusal::StepNotPossible),
            Some(_) => Err(Refusal::ReservationOver),
        })
    }
}
