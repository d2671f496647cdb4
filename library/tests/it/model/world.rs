//! The library as the requirements tell it, written as plainly as possible and apart from the rules: lists that are
//! searched from one end to the other, no cleverness, nothing shared with what it is compared with but names of types,
//! the policy's numbers and the calendar.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{
    calendar::{Calendar, Closure},
    catalog::{LimitGroup, LoanRule, MaterialType},
    circulation::{CancelReason, ItemState, Refusal, RequestStep, WriteOff},
    patrons::CardState,
    policy::{Policy, SetWaitsFor},
};
use uuid::Uuid;

use super::commands::{Command, Of, Tell, Who};

/// Where reservations can be picked up; the last is one nobody knows.
pub(super) const PLACES: [&str; 6] = ["central", "north", "east", "station", "south-hall", "nowhere"];

/// The copy of a loan that was undone.
pub(super) const GONE: usize = usize::MAX;

/// What the library answers, in the model's numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Done,
    Reserved(Vec<Result<(usize, u32), Refusal>>),
    Requested(usize),
    Renewed(NaiveDate),
    SetArranged(usize),
    Scanned {
        was_on_loan: bool,
        todo: Todo,
    },
    Lent {
        loan: usize,
        due: NaiveDate,
    },
    Undone,
    NotUndone(Refusal),
    HeldUntil(NaiveDate),
    Assigned(u64),
    Moved(u64),
    Daily {
        expired: u64,
        not_arrived: u64,
        unanswered: u64,
        picked: u64,
    },
    /// Nothing was asked: what the command speaks of does not exist in this script.
    Nothing,
}

/// What the desk is told to do with a scanned copy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Todo {
    HoldShelf { patron: usize, until: NaiveDate },
    Transit { patron: usize, to: usize },
    Shelve,
    ReturnToLender,
    SendHome(usize),
}

/// A row of the event log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event {
    pub(super) kind: String,
    pub(super) reservation: Option<usize>,
    pub(super) loan: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Waiting,
    Assigned(usize),
    InTransit(usize),
    Ready { item: usize, until: NaiveDate, extended: bool },
    NotOwned(RequestStep),
    Lent(usize),
    Cancelled(CancelReason),
}

impl State {
    pub(super) fn is_active(self) -> bool {
        !matches!(self, State::Lent(_) | State::Cancelled(_))
    }
    fn is_captured(self) -> bool {
        matches!(self, State::InTransit(_) | State::Ready { .. })
    }
    pub(super) fn is_queued(self) -> bool {
        matches!(self, State::Waiting | State::Assigned(_))
    }
    pub(super) fn item(self) -> Option<usize> {
        match self {
            State::Assigned(item) | State::InTransit(item) | State::Ready { item, .. } => Some(item),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Reservation {
    /// `None` once the tie is cut.
    pub(super) patron: Option<usize>,
    pub(super) part: usize,
    pub(super) placed_at: DateTime<Utc>,
    /// Decides between reservations of one moment. The real one's id: it is drawn, so it can't be foretold.
    pub(super) tie: Uuid,
    pub(super) at: usize,
    pub(super) tell: Tell,
    pub(super) state: State,
    pub(super) since: DateTime<Utc>,
    pub(super) set: Option<(usize, i64)>,
    /// Made past a limit by staff.
    pub(super) overruled: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Loan {
    pub(super) item: usize,
    pub(super) part: usize,
    pub(super) patron: Option<usize>,
    pub(super) at: usize,
    pub(super) lent_at: DateTime<Utc>,
    pub(super) due: NaiveDate,
    pub(super) renewals: u32,
    pub(super) returned: Option<DateTime<Utc>>,
    pub(super) return_said: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) patron: usize,
    pub(super) paused_on: Option<NaiveDate>,
    /// Places whose title was lent and whose tie is cut.
    pub(super) gaps: Vec<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) part: usize,
    pub(super) branch: usize,
    /// Where it is, or where it is going.
    pub(super) place: usize,
    pub(super) state: ItemState,
    pub(super) rule: LoanRule,
    /// Another library's: the day it wants it back.
    pub(super) lender_due: Option<NaiveDate>,
}

#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) bib: usize,
    pub(super) label: String,
    pub(super) received_on: Option<NaiveDate>,
    /// The part whose copies its copies are alike with since two bibs were merged.
    pub(super) joined_to: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Bib {
    pub(super) material: MaterialType,
    pub(super) merged: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Patron {
    pub(super) card: CardState,
    pub(super) has_mail: bool,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) policy: Policy,
    pub(super) now: DateTime<Utc>,
    pub(super) closures: Vec<Closure>,
    pub(super) patrons: Vec<Patron>,
    pub(super) bibs: BTreeMap<usize, Bib>,
    pub(super) parts: BTreeMap<usize, Part>,
    pub(super) items: BTreeMap<usize, Item>,
    pub(super) reservations: Vec<Reservation>,
    pub(super) loans: Vec<Loan>,
    pub(super) sets: Vec<Set>,
    /// Answers that the same request gets again.
    pub(super) answered: BTreeMap<u32, (DateTime<Utc>, Answer)>,
    /// Of answers of earlier days it is only known that there was one.
    pub(super) answers_lost_before: NaiveDate,
    /// What the last command wrote to the log, and what it touched.
    pub(super) events: Vec<Event>,
    pub(super) touched: Touched,
    /// What may never be and was about to be.
    pub(super) complaints: Vec<String>,
}

/// What a command changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    pub(super) parts: Vec<usize>,
    pub(super) items: Vec<usize>,
    pub(super) patrons: Vec<usize>,
}

pub(super) fn place_code(place: usize) -> domain::PlaceCode {
    crate::support::place(PLACES[place])
}

impl World {
    // ---- looking

    pub(super) fn today(&self) -> NaiveDate {
        self.day_of(self.now)
    }

    /// The day it is in Japan at that moment.
    pub(super) fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        (at + TimeDelta::hours(9)).date_naive()
    }

