//! The pull list of a place, in the order of its shelves, and what was not found where it should stand.

use chrono::{DateTime, Utc};
use domain::{
    PartId, PlaceCode, ReservationId,
    catalog::ShelfOrder,
    circulation::{DeskList, PullLine, Refusal, ReservationState, WriteOff},
};
use uuid::Uuid;

use super::super::act::lock_reservation;
use crate::{
    Fault, Library,
    catalog::shown,
    events::ActorRole,
    storage::{Tx, fetch_all, fetch_optional, in_write},
};

type PullRow = (Uuid, String, DateTime<Utc>, String, String, String, String);

impl Library {
    /// The copies that were picked on the shelves of a place, in the order a shelver walks.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn pull_list(&self, here: &PlaceCode) -> Result<DeskList<Vec<PullLine>>, Fault> {
        let mut tx = self.database().begin_read().await?;
        let rows = fetch_all!(
            &mut tx,
            PullRow,
            "select r.id, r.pickup_place, r.since, i.barcode, i.shelf_mark, b.record, p.label
             from reservation r join item i on i.id = r.item_id
             join part p on p.id = i.part_id join bib b on b.id = p.bib_id
             where r.state = 'assigned' and i.state = 'on-shelf' and coalesce(i.place, i.branch) = $1",
            &here.0
        )?;
        let mut lines = Vec::with_capacity(rows.len());
        for (reservation, goes_to, since, barcode, shelf_mark, record, label) in rows {
            let of = shown(&record, &label)?;
            let order = (ShelfOrder::of(&shelf_mark, &of.reading), barcode.clone());
            let line = PullLine {
                reservation: ReservationId(reservation),
                title: of.title,
                shelf_mark,
                barcode,
                goes_to: PlaceCode(goes_to),
                since: self.day_of(since),
            };
            lines.push((order, line));
        }
        lines.sort_by(|(one, _), (other, _)| one.cmp(other));
        let counts = self.counts(&mut tx, here).await?;
        Ok(self.desk_list(counts, lines.into_iter().map(|(_, line)| line).collect()))
    }

    /// Notes that the copy of a reservation is not where it should be: not on its shelf, or vanished from the hold shelf.
    /// `state` is where the list showed it. The reservation keeps its place in the queue, a patron who was told that it
    /// is ready is told that it is not, the copy is looked for, and another copy on a shelf is picked at once.
    ///
    /// # Errors
    /// When the database can't be written; nothing has happened then.
    pub async fn copy_not_found(
        &self,
        reservation: ReservationId,
        state: ReservationState,
    ) -> Result<Result<(), Refusal>, Fault> {
        let done = in_write!(self.database(), |tx| self.not_found_in(tx, reservation, state).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn not_found_in(
        &self,
        tx: &mut Tx,
        reservation: ReservationId,
        state: ReservationState,
    ) -> Result<Result<(), Refusal>, Fault> {
        let Some(of) = lock_reservation(tx, reservation, ActorRole::Staff).await? else {
            return Ok(Err(Refusal::UnknownReservation));
        };
        // Scanned, cancelled or picked anew since the list was shown.
        if of.state != state {
            return Ok(Err(Refusal::ListChanged));
        }
        let copy = fetch_optional!(
            &mut *tx,
            (String, Uuid),
            "select i.barcode, i.part_id from reservation r join item i on i.id = r.item_id where r.id = $1",
            reservation.0
        )?;
        let Some((barcode, part)) = copy else { return Ok(Err(Refusal::ListChanged)) };
        if let Err(refusal) = self.write_off_in(tx, &barcode, WriteOff::Missing, ActorRole::Staff).await? {
            return Ok(Err(refusal));
        }
        self.assign_in(tx, ActorRole::Staff, of.bib, PartId(part)).await?;
        Ok(Ok(()))
    }
}
