//! What the rules need to know of patrons and queues.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    BibId, PartId, PatronId, ReservationId,
    catalog::{LimitGroup, MaterialType},
    circulation::{PatronFacts, QueueEntry, QueueKey, ReservationState, SetMember},
    patrons::CardState,
};
use uuid::Uuid;

use crate::storage::{StorageError, Tx, execute, fetch_all, fetch_optional};

/// Makes every other write about this patron wait. `false` when there is no such patron.
pub(super) async fn lock_patron(tx: &mut Tx, patron: PatronId) -> Result<bool, StorageError> {
    Ok(execute!(tx, "update patron set revision = revision + 1 where id = $1", patron.0)? == 1)
}

/// Makes every other write about these titles wait. They are taken in the order of their ids, so that two writers
/// never hold one each and want the other's.
pub(super) async fn lock_bibs(tx: &mut Tx, bibs: &[BibId]) -> Result<(), StorageError> {
    debug_assert!(bibs.is_sorted(), "bibs must be locked in the order of their ids");
    for bib in bibs {
        execute!(&mut *tx, "update bib set revision = revision + 1 where id = $1", bib.0)?;
    }
    Ok(())
}

/// Card and active reservations of a patron. `None` when there is no such patron.
pub(crate) async fn patron_facts(tx: &mut Tx, patron: PatronId) -> Result<Option<PatronFacts>, StorageError> {
    let card = fetch_optional!(&mut *tx, (String,), "select card_state from patron where id = $1", patron.0)?;
    let Some((card,)) = card else { return Ok(None) };
    let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
    let rows = fetch_all!(
        tx,
        (String, i64),
        "select b.material, count(*) from reservation r join part p on p.id = r.part_id join bib b on b.id = p.bib_id
         where r.patron_id = $1 and r.state in ('waiting', 'in-transit', 'ready') group by b.material",
        patron.0
    )?;
    Ok(Some(PatronFacts { card, active: by_group(rows)? }))
}

/// Open loans of a patron by group.
pub(super) async fn loans_by_group(tx: &mut Tx, patron: PatronId) -> Result<Vec<(LimitGroup, u32)>, StorageError> {
    let rows = fetch_all!(
        tx,
        (String, i64),
        "select b.material, count(*) from loan l join part p on p.id = l.part_id join bib b on b.id = p.bib_id
         where l.patron_id = $1 and l.returned_at is null group by b.material",
        patron.0
    )?;
    by_group(rows)
}

fn by_group(rows: Vec<(String, i64)>) -> Result<Vec<(LimitGroup, u32)>, StorageError> {
    let mut groups: Vec<(LimitGroup, u32)> = Vec::new();
    for (material, count) in rows {
        let material: MaterialType = material.parse().map_err(|error| StorageError::corrupt("material type", error))?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        match groups.iter_mut().find(|(group, _)| *group == material.limit_group()) {
            Some((_, sum)) => *sum += count,
            None => groups.push((material.limit_group(), count)),
        }
    }
    Ok(groups)
}

/// The titles a patron has reserved (`false`) or on loan (`true`).
pub(crate) async fn claims(tx: &mut Tx, patron: PatronId) -> Result<HashMap<PartId, bool>, StorageError> {
    let rows =
        fetch_all!(tx, (Uuid, bool), "select part_id, loan_id is not null from claim where patron_id = $1", patron.0)?;
    Ok(rows.into_iter().map(|(part, on_loan)| (PartId(part), on_loan)).collect())
}

/// All waiting reservations of a title, with the ordered sets they are in.
pub(super) async fn waiting_queue(tx: &mut Tx, part: PartId) -> Result<Vec<QueueEntry>, StorageError> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid, DateTime<Utc>, String, Option<Uuid>, Option<i64>),
        "select r.id, r.placed_at, pt.card_state, r.set_id, r.set_ordinal
         from reservation r join patron pt on pt.id = r.patron_id
         where r.part_id = $1 and r.state = 'waiting' order by r.placed_at, r.id",
        part.0
    )?;
    let members = fetch_all!(
        tx,
        (Uuid, i64, String),
        "select set_id, set_ordinal, state from reservation where set_id in
         (select set_id from reservation where part_id = $1 and state = 'waiting' and set_id is not null)",
        part.0
    )?;
    let sets = group_sets(members)?;
    let mut queue = Vec::with_capacity(rows.len());
    for (id, placed_at, card, set_id, ordinal) in rows {
        let card: CardState = card.parse().map_err(|error| StorageError::corrupt("card state", error))?;
        let set = set_id.zip(ordinal).map(|(set, ordinal)| (ordinal, sets.get(&set).cloned().unwrap_or_default()));
        queue.push(QueueEntry {
            key: QueueKey { placed_at, id: ReservationId(id) },
            card_active: card == CardState::Active,
            set,
        });
    }
    Ok(queue)
}

/// Members of ordered sets, by set.
pub(super) fn group_sets(rows: Vec<(Uuid, i64, String)>) -> Result<HashMap<Uuid, Vec<SetMember>>, StorageError> {
    let mut sets: HashMap<Uuid, Vec<SetMember>> = HashMap::new();
    for (set, ordinal, state) in rows {
        let state: ReservationState =
            state.parse().map_err(|error| StorageError::corrupt("reservation state", error))?;
        sets.entry(set).or_default().push(SetMember { ordinal, state });
    }
    Ok(sets)
}