    fn calendar(&self) -> Calendar<'_> {
        Calendar::new(&self.policy, &self.closures)
    }

    fn due_after(&self, place: usize, days: u32) -> NaiveDate {
        let day = self.today() + Days::new(days.into());
        self.calendar().settle(&place_code(place), day, self.policy.calendar.due_on_closed_day)
    }

    fn hold_after(&self, place: usize, from: NaiveDate, days: u32) -> NaiveDate {
        let day = from + Days::new(days.into());
        self.calendar().settle(&place_code(place), day, self.policy.calendar.hold_on_closed_day)
    }

    fn is_place(&self, place: usize) -> bool {
        place < PLACES.len() - 1
    }

    /// The part that stands for this one now.
    pub(super) fn current(&self, part: usize) -> usize {
        let mut part = part;
        while let Some(joined) = self.parts.get(&part).and_then(|found| found.joined_to) {
            part = joined;
        }
        part
    }

    /// Which reservation is meant: the owner's active one of the part, else the last they had of it.
    pub(super) fn find(&self, of: Of) -> Option<usize> {
        let part = self.current(of.1);
        let theirs: Vec<usize> = (0..self.reservations.len())
            .filter(|&r| self.reservations[r].patron == Some(of.0) && self.reservations[r].part == part)
            .collect();
        let active = theirs.iter().find(|&&r| self.reservations[r].state.is_active());
        active.or(theirs.last()).copied()
    }

    /// Whether a request was answered not long ago. Answers are kept for some days; what happens at the edge of that
    /// is not asked here.
    pub(super) fn may_repeat(&self, op: u32) -> bool {
        self.answered.get(&op).is_some_and(|(at, _)| self.now - *at < TimeDelta::days(2))
    }

    /// Which set is meant: that of the reservation.
    pub(super) fn find_set(&self, of: Of) -> Option<usize> {
        self.find(of).and_then(|r| self.reservations[r].set).map(|(set, _)| set)
    }

    /// Which loan is meant: the open one of the item, else the last.
    pub(super) fn find_loan(&self, item: usize) -> Option<usize> {
        let its: Vec<usize> = (0..self.loans.len()).filter(|&l| self.loans[l].item == item).collect();
        let open = its.iter().find(|&&l| self.loans[l].returned.is_none());
        open.or(its.last()).copied()
    }

    pub(super) fn open_loan(&self, item: usize) -> Option<usize> {
        (0..self.loans.len()).find(|&l| self.loans[l].item == item && self.loans[l].returned.is_none())
    }

    fn has_on_loan(&self, patron: usize, part: usize) -> bool {
        self.loans.iter().any(|loan| loan.patron == Some(patron) && loan.part == part && loan.returned.is_none())
    }

    pub(super) fn active_of(&self, patron: usize, part: usize) -> Option<usize> {
        (0..self.reservations.len()).find(|&r| {
            let found = &self.reservations[r];
            found.patron == Some(patron) && found.part == part && found.state.is_active()
        })
    }

    pub(super) fn holder(&self, item: usize) -> Option<usize> {
        (0..self.reservations.len()).find(|&r| self.reservations[r].state.item() == Some(item))
    }

    fn key(&self, r: usize) -> (DateTime<Utc>, Uuid) {
        (self.reservations[r].placed_at, self.reservations[r].tie)
    }

    /// All that wait for a part, in the order of reservation.
    pub(super) fn queue(&self, part: usize) -> Vec<usize> {
        let mut queue: Vec<usize> = (0..self.reservations.len())
            .filter(|&r| self.reservations[r].part == part && self.reservations[r].state.is_queued())
            .collect();
        queue.sort_by_key(|&r| self.key(r));
        queue
    }

    pub(super) fn position(&self, r: usize) -> u32 {
        let place = self.queue(self.reservations[r].part).iter().position(|&other| other == r);
        u32::try_from(place.unwrap() + 1).unwrap()
    }

    pub(super) fn group_of(&self, part: usize) -> LimitGroup {
        self.bibs[&self.parts[&part].bib].material.limit_group()
    }

    /// The members of a set that are not cancelled, by their place; `true` for those that are there or were there.
    pub(super) fn chain(&self, set: usize) -> Vec<(i64, bool)> {
        let mut chain: Vec<(i64, bool)> = self.sets[set].gaps.iter().map(|&ordinal| (ordinal, true)).collect();
        for reservation in &self.reservations {
            let Some((its, ordinal)) = reservation.set else { continue };
            if its != set || matches!(reservation.state, State::Cancelled(_)) {
                continue;
            }
            let there = match reservation.state {
                State::Lent(_) => true,
                State::Ready { .. } => self.policy.reservations.set_waits_for == SetWaitsFor::Ready,
                _ => false,
            };
            chain.push((ordinal, there));
        }
        chain.sort_unstable();
        chain
    }

    /// Whether the nearest earlier member that is not cancelled is not there yet.
    pub(super) fn is_dormant(&self, r: usize) -> bool {
        let Some((set, ordinal)) = self.reservations[r].set else { return false };
        let chain = self.chain(set);
        chain.iter().rfind(|(other, _)| *other < ordinal).is_some_and(|(_, there)| !there)
    }

    pub(super) fn paused_on(&self, r: usize) -> Option<NaiveDate> {
        self.reservations[r].set.and_then(|(set, _)| self.sets[set].paused_on)
    }

    pub(super) fn is_awake(&self, r: usize) -> bool {
        let active = self.reservations[r].patron.is_some_and(|p| self.patrons[p].card == CardState::Active);
        active && !self.is_dormant(r) && self.paused_on(r).is_none()
    }

    fn card_refusal(&self, patron: usize) -> Option<Refusal> {
        match self.patrons[patron].card {
            CardState::Active => None,
            CardState::Suspended => Some(Refusal::CardSuspended),
            CardState::Expired => Some(Refusal::CardExpired),
        }
    }

    fn request_refusal(&self, patron: usize, at: usize, tell: Tell) -> Option<Refusal> {
        if !self.is_place(at) {
            return Some(Refusal::UnknownPlace);
        }
        match tell {
            Tell::Mail if !self.patrons[patron].has_mail => Some(Refusal::MailNotConfirmed),
            Tell::Nobody if !self.policy.reservations.contact_none => Some(Refusal::ContactNotOffered),
            _ => None,
        }
    }

    pub(super) fn active_in(&self, patron: usize, group: LimitGroup) -> u32 {
        let theirs = self.reservations.iter().filter(|r| r.patron == Some(patron) && r.state.is_active());
        u32::try_from(theirs.filter(|r| self.group_of(r.part) == group).count()).unwrap()
    }

    pub(super) fn loans_in(&self, patron: usize, group: LimitGroup) -> u32 {
        let theirs = self.loans.iter().filter(|loan| loan.patron == Some(patron) && loan.returned.is_none());
        u32::try_from(theirs.filter(|loan| self.group_of(loan.part) == group).count()).unwrap()
    }

    fn is_newest_issue(&self, part: usize) -> bool {
        let bib = self.parts[&part].bib;
        let issues = self.parts.values().filter(|other| other.bib == bib && other.joined_to.is_none());
        let newest = issues.filter_map(|issue| issue.received_on).max();
        self.bibs[&bib].material == MaterialType::Magazine
            && newest.is_some()
            && self.parts[&part].received_on == newest
    }

    pub(super) fn others_wait(&self, part: usize) -> bool {
        !self.queue(part).is_empty()
    }

    // ---- changing

    fn touch(&mut self, r: usize) {
        self.touched.parts.push(self.reservations[r].part);
        self.touched.patrons.extend(self.reservations[r].patron);
        self.touched.items.extend(self.reservations[r].state.item());
    }

    fn write(&mut self, kind: &str, reservation: Option<usize>, loan: Option<usize>) {
        self.events.push(Event { kind: kind.to_owned(), reservation, loan });
    }

    fn step(&mut self, r: usize, kind: &str, state: State) {
        self.touch(r);
        self.reservations[r].state = state;
        self.reservations[r].since = self.now;
        self.touch(r);
        self.write(kind, Some(r), None);
    }

    fn put(&mut self, item: usize, state: ItemState, place: usize) {
        self.touched.items.push(item);
        let item = self.items.get_mut(&item).unwrap();
        item.state = state;
        item.place = place;
    }

    fn back_in_queue(&mut self, r: usize) {
        self.step(r, "back-in-queue", State::Waiting);
    }

    fn cancel(&mut self, r: usize, reason: CancelReason) {
        self.step(r, "cancelled", State::Cancelled(reason));
    }

    fn make_ready(&mut self, r: usize, item: usize) -> Todo {
        let at = self.reservations[r].at;
        let until = self.hold_after(at, self.today(), self.policy.reservations.hold_days);
        self.step(r, "ready", State::Ready { item, until, extended: false });
        self.put(item, ItemState::OnHoldShelf, at);
        Todo::HoldShelf { patron: self.reservations[r].patron.unwrap(), until }
    }

    fn make_transit(&mut self, r: usize, item: usize) -> Todo {
        let at = self.reservations[r].at;
        self.step(r, "in-transit", State::InTransit(item));
        self.put(item, ItemState::InTransit, at);
        Todo::Transit { patron: self.reservations[r].patron.unwrap(), to: at }
    }

    /// Captures, and says so when that wrongs somebody.
    fn capture(&mut self, r: usize, item: usize, here: usize) -> Todo {
        if !self.is_awake(r) {
            self.complaints.push(format!("#{r} is captured while it sleeps"));
        }
        let part = self.reservations[r].part;
        // What another library lent for one person passes the others by.
        let for_all = self.items[&item].lender_due.is_none();
        for other in self.queue(part) {
            let waits = for_all && self.reservations[other].state == State::Waiting;
            if other != r && waits && self.is_awake(other) && self.key(other) < self.key(r) {
                self.complaints.push(format!("#{r} is captured past #{other}"));
            }
        }
        if self.reservations[r].at == here { self.make_ready(r, item) } else { self.make_transit(r, item) }
    }

    fn new_reservation(
        &mut self,
        kind: &str,
        patron: usize,
        part: usize,
        at: usize,
        tell: Tell,
        state: State,
    ) -> usize {
        let r = self.reservations.len();
        self.reservations.push(Reservation {
            patron: Some(patron),
            part,
            placed_at: self.now,
            tie: Uuid::from_u128(u128::try_from(r).unwrap()),
            at,
            tell,
            state,
            since: self.now,
            set: None,
            overruled: false,
        });
        self.step(r, kind, state);
        r
    }

    fn end_loan(&mut self, loan: usize) {
        self.loans[loan].returned = Some(self.now);
        self.touched.patrons.extend(self.loans[loan].patron);
        self.touched.items.push(self.loans[loan].item);
        self.write("checked-in", None, Some(loan));
    }

    // ---- commands

    /// Does what a command says, or says why not and does nothing.
    pub(super) fn run(&mut self, command: &Command) -> Result<Answer, Refusal> {
        self.events.clear();
        self.touched = Touched::default();
        let answer = self.answer(command);
        if let (Some(op), Ok(answer)) = (command.op(), &answer) {
            self.answered.insert(op, (self.now, answer.clone()));
        }
        answer
    }

    fn answer(&mut self, command: &Command) -> Result<Answer, Refusal> {
        match command {
            Command::Pass { minutes } => {
                self.now += TimeDelta::minutes((*minutes).into());
                Ok(Answer::Nothing)
            }
            Command::Daily => Ok(self.daily()),
            Command::Reserve { by, patron, parts, in_set, at, tell, .. } => {
                self.reserve(*by, *patron, parts, *in_set, *at, *tell)
            }
            Command::Cancel { by, patron, of, .. } => self.cancel_for(*by, *patron, *of),
            Command::Change { patron, of, at, tell, .. } => self.change(*patron, *of, *at, *tell),
            Command::Renew { patron, item, .. } => self.renew(*patron, *item),
            Command::SayReturned { patron, item, .. } => self.say_returned(*patron, *item),
            Command::Arrange { patron, set, order, .. } => self.arrange(*patron, *set, order),
            Command::Dissolve { patron, set, .. } => self.dissolve(*patron, *set),
            Command::GoOn { patron, set, .. } => self.go_on(*patron, *set),
            Command::Scan { item, at } => self.scan(*item, *at),
            Command::Lend { by, item, patron, at } => self.lend(*by, *item, *patron, *at),
            Command::Slip { item, at, patron } => self.slip(*item, *at, *patron),
            Command::Pulls => Ok(Answer::Assigned(self.pulls())),
            Command::WriteOff { item, fate } => self.write_off(*item, *fate),
            Command::ExtendHold { of } => self.extend_hold(*of),
            Command::Close { at, after, days } => self.close(*at, *after, *days),
            Command::Card { patron, state } => {
                self.touched.patrons.push(*patron);
                self.patrons[*patron].card = *state;
                self.write("card-changed", None, None);
                Ok(Answer::Done)
            }
            Command::Merge { from, into } => self.merge(*from, *into),
            Command::AddCopy { item, part, at, rule } => {
                if !self.parts.contains_key(part) {
                    return Ok(Answer::Nothing);
                }
                let part = self.current(*part);
                let (state, lender_due) = (ItemState::OnShelf, None);
                self.items.insert(*item, Item { part, branch: *at, place: *at, state, rule: *rule, lender_due });
                Ok(Answer::Nothing)
            }
            Command::Request { by, patron, title, material, at, tell } => {
                self.request(*by, *patron, *title, *material, *at, *tell)
            }
            Command::Advance { of, to } => self.advance(*of, *to),
            Command::Arrived { of } => {
                let r = self.not_owned(*of)?;
                self.step(r, "arrived", State::Waiting);
                Ok(Answer::Done)
            }
            Command::Decline { of } => {
                let r = self.not_owned(*of)?;
                self.cancel(r, CancelReason::Declined);
                Ok(Answer::Done)
            }
            Command::Receive { of, item, at, due_in } => self.receive(*of, *item, *at, *due_in),
            Command::Again { op } if self.may_repeat(*op) => {
                let (at, answer) = &self.answered[op];
                let lost = self.day_of(*at) < self.answers_lost_before;
                if lost { Err(Refusal::SettledAlready) } else { Ok(answer.clone()) }
            }
            Command::Again { .. } => Ok(Answer::Nothing),
        }
    }

    fn title_refusal(&self, by: Who, patron: usize, part: usize) -> Option<Refusal> {
        let Some(found) = self.parts.get(&part) else { return Some(Refusal::UnknownTitle) };
        if found.joined_to.is_some() {
            return Some(Refusal::UnknownTitle);
        }
        let material = self.bibs[&found.bib].material;
        if matches!(material, MaterialType::Dvd | MaterialType::Ld) {
            return Some(Refusal::MaterialNotReservable { material });
        }
        let alive = |item: &&Item| {
            let gone = matches!(item.state, ItemState::Missing | ItemState::Lost | ItemState::Withdrawn);
            item.part == part && item.lender_due.is_none() && !gone
        };
        let living: Vec<&Item> = self.items.values().filter(alive).collect();
        if living.is_empty() {
            return Some(Refusal::NoCopy);
        }
        if !living.iter().any(|item| item.rule == LoanRule::Lendable) {
            return Some(Refusal::InLibraryOnly);
        }
        if by != Who::Overrule && self.is_newest_issue(part) {
            return Some(Refusal::NewestIssue);
        }
        if self.active_of(patron, part).is_some() {
            return Some(Refusal::AlreadyReserved);
        }
        self.has_on_loan(patron, part).then_some(Refusal::OnLoanToYou)
    }

    fn limit_refusal(&self, by: Who, patron: usize, group: LimitGroup, more: u32) -> Option<Refusal> {
        let limit = self.policy.reservations.limits.of(group);
        let reached = self.active_in(patron, group) + more >= limit;
        (by != Who::Overrule && reached).then_some(Refusal::LimitReached { group, limit })
    }

    fn reserve(
        &mut self,
        by: Who,
        patron: usize,
        parts: &[usize],
        in_set: usize,
        at: usize,
        tell: Tell,
    ) -> Result<Answer, Refusal> {
        self.touched.patrons.push(patron);
        let mut once: Vec<usize> = Vec::new();
        for part in parts {
            if !once.contains(part) {
                once.push(*part);
            }
        }
        if once.is_empty() {
            return Err(Refusal::EmptyCart);
        }
        if let Some(refusal) = self.request_refusal(patron, at, tell) {
            return Err(refusal);
        }
        let in_set = if in_set < 2 { 0 } else { in_set.min(once.len()) };
        // What each title alone is refused for, counting those before it that are not refused.
        let mut refusals: Vec<Option<Refusal>> = Vec::new();
        let mut set_fails = false;
        for (n, part) in once.iter().enumerate() {
            if n == in_set {
                set_fails = refusals.iter().any(Option::is_some);
            }
            let mut refusal = self.card_refusal(patron).or_else(|| self.title_refusal(by, patron, *part));
            if refusal.is_none() {
                let group = self.group_of(*part);
                let mut more = 0;
                for earlier in 0..n {
                    let lost = refusals[earlier].is_some() || (earlier < in_set && n >= in_set && set_fails);
                    if !lost && self.group_of(once[earlier]) == group {
                        more += 1;
                    }
                }
                refusal = self.limit_refusal(by, patron, group, more);
            }
            refusals.push(refusal);
        }
        if in_set == once.len() {
            set_fails = refusals.iter().any(Option::is_some);
        }
        if set_fails {
            for refusal in refusals.iter_mut().take(in_set) {
                refusal.get_or_insert(Refusal::SetRefused);
            }
        }
        let makes_set = in_set > 0 && !set_fails;
        if makes_set {
            self.sets.push(Set { patron, paused_on: None, gaps: Vec::new() });
        }
        let mut made = Vec::new();
        for (n, part) in once.iter().enumerate() {
            if let Some(refusal) = &refusals[n] {
                made.push(Err(refusal.clone()));
                continue;
            }
            let over = self.limit_refusal(Who::Staff, patron, self.group_of(*part), 0).is_some();
            let r = self.new_reservation("reserved", patron, *part, at, tell, State::Waiting);
            self.reservations[r].overruled = over;
            if makes_set && n < in_set {
                self.reservations[r].set = Some((self.sets.len() - 1, i64::try_from(n + 1).unwrap()));
            }
            made.push(Ok(r));
        }
        let told = made.into_iter().map(|made| made.map(|r| (r, self.position(r))));
        Ok(Answer::Reserved(told.collect()))
    }

    /// The patron's own reservation that is not over.
    fn own(&self, patron: usize, of: Of) -> Result<usize, Refusal> {
        let r = self.find(of).filter(|&r| self.reservations[r].patron == Some(patron));
        let r = r.ok_or(Refusal::UnknownReservation)?;
        if self.reservations[r].state.is_active() { Ok(r) } else { Err(Refusal::ReservationOver) }
    }

    fn cancel_for(&mut self, by: Who, patron: usize, of: Of) -> Result<Answer, Refusal> {
        let r = self.own(patron, of)?;
        if by == Who::Patron && matches!(self.reservations[r].state, State::NotOwned(_)) {
            return Err(Refusal::CancelByTelephone);
        }
        self.cancel(r, if by == Who::Patron { CancelReason::Patron } else { CancelReason::Staff });
        Ok(Answer::Done)
    }

    fn change(&mut self, patron: usize, of: Of, at: usize, tell: Tell) -> Result<Answer, Refusal> {
        let r = self.own(patron, of)?;
        let sleeps = self.is_dormant(r) || self.paused_on(r).is_some();
        match self.reservations[r].state {
            State::Assigned(_) if !sleeps && at != self.reservations[r].at => return Err(Refusal::BeingPrepared),
            State::InTransit(_) => return Err(Refusal::OnItsWay),
            State::Ready { .. } => return Err(Refusal::ReadyAlready),
            State::NotOwned(_) => return Err(Refusal::NotOwnedYet),
            _ => {}
        }
        if let Some(refusal) = self.request_refusal(patron, at, tell) {
            return Err(refusal);
        }
        let as_before = self.reservations[r].at == at && self.reservations[r].tell == tell;
        self.touch(r);
        if !as_before {
            self.reservations[r].at = at;
            self.reservations[r].tell = tell;
            self.write("changed", Some(r), None);
        }
        Ok(Answer::Done)
    }

    fn own_loan(&self, patron: usize, item: usize) -> Result<usize, Refusal> {
        let loan = self.find_loan(item).ok_or(Refusal::LoanOver)?;
        let theirs = self.loans[loan].patron == Some(patron) && self.loans[loan].returned.is_none();
        if theirs { Ok(loan) } else { Err(Refusal::LoanOver) }
    }

    /// The due date a renewal today would give.
    pub(super) fn renewal(&self, loan: usize) -> Result<NaiveDate, Refusal> {
        let found = &self.loans[loan];
        if let Some(refusal) = found.patron.and_then(|patron| self.card_refusal(patron)) {
            return Err(refusal);
        }
        if self.items[&found.item].lender_due.is_some() {
            return Err(Refusal::BorrowedCopy);
        }
        if found.due < self.today() {
            return Err(Refusal::Overdue);
        }
        if found.renewals >= self.policy.loans.renewals {
            return Err(Refusal::RenewedAlready);
        }
        if self.others_wait(found.part) {
            return Err(Refusal::OthersWaiting);
        }
        let due = self.due_after(found.at, self.policy.loans.renewal_days);
        if due <= found.due { Err(Refusal::NotLater { due_on: found.due }) } else { Ok(due) }
    }

    fn renew(&mut self, patron: usize, item: usize) -> Result<Answer, Refusal> {
        let loan = self.own_loan(patron, item)?;
        let due = self.renewal(loan)?;
        self.loans[loan].due = due;
        self.loans[loan].renewals += 1;
        self.touched.patrons.push(patron);
        self.write("renewed", None, Some(loan));
        Ok(Answer::Renewed(due))
    }

    fn say_returned(&mut self, patron: usize, item: usize) -> Result<Answer, Refusal> {
        let loan = self.own_loan(patron, item)?;
        self.touched.patrons.push(patron);
        if !self.loans[loan].return_said {
            self.loans[loan].return_said = true;
            self.write("return-said", None, Some(loan));
        }
        Ok(Answer::Done)
    }

    /// A set of this patron in which something is still to come.
    fn own_set(&self, patron: usize, set: Option<usize>) -> Result<usize, Refusal> {
        let set = set.filter(|&set| self.sets[set].patron == patron).ok_or(Refusal::UnknownSet)?;
        let lives = self.reservations.iter().any(|r| r.set.is_some_and(|(its, _)| its == set) && r.state.is_active());
        if lives { Ok(set) } else { Err(Refusal::UnknownSet) }
    }

    fn arrange(&mut self, patron: usize, set: Option<Of>, order: &[Of]) -> Result<Answer, Refusal> {
        let set = match set {
            Some(of) => Some(self.own_set(patron, self.find_set(of))?),
            None => None,
        };
        if set.is_some_and(|set| self.sets[set].paused_on.is_some()) {
            return Err(Refusal::SetPaused);
        }
        let mut named = Vec::new();
        for of in order {
            let r = self.find(*of).filter(|&r| self.reservations[r].patron == Some(patron));
            let r = r.ok_or(Refusal::UnknownReservation)?;
            if self.reservations[r].set.is_some_and(|(its, _)| Some(its) != set) {
                return Err(Refusal::InAnotherSet);
            }
            if self.reservations[r].state != State::Waiting {
                return Err(Refusal::NotMovable);
            }
            named.push(r);
        }
        if set.is_none() && order.len() < 2 {
            return Err(Refusal::SetTooShort);
        }
        let members: Vec<usize> = (0..self.reservations.len())
            .filter(|&r| set.is_some() && self.reservations[r].set.map(|(its, _)| its) == set)
            .collect();
        let movable: Vec<usize> =
            members.iter().copied().filter(|&r| self.reservations[r].state == State::Waiting).collect();
        if movable.iter().any(|r| !named.contains(r)) {
            return Err(Refusal::SetChanged);
        }
        let set = set.unwrap_or_else(|| {
            self.sets.push(Set { patron, paused_on: None, gaps: Vec::new() });
            self.sets.len() - 1
        });
        let ordinal = |r: &usize| self.reservations[*r].set.map_or(0, |(_, ordinal)| ordinal);
        let mut free: Vec<i64> = movable.iter().map(ordinal).collect();
        free.sort_unstable();
        let last = members.iter().map(ordinal).chain(self.sets[set].gaps.iter().copied()).max().unwrap_or(0);
        free.extend((last + 1..).take(named.len() - free.len()));
        for (r, ordinal) in named.iter().zip(free) {
            self.reservations[*r].set = Some((set, ordinal));
            self.touch(*r);
        }
        self.touched.patrons.push(patron);
        self.write("set-arranged", None, None);
        Ok(Answer::SetArranged(set))
    }

    fn dissolve(&mut self, patron: usize, set: Of) -> Result<Answer, Refusal> {
        let set = self.own_set(patron, self.find_set(set))?;
        for r in 0..self.reservations.len() {
            if self.reservations[r].set.is_some_and(|(its, _)| its == set) {
                self.reservations[r].set = None;
                self.touch(r);
            }
        }
        self.sets[set].paused_on = None;
        self.sets[set].gaps.clear();
        self.write("set-dissolved", None, None);
        Ok(Answer::Done)
    }

    fn go_on(&mut self, patron: usize, set: Of) -> Result<Answer, Refusal> {
        let set = self.own_set(patron, self.find_set(set))?;
        if self.sets[set].paused_on.take().is_none() {
            return Err(Refusal::NotPaused);
        }
        self.touched.patrons.push(patron);
        self.write("set-resumed", None, None);
        Ok(Answer::Done)
    }

    fn scan(&mut self, item: usize, here: usize) -> Result<Answer, Refusal> {
        if !self.is_place(here) {
            return Err(Refusal::UnknownPlace);
        }
        let Some(found) = self.items.get(&item).cloned() else { return Err(Refusal::UnknownBarcode) };
        if found.state == ItemState::Withdrawn {
            return Err(Refusal::ItemWithdrawn);
        }
        let loan = self.open_loan(item);
        if let Some(loan) = loan {
            self.end_loan(loan);
        }
        let todo = self.sort(item, &found, here);
        Ok(Answer::Scanned { was_on_loan: loan.is_some(), todo })
    }

    /// Where a scanned copy goes.
    fn sort(&mut self, item: usize, found: &Item, here: usize) -> Todo {
        let holder = self.holder(item);
        if let Some(r) = holder {
            let (state, at) = (self.reservations[r].state, self.reservations[r].at);
            let patron = self.reservations[r].patron.unwrap();
            match state {
                State::InTransit(_) if at == here => return self.make_ready(r, item),
                State::InTransit(_) => return Todo::Transit { patron, to: at },
                State::Ready { until, .. } if at == here => return Todo::HoldShelf { patron, until },
                State::Ready { .. } => return self.make_transit(r, item),
                _ => {}
            }
        }
        // From here on it is free, or a reservation waits for it to be picked from the shelf.
        let picked = holder.filter(|&r| self.is_awake(r));
        let next = if found.lender_due.is_some() {
            picked
        } else if found.rule == LoanRule::Lendable {
            let awake: Vec<usize> = self.queue(found.part).into_iter().filter(|&r| self.is_awake(r)).collect();
            let waiting = awake.iter().copied().find(|&r| self.reservations[r].state == State::Waiting);
            let elsewhere = awake.iter().copied().find(|&r| self.reservations[r].state != State::Waiting);
            match (picked, waiting) {
                (Some(picked), Some(waiting)) if self.key(waiting) < self.key(picked) => Some(waiting),
                (Some(picked), _) => Some(picked),
                (None, Some(waiting)) => Some(waiting),
                (None, None) => elsewhere,
            }
        } else {
            None
        };
        if let Some(holder) = holder
            && Some(holder) != next
        {
            self.back_in_queue(holder);
        }
        if let Some(next) = next {
            return self.capture(next, item, here);
        }
        if found.lender_due.is_some() {
            self.put(item, ItemState::GoingHome, found.branch);
            Todo::ReturnToLender
        } else if here == found.branch {
            self.put(item, ItemState::OnShelf, here);
            Todo::Shelve
        } else {
            self.put(item, ItemState::GoingHome, found.branch);
            Todo::SendHome(found.branch)
        }
    }

    fn lend(&mut self, by: Who, item: usize, patron: usize, here: usize) -> Result<Answer, Refusal> {
        if !self.is_place(here) {
            return Err(Refusal::UnknownPlace);
        }
        let Some(found) = self.items.get(&item).cloned() else { return Err(Refusal::UnknownBarcode) };
        if let Some(refusal) = self.card_refusal(patron) {
            return Err(refusal);
        }
        let holder = self.holder(item);
        let is_theirs = holder.is_some_and(|r| self.reservations[r].patron == Some(patron));
        // One that another library lent was taken in for somebody, so it is theirs from the first.
        let borrowed = found.lender_due.is_some();
        let captured = holder.filter(|&r| borrowed || self.reservations[r].state.is_captured());
        if captured.is_some() && !is_theirs && by != Who::Overrule {
            return Err(Refusal::CapturedForAnother);
        }
        if found.lender_due.is_some() && !is_theirs {
            return Err(Refusal::BorrowedCopy);
        }
        let others = self.queue(found.part).iter().any(|&r| self.reservations[r].patron != Some(patron));
        match found.state {
            ItemState::OnShelf => {}
            // Whoever overrules that it is captured has it in hand, wherever it was to go.
            _ if captured.is_some() && !is_theirs => {}
            ItemState::OnHoldShelf if captured.is_some() || !others => {}
            ItemState::Withdrawn => return Err(Refusal::ItemWithdrawn),
            _ => return Err(Refusal::NotCheckedIn),
        }
        if found.rule == LoanRule::InLibraryOnly {
            return Err(Refusal::ItemInLibraryOnly);
        }
        if self.has_on_loan(patron, found.part) {
            return Err(Refusal::OnLoanToYou);
        }
        let group = self.group_of(found.part);
        let limit = self.policy.loans.limits.of(group);
        if by != Who::Overrule && self.loans_in(patron, group) >= limit {
            return Err(Refusal::LoanLimitReached { group, limit });
        }
        if let Some(holder) = holder.filter(|_| !is_theirs) {
            self.back_in_queue(holder);
        }
        let loan = self.loans.len();
        let due = found.lender_due.unwrap_or_else(|| self.due_after(here, self.policy.loans.days));
        self.loans.push(Loan {
            item,
            part: found.part,
            patron: Some(patron),
            at: here,
            lent_at: self.now,
            due,
            renewals: 0,
            returned: None,
            return_said: false,
        });
        self.write("checked-out", None, Some(loan));
        if let Some(r) = self.active_of(patron, found.part) {
            // Another copy captured for it stays where it is, for nobody.
            self.step(r, "fulfilled", State::Lent(loan));
            self.events.last_mut().unwrap().loan = Some(loan);
        }
        self.put(item, ItemState::OnLoan, here);
        self.touched.patrons.push(patron);
        self.touched.parts.push(found.part);
        Ok(Answer::Lent { loan, due })
    }

    /// Whether the scan of a slip does anything.
    pub(super) fn would_change(&self, command: &Command) -> bool {
        let Command::Slip { item, at, patron } = command else { return false };
        let mut after = self.clone();
        after.events.clear();
        after.wrong_scan(*item, *at, *patron).is_ok() && after.changed(self, *item)
    }

    fn changed(&self, before: &Self, item: usize) -> bool {
        let at = |world: &Self| world.items.get(&item).map(|found| (found.state, found.place));
        !self.events.is_empty() || at(self) != at(before)
    }

    fn wrong_scan(&mut self, item: usize, here: usize, patron: Option<usize>) -> Result<Answer, Refusal> {
        match patron {
            Some(patron) => self.lend(Who::Staff, item, patron, here),
            None => self.scan(item, here),
        }
    }

    /// A scan and its undoing leave everything as it was, but for what the log says and since when reservations stand
    /// where they stand.
    fn slip(&mut self, item: usize, here: usize, patron: Option<usize>) -> Result<Answer, Refusal> {
        let before = self.clone();
        let answer = self.wrong_scan(item, here, patron)?;
        if !self.changed(&before, item) {
            return Ok(answer);
        }
        let moved: Vec<usize> = (0..self.reservations.len())
            .filter(|&r| self.reservations[r].state != before.reservations[r].state)
            .collect();
        // What was entered by staff, or was captured by another copy, which is free at its next scan, does not go back.
        let lost = moved
            .iter()
            .map(|&r| before.reservations[r].state)
            .any(|state| matches!(state, State::NotOwned(_)) || state.is_captured() && state.item() != Some(item));
        if lost {
            return Ok(Answer::NotUndone(Refusal::ChangedSince));
        }
        for r in moved {
            let (left, was) = (self.reservations[r].state, before.reservations[r].state);
            match (left, was) {
                (State::Lent(_), _) => self.step(r, "undone", State::Waiting),
                (_, State::Waiting | State::Assigned(_)) if left != State::Waiting => self.back_in_queue(r),
                _ => {}
            }
            match was {
                State::Waiting => {}
                State::Assigned(_) => self.step(r, "assigned", was),
                State::InTransit(_) => self.step(r, "in-transit", was),
                _ => self.step(r, "ready", was),
            }
        }
        let loan = match patron {
            Some(_) => {
                let loan = self.loans.len() - 1;
                // It never was.
                self.loans[loan] =
                    Loan { item: GONE, part: GONE, patron: None, returned: Some(self.now), ..self.loans[loan] };
                Some(loan)
            }
            None => (0..self.loans.len()).find(|&l| self.loans[l].returned != before.loans[l].returned),
        };
        if let Some(loan) = loan.filter(|_| patron.is_none()) {
            self.loans[loan].returned = None;
        }
        let (state, place) = (before.items[&item].state, before.items[&item].place);
        self.put(item, state, place);
        self.write(if patron.is_some() { "check-out-undone" } else { "check-in-undone" }, None, loan);
        Ok(Answer::Undone)
    }

    fn pulls(&mut self) -> u64 {
        let mut assigned = 0;
        let parts: Vec<usize> = self.parts.keys().copied().collect();
        for part in parts {
            for r in self.queue(part) {
                let State::Assigned(item) = self.reservations[r].state else { continue };
                // Another library's copy stays for whom it came.
                if self.items[&item].lender_due.is_none() && !self.is_awake(r) {
                    self.back_in_queue(r);
                }
            }
            for r in self.queue(part) {
                if self.reservations[r].state != State::Waiting || !self.is_awake(r) {
                    continue;
                }
                let mut free: Vec<usize> = Vec::new();
                for (&item, found) in &self.items {
                    let fits = found.part == part && found.rule == LoanRule::Lendable && found.lender_due.is_none();
                    if fits && found.state == ItemState::OnShelf && self.holder(item).is_none() {
                        free.push(item);
                    }
                }
                // Barcodes are in the order of the numbers.
                free.sort_by_key(|item| (self.items[item].place, *item));
                let near = free.iter().find(|item| self.items[item].place == self.reservations[r].at);
                if let Some(&item) = near.or(free.first()) {
                    self.step(r, "assigned", State::Assigned(item));
                    assigned += 1;
                }
            }
        }
        assigned
    }

    fn write_off(&mut self, item: usize, fate: WriteOff) -> Result<Answer, Refusal> {
        let Some(found) = self.items.get(&item).cloned() else { return Err(Refusal::UnknownBarcode) };
        let (state, event) = match fate {
            WriteOff::Missing => (ItemState::Missing, "item-missing"),
            WriteOff::Lost => (ItemState::Lost, "item-lost"),
            WriteOff::Withdrawn => (ItemState::Withdrawn, "item-withdrawn"),
        };
        if found.state == state {
            return Ok(Answer::Done);
        }
        if found.state == ItemState::Withdrawn {
            return Err(Refusal::ItemWithdrawn);
        }
        if let Some(loan) = self.open_loan(item) {
            if fate != WriteOff::Lost {
                return Err(Refusal::ItemOnLoan);
            }
            self.end_loan(loan);
        }
        if let Some(holder) = self.holder(item) {
            self.back_in_queue(holder);
        }
        self.put(item, state, found.place);
        self.write(event, None, None);
        Ok(Answer::Done)
    }

    fn extend_hold(&mut self, of: Of) -> Result<Answer, Refusal> {
        let r = self.find(of).ok_or(Refusal::UnknownReservation)?;
        let State::Ready { item, until, extended } = self.reservations[r].state else { return Err(Refusal::NotReady) };
        if extended {
            return Err(Refusal::ExtendedAlready);
        }
        let until = self.hold_after(self.reservations[r].at, until, self.policy.reservations.hold_extension_days);
        self.reservations[r].state = State::Ready { item, until, extended: true };
        self.touch(r);
        self.write("hold-extended", Some(r), None);
        Ok(Answer::HeldUntil(until))
    }

    fn close(&mut self, at: usize, after: u32, days: u32) -> Result<Answer, Refusal> {
        let closure = self.closure(at, after, days);
        if !self.is_place(at) {
            return Err(Refusal::UnknownPlace);
        }
        if closure.until < closure.from {
            return Err(Refusal::BadSpan);
        }
        let (from, until) = (closure.from, closure.until);
        self.closures.push(closure);
        self.write("place-closed", None, None);
        let mut moved = 0;
        for loan in 0..self.loans.len() {
            let found = &self.loans[loan];
            if found.returned.is_none() && found.at == at && from <= found.due && found.due <= until {
                self.loans[loan].due = self.calendar().next_open(&place_code(at), found.due);
                self.touched.patrons.extend(self.loans[loan].patron);
                self.write("deadline-moved", None, Some(loan));
                moved += 1;
            }
        }
        for r in 0..self.reservations.len() {
            let State::Ready { item, until: held, extended } = self.reservations[r].state else { continue };
            if self.reservations[r].at == at && from <= held && held <= until {
                let until = self.calendar().next_open(&place_code(at), held);
                self.reservations[r].state = State::Ready { item, until, extended };
                self.touch(r);
                self.write("deadline-moved", Some(r), None);
                moved += 1;
            }
        }
        Ok(Answer::Moved(moved))
    }

    /// The closure a command speaks of.
    pub(super) fn closure(&self, at: usize, after: u32, days: u32) -> Closure {
        let from = self.today() + Days::new(after.into());
        let until = from + Days::new(days.into()) - Days::new(1);
        Closure { place: place_code(at), from, until, reason: "停電".to_owned() }
    }

    fn merge(&mut self, from: usize, into: usize) -> Result<Answer, Refusal> {
        for bib in [from, into] {
            if self.bibs.get(&bib).is_none_or(|bib| bib.merged) {
                return Err(Refusal::UnknownBib);
            }
        }
        if from == into {
            return Err(Refusal::SameBib);
        }
        if self.bibs[&from].material != self.bibs[&into].material {
            return Err(Refusal::MaterialDiffers);
        }
        let living = |bib: usize| self.parts.iter().filter(move |(_, p)| p.bib == bib && p.joined_to.is_none());
        let (mut joined, mut moved) = (Vec::new(), Vec::new());
        for (&part, found) in living(from) {
            match living(into).find(|(_, other)| other.label == found.label) {
                Some((&partner, _)) => joined.push((part, partner)),
                None => moved.push(part),
            }
        }
        for &(part, partner) in &joined {
            for patron in 0..self.patrons.len() {
                if self.has_on_loan(patron, part) && self.has_on_loan(patron, partner) {
                    return Err(Refusal::OnLoanTwice);
                }
            }
        }
        for part in moved {
            self.parts.get_mut(&part).unwrap().bib = into;
            self.touched.parts.push(part);
        }
        for (part, partner) in joined {
            self.join(part, partner);
        }
        self.bibs.get_mut(&from).unwrap().merged = true;
        self.touched.patrons.extend(0..self.patrons.len());
        self.write("merged", None, None);
        Ok(Answer::Done)
    }

    /// Makes one part of two.
    fn join(&mut self, part: usize, partner: usize) {
        for (number, item) in &mut self.items {
            if item.part == part {
                item.part = partner;
                self.touched.items.push(*number);
            }
        }
        for loan in self.loans.iter_mut().filter(|loan| loan.part == part) {
            loan.part = partner;
        }
        for reservation in self.reservations.iter_mut().filter(|reservation| reservation.part == part) {
            reservation.part = partner;
        }
        self.parts.get_mut(&part).unwrap().joined_to = Some(partner);
        self.touched.parts.extend([part, partner]);
        for patron in 0..self.patrons.len() {
            let mut theirs: Vec<usize> = (0..self.reservations.len())
                .filter(|&r| self.reservations[r].patron == Some(patron) && self.reservations[r].part == partner)
                .filter(|&r| self.reservations[r].state.is_active())
                .collect();
            // Who stays first: a captured one, else the earlier.
            theirs.sort_by_key(|&r| (!self.reservations[r].state.is_captured(), self.key(r)));
            let stay = usize::from(!self.has_on_loan(patron, partner));
            for r in theirs.into_iter().skip(stay) {
                self.cancel(r, CancelReason::Merged);
            }
        }
    }

    fn request(
        &mut self,
        by: Who,
        patron: usize,
        title: usize,
        material: MaterialType,
        at: usize,
        tell: Tell,
    ) -> Result<Answer, Refusal> {
        if let Some(refusal) = self.card_refusal(patron) {
            return Err(refusal);
        }
        if let Some(refusal) = self.request_refusal(patron, at, tell) {
            return Err(refusal);
        }
        if matches!(material, MaterialType::Dvd | MaterialType::Ld) {
            return Err(Refusal::MaterialNotReservable { material });
        }
        if let Some(refusal) = self.limit_refusal(by, patron, material.limit_group(), 0) {
            return Err(refusal);
        }
        let over = self.limit_refusal(Who::Staff, patron, material.limit_group(), 0).is_some();
        self.bibs.insert(title, Bib { material, merged: false });
        self.parts.insert(title, Part { bib: title, label: String::new(), received_on: None, joined_to: None });
        let state = State::NotOwned(RequestStep::Received);
        let r = self.new_reservation("requested", patron, title, at, tell, state);
        self.reservations[r].overruled = over;
        Ok(Answer::Requested(r))
    }

    fn not_owned(&self, of: Of) -> Result<usize, Refusal> {
        let r = self.find(of).ok_or(Refusal::UnknownReservation)?;
        match self.reservations[r].state {
            State::NotOwned(_) => Ok(r),
            State::Lent(_) | State::Cancelled(_) => Err(Refusal::ReservationOver),
            _ => Err(Refusal::StepNotPossible),
        }
    }

    fn advance(&mut self, of: Of, to: RequestStep) -> Result<Answer, Refusal> {
        let r = self.not_owned(of)?;
        let number = |step| match step {
            RequestStep::Received => 0,
            RequestStep::Searching => 1,
            RequestStep::Ordering => 2,
        };
        match self.reservations[r].state {
            State::NotOwned(step) if number(step) < number(to) => {}
            _ => return Err(Refusal::StepNotPossible),
        }
        self.reservations[r].state = State::NotOwned(to);
        self.touch(r);
        self.write("request-step", Some(r), None);
        Ok(Answer::Done)
    }

    fn receive(&mut self, of: Of, item: usize, at: usize, due_in: u32) -> Result<Answer, Refusal> {
        if !self.is_place(at) {
            return Err(Refusal::UnknownPlace);
        }
        let r = self.not_owned(of)?;
        if self.items.contains_key(&item) {
            return Err(Refusal::BarcodeTaken);
        }
        let part = self.reservations[r].part;
        let lender_due = Some(self.today() + Days::new(due_in.into()));
        let (state, rule) = (ItemState::OnShelf, LoanRule::Lendable);
        self.items.insert(item, Item { part, branch: at, place: at, state, rule, lender_due });
        self.step(r, "assigned", State::Assigned(item));
        Ok(Answer::Done)
    }

    // ---- the day's work

    fn daily(&mut self) -> Answer {
        let today = self.today();
        self.answers_lost_before = today;
        let (mut expired, mut not_arrived, mut unanswered) = (0, 0, 0);
        for r in 0..self.reservations.len() {
            let State::Ready { until, .. } = self.reservations[r].state else { continue };
            if until >= today {
                continue;
            }
            self.cancel(r, CancelReason::Expired);
            expired += 1;
            let Some((set, _)) = self.reservations[r].set else { continue };
            let of_set = |r: &Reservation| r.set.filter(|(its, _)| *its == set).map(|(_, ordinal)| ordinal);
            let rest = (0..self.reservations.len()).filter(|r| self.reservations[*r].state.is_queued());
            let next = rest.filter_map(|r| Some((of_set(&self.reservations[r])?, r))).min();
            if let Some((_, next)) = next
                && self.sets[set].paused_on.is_none()
            {
                self.sets[set].paused_on = Some(today);
                self.write("set-paused", Some(next), None);
            }
        }
        for r in 0..self.reservations.len() {
            let State::InTransit(item) = self.reservations[r].state else { continue };
            let since = self.day_of(self.reservations[r].since);
            if today > since + Days::new(self.policy.reservations.transit_days.into()) {
                self.back_in_queue(r);
                let place = self.items[&item].place;
                self.put(item, ItemState::Missing, place);
                self.write("item-missing", None, None);
                not_arrived += 1;
            }
        }
        for set in 0..self.sets.len() {
            let Some(paused) = self.sets[set].paused_on else { continue };
            if today <= paused + Days::new(self.policy.reservations.pause_days.into()) {
                continue;
            }
            self.sets[set].paused_on = None;
            for r in 0..self.reservations.len() {
                let member = self.reservations[r].set.is_some_and(|(its, _)| its == set);
                if member && self.reservations[r].state.is_queued() {
                    self.cancel(r, CancelReason::Unanswered);
                    unanswered += 1;
                }
            }
        }
        let picked = self.pulls();
        self.cut_ties();
        Answer::Daily { expired, not_arrived, unanswered, picked }
    }

    fn cut_ties(&mut self) {
        let today = self.today();
        for loan in 0..self.loans.len() {
            let returned = self.loans[loan].returned;
            if returned.is_some_and(|at| self.day_of(at) < today) {
                self.loans[loan].patron = None;
            }
        }
        for r in 0..self.reservations.len() {
            let cut = match self.reservations[r].state {
                State::Lent(loan) => self.loans[loan].patron.is_none(),
                State::Cancelled(_) => {
                    let kept = Days::new(self.policy.reservations.keep_cancelled_days.into());
                    today > self.day_of(self.reservations[r].since) + kept
                }
                _ => false,
            };
            if !cut {
                continue;
            }
            self.reservations[r].patron = None;
            if let Some((set, ordinal)) = self.reservations[r].set.take()
                && matches!(self.reservations[r].state, State::Lent(_))
            {
                self.sets[set].gaps.push(ordinal);
            }
        }
    }
}
