//! What people do, and how a next command is drawn: mostly one that makes sense in the present state, now and then
//! nonsense.
//!
//! A command names patrons, titles and copies by fixed numbers, a reservation by its owner and title, a loan by its
//! copy. So it keeps its meaning when others are taken out of the script around it.

use std::{fmt, ops::Deref};

use chrono::TimeDelta;
use domain::{
    catalog::{LoanRule, MaterialType},
    circulation::{ItemState, RequestStep, WriteOff},
    patrons::CardState,
};
use rand::{RngExt, rngs::StdRng};

use super::world::{PLACES, State, World};

/// Numbers of copies and titles that come in later begin here; what is added is the number of the command.
const LATER: usize = 1000;

/// A list that prints as it is written: `list([1, 2])`.
#[derive(Clone, PartialEq)]
pub(super) struct List<T>(Vec<T>);

pub(super) fn list<T, const N: usize>(items: [T; N]) -> List<T> {
    List(items.into())
}

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "list({:?})", self.0)
    }
}

/// The reservation this patron has, or last had, of this part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Of(pub(super) usize, pub(super) usize);

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Who {
    Patron,
    Staff,
    Overrule,
}

/// How the patron is to be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Tell {
    Mail,
    Telephone,
    Nobody,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    Pass { minutes: u32 },
    Daily,
    Reserve { by: Who, patron: usize, parts: List<usize>, in_set: usize, at: usize, tell: Tell, op: u32 },
    Cancel { by: Who, patron: usize, of: Of, op: u32 },
    Change { by: Who, patron: usize, of: Of, at: usize, tell: Tell, op: u32 },
    Renew { by: Who, patron: usize, item: usize, op: u32 },
    SayReturned { by: Who, patron: usize, item: usize, op: u32 },
    Arrange { by: Who, patron: usize, set: Option<Of>, order: List<Of>, op: u32 },
    Dissolve { by: Who, patron: usize, set: Of, op: u32 },
    GoOn { by: Who, patron: usize, set: Of, op: u32 },
    Scan { item: usize, at: usize },
    Lend { by: Who, item: usize, patron: usize, at: usize },
    Slip { item: usize, at: usize, patron: Option<usize> },
    Pulls,
    WriteOff { item: usize, fate: WriteOff },
    ExtendHold { of: Of },
    Close { at: usize, after: u32, days: u32 },
    Card { patron: usize, state: CardState },
    Merge { from: usize, into: usize },
    AddCopy { item: usize, part: usize, at: usize, rule: LoanRule },
    Request { by: Who, patron: usize, title: usize, material: MaterialType, at: usize, tell: Tell },
    Advance { of: Of, to: RequestStep },
    Arrived { of: Of },
    Decline { of: Of },
    Receive { of: Of, item: usize, at: usize, due_in: u32 },
    Again { op: u32 },
}

impl Command {
    /// The key of a request that may arrive twice.
    pub(super) fn op(&self) -> Option<u32> {
        match self {
            Self::Reserve { op, .. }
            | Self::Cancel { op, .. }
            | Self::Change { op, .. }
            | Self::Renew { op, .. }
            | Self::SayReturned { op, .. }
            | Self::Arrange { op, .. }
            | Self::Dissolve { op, .. }
            | Self::GoOn { op, .. } => Some(*op),
            _ => None,
        }
    }

    /// What it is called in figures.
    pub(super) fn kind(&self) -> String {
        first_word(&format!("{self:?}"))
    }
}

/// The name of an enum's variant.
pub(super) fn first_word(debug: &str) -> String {
    debug.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Draws commands for the state a world is in.
pub(super) struct Dice<'a> {
    pub(super) rng: &'a mut StdRng,
    pub(super) world: &'a World,
    /// The number of the command to be drawn.
    pub(super) serial: u32,
}

