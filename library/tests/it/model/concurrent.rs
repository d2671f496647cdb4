//! Eight people and machines at once. What each is answered can't be foretold, but nothing fails, and what may never be
//! is not, whenever they pause.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Days, TimeDelta, Utc};
use domain::{
    BibId, LoanId, OpId, OrderedSetId, PartId, PatronId, ReservationId,
    calendar::Closure,
    catalog::MaterialType,
    circulation::{BorrowedCopy, By, PatronAction, RequestStep, ReserveRequest, Status, TitleRequest, WriteOff},
    patrons::{CardState, Contact},
};
use library::{Clock, Fault, Library, catalog::search::SearchIndex, storage::Database};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    drive::{Drive, barcode},
    game::{Engine, Setting},
    world::place_code,
};
use crate::{
    invariants,
    support::{Shelf, number_from, on_both_engines},
};

on_both_engines!(eight_at_once_break_nothing);

const PEOPLE: u64 = 8;

/// How many commands each of them gives between two pauses.
const ROUND: u64 = 50;

/// What all of them know.
#[derive(Default)]
struct Known {
    patrons: Vec<PatronId>,
    parts: Vec<PartId>,
    bibs: Vec<BibId>,
    barcodes: Vec<String>,
    requests: Vec<ReservationId>,
}

async fn eight_at_once_break_nothing(shelf: Shelf) {
    let engine = Engine::of(&shelf);
    let seed = number_from("SEED").unwrap_or(20_260_401);
    let rounds = number_from("COMMANDS").map_or(4, |commands| (commands / (PEOPLE * ROUND) / 4).max(1));
    let (drive, world) = Drive::begin(shelf, Setting::Default.policy()).await;
    let mut servers = vec![drive.library.clone()];
    if engine == Engine::Postgres {
        // Another server, with connections and locks of its own.
        let database = Database::open(&drive.shelf.address).await.unwrap();
        let clock = Clock::File(drive.clock.clone().into());
        let index = SearchIndex::in_ram().unwrap();
        servers.push(Library::new(database, drive.library.policy().clone(), index, clock).unwrap());
    }
    let known = Known {
        patrons: drive.patrons.clone(),
        parts: drive.parts.values().copied().collect(),
        bibs: drive.bibs.values().copied().collect(),
        barcodes: world.items.keys().map(|item| barcode(*item)).collect(),
        requests: Vec::new(),
    };
    let known = Arc::new(Mutex::new(known));
    let mut now = world.now;
    for round in 0..rounds {
        let people = (0..PEOPLE).map(|n| Person {
            library: servers[usize::try_from(n).unwrap() % servers.len()].clone(),
            rng: StdRng::seed_from_u64(seed.wrapping_mul(1_000_003) + round * PEOPLE + n),
            known: Arc::clone(&known),
        });
        now = play(&drive, now, people.collect()).await;
        let wrong = invariants::check(&drive.library).await;
        assert!(wrong.is_empty(), "{engine:?}, SEED={seed}, after round {round}:\n{}", wrong.join("\n"));
        positions_are_whole(&drive).await;
        now += TimeDelta::hours(20);
    }
}

