//! Patrons who want one title at the same moment reserve it together.
//!
//! A title's queue is written by one at a time, and what takes longest in that is the way to the engine and the disk. So who comes
//! while others are at it waits with those who came as well; when it is their turn, the first of them leads, and reserves for all
//! in one transaction: their locks, what the rule must know of each, the rule for each in the order in which they came, one write,
//! one commit. Nobody waits for company: who comes alone goes alone.
//!
//! A crowd is served only what is plain. Whoever the rule refuses, or whose request came before, is left out and goes alone, and so
//! does everybody when anything fails, since that way knows every case and tries again.
//!
//! Who leads may go away at any moment, as a browser that closes does. Then the next of those who wait leads, and those they were
//! leading go alone, which is the same request once more.

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
    reserve::Asker,
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
            tracing::debug!(%error, askers = asking.len(), "a crowd goes one by one");
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
                    let asker = Asker { patron: *patron, card: found.card, ties, cart, request };
                    let whole = request_refusal(self.policy(), found.has_mail, &request.pickup_place, request.contact);
                    let decided = self.decide(&By::Patron, &asker, &known, &[part]);
                    if whole.is_none() && decided.refusals.iter().all(Option::is_none) {
                        Some(self.add_reserved(&mut writes, &By::Patron, asker, decided, None, &mut known)?)
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
