//! Titles somebody waits for and no copy of which can be lent any more: a list for staff to decide on, never a silent
//! cancellation.

use domain::{
    PartId, ReservationId,
    circulation::{CancelReason, Refusal, ReservationState, WithoutCopies},
};
use uuid::Uuid;

use super::{facts::lock_bibs, step::Stepping};
use crate::{
    Fault, Library,
    catalog::{bibs_of_parts, part_facts},
    events::ActorRole,
    storage::{StorageError, Tx, fetch_all, in_write},
};

impl Library {
    /// The titles that have a queue and no copy that lives or is on order, with those who wait, in their order.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn queues_without_copies(&self) -> Result<Vec<WithoutCopies>, Fault> {
        let mut tx = self.database().begin_read().await?;
        Ok(queues_without_copies(&mut tx).await?)
    }

    /// Cancels everybody who waits for a title no copy of which lives, as staff decided. Answers how many.
    ///
    /// # Errors
    /// When the database can't be written; nobody's reservation was cancelled then.
    pub async fn cancel_queue(&self, part: PartId) -> Result<Result<u64, Refusal>, Fault> {
        let done = in_write!(self.database(), |tx| self.cancel_queue_in(tx, part).await);
        self.outbox_bell().notify_one();
        done
    }

    async fn cancel_queue_in(&self, tx: &mut Tx, part: PartId) -> Result<Result<u64, Refusal>, Fault> {
        let bibs = bibs_of_parts(tx, &[part]).await?;
        lock_bibs(tx, &bibs).await?;
        let [bib] = bibs.as_slice() else { return Ok(Err(Refusal::ListChanged)) };
        // A copy was found, or a new one was ordered, since the list was shown.
        let waiting = fetch_all!(
            &mut *tx,
            (Uuid,),
            "select r.id from reservation r where r.part_id = $1 and r.state in ('waiting', 'assigned')
                 and r.state = 'waiting' and not exists
                 (select 1 from item i where i.part_id = r.part_id and i.loan_rule = 'lendable' and i.lender is null
                     and i.state not in ('missing', 'lost', 'withdrawn'))
             order by r.placed_at, r.id",
            part.0
        )?;
        if waiting.is_empty() {
            return Ok(Err(Refusal::ListChanged));
        }
        let mut cancelled = 0;
        for (id,) in waiting {
            let (id, state, actor) = (ReservationId(id), ReservationState::Waiting, ActorRole::Staff);
            let of = Stepping { id, state, bib: *bib, actor };
            self.cancel_and_tell(tx, of, CancelReason::Withdrawn).await?;
            cancelled += 1;
        }
        Ok(Ok(cancelled))
    }
}

/// See [`Library::queues_without_copies`].
pub(super) async fn queues_without_copies(tx: &mut Tx) -> Result<Vec<WithoutCopies>, StorageError> {
    // The state is named twice: once as the index of the queues names it, once as it is wanted. A copy another library
    // lent is for its own reservation, which is assigned to it.
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, Uuid),
        "select r.part_id, r.id from reservation r
         where r.state in ('waiting', 'assigned') and r.state = 'waiting' and not exists
             (select 1 from item i where i.part_id = r.part_id and i.loan_rule = 'lendable' and i.lender is null
                 and i.state not in ('missing', 'lost', 'withdrawn'))
         order by r.part_id, r.placed_at, r.id"
    )?;
    let mut parts: Vec<PartId> = rows.iter().map(|(part, _)| PartId(*part)).collect();
    parts.dedup();
    let titles = part_facts(tx, &parts).await?;
    let waiting = |part: PartId| {
        rows.iter().filter(|(of, _)| *of == part.0).map(|(_, id)| ReservationId(*id)).collect::<Vec<_>>()
    };
    Ok(titles
        .iter()
        .flat_map(|title| title.parts.iter().map(move |part| (title, part)))
        .filter(|(_, part)| parts.contains(&part.id))
        .map(|(title, part)| WithoutCopies {
            bib: title.id,
            part: part.id,
            title: title.part_title(part),
            waiting: waiting(part.id),
        })
        .collect())
}