impl Dice<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    fn chance(&mut self, of_hundred: u32) -> bool {
        self.rng.random_range(0..100) < of_hundred
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.below(of.len())].clone()) }
    }

    fn patron(&mut self) -> usize {
        self.below(self.world.patrons.len())
    }

    /// A place, seldom one that nobody knows.
    fn place(&mut self) -> usize {
        if self.chance(1) { PLACES.len() - 1 } else { self.below(PLACES.len() - 1) }
    }

    fn branch(&mut self) -> usize {
        self.below(4)
    }

    fn item(&mut self) -> usize {
        if self.chance(2) {
            return LATER * 9;
        }
        let items: Vec<usize> = self.world.items.keys().copied().collect();
        self.one(&items).unwrap_or_default()
    }

    fn item_in(&mut self, states: &[ItemState]) -> Option<usize> {
        let fits: Vec<usize> =
            self.world.items.iter().filter(|(_, item)| states.contains(&item.state)).map(|(&item, _)| item).collect();
        self.one(&fits)
    }

    /// A part: some are wanted by many, most by few.
    fn part(&mut self) -> usize {
        let all = self.chance(3);
        let parts: Vec<usize> = self
            .world
            .parts
            .iter()
            .filter(|(_, part)| all || part.joined_to.is_none())
            .map(|(&part, _)| part)
            .collect();
        let most = if self.chance(60) { parts.len().min(8) } else { parts.len() };
        parts[self.below(most)]
    }

    /// Whether a copy of it can be lent.
    fn has_copy(&self, part: usize) -> bool {
        self.world.items.values().any(|item| {
            let gone = matches!(item.state, ItemState::Missing | ItemState::Lost | ItemState::Withdrawn);
            item.part == part && item.rule == LoanRule::Lendable && item.lender_due.is_none() && !gone
        })
    }

    /// A part the patron could reserve.
    fn part_for(&mut self, patron: usize) -> usize {
        for _ in 0..4 {
            let part = self.part();
            let world = self.world;
            let on_loan =
                world.loans.iter().any(|l| l.returned.is_none() && l.patron == Some(patron) && l.part == part);
            if !on_loan && self.has_copy(part) && world.active_of(patron, part).is_none() {
                return part;
            }
        }
        self.part()
    }

    fn who(&mut self) -> Who {
        match self.below(10) {
            0..7 => Who::Patron,
            7..9 => Who::Staff,
            _ => Who::Overrule,
        }
    }

    fn tell(&mut self) -> Tell {
        match self.below(20) {
            0..13 => Tell::Mail,
            13..19 => Tell::Telephone,
            _ => Tell::Nobody,
        }
    }

    /// A reservation, and its owner, for which something holds.
    fn reservation(&mut self, fits: impl Fn(&World, usize) -> bool) -> Option<Of> {
        let world = self.world;
        let found: Vec<Of> = (0..world.reservations.len())
            .filter(|&r| fits(world, r))
            .filter_map(|r| Some(Of(world.reservations[r].patron?, world.reservations[r].part)))
            .collect();
        self.one(&found)
    }

    fn active(&mut self) -> Option<Of> {
        self.reservation(|world, r| world.reservations[r].state.is_active())
    }

    /// Any reservation at all, seldom one that never was.
    fn any(&mut self) -> Of {
        let any = self.reservation(|_, _| true);
        let none = Of(self.patron(), self.part());
        any.filter(|_| !self.chance(5)).unwrap_or(none)
    }

    /// The owner, seldom somebody else.
    fn owner(&mut self, of: Of) -> usize {
        if self.chance(4) { self.patron() } else { of.0 }
    }

    pub(super) fn command(&mut self) -> Command {
        loop {
            if let Some(command) = self.draw() {
                return command;
            }
        }
    }

    fn draw(&mut self) -> Option<Command> {
        let op = self.serial;
        let new = LATER + usize::try_from(self.serial).unwrap();
        Some(match self.below(1000) {
            0..90 => self.pass(),
            90..130 => Command::Daily,
            130..290 => self.reserve(),
            290..320 => {
                let of = if self.chance(85) { self.active()? } else { self.any() };
                Command::Cancel { by: self.who(), patron: self.owner(of), of, op }
            }
            320..350 => {
                let of = if self.chance(85) { self.active()? } else { self.any() };
                Command::Change { by: self.who(), patron: self.owner(of), of, at: self.place(), tell: self.tell(), op }
            }
            350..385 => {
                let item = if self.chance(90) { self.item_in(&[ItemState::OnLoan])? } else { self.item() };
                let patron = self.borrower(item);
                Command::Renew { by: self.who(), patron, item, op }
            }
            385..393 => {
                let item = if self.chance(80) { self.item_in(&[ItemState::OnLoan])? } else { self.item() };
                let patron = self.borrower(item);
                Command::SayReturned { by: self.who(), patron, item, op }
            }
            393..433 => self.arrange()?,
            433..440 => {
                let set = self.set()?;
                Command::Dissolve { by: self.who(), patron: self.owner(set), set, op }
            }
            440..452 => {
                let paused = self
                    .reservation(|world, r| world.reservations[r].state.is_active() && world.paused_on(r).is_some());
                let set = if self.chance(85) { paused? } else { self.set()? };
                Command::GoOn { by: self.who(), patron: self.owner(set), set, op }
            }
            452..640 => self.scan()?,
            640..650 => match self.lend()? {
                Command::Lend { item, patron, at, .. } => Command::Slip { item, at, patron: Some(patron) },
                other => other,
            },
            650..670 => match self.scan()? {
                Command::Scan { item, at } => Command::Slip { item, at, patron: None },
                other => other,
            },
            670..810 => self.lend()?,
            810..845 => Command::Pulls,
            845..853 => self.write_off()?,
            853..870 => {
                let ready = self.reservation(|world, r| matches!(world.reservations[r].state, State::Ready { .. }));
                Command::ExtendHold { of: if self.chance(85) { ready? } else { self.any() } }
            }
            870..873 => {
                let after = if self.chance(50) { self.below(3) } else { self.below(20) };
                let after = u32::try_from(after).unwrap();
                Command::Close { at: self.place(), after, days: self.rng.random_range(0..5) }
            }
            873..888 => {
                let barred: Vec<usize> = (0..self.world.patrons.len())
                    .filter(|&p| self.world.patrons[p].card != CardState::Active)
                    .collect();
                if self.chance(60) {
                    Command::Card { patron: self.one(&barred)?, state: CardState::Active }
                } else {
                    let state = self.one(&[CardState::Suspended, CardState::Expired, CardState::Active])?;
                    Command::Card { patron: self.patron(), state }
                }
            }
            888..892 => self.merge()?,
            892..902 => {
                let rule = if self.chance(90) { LoanRule::Lendable } else { LoanRule::InLibraryOnly };
                let without: Vec<usize> =
                    self.world.parts.keys().copied().filter(|part| !self.has_copy(*part)).collect();
                let part = if self.chance(80) { self.one(&without)? } else { self.part() };
                Command::AddCopy { item: new, part, at: self.branch(), rule }
            }
            902..915 => {
                let material = match self.below(12) {
                    0..8 => MaterialType::Book,
                    8 => MaterialType::Magazine,
                    9 => MaterialType::Cd,
                    10 => MaterialType::Kamishibai,
                    _ => MaterialType::Dvd,
                };
                let by = if self.chance(90) { Who::Staff } else { Who::Overrule };
                Command::Request {
                    by,
                    patron: self.patron(),
                    title: new,
                    material,
                    at: self.place(),
                    tell: self.tell(),
                }
            }
            915..927 => {
                let to = self.one(&[RequestStep::Received, RequestStep::Searching, RequestStep::Ordering])?;
                Command::Advance { of: self.not_owned()?, to }
            }
            927..935 => Command::Arrived { of: self.not_owned()? },
            935..939 => Command::Decline { of: self.not_owned()? },
            939..953 => {
                let of = self.not_owned()?;
                let item = if self.chance(95) { new } else { self.item() };
                Command::Receive { of, item, at: self.place(), due_in: self.rng.random_range(5..40) }
            }
            _ => {
                let recent =
                    self.world.answered.iter().filter(|(_, (at, _))| self.world.now - *at < TimeDelta::days(2));
                let ops: Vec<u32> = recent.map(|(op, _)| *op).collect();
                Command::Again { op: self.one(&ops)? }
            }
        })
    }

    fn pass(&mut self) -> Command {
        let minutes = match self.below(100) {
            0..55 => self.below(600),
            55..85 => 600 + self.below(1_440),
            85..97 => 1_440 * (1 + self.below(4)),
            _ => 1_440 * (5 + self.below(14)),
        };
        Command::Pass { minutes: u32::try_from(minutes + 1).unwrap() }
    }

    fn reserve(&mut self) -> Command {
        let (patron, op) = (self.patron(), self.serial);
        let many = match self.below(100) {
            0..50 => 1,
            50..99 => 2 + self.below(3),
            _ => 0,
        };
        let mut parts: Vec<usize> = Vec::new();
        for _ in 0..many {
            let part = self.part_for(patron);
            if !parts.contains(&part) || self.chance(2) {
                parts.push(part);
            }
        }
        if self.chance(1) {
            parts.push(LATER * 9);
        }
        let in_set = if self.chance(50) { parts.len() } else { self.below(parts.len() + 1) };
        // In which order a title that stands twice is left out of a set is nobody's concern.
        let twice = parts.iter().any(|part| parts.iter().filter(|other| *other == part).count() > 1);
        let in_set = if twice { 0 } else { in_set };
        Command::Reserve { by: self.who(), patron, parts: List(parts), in_set, at: self.place(), tell: self.tell(), op }
    }

    /// Whoever has the copy on loan, seldom somebody else.
    fn borrower(&mut self, item: usize) -> usize {
        let borrower = self.world.open_loan(item).and_then(|loan| self.world.loans[loan].patron);
        if self.chance(4) { self.patron() } else { borrower.unwrap_or_default() }
    }

    fn set(&mut self) -> Option<Of> {
        let in_set =
            self.reservation(|world, r| world.reservations[r].state.is_active() && world.reservations[r].set.is_some());
        if self.chance(92) { in_set } else { Some(self.any()) }
    }

    fn arrange(&mut self) -> Option<Command> {
        let set = if self.chance(60) { Some(self.set()?) } else { None };
        let patron = match set {
            Some(of) => self.owner(of),
            None => self.patron(),
        };
        let number = set.and_then(|of| self.world.find_set(of));
        let world = self.world;
        let mut order = Vec::new();
        for found in &world.reservations {
            let its = found.set.map(|(set, _)| set);
            if found.patron != Some(patron) || found.state != State::Waiting {
                continue;
            }
            let named = if its.is_some() { its == number && self.chance(96) } else { self.chance(45) };
            if named {
                order.push(Of(patron, found.part));
            }
        }
        if self.chance(5) {
            let odd = self.any();
            if !order.contains(&odd) {
                order.push(odd);
            }
        }
        for n in (1..order.len()).rev() {
            order.swap(n, self.below(n + 1));
        }
        Some(Command::Arrange { by: self.who(), patron, set, order: List(order), op: self.serial })
    }

    fn scan(&mut self) -> Option<Command> {
        let state = match self.below(100) {
            0..38 => ItemState::OnLoan,
            38..64 => ItemState::InTransit,
            64..76 => ItemState::OnHoldShelf,
            76..82 => ItemState::GoingHome,
            82..85 => ItemState::Missing,
            85..87 => ItemState::Lost,
            87..98 => ItemState::OnShelf,
            _ => return Some(Command::Scan { item: self.item(), at: self.place() }),
        };
        let item = if state == ItemState::OnShelf && self.chance(75) {
            let picked: Vec<usize> = self.world.reservations.iter().filter_map(|r| r.state.item()).collect();
            let picked = picked.into_iter().filter(|item| self.world.items[item].state == ItemState::OnShelf);
            let picked: Vec<usize> = picked.collect();
            self.one(&picked)?
        } else {
            self.item_in(&[state])?
        };
        let expected = if self.chance(65) { self.world.items[&item].place } else { self.place() };
        let at = if state == ItemState::OnLoan && self.chance(50) { self.world.items[&item].branch } else { expected };
        Some(Command::Scan { item, at })
    }

    fn lend(&mut self) -> Option<Command> {
        let by = if self.chance(85) { Who::Staff } else { Who::Overrule };
        let kind = self.below(100);
        let item = match kind {
            0..55 => self.item_in(&[ItemState::OnHoldShelf])?,
            55..92 => self.item_in(&[ItemState::OnShelf])?,
            _ => self.item(),
        };
        let owner = self.world.holder(item).and_then(|r| self.world.reservations[r].patron);
        // Every third patron seldom comes for what is ready.
        if kind < 55 && owner.is_some_and(|owner| owner % 3 == 0) && self.chance(85) {
            return None;
        }
        let patron = owner.filter(|_| self.chance(80)).unwrap_or_else(|| self.patron());
        let here = self.world.items.get(&item).map_or(0, |item| item.place);
        Some(Command::Lend { by, item, patron, at: if self.chance(90) { here } else { self.place() } })
    }

    fn write_off(&mut self) -> Option<Command> {
        let fate = match self.below(100) {
            0..55 => WriteOff::Missing,
            55..90 => WriteOff::Lost,
            _ => WriteOff::Withdrawn,
        };
        let held: Vec<usize> = self.world.reservations.iter().filter_map(|r| r.state.item()).collect();
        let item = if self.chance(60) { self.one(&held)? } else { self.item() };
        Some(Command::WriteOff { item, fate })
    }

    /// Two bibs that one patron has reserved or on loan.
    fn twice_wanted(&mut self) -> Option<(usize, usize)> {
        let (world, patron) = (self.world, self.patron());
        let reserved = world.reservations.iter().filter(|r| r.patron == Some(patron) && r.state.is_active());
        let lent = world.loans.iter().filter(|loan| loan.patron == Some(patron) && loan.returned.is_none());
        let parts: Vec<usize> = reserved.map(|r| r.part).chain(lent.map(|loan| loan.part)).collect();
        let into = self.one(&parts)?;
        let alike = |&part: &usize| {
            let (one, other) = (&world.parts[&part], &world.parts[&into]);
            let material = |bib| world.bibs[bib].material;
            one.bib != other.bib && one.label == other.label && material(&one.bib) == material(&other.bib)
        };
        let from = self.one(&parts.into_iter().filter(alike).collect::<Vec<_>>())?;
        Some((world.parts[&from].bib, world.parts[&into].bib))
    }

    fn merge(&mut self) -> Option<Command> {
        if self.chance(60) {
            let (from, into) = self.twice_wanted()?;
            return Some(Command::Merge { from, into });
        }
        let bibs: Vec<usize> = self.world.bibs.keys().copied().collect();
        let (mut from, into) = (self.one(&bibs)?, self.one(&bibs)?);
        if self.chance(80) {
            let material = self.world.bibs[&into].material;
            let alike: Vec<usize> = bibs
                .into_iter()
                .filter(|bib| *bib != into && self.world.bibs[bib].material == material && !self.world.bibs[bib].merged)
                .collect();
            from = self.one(&alike)?;
        }
        Some(Command::Merge { from, into })
    }

    fn not_owned(&mut self) -> Option<Of> {
        let wanted = self.reservation(|world, r| matches!(world.reservations[r].state, State::NotOwned(_)));
        if self.chance(90) { wanted } else { Some(self.any()) }
    }
}
