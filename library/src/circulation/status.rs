//! 予約状況: what a patron has reserved and where it stands (R19, R20).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    PartId, PatronId, PlaceCode, ReservationId,
    circulation::{ReservationState, ReservationView, Status, is_dormant},
};
use uuid::Uuid;

use super::facts::group_sets;
use crate::{
    Fault, Library,
    catalog::part_facts,
    storage::{StorageError, Tx, fetch_all},
};

type Row = (Uuid, Uuid, DateTime<Utc>, String, String, String, Option<Uuid>, Option<i64>, Option<NaiveDate>, i64);

impl Library {
    /// The active reservations of a patron, in the order they were made.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn reservations(&self, patron: PatronId) -> Result<Vec<ReservationView>, Fault> {
        let mut tx = self.database().begin_read().await?;
        // The position is counted, never stored: those who wait for the same part and came before.
        let rows = fetch_all!(
            &mut tx,
            Row,
            "select r.id, r.part_id, r.placed_at, r.pickup_place, r.contact, r.state, r.set_id, r.set_ordinal,
                    r.hold_until,
                    (select count(*) from reservation b where b.part_id = r.part_id and b.state = 'waiting'
                        and (b.placed_at < r.placed_at or (b.placed_at = r.placed_at and b.id < r.id)))
             from reservation r
             where r.patron_id = $1 and r.state in ('waiting', 'in-transit', 'ready')
             order by r.placed_at, coalesce(r.set_ordinal, 0), r.id",
            patron.0
        )?;
        let parts: Vec<PartId> = rows.iter().map(|(_, part, ..)| PartId(*part)).collect();
        let titles = part_facts(&mut tx, &parts).await?;
        let sets = self.sets_of(&mut tx, patron).await?;
        let mut views = Vec::with_capacity(rows.len());
        for (id, part, placed_at, place, contact, state, set, ordinal, hold_until, before) in rows {
            let part = PartId(part);
            let Some((title, of)) =
                titles.iter().find_map(|title| Some((title, title.parts.iter().find(|p| p.id == part)?)))
            else {
                continue;
            };
            let members = set.and_then(|set| sets.get(&set)).map(Vec::as_slice).unwrap_or_default();
            let position = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
            let state: ReservationState =
                state.parse().map_err(|error| StorageError::corrupt("reservation state", error))?;
            let status = match (state, hold_until) {
                (ReservationState::Ready, Some(until)) => Status::Ready { until },
                (ReservationState::InTransit, _) => Status::InTransit,
                _ if ordinal
                    .is_some_and(|ordinal| is_dormant(self.policy().reservations.set_waits_for, ordinal, members)) =>
                {
                    Status::Dormant { position }
                }
                _ => Status::Waiting { position },
            };
            views.push(ReservationView {
                id: ReservationId(id),
                bib: title.id,
                part,
                title: title.part_title(of),
                creators: title.creators(),
                material: title.record.material,
                placed_on: self.day_of(placed_at),
                pickup_place: PlaceCode(place),
                contact: contact.parse().map_err(|error| StorageError::corrupt("contact method", error))?,
                status,
                in_set: ordinal.map(|ordinal| (ordinal, i64::try_from(members.len()).unwrap_or(i64::MAX))),
            });
        }
        Ok(views)
    }

    async fn sets_of(
        &self,
        tx: &mut Tx,
        patron: PatronId,
    ) -> Result<HashMap<Uuid, Vec<domain::circulation::SetMember>>, StorageError> {
        let rows = fetch_all!(
            tx,
            (Uuid, i64, String),
            "select r.set_id, r.set_ordinal, r.state from reservation r join ordered_set s on s.id = r.set_id
             where s.patron_id = $1",
            patron.0
        )?;
        group_sets(rows)
    }
}
