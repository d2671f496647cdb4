//! Running a command on the real library, with the model's numbers for its ids.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    BibId, LoanId, OpId, OrderedSetId, PartId, PatronId, ReservationId,
    catalog::{ImportedItem, ImportedPart, LoanRule, MaterialType},
    circulation::{
        BorrowedCopy, By, CheckIn, Instruction, PatronAction, PatronAnswer, Refusal, ReserveAnswer, ReserveRequest,
        Slip, TitleRequest,
    },
    patrons::{CardState, Contact},
    policy::Policy,
};
use library::{Clock, DailyReport, Fault, Library};
use uuid::Uuid;

use super::{
    commands::{Command, Of, Tell, Who},
    world::{Answer, Bib, Item, PLACES, Part, Patron, Todo, World, place_code},
};
use crate::{invariants::rows, support::Shelf};

/// How many patrons there are; the last two have no confirmed address.
const PATRONS: usize = 12;
const WITHOUT_MAIL: usize = 2;

/// What the library owns at first: material, and for each part its label, the day it was received, the places of its
/// lendable copies.
type Stock = (MaterialType, &'static [(&'static str, Option<u32>, &'static [usize])]);
const STOCK: [Stock; 19] = [
    (MaterialType::Book, &[("", None, &[0, 1, 2])]),
    (MaterialType::Book, &[("", None, &[0])]),
    (MaterialType::Book, &[("", None, &[1, 1])]),
    (MaterialType::Cd, &[("", None, &[0])]),
    (MaterialType::Kamishibai, &[("", None, &[0, 1])]),
    (MaterialType::Book, &[("", None, &[3, 2])]),
    (MaterialType::Magazine, &[("1月号", Some(1), &[0]), ("2月号", Some(12), &[0, 2]), ("3月号", Some(20), &[0, 1])]),
    (MaterialType::Book, &[("上", None, &[0, 1]), ("下", None, &[0])]),
    (MaterialType::Book, &[("", None, &[2]), ("下", None, &[1])]),
    (MaterialType::Book, &[("", None, &[0, 3])]),
    (MaterialType::Kamishibai, &[("", None, &[2])]),
    (MaterialType::Kamishibai, &[("", None, &[0])]),
    (MaterialType::Cd, &[("", None, &[1, 3])]),
    (MaterialType::Cd, &[("", None, &[2])]),
    (MaterialType::Dvd, &[("", None, &[0])]),
    (MaterialType::Magazine, &[("2月号", Some(5), &[1]), ("4月号", Some(25), &[1])]),
    (MaterialType::Book, &[("", None, &[0])]),
    (MaterialType::Book, &[("", None, &[1])]),
    (MaterialType::Book, &[("", None, &[])]),
];

/// Bibs that have a copy at the first place which may be read there only; of the last they have no other.
const IN_LIBRARY_ONLY: [usize; 2] = [5, 18];

/// A request as it was sent, to be sent again.
enum Sent {
    Reserve(By, PatronId, ReserveRequest),
    Act(By, PatronId, OpId, PatronAction),
}

/// The real library, and which of its ids the model's numbers stand for.
pub(super) struct Drive {
    pub(super) shelf: Shelf,
    pub(super) library: Library,
    pub(super) clock: std::path::PathBuf,
    sent: HashMap<u32, Sent>,
    pub(super) patrons: Vec<PatronId>,
    pub(super) parts: HashMap<usize, PartId>,
    pub(super) bibs: HashMap<usize, BibId>,
    reservations: Vec<ReservationId>,
    loans: Vec<LoanId>,
    sets: Vec<OrderedSetId>,
    numbers: HashMap<Uuid, usize>,
}

pub(super) fn barcode(item: usize) -> String {
    format!("{item:06}")
}

fn contact(tell: Tell) -> Contact {
    match tell {
        Tell::Mail => Contact::Mail,
        Tell::Telephone => Contact::Telephone,
        Tell::Nobody => Contact::None,
    }
}

fn by(who: Who) -> By {
    match who {
        Who::Patron => By::Patron,
        Who::Staff => By::Staff,
        Who::Overrule => By::Overrule("館長の許可".to_owned()),
    }
}

/// Something that does not exist.
fn nobody() -> Uuid {
    Uuid::from_u128(0xdead)
}

fn op_id(op: u32) -> OpId {
    OpId(Uuid::from_u128(0x0b << 64 | u128::from(op)))
}

impl Drive {
    /// An empty database with stock and patrons, and a world that knows them.
    pub(super) async fn begin(shelf: Shelf, policy: Policy) -> (Self, World) {
        let clock = shelf.folder.path().join("now");
        let library = shelf.again(Clock::File(clock.clone().into()), policy.clone());
        let mut world = World {
            policy,
            now: crate::support::morning(),
            closures: Vec::new(),
            patrons: Vec::new(),
            bibs: Default::default(),
            parts: Default::default(),
            items: Default::default(),
            reservations: Vec::new(),
            loans: Vec::new(),
            sets: Vec::new(),
            answered: Default::default(),
            answers_lost_before: Default::default(),
            events: Vec::new(),
            touched: Default::default(),
            complaints: Vec::new(),
        };
        let mut drive = Self {
            shelf,
            library,
            clock,
            sent: HashMap::new(),
            patrons: Vec::new(),
            parts: HashMap::new(),
            bibs: HashMap::new(),
            reservations: Vec::new(),
            loans: Vec::new(),
            sets: Vec::new(),
            numbers: HashMap::new(),
        };
        drive.set_clock(world.now);
        for n in 0..PATRONS {
            let (patron, has_mail) = (drive.shelf.patron().await, n < PATRONS - WITHOUT_MAIL);
            if !has_mail {
                let id = drive.shelf.uuid(patron.0);
                drive.shelf.run(&format!("update patron set mail1_confirmed = false where id = {id}")).await;
            }
            drive.numbers.insert(patron.0, n);
            drive.patrons.push(patron);
            world.patrons.push(Patron { card: CardState::Active, has_mail });
        }
        drive.fill(&mut world).await;
        (drive, world)
    }

    async fn fill(&mut self, world: &mut World) {
        let mut bibs = Vec::new();
        let (mut next_part, mut next_item) = (0, 0);
        for (bib, (material, parts)) in STOCK.iter().enumerate() {
            world.bibs.insert(bib, Bib { material: *material, merged: false });
            let mut imported = crate::support::bib(&bib.to_string(), *material, &[]);
            imported.parts.clear();
            for (n, (label, day, places)) in parts.iter().enumerate() {
                let received_on = day.and_then(|day| NaiveDate::from_ymd_opt(2026, 3, day));
                let part = Part { bib, label: (*label).to_owned(), received_on, joined_to: None };
                world.parts.insert(next_part, part);
                let mut items = Vec::new();
                let lendable = places.iter().map(|place| (*place, LoanRule::Lendable));
                let only_here = IN_LIBRARY_ONLY.contains(&bib).then_some((0, LoanRule::InLibraryOnly));
                for (at, rule) in lendable.chain(only_here) {
                    let state = domain::circulation::ItemState::OnShelf;
                    let item = Item { part: next_part, branch: at, place: at, state, rule, lender_due: None };
                    world.items.insert(next_item, item);
                    items.push(ImportedItem {
                        barcode: barcode(next_item),
                        branch: place_code(at),
                        shelf_mark: String::new(),
                        loan_rule: rule,
                    });
                    next_item += 1;
                }
                next_part += 1;
                let ordinal = i64::try_from(n).unwrap();
                imported.parts.push(ImportedPart { label: (*label).to_owned(), ordinal, received_on, items });
            }
            bibs.push(imported);
        }
        self.library.import("test", &bibs).await.unwrap();
        let rows = rows!(
            self.library.database(),
            (String, Uuid, Uuid),
            "select b.source_key, b.id, p.id from bib b join part p on p.bib_id = b.id order by p.ordinal"
        );
        for (&part, found) in &world.parts {
            let its = rows.iter().filter(|(key, ..)| *key == found.bib.to_string());
            let nth = world.parts.iter().filter(|(n, p)| p.bib == found.bib && **n < part).count();
            let (_, bib_id, part_id) = its.collect::<Vec<_>>()[nth];
            self.know_part(found.bib, BibId(*bib_id), part, PartId(*part_id));
        }
    }

    fn know_part(&mut self, bib: usize, bib_id: BibId, part: usize, part_id: PartId) {
        self.bibs.insert(bib, bib_id);
        self.numbers.insert(bib_id.0, bib);
        self.parts.insert(part, part_id);
        self.numbers.insert(part_id.0, part);
    }

    pub(super) fn set_clock(&self, now: DateTime<Utc>) {
        // Put in place at once, so that nobody reads half of it.
        let beside = self.clock.with_extension("next");
        std::fs::write(&beside, now.to_rfc3339()).unwrap();
        std::fs::rename(&beside, &self.clock).unwrap();
    }

    /// The number of an id, if it has one.
    pub(super) fn number(&self, id: Uuid) -> Option<usize> {
        self.numbers.get(&id).copied()
    }

    /// The number of a reservation; one not seen before gets the next.
    fn reservation_number(&mut self, id: ReservationId) -> usize {
        if let Some(number) = self.number(id.0) {
            return number;
        }
        self.reservations.push(id);
        self.numbers.insert(id.0, self.reservations.len() - 1);
        self.reservations.len() - 1
    }

    fn set_number(&mut self, id: OrderedSetId) -> usize {
        if let Some(number) = self.number(id.0) {
            return number;
        }
        self.sets.push(id);
        self.numbers.insert(id.0, self.sets.len() - 1);
        self.sets.len() - 1
    }

    fn loan_number(&mut self, id: LoanId) -> usize {
        self.loans.push(id);
        self.numbers.insert(id.0, self.loans.len() - 1);
        self.loans.len() - 1
    }

    pub(super) fn reservation_id(&self, number: usize) -> Uuid {
        self.reservations[number].0
    }

    fn reservation(&self, world: &World, of: Of) -> ReservationId {
        world.find(of).map_or(ReservationId(nobody()), |r| self.reservations[r])
    }

    fn set(&self, world: &World, of: Of) -> OrderedSetId {
        world.find_set(of).map_or(OrderedSetId(nobody()), |set| self.sets[set])
    }

    fn loan(&self, world: &World, item: usize) -> LoanId {
        world.find_loan(item).map_or(LoanId(nobody()), |loan| self.loans[loan])
    }

    fn part(&self, part: usize) -> PartId {
        self.parts.get(&part).copied().unwrap_or(PartId(Uuid::from_u128(0xdead << 32 | u128::try_from(part).unwrap())))
    }

    /// The bib of this number. One that neither side knows has an id of its own, which no bib has: two of them are not
    /// one.
    fn bib(&self, world: &World, bib: usize) -> BibId {
        let known = self.bibs.get(&bib).copied();
        assert!(known.is_some() || !world.bibs.contains_key(&bib), "the driver was not told of bib {bib}");
        known.unwrap_or(BibId(Uuid::from_u128(nobody().as_u128() << 64 | bib as u128)))
    }

    /// Runs a command. `world` is the state before it, which says what the command means.
    pub(super) async fn run(&mut self, command: &Command, world: &World) -> Result<Result<Answer, Refusal>, Fault> {
        self.set_clock(world.now);
        let library = self.library.clone();
        let done = |answer: Result<(), Refusal>| answer.map(|()| Answer::Done);
        Ok(match command {
            Command::Pass { .. } => Ok(Answer::Nothing),
            Command::Daily => {
                let report = library.daily().await?;
                let DailyReport { expired, not_arrived, unanswered, picked, .. } = report;
                Ok(Answer::Daily { expired, not_arrived, unanswered, picked })
            }
            Command::Reserve { by: who, patron, parts, in_set, at, tell, op } => {
                let request = ReserveRequest {
                    op: op_id(*op),
                    parts: parts.iter().map(|part| self.part(*part)).collect(),
                    in_set: *in_set,
                    pickup_place: place_code(*at),
                    contact: contact(*tell),
                };
                self.send(*op, Sent::Reserve(by(*who), self.patrons[*patron], request)).await?
            }
            Command::Cancel { by: who, patron, of, op } => {
                let action = PatronAction::Cancel(self.reservation(world, *of));
                self.act(*who, *patron, *op, action).await?
            }
            Command::Change { by: who, patron, of, at, tell, op } => {
                let (reservation, contact) = (self.reservation(world, *of), contact(*tell));
                let action = PatronAction::Change { reservation, pickup_place: place_code(*at), contact };
                self.act(*who, *patron, *op, action).await?
            }
            Command::Renew { by: who, patron, item, op } => {
                let action = PatronAction::Renew(self.loan(world, *item));
                self.act(*who, *patron, *op, action).await?
            }
            Command::SayReturned { by: who, patron, item, op } => {
                let action = PatronAction::SayReturned(self.loan(world, *item));
                self.act(*who, *patron, *op, action).await?
            }
            Command::Arrange { by: who, patron, set, order, op } => {
                let set = set.map(|of| self.set(world, of));
                let order = order.iter().map(|of| self.reservation(world, *of)).collect();
                self.act(*who, *patron, *op, PatronAction::ArrangeSet { set, order }).await?
            }
            Command::Dissolve { by: who, patron, set, op } => {
                let action = PatronAction::DissolveSet(self.set(world, *set));
                self.act(*who, *patron, *op, action).await?
            }
            Command::GoOn { by: who, patron, set, op } => {
                let action = PatronAction::GoOn(self.set(world, *set));
                self.act(*who, *patron, *op, action).await?
            }
            Command::Scan { item, at } => {
                library.check_in(&place_code(*at), &barcode(*item)).await?.map(|done| self.scanned(&done))
            }
            Command::Lend { by: who, item, patron, at } => {
                let patron = self.patrons[*patron];
                let lent = library.check_out(&by(*who), &place_code(*at), patron, &barcode(*item)).await?;
                lent.map(|lent| Answer::Lent { loan: self.loan_number(lent.loan), due: lent.due_on })
            }
            Command::Slip { item, at, patron } => {
                let (here, copy) = (place_code(*at), barcode(*item));
                let scanned = match patron {
                    None => library.check_in(&here, &copy).await?.map(|done| self.scanned(&done)),
                    Some(patron) => {
                        let lent = library.check_out(&By::Staff, &here, self.patrons[*patron], &copy).await?;
                        lent.map(|lent| Answer::Lent { loan: self.loan_number(lent.loan), due: lent.due_on })
                    }
                };
                match scanned {
                    Ok(_) if world.would_change(command) => {
                        let undone = library.undo_scan(OpId(Uuid::now_v7()), &copy).await?;
                        Ok(undone.map_or_else(Answer::NotUndone, |_| Answer::Undone))
                    }
                    scanned => scanned,
                }
            }
            Command::Pulls => Ok(Answer::Assigned(library.assign_pulls().await?)),
            Command::WriteOff { item, fate } => done(library.write_off(&barcode(*item), *fate).await?),
            Command::ExtendHold { of } => {
                library.extend_hold(self.reservation(world, *of)).await?.map(Answer::HeldUntil)
            }
            Command::Close { at, after, days } => {
                library.close_place(&world.closure(*at, *after, *days)).await?.map(Answer::Moved)
            }
            Command::Card { patron, state } => {
                library.set_card_state(self.patrons[*patron], *state).await?;
                Ok(Answer::Done)
            }
            Command::Merge { from, into } => {
                done(library.merge_bibs(self.bib(world, *from), self.bib(world, *into)).await?)
            }
            Command::AddCopy { item, part, at, rule } => {
                if world.parts.contains_key(part) {
                    self.add_copy(*item, world.current(*part), *at, *rule).await;
                }
                Ok(Answer::Nothing)
            }
            Command::Request { by: who, patron, title, material, at, tell } => {
                let request = TitleRequest {
                    title: format!("題名{title}"),
                    creators: String::new(),
                    material: *material,
                    pickup_place: place_code(*at),
                    contact: contact(*tell),
                };
                match library.request_title(&by(*who), self.patrons[*patron], &request).await? {
                    Ok(id) => Ok(Answer::Requested(self.know_request(*title, id).await)),
                    Err(refusal) => Err(refusal),
                }
            }
            Command::Advance { of, to } => done(library.advance_request(self.reservation(world, *of), *to).await?),
            Command::Arrived { of } => done(library.request_arrived(self.reservation(world, *of)).await?),
            Command::Decline { of } => done(library.decline_request(self.reservation(world, *of), "絶版のため").await?),
            Command::Receive { of, item, at, due_in } => {
                let copy = BorrowedCopy {
                    here: place_code(*at),
                    barcode: barcode(*item),
                    lender: "隣町図書館".to_owned(),
                    due_on: world.today() + chrono::Days::new((*due_in).into()),
                };
                done(library.receive_borrowed(self.reservation(world, *of), &copy).await?)
            }
            Command::Again { op } => match self.sent.remove(op) {
                Some(sent) if world.may_repeat(*op) => self.send(*op, sent).await?,
                _ => Ok(Answer::Nothing),
            },
        })
    }

    async fn act(
        &mut self,
        who: Who,
        patron: usize,
        op: u32,
        action: PatronAction,
    ) -> Result<Result<Answer, Refusal>, Fault> {
        self.send(op, Sent::Act(by(who), self.patrons[patron], op_id(op), action)).await
    }

    /// Sends a request and remembers it.
    async fn send(&mut self, op: u32, sent: Sent) -> Result<Result<Answer, Refusal>, Fault> {
        let answer = match &sent {
            Sent::Reserve(by, patron, request) => match self.library.reserve(by, *patron, request).await? {
                Ok(answer) => Ok(self.reserved(&answer).await),
                Err(refusal) => Err(refusal),
            },
            Sent::Act(by, patron, op, action) => {
                let answer = self.library.act(by, *patron, *op, action).await?;
                answer.map(|answer| self.acted(action, &answer))
            }
        };
        self.sent.insert(op, sent);
        Ok(answer)
    }

    async fn reserved(&mut self, answer: &ReserveAnswer) -> Answer {
        let mut told = Vec::new();
        for (n, title) in answer.titles.iter().enumerate() {
            let number = match &title.answer {
                Ok((id, position)) => {
                    let number = self.reservation_number(*id);
                    if n == 0 && answer.in_set >= 2 {
                        let sets = rows!(
                            self.library.database(),
                            (Option<Uuid>,),
                            "select set_id from reservation where id = $1",
                            id.0
                        );
                        if let [(Some(set),)] = sets.as_slice() {
                            self.set_number(OrderedSetId(*set));
                        }
                    }
                    Ok((number, *position))
                }
                Err(refusal) => Err(refusal.clone()),
            };
            told.push(number);
        }
        Answer::Reserved(told)
    }

    fn acted(&mut self, action: &PatronAction, answer: &PatronAnswer) -> Answer {
        match (action, answer) {
            (PatronAction::Cancel(_), PatronAnswer::Cancelled { .. })
            | (PatronAction::Change { .. }, PatronAnswer::Changed { .. })
            | (PatronAction::SayReturned(_), PatronAnswer::ReturnSaid { .. })
            | (PatronAction::DissolveSet(_), PatronAnswer::SetDissolved)
            | (PatronAction::GoOn(_), PatronAnswer::SetGoesOn) => Answer::Done,
            (PatronAction::Renew(_), PatronAnswer::Renewed { due_on, .. }) => Answer::Renewed(*due_on),
            (PatronAction::ArrangeSet { .. }, PatronAnswer::SetArranged { set }) => {
                Answer::SetArranged(self.set_number(*set))
            }
            odd => panic!("an answer to another question: {odd:?}"),
        }
    }

    fn scanned(&self, done: &CheckIn) -> Answer {
        let todo = match &done.instruction {
            Instruction::HoldShelf(slip) => Todo::HoldShelf { patron: slip_patron(slip), until: slip.until.unwrap() },
            Instruction::Transit(slip) => {
                Todo::Transit { patron: slip_patron(slip), to: place_number(&slip.pickup_place.0) }
            }
            Instruction::Shelve { .. } => Todo::Shelve,
            Instruction::ReturnToLender { .. } => Todo::ReturnToLender,
            Instruction::SendHome { branch } => Todo::SendHome(place_number(&branch.0)),
        };
        Answer::Scanned { was_on_loan: done.was_on_loan, todo }
    }

    /// Puts a copy on a shelf, as an import does.
    async fn add_copy(&self, item: usize, part: usize, at: usize, rule: LoanRule) {
        let (id, part) =
            (self.shelf.uuid(Uuid::from_u128(item.try_into().unwrap())), self.shelf.uuid(self.part(part).0));
        let (code, place, rule) = (barcode(item), PLACES[at], rule.as_str());
        let sql = format!(
            "insert into item (id, part_id, barcode, branch, shelf_mark, loan_rule, state, place)
             values ({id}, {part}, '{code}', '{place}', '', '{rule}', 'on-shelf', '{place}')"
        );
        self.shelf.run(&sql).await;
    }

    async fn know_request(&mut self, title: usize, id: ReservationId) -> usize {
        let found = rows!(
            self.library.database(),
            (Uuid, Uuid),
            "select p.bib_id, p.id from part p join reservation r on r.part_id = p.id where r.id = $1",
            id.0
        );
        self.know_part(title, BibId(found[0].0), title, PartId(found[0].1));
        self.reservation_number(id)
    }
}

/// Whose slip it is: the patrons' card numbers count from 1.
fn slip_patron(slip: &Slip) -> usize {
    let digits: String = slip.label.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<usize>().unwrap() - 1
}

pub(super) fn place_number(code: &str) -> usize {
    PLACES.iter().position(|place| *place == code).unwrap()
}