/// A round, while time goes on; answers the moment it ended.
async fn play(drive: &Drive, mut now: DateTime<Utc>, people: Vec<Person>) -> DateTime<Utc> {
    let mut busy = JoinSet::new();
    for mut person in people {
        busy.spawn(async move {
            for _ in 0..ROUND {
                person.act().await.unwrap();
            }
        });
    }
    let round = tokio::spawn(busy.join_all());
    while !round.is_finished() {
        now += TimeDelta::milliseconds(700);
        drive.set_clock(now);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    round.await.unwrap();
    now
}

/// The positions patrons are shown are those of one queue: nobody has another's, and nobody's is behind the end.
async fn positions_are_whole(drive: &Drive) {
    let mut shown: Vec<(PartId, u32)> = Vec::new();
    for patron in &drive.patrons {
        for view in drive.library.reservations(*patron).await.unwrap() {
            if let Status::Waiting { position } | Status::Dormant { position } | Status::Paused { position, .. } =
                view.status
            {
                shown.push((view.part, position));
            }
        }
    }
    let queued =
        drive.shelf.rows("select state, part_id from reservation where state in ('waiting', 'assigned')").await;
    for (n, (part, position)) in shown.iter().enumerate() {
        let length = queued.iter().filter(|(_, of)| *of == part.0).count();
        assert!((1..=length).contains(&usize::try_from(*position).unwrap()), "position {position} of {length}");
        assert!(!shown[..n].contains(&(*part, *position)), "position {position} twice");
    }
}

/// One of those who do things.
struct Person {
    library: Library,
    rng: StdRng,
    known: Arc<Mutex<Known>>,
}

impl Person {
    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn one<T: Clone>(&mut self, of: impl Fn(&Known) -> &Vec<T>) -> Option<T> {
        let known = Arc::clone(&self.known);
        let known = known.lock().unwrap();
        let list = of(&known);
        if list.is_empty() { None } else { Some(list[self.below(list.len())].clone()) }
    }

    fn patron(&mut self) -> PatronId {
        self.one(|known| &known.patrons).unwrap()
    }

    fn barcode(&mut self) -> String {
        self.one(|known| &known.barcodes).unwrap()
    }

    fn place(&mut self) -> domain::PlaceCode {
        place_code(self.below(5))
    }

    fn op(&mut self) -> OpId {
        OpId(Uuid::from_u128(self.rng.random()))
    }

    /// Does something; what is refused is refused.
    async fn act(&mut self) -> Result<(), Fault> {
        let library = self.library.clone();
        match self.below(1000) {
            0..230 => {
                let many = 1 + self.below(3);
                let request = ReserveRequest {
                    op: self.op(),
                    parts: (0..many).map(|_| self.one(|known| &known.parts).unwrap()).collect(),
                    in_set: if self.below(3) == 0 { many } else { 0 },
                    pickup_place: self.place(),
                    contact: Contact::Telephone,
                };
                let _ = library.reserve(&By::Patron, self.patron(), &request).await?;
            }
            230..500 => {
                let _ = library.check_in(&self.place(), &self.barcode()).await?;
            }
            500..660 => {
                let by = if self.below(10) == 0 { By::Overrule("館長の許可".to_owned()) } else { By::Staff };
                let _ = library.check_out(&by, &self.place(), self.patron(), &self.barcode()).await?;
            }
            660..850 => self.on_my_page().await?,
            850..880 => {
                library.assign_pulls().await?;
            }
            880..910 => {
                library.daily().await?;
            }
            910..925 => {
                let fate = [WriteOff::Missing, WriteOff::Lost, WriteOff::Missing, WriteOff::Withdrawn][self.below(4)];
                if fate != WriteOff::Withdrawn || self.below(5) == 0 {
                    let _ = library.write_off(&self.barcode(), fate).await?;
                }
            }
            925..945 => {
                let state = [CardState::Active, CardState::Active, CardState::Suspended][self.below(3)];
                library.set_card_state(self.patron(), state).await?;
            }
            945..950 => {
                let (from, into) = (self.one(|known| &known.bibs).unwrap(), self.one(|known| &known.bibs).unwrap());
                let _ = library.merge_bibs(from, into).await?;
            }
            950..953 => {
                let from = library.today() + Days::new(u64::try_from(self.below(15)).unwrap());
                let closure = Closure { place: self.place(), from, until: from, reason: "停電".to_owned() };
                let _ = library.close_place(&closure).await?;
            }
            _ => self.not_owned().await?,
        }
        Ok(())
    }

    async fn on_my_page(&mut self) -> Result<(), Fault> {
        let (library, patron, op) = (self.library.clone(), self.patron(), self.op());
        let views = library.reservations(patron).await?;
        if self.below(4) == 0 {
            let loans: Vec<LoanId> = library.loans(patron).await?.iter().map(|view| view.id).collect();
            if !loans.is_empty() {
                let loan = loans[self.below(loans.len())];
                let action =
                    if self.below(5) == 0 { PatronAction::SayReturned(loan) } else { PatronAction::Renew(loan) };
                let _ = library.act(&By::Patron, patron, op, &action).await?;
            }
            return Ok(());
        }
        if views.is_empty() {
            return Ok(());
        }
        let view = views[self.below(views.len())].clone();
        let sets: Vec<OrderedSetId> = views.iter().filter_map(|view| Some(view.in_set?.set)).collect();
        let set = if sets.is_empty() { None } else { Some(sets[self.below(sets.len())]) };
        let action = match (self.below(8), set) {
            (0 | 1, _) => PatronAction::Cancel(view.id),
            (2 | 3, _) => {
                let (pickup_place, contact) = (self.place(), Contact::Telephone);
                PatronAction::Change { reservation: view.id, pickup_place, contact }
            }
            (4, _) => {
                let _ = library.extend_hold(view.id).await?;
                return Ok(());
            }
            (5, Some(set)) => PatronAction::DissolveSet(set),
            (6, Some(set)) => PatronAction::GoOn(set),
            (_, set) => {
                let mut order = Vec::new();
                for view in &views {
                    let waits = matches!(view.status, Status::Waiting { .. } | Status::Dormant { .. });
                    if waits && view.in_set.is_none_or(|its| Some(its.set) == set) {
                        order.push(view.id);
                    }
                }
                order.reverse();
                PatronAction::ArrangeSet { set, order }
            }
        };
        let _ = library.act(&By::Patron, patron, op, &action).await?;
        Ok(())
    }

    async fn not_owned(&mut self) -> Result<(), Fault> {
        let library = self.library.clone();
        let request = self.one(|known| &known.requests);
        match (self.below(5), request) {
            (1, Some(reservation)) => {
                let step = [RequestStep::Searching, RequestStep::Ordering][self.below(2)];
                let _ = library.advance_request(reservation, step).await?;
            }
            (2, Some(reservation)) => {
                let _ = library.request_arrived(reservation).await?;
            }
            (3, Some(reservation)) => {
                let _ = library.decline_request(reservation, "絶版のため").await?;
            }
            (4, Some(reservation)) => {
                let (here, barcode) = (self.place(), self.op().0.simple().to_string());
                let (lender, due_on) = ("隣町図書館".to_owned(), library.today() + Days::new(20));
                let copy = BorrowedCopy { here, barcode: barcode.clone(), lender, due_on };
                if library.receive_borrowed(reservation, &copy).await?.is_ok() {
                    self.known.lock().unwrap().barcodes.push(barcode);
                }
            }
            _ => {
                let request = TitleRequest {
                    title: "所蔵しない本".to_owned(),
                    creators: String::new(),
                    material: MaterialType::Book,
                    pickup_place: self.place(),
                    contact: Contact::Telephone,
                };
                if let Ok(reservation) = library.request_title(&By::Staff, self.patron(), &request).await? {
                    self.known.lock().unwrap().requests.push(reservation);
                }
            }
        }
        Ok(())
    }
}
