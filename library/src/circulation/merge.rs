//! Joining two records of one title, with their copies and queues.

use std::collections::HashMap;

use domain::{
    BibId, PartId, ReservationId,
    catalog::{MergePreview, MergeSide},
    circulation::{CancelReason, QueueKey, Refusal, Tie, who_goes},
};
use uuid::Uuid;

use super::{
    facts::{lock_bibs, parse_state},
    step::{Into, Stepping},
};
use crate::{
    Fault, Library,
    catalog::titles,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Told, Tx, execute, fetch_all, fetch_one, fetch_optional, in_write},
};

type TieRow = (Uuid, Uuid, chrono::DateTime<chrono::Utc>, String);

impl Library {
    /// Merges a bib into another. Parts of one name are joined, others move over; queues are joined by time. A patron who
    /// is there twice keeps the captured reservation, else the earlier; the other is cancelled and says so. The merged
    /// bib's address leads to the one it went into.
    ///
    /// # Errors
    /// When the database can't be written; nothing was merged then.
    pub async fn merge_bibs(&self, from: BibId, into: BibId) -> Result<Result<(), Refusal>, Fault> {
        if from == into {
            return Ok(Err(Refusal::SameBib));
        }
        in_write!(self.database(), |tx| self.merge_in(tx, from, into).await)
    }

