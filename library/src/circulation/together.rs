//! Patrons who want one title at the same moment reserve it together.
//!
//! A title's queue is written by one at a time, and what takes longest in that is the way to the engine and the disk. So who comes
//! while others are at it waits with those who came as well; when it is their turn, the first of them leads, and reserves for all
//! in one transaction: their locks, what the rule must know of each, the rule for each in the order in which they came, one write,
//! one commit. Nobody waits for company: who comes alone goes alone.
//!
//! A crowd is served only what is plain. Whoever the rule refuses, as it does whose request came before, is left out and goes alone,
//! and so does everybody when anything fails, since that way knows every case and tries again. When it is the database that fails,
//! nobody waits behind another for it.
//!
//! Whoever leads may be dropped at any moment. Then the next of those who wait leads, and those they were leading go alone, which is
//! the same request once more. (The server does a deed to its end, also when the browser has gone away.)
//!
//! A crowd's patrons are locked by one statement, in no order of ours: on PostgreSQL two crowds of two servers in which the same two
//! patrons stand could hold what the other wants. The engine gives one of them up, and that one goes one by one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{
    PartId, PatronId,
    circulation::{By, ReserveAnswer, ReserveRequest, request_refusal},
};
use tokio::sync::oneshot;

use super::{
    facts::{lock_patrons, lock_titles, ties_of},
    reserve::Applicant,
};
use crate::{
    Fault, Library,
    cart::lock_carts,
    storage::{CHUNK, Tx, Writes},
};

/// Those who wait for each title that somebody is reserving.
#[derive(Clone, Default)]
pub(crate) struct Crowds(Arc<Mutex<HashMap<PartId, VecDeque<Waiting>>>>);

/// Somebody who waits.
struct Waiting {
    patron: PatronId,
    request: ReserveRequest,
    told: oneshot::Sender<Told>,
}

/// What somebody who waits is told.
enum Told {
    /// It was reserved together with others'.
    Reserved(ReserveAnswer),
    /// To go alone.
    GoAlone,
    /// To lead those who wait.
    Lead(Lead),
}

/// That it is somebody's turn. Dropped, it is the next one's.
pub(super) struct Lead {
    crowds: Crowds,
    part: PartId,
    /// Nobody's any more.
    over: bool,
}

/// How somebody's turn came.
pub(super) enum Turn {
    /// It was reserved together with others'.
    Reserved(ReserveAnswer),
    /// They go alone; nobody else's turn comes while they hold what they lead by.
    Alone(Option<Lead>),
}

impl Crowds {
    fn lock(&self) -> MutexGuard<'_, HashMap<PartId, VecDeque<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Comes for a title: the turn, when nobody is at it, or else what tells how it went on.
    fn come(&self, part: PartId, patron: PatronId, request: &ReserveRequest) -> Result<Lead, oneshot::Receiver<Told>> {
        let mut crowds = self.lock();
        let Some(waiting) = crowds.get_mut(&part) else {
            crowds.insert(part, VecDeque::new());
            return Ok(Lead { crowds: self.clone(), part, over: false });
        };
        let (told, hears) = oneshot::channel();
        waiting.push_back(Waiting { patron, request: request.clone(), told });
        Err(hears)
    }
}

impl Lead {
    /// Those who came first, as many as go with this one. Of a patron who came twice the second waits on, since it is the first
    /// that decides on it.
    fn company(&self, patron: PatronId) -> Vec<Waiting> {
        let mut crowds = self.crowds.lock();
        let Some(waiting) = crowds.get_mut(&self.part) else { return Vec::new() };
        let mut company: Vec<Waiting> = Vec::new();
        let mut n = 0;
        while company.len() + 1 < CHUNK {
            let Some(next) = waiting.get(n) else { break };
            if next.patron == patron || company.iter().any(|other| other.patron == next.patron) {
                n += 1;
            } else {
                company.extend(waiting.remove(n));
            }
        }
        company
    }

    /// Has all who wait go alone, because the database fails.
    pub(super) fn disperse(&self) {
        if let Some(waiting) = self.crowds.lock().get_mut(&self.part) {
            for waiting in waiting.drain(..) {
                let _ = waiting.told.send(Told::GoAlone);
            }
        }
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut crowds = self.crowds.lock();
        while let Some(next) = crowds.get_mut(&self.part).and_then(VecDeque::pop_front) {
            let lead = Self { crowds: self.crowds.clone(), part: self.part, over: false };
            match next.told.send(Told::Lead(lead)) {
                // Whoever does not take it any more drops it, which passes it on.
                Ok(()) => return,
                Err(Told::Lead(mut back)) => back.over = true,
                Err(_) => {}
            }
        }
        crowds.remove(&self.part);
    }
}

