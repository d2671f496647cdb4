//! Ordered sets after the fact: made, extended, put into another order, dissolved, gone on with.

use chrono::NaiveDate;
use domain::{
    BibId, OrderedSetId, PatronId, ReservationId,
    circulation::{By, OwnReservation, PatronAnswer, Refusal, arrange_set},
};
use uuid::Uuid;

use super::facts::{lock_bibs, parse_state};
use crate::{
    Fault, Library,
    events::{ActorRole, Event, EventKind, record},
    storage::{StorageError, Told, Tx, execute, fetch_all, fetch_one, fetch_optional},
};

impl Library {
    /// Makes a set, extends it, or puts it into another order; see [`arrange_set`].
    pub(super) async fn arrange(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        set: Option<OrderedSetId>,
        order: &[ReservationId],
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        lock_own(tx, patron).await?;
        if let Some(set) = set {
            match self.own_set(tx, patron, set).await? {
                None => return Ok(Err(Refusal::UnknownSet)),
                Some(Some(_)) => return Ok(Err(Refusal::SetPaused)),
                Some(None) => {}
            }
        }
        let own = own_reservations(tx, patron).await?;
        let taken = match set {
            Some(set) => last_place(tx, set).await?,
            None => 0,
        };
        let places = match arrange_set(set, &own, taken, order) {
            Ok(places) => places,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let set = match set {
            Some(set) => set,
            None => self.make_set(tx, patron).await?,
        };
        // By way of places nobody has, since no two members may ever have the same one.
        for (id, place) in &places {
            execute!(
                &mut *tx,
                "update reservation set set_id = $2, set_ordinal = $3 where id = $1",
                id.0,
                set.0,
                -*place
            )?;
        }
        execute!(
            &mut *tx,
            "update reservation set set_ordinal = -set_ordinal where set_id = $1 and set_ordinal < 0",
            set.0
        )?;
        tx.tell([Told::Patron(patron)]);
        record(tx, Event::of(EventKind::SetArranged, ActorRole::from(by), self.now())).await?;
        Ok(Ok(PatronAnswer::SetArranged { set }))
    }

    /// Dissolves a set; its reservations stay, each for itself.
    pub(super) async fn dissolve(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        set: OrderedSetId,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        lock_own(tx, patron).await?;
        if self.own_set(tx, patron, set).await?.is_none() {
            return Ok(Err(Refusal::UnknownSet));
        }
        delete_set(tx, set).await?;
        tx.tell([Told::Patron(patron)]);
        record(tx, Event::of(EventKind::SetDissolved, ActorRole::from(by), self.now())).await?;
        Ok(Ok(PatronAnswer::SetDissolved))
    }

    /// Goes on with a paused set: the chain closes over what expired.
    pub(super) async fn go_on(
        &self,
        tx: &mut Tx,
        by: &By,
        patron: PatronId,
        set: OrderedSetId,
    ) -> Result<Result<PatronAnswer, Refusal>, Fault> {
        lock_own(tx, patron).await?;
        match self.own_set(tx, patron, set).await? {
            None => return Ok(Err(Refusal::UnknownSet)),
            Some(None) => return Ok(Err(Refusal::NotPaused)),
            Some(Some(_)) => {}
        }
        execute!(&mut *tx, "update ordered_set set paused_on = null where id = $1", set.0)?;
        tx.tell([Told::Patron(patron)]);
        record(tx, Event::of(EventKind::SetResumed, ActorRole::from(by), self.now())).await?;
        Ok(Ok(PatronAnswer::SetGoesOn))
    }

    /// A new set of this patron, without members yet.
    pub(super) async fn make_set(&self, tx: &mut Tx, patron: PatronId) -> Result<OrderedSetId, StorageError> {
        let id = Uuid::new_v4();
        // To the day: it was made together with its first reservations, and stays when those are nobody's any more.
        let made = self.beginning_of_today();
        execute!(tx, "insert into ordered_set (id, patron_id, made_at) values ($1, $2, $3)", id, patron.0, made)?;
        Ok(OrderedSetId(id))
    }

    /// Since when a set waits for an answer. `None` when it is not this patron's, or has no active member.
    async fn own_set(
        &self,
        tx: &mut Tx,
        patron: PatronId,
        set: OrderedSetId,
    ) -> Result<Option<Option<NaiveDate>>, StorageError> {
        let row = fetch_optional!(
            tx,
            (Option<NaiveDate>,),
            "select s.paused_on from ordered_set s where s.id = $1 and s.patron_id = $2
             and exists (select 1 from reservation r where r.set_id = s.id
                 and r.state in ('waiting', 'assigned', 'in-transit', 'ready'))",
            set.0,
            patron.0
        )?;
        Ok(row.map(|(paused_on,)| paused_on))
    }
}

/// Forgets a set; whoever is in it is for themselves from now on.
pub(super) async fn delete_set(tx: &mut Tx, set: OrderedSetId) -> Result<(), StorageError> {
    execute!(&mut *tx, "update reservation set set_id = null, set_ordinal = null where set_id = $1", set.0)?;
    execute!(tx, "delete from ordered_set where id = $1", set.0)?;
    Ok(())
}

/// Locks the bibs of everything the patron has reserved, and of all members of their sets, so that no copy is captured
/// meanwhile. The patron is locked already.
async fn lock_own(tx: &mut Tx, patron: PatronId) -> Result<(), StorageError> {
    let rows = fetch_all!(
        &mut *tx,
        (Uuid,),
        "select distinct p.bib_id from reservation r join part p on p.id = r.part_id
         where r.patron_id = $1
             and (r.set_id is not null or r.state in ('waiting', 'assigned', 'in-transit', 'ready'))",
        patron.0
    )?;
    let mut bibs: Vec<BibId> = rows.into_iter().map(|(bib,)| BibId(bib)).collect();
    bibs.sort_unstable();
    lock_bibs(tx, &bibs).await
}

/// All that are still tied to the patron: one that is over is not unknown, only not to be moved.
async fn own_reservations(tx: &mut Tx, patron: PatronId) -> Result<Vec<OwnReservation>, StorageError> {
    let rows = fetch_all!(
        tx,
        (Uuid, String, Option<Uuid>, Option<i64>),
        "select id, state, set_id, set_ordinal from reservation where patron_id = $1",
        patron.0
    )?;
    rows.into_iter()
        .map(|(id, state, set, ordinal)| {
            let set = set.zip(ordinal).map(|(set, ordinal)| (OrderedSetId(set), ordinal));
            Ok(OwnReservation { id: ReservationId(id), state: parse_state(&state)?, set })
        })
        .collect()
}

/// The last place given in a set, also to those whose tie was cut.
async fn last_place(tx: &mut Tx, set: OrderedSetId) -> Result<i64, StorageError> {
    let (last,) = fetch_one!(
        tx,
        (Option<i64>,),
        "select max(place) from (select set_ordinal as place from reservation where set_id = $1
             union all select set_ordinal from set_gap where set_id = $1) places",
        set.0
    )?;
    Ok(last.unwrap_or(0))
}