    /// What merging would do, found out by doing it and taking it back. `None` when one of the bibs is not there.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn merge_preview(&self, from: BibId, into: BibId) -> Result<Option<MergePreview>, Fault> {
        let mut tx = self.database().begin_write().await?;
        let preview = self.merge_preview_in(&mut tx, from, into).await;
        tx.rollback().await;
        preview
    }

    async fn merge_preview_in(&self, tx: &mut Tx, from: BibId, into: BibId) -> Result<Option<MergePreview>, Fault> {
        let before = (merge_side(tx, from).await?, merge_side(tx, into).await?);
        let (Some(goes), Some(stays)) = before else { return Ok(None) };
        let refusal = if from == into { Err(Refusal::SameBib) } else { self.merge_in(tx, from, into).await? };
        let after = match refusal {
            Err(refusal) => Err(refusal),
            Ok(()) => merge_side(tx, into).await?.ok_or(Refusal::UnknownBib),
        };
        Ok(Some(MergePreview { from: goes, into: stays, after }))
    }

    async fn merge_in(&self, tx: &mut Tx, from: BibId, into: BibId) -> Result<Result<(), Refusal>, Fault> {
        let mut both = [from, into];
        both.sort_unstable();
        lock_bibs(tx, &both).await?;
        let mut materials = Vec::with_capacity(2);
        for bib in both {
            let row = fetch_optional!(
                &mut *tx,
                (String,),
                "select material from bib where id = $1 and merged_into is null",
                bib.0
            )?;
            let Some((material,)) = row else { return Ok(Err(Refusal::UnknownBib)) };
            materials.push(material);
        }
        if materials.first() != materials.last() {
            return Ok(Err(Refusal::MaterialDiffers));
        }
        let pairs = fetch_all!(
            &mut *tx,
            (Uuid, Option<Uuid>),
            "select f.id, t.id from part f left join part t on t.bib_id = $2 and t.label = f.label
             where f.bib_id = $1 order by f.id",
            from.0,
            into.0
        )?;
        for (part, twin) in &pairs {
            if let Some(twin) = twin
                && on_loan_twice(tx, PartId(*part), PartId(*twin)).await?
            {
                return Ok(Err(Refusal::OnLoanTwice));
            }
        }
        let now = self.now();
        for (part, twin) in pairs {
            match twin {
                Some(twin) => self.join_parts(tx, PartId(part), PartId(twin), into).await?,
                None => {
                    execute!(&mut *tx, "update part set bib_id = $2 where id = $1", part, into.0)?;
                }
            }
        }
        // What stands in lists of readers follows; where both stood there, the one of the bib that stays remains.
        for sql in [
            "delete from book_entry where bib_id = $1 and exists (select 1 from book_entry other
                 where other.list_id = book_entry.list_id and other.bib_id = $2 and other.label = book_entry.label)",
            "update book_entry set bib_id = $2 where bib_id = $1",
        ] {
            execute!(&mut *tx, sql, from.0, into.0)?;
        }
        execute!(
            &mut *tx,
            "update bib set merged_into = $2, changed_at = $3 where id = $1 or merged_into = $1",
            from.0,
            into.0,
            now
        )?;
        execute!(&mut *tx, "update bib set changed_at = $2 where id = $1", into.0, now)?;
        tx.tell([Told::Bib(from)]);
        record(tx, Event { bib: Some(into), ..Event::of(EventKind::Merged, ActorRole::Staff, now) }).await?;
        Ok(Ok(()))
    }

    /// Everything of one part becomes that of another.
    async fn join_parts(&self, tx: &mut Tx, part: PartId, twin: PartId, into: BibId) -> Result<(), Fault> {
        for going in self.doubles(tx, part, twin, into).await? {
            self.take_step(tx, going, Into::Cancelled(CancelReason::Merged, None)).await?;
        }
        for sql in [
            "update item set part_id = $2 where part_id = $1",
            "update loan set part_id = $2 where part_id = $1",
            "update reservation set part_id = $2 where part_id = $1",
            "update claim set part_id = $2 where part_id = $1",
            "delete from cart_line where part_id = $1 and cart_id in
                 (select cart_id from cart_line where part_id = $2)",
            "update cart_line set part_id = $2 where part_id = $1",
        ] {
            execute!(&mut *tx, sql, part.0, twin.0)?;
        }
        execute!(tx, "delete from part where id = $1", part.0)?;
        Ok(())
    }

    /// The reservations that must go, since their patron would be in the joined queue twice, or has a copy on loan.
    async fn doubles(
        &self,
        tx: &mut Tx,
        part: PartId,
        twin: PartId,
        into: BibId,
    ) -> Result<Vec<Stepping>, StorageError> {
        let rows = fetch_all!(
            &mut *tx,
            TieRow,
            "select r.patron_id, r.id, r.placed_at, r.state from claim c join reservation r on r.id = c.reservation_id
             where c.part_id in ($1, $2) and c.patron_id in
                 (select patron_id from claim where part_id in ($1, $2) group by patron_id having count(*) > 1)
             order by r.id",
            part.0,
            twin.0
        )?;
        let mut ties: HashMap<Uuid, Vec<Tie>> = HashMap::new();
        for (patron, id, placed_at, state) in rows {
            let key = QueueKey { placed_at, id: ReservationId(id) };
            ties.entry(patron).or_default().push(Tie { key, state: parse_state(&state)? });
        }
        let mut going: Vec<Tie> = ties
            .into_values()
            .filter_map(|ties| match ties.as_slice() {
                // The other tie is a loan.
                [only] => Some(*only),
                [one, other] => Some(who_goes(*one, *other)),
                _ => None,
            })
            .collect();
        going.sort_unstable_by_key(|tie| tie.key);
        Ok(going
            .into_iter()
            .map(|tie| Stepping { id: tie.key.id, state: tie.state, bib: into, actor: ActorRole::Staff })
            .collect())
    }
}

/// A bib as a page about merging shows it.
async fn merge_side(tx: &mut Tx, bib: BibId) -> Result<Option<MergeSide>, StorageError> {
    let Some(title) = titles(tx, &[bib]).await?.pop() else { return Ok(None) };
    let (reservations,) = fetch_one!(
        &mut *tx,
        (i64,),
        "select count(*) from reservation r join part p on p.id = r.part_id
         where p.bib_id = $1 and r.state not in ('lent', 'cancelled')",
        bib.0
    )?;
    Ok(Some(MergeSide {
        id: bib,
        copies: title.parts.iter().map(|part| part.facts.copies).sum(),
        reservations: u32::try_from(reservations).unwrap_or(u32::MAX),
        record: title.record,
    }))
}

/// Whether a patron has copies of both parts on loan: then their two loans could not both be told from the title.
async fn on_loan_twice(tx: &mut Tx, part: PartId, twin: PartId) -> Result<bool, StorageError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select a.patron_id from claim a join claim b on b.patron_id = a.patron_id
         where a.part_id = $1 and b.part_id = $2 and a.loan_id is not null and b.loan_id is not null limit 1",
        part.0,
        twin.0
    )?;
    Ok(row.is_some())
}