impl Library {
    /// Waits for a patron's turn at a title, in which those who wait as well are served with them.
    pub(super) async fn take_turn(&self, part: PartId, patron: PatronId, request: &ReserveRequest) -> Turn {
        let lead = match self.crowds().come(part, patron, request) {
            Ok(lead) => lead,
            Err(hears) => match hears.await {
                Ok(Told::Reserved(answer)) => return Turn::Reserved(answer),
                Ok(Told::Lead(lead)) => lead,
                // Or whoever led them went away.
                Ok(Told::GoAlone) | Err(_) => return Turn::Alone(None),
            },
        };
        let company = lead.company(patron);
        if company.is_empty() {
            return Turn::Alone(Some(lead));
        }
        let asking: Vec<(PatronId, &ReserveRequest)> = std::iter::once((patron, request))
            .chain(company.iter().map(|waiting| (waiting.patron, &waiting.request)))
            .collect();
        let answers = self.reserve_together(part, &asking).await.unwrap_or_else(|error| {
            let of = asking.len();
            if error.is_worth_another_try() {
                tracing::debug!(%error, of, "a crowd goes one by one");
            } else {
                tracing::warn!(%error, of, "a crowd goes one by one");
                lead.disperse();
            }
            Vec::new()
        });
        let mut answers = answers.into_iter();
        let own = answers.next().flatten();
        for waiting in company {
            let told = answers.next().flatten().map_or(Told::GoAlone, Told::Reserved);
            // Nobody hears it who went away, and then it is reserved all the same, as when an answer is lost on its way.
            let _ = waiting.told.send(told);
        }
        own.map_or(Turn::Alone(None), Turn::Reserved)
    }

    /// Reserves a title for several patrons, in this order. No answer is for whom it is not plain.
    async fn reserve_together(
        &self,
        part: PartId,
        asking: &[(PatronId, &ReserveRequest)],
    ) -> Result<Vec<Option<ReserveAnswer>>, Fault> {
        let mut tx = self.database().begin_write().await?;
        match self.reserve_together_in(&mut tx, part, asking).await {
            Ok(answers) => {
                tx.commit().await?;
                Ok(answers)
            }
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        }
    }

    async fn reserve_together_in(
        &self,
        tx: &mut Tx,
        part: PartId,
        asking: &[(PatronId, &ReserveRequest)],
    ) -> Result<Vec<Option<ReserveAnswer>>, Fault> {
        let patrons: Vec<PatronId> = asking.iter().map(|(patron, _)| *patron).collect();
        let locked = lock_patrons(tx, &patrons).await?;
        let mut ties = ties_of(tx, &patrons).await?;
        let carts: Vec<_> = locked.values().filter_map(|(_, cart)| *cart).collect();
        let mut carts = lock_carts(tx, &carts).await?;
        let mut known = lock_titles(tx, &[part]).await?;
        let mut writes = Writes::default();
        let mut answers = Vec::with_capacity(asking.len());
        for (patron, request) in asking {
            let answer = match locked.get(patron) {
                Some((found, cart)) => {
                    let cart = cart.and_then(|cart| carts.remove_entry(&cart));
                    let ties = ties.remove(patron).unwrap_or_default();
                    let applicant = Applicant { patron: *patron, card: found.card, ties, cart, request };
                    let whole = request_refusal(self.policy(), found.has_mail, &request.pickup_place, request.contact);
                    let decided = self.decide(&By::Patron, &applicant, &known, &[part]);
                    if whole.is_none() && decided.refusals.iter().all(Option::is_none) {
                        Some(self.add_reserved(&mut writes, &By::Patron, applicant, decided, None, &mut known)?)
                    } else {
                        None
                    }
                }
                None => None,
            };
            answers.push(answer);
        }
        writes.send(tx).await?;
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use domain::{OpId, PlaceCode, patrons::Contact};
    use uuid::Uuid;

    use super::*;

    const PART: PartId = PartId(Uuid::from_u128(1));

    fn come(crowds: &Crowds, n: u128) -> Result<Lead, oneshot::Receiver<Told>> {
        let request = ReserveRequest {
            op: OpId(Uuid::from_u128(n)),
            parts: vec![PART],
            in_set: 0,
            pickup_place: PlaceCode("central".to_owned()),
            contact: Contact::Mail,
        };
        crowds.come(PART, PatronId(Uuid::from_u128(n)), &request)
    }

    fn waits(crowds: &Crowds, n: u128) -> oneshot::Receiver<Told> {
        come(crowds, n).err().expect("somebody is at it")
    }

    #[test]
    fn the_turn_goes_to_the_next_who_is_still_there() {
        let crowds = Crowds::default();
        let first = come(&crowds, 1).ok().expect("nobody is at it");
        let (gone, mut second, mut third) = (waits(&crowds, 2), waits(&crowds, 3), waits(&crowds, 4));
        drop(gone);
        drop(first);
        let Ok(Told::Lead(lead)) = second.try_recv() else { panic!("the second leads") };
        assert!(third.try_recv().is_err(), "one at a time");
        assert_eq!(lead.company(PatronId(Uuid::from_u128(3))).len(), 1, "and takes the third along");
        let last = waits(&crowds, 5);
        drop(lead);
        // It was the last one's turn, who went away without looking.
        drop(last);
        assert!(come(&crowds, 6).is_ok(), "nobody is at it any more");
    }

    #[test]
    fn of_a_patron_who_came_twice_the_second_waits_on() {
        let crowds = Crowds::default();
        let lead = come(&crowds, 1).ok().expect("nobody is at it");
        let _waiting: Vec<_> = [1, 2, 2, 3].map(|n| waits(&crowds, n)).into();
        let taken: Vec<u128> =
            lead.company(PatronId(Uuid::from_u128(1))).iter().map(|w| w.patron.0.as_u128()).collect();
        assert_eq!(taken, [2, 3]);
    }

    #[test]
    fn nobody_waits_behind_another_for_a_database_that_fails() {
        let crowds = Crowds::default();
        let lead = come(&crowds, 1).ok().expect("nobody is at it");
        let mut waiting = [waits(&crowds, 2), waits(&crowds, 3)];
        lead.disperse();
        assert!(waiting.iter_mut().all(|hears| matches!(hears.try_recv(), Ok(Told::GoAlone))));
        waits(&crowds, 4);
    }
}
