//! The pull list: copies on the shelves that somebody waits for are picked and looked for, so that nobody waits for a
//! copy nobody borrowed.

use domain::{
    BibId, ItemId, PartId, PlaceCode,
    circulation::{ReservationState, Step},
};
use uuid::Uuid;

use super::{
    facts::{lock_bibs, whole_queue},
    step::{Into, Stepping},
};
use crate::{
    Fault, Library,
    events::ActorRole,
    storage::{StorageError, Tx, fetch_all, in_write},
};

/// A copy on a shelf that nobody has.
struct Free {
    id: ItemId,
    branch: PlaceCode,
}

impl Library {
    /// Picks copies on the shelves for those who wait, the earliest first, and drops what was picked for somebody who
    /// can't be served any more, as each day's work does before the library opens. The place decides only which copy a
    /// person gets. Answers how many were picked.
    ///
    /// # Errors
    /// When the database can't be read or written; titles done before stay done.
    pub async fn assign_pulls(&self) -> Result<u64, Fault> {
        self.pick_copies(ActorRole::Staff).await
    }

    pub(crate) async fn pick_copies(&self, actor: ActorRole) -> Result<u64, Fault> {
        let mut tx = self.database().begin_read().await?;
        // Titles somebody waits for and a copy of which stands on a shelf, and those with a pull that may be stale.
        let parts = fetch_all!(
            &mut tx,
            (Uuid, Uuid),
            "select distinct r.part_id, p.bib_id from reservation r join part p on p.id = r.part_id
             where r.state in ('waiting', 'assigned') and exists (select 1 from item i where i.part_id = r.part_id
                 and i.state = 'on-shelf' and i.lender is null and i.loan_rule = 'lendable')"
        )?;
        drop(tx);
        let mut picked = 0;
        for (part, bib) in parts {
            picked += in_write!(self.database(), |tx| self.assign_in(tx, actor, BibId(bib), PartId(part)).await)?;
        }
        Ok(picked)
    }

    pub(super) async fn assign_in(
        &self,
        tx: &mut Tx,
        actor: ActorRole,
        bib: BibId,
        part: PartId,
    ) -> Result<u64, Fault> {
        lock_bibs(tx, &[bib]).await?;
        let waits_for = self.policy().reservations.set_waits_for;
        let queue = whole_queue(tx, part).await?;
        let stepping = |id, state| Stepping { id, state, bib, actor };
        let borrowed = borrowed_copies(tx, part).await?;
        for entry in &queue.entries {
            // Another library's copy stays for whom it came.
            let stale = entry.assigned.is_some_and(|copy| !borrowed.contains(&copy));
            if stale && !entry.is_awake(waits_for) {
                let of = stepping(entry.key.id, ReservationState::Assigned);
                self.take_step(tx, of, Into::Waiting(Step::BackInQueue, Some("asleep"))).await?;
            }
        }
        let mut free = self.free_copies(tx, part).await?;
        let mut picked = 0;
        for entry in queue.entries.iter().filter(|entry| entry.assigned.is_none() && entry.is_awake(waits_for)) {
            if free.is_empty() {
                break;
            }
            let place = queue.recipient(entry.key.id).map(|(patron, _)| &patron.pickup_place);
            let near = free.iter().position(|copy| Some(&copy.branch) == place);
            let copy = free.remove(near.unwrap_or(0));
            let of = stepping(entry.key.id, ReservationState::Waiting);
            self.take_step(tx, of, Into::Assigned(copy.id)).await?;
            picked += 1;
        }
        Ok(picked)
    }

    /// Copies of a title on their shelves that nothing was planned with, in the policy's order of places.
    async fn free_copies(&self, tx: &mut Tx, part: PartId) -> Result<Vec<Free>, StorageError> {
        let rows = fetch_all!(
            tx,
            (Uuid, String),
            "select i.id, i.branch from item i where i.part_id = $1 and i.state = 'on-shelf' and i.lender is null
                 and i.loan_rule = 'lendable' and not exists (select 1 from reservation r where r.item_id = i.id)
             order by i.barcode",
            part.0
        )?;
        let mut free: Vec<Free> =
            rows.into_iter().map(|(id, branch)| Free { id: ItemId(id), branch: PlaceCode(branch) }).collect();
        let rank = |copy: &Free| self.policy().places.iter().position(|place| place.code == copy.branch);
        free.sort_by_key(rank);
        Ok(free)
    }
}

/// The copies of a title that other libraries lent.
async fn borrowed_copies(tx: &mut Tx, part: PartId) -> Result<Vec<ItemId>, StorageError> {
    let rows = fetch_all!(tx, (Uuid,), "select id from item where part_id = $1 and lender is not null", part.0)?;
    Ok(rows.into_iter().map(|(id,)| ItemId(id)).collect())
}
