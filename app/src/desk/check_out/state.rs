//! What the page 貸出 knows: whose turn it is and what was said last; with the line, and without.

use domain::{
    OpId,
    circulation::{AtCounter, CounterAnswer, CounterScan, ReadAs, Said, Turn, looks_like_card, shape},
    patrons::card_number,
};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

use super::super::{
    PATIENCE, counter_api,
    line::{Line, new_op},
    patience::{Turns, within},
    sound::Tone,
};
use crate::{browser, failure::Failure, visit::StaffHere};

/// Where the browser keeps what cards and copies look like here.
const SHAPES: &str = "hondana.desk.shapes";

/// How many different looks are remembered of each.
const MOST_SHAPES: usize = 20;

/// What cards and copies looked like that this desk has seen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Shapes {
    cards: Vec<String>,
    copies: Vec<String>,
}

/// Whose turn it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Before {
    /// As the server knows them.
    Known(AtCounter),
    /// A card that was scanned while the line was down, and what was lent to it since.
    Unchecked { card: String, lent: Vec<String> },
}

/// What is said.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spoken {
    /// By the server.
    Said(Said),
    /// The server gave no answer.
    Failed { failure: Failure, text: String },
    /// A card, while the line is down.
    KeptCard(String),
    /// A loan was written down.
    KeptLoan { op: OpId, barcode: String },
    /// One that was written down was taken out again.
    TakenOut { barcode: String },
    /// A loan could not even be written down.
    NotKept { barcode: String },
}

impl Spoken {
    const fn tone(&self) -> Tone {
        match self {
            Self::Said(Said::Begun) | Self::KeptCard(_) => Tone::Card,
            Self::Said(Said::Lent(_) | Said::Undone(_)) | Self::TakenOut { .. } => Tone::Done,
            Self::KeptLoan { .. } => Tone::Kept,
            Self::Said(_) | Self::Failed { .. } | Self::NotKept { .. } => Tone::Problem,
        }
    }
}

/// The counter.
#[derive(Clone, Copy)]
pub(super) struct Counter {
    pub(super) line: Line,
    patron: RwSignal<Option<Before>>,
    spoken: RwSignal<Option<Spoken>>,
    /// The copy whose last scan can be undone.
    last: RwSignal<Option<String>>,
    turns: Turns<(OpId, CounterScan)>,
}

impl Counter {
    /// The counter as a form left it.
    pub(super) fn new(staff: &StaffHere, answer: Result<Option<CounterAnswer>, Failure>) -> Self {
        let counter = Self {
            line: Line::of(staff, true),
            patron: RwSignal::new(None),
            spoken: RwSignal::new(None),
            last: RwSignal::new(None),
            turns: Turns::new(),
        };
        match answer {
            Ok(Some(answer)) => counter.show(answer),
            Ok(None) => {}
            Err(failure) => counter.spoken.set(Some(Spoken::Failed { failure, text: String::new() })),
        }
        counter
    }

    /// Whose turn it is, as pages show it.
    pub(super) fn patron(self) -> Option<Before> {
        self.patron.get()
    }

    /// Whether it is somebody's turn.
    pub(super) fn in_turn(self) -> bool {
        self.patron.read().is_some()
    }

    /// Whose turn it is, as the server knows them.
    pub(super) fn turn(self) -> Option<Turn> {
        self.patron.with(known)
    }

    /// What is said now.
    pub(super) fn spoken(self) -> Option<Spoken> {
        self.spoken.get()
    }

    /// Whether a scan is being worked on.
    pub(super) fn is_busy(self) -> bool {
        self.turns.is_busy()
    }

    /// The copy whose last scan can be undone.
    pub(super) fn to_undo(self) -> Option<String> {
        self.last.get()
    }

    /// A scan; an empty one ends the turn.
    pub(super) fn scan(self, text: &str) {
        self.take(CounterScan { text: text.trim().to_owned(), read_as: None, reason: None });
    }

    /// Lends in spite of a refusal.
    pub(super) fn overrule(self, barcode: &str, reason: String) {
        self.take(CounterScan { text: barcode.to_owned(), read_as: Some(ReadAs::Copy), reason: Some(reason) });
    }

    /// Staff say what a number is.
    pub(super) fn read_as(self, text: &str, read_as: ReadAs) {
        self.take(CounterScan { text: text.to_owned(), read_as: Some(read_as), reason: None });
    }

    /// Ends the turn, behind the scans that are being worked on.
    pub(super) fn end(self) {
        self.scan("");
    }

    fn take(self, scan: CounterScan) {
        self.turns.take((new_op(), scan), move |(op, scan)| self.work(op, scan));
    }

    async fn work(self, op: OpId, scan: CounterScan) {
        if scan.text.is_empty() {
            self.patron.set(None);
            self.spoken.set(None);
            self.last.set(None);
            return;
        }
        let Some(turn) = self.turn_for(&scan).await else { return self.write_down(op, &scan) };
        let asked = counter_api::scan_at_counter(op, turn, scan.clone());
        // What waits already goes first.
        if self.line.must_wait() {
            return self.write_down(op, &scan);
        }
        match within(PATIENCE, asked).await {
            None | Some(Err(Failure::Offline)) => {
                self.line.is_down();
                self.write_down(op, &scan);
            }
            Some(Ok(answer)) => {
                self.line.is_up();
                learn(&answer, &scan.text);
                let tone = Spoken::Said(answer.said.clone()).tone();
                self.show(answer);
                tone.sound();
            }
            Some(Err(failure)) => self.speak(Spoken::Failed { failure, text: scan.text }),
        }
    }

    /// Whose turn the server is told. A card that was scanned without a line is looked up first, once there is one.
    /// `None` when it can't be.
    async fn turn_for(self, scan: &CounterScan) -> Option<Option<Turn>> {
        let before = self.patron.try_get_untracked().flatten();
        let Some(Before::Unchecked { card, .. }) = &before else { return Some(known(&before)) };
        if self.line.must_wait() {
            return None;
        }
        let card = CounterScan { text: card.clone(), read_as: Some(ReadAs::Card), reason: None };
        let answer = within(PATIENCE, counter_api::scan_at_counter(new_op(), None, card)).await?.ok()?;
        let turn = answer.patron.as_ref().map(|patron| patron.turn);
        // A card nobody has: what was lent to it is on the list of the late scans, and what is scanned now says so too.
        if turn.is_some() || scan.read_as.is_none() {
            self.patron.set(answer.patron.map(Before::Known));
        }
        Some(turn)
    }

    fn show(self, answer: CounterAnswer) {
        match &answer.said {
            Said::Lent(lent) => {
                let mut loans = answer.patron.iter().flat_map(|patron| &patron.loans);
                self.last.set(loans.find(|loan| loan.id == lent.loan).map(|loan| loan.barcode.clone()));
            }
            Said::NotUndone(_) => {}
            _ => self.last.set(None),
        }
        self.patron.set(answer.patron.map(Before::Known));
        self.spoken.set(Some(Spoken::Said(answer.said)));
    }

    fn speak(self, spoken: Spoken) {
        spoken.tone().sound();
        self.spoken.set(Some(spoken));
    }

    /// Without the line a loan is kept until it can be sent, and a card is taken at its word.
    fn write_down(self, op: OpId, scan: &CounterScan) {
        let Some(before) = self.patron.try_get_untracked() else { return };
        let shapes: Shapes = browser::recall(SHAPES).unwrap_or_default();
        let is_card = match scan.read_as {
            Some(read_as) => read_as == ReadAs::Card,
            None => looks_like_card(&card_number(&scan.text), &shapes.cards, &shapes.copies, before.is_some()),
        };
        if is_card {
            let card = card_number(&scan.text);
            self.last.set(None);
            self.patron.set(Some(Before::Unchecked { card: card.clone(), lent: Vec::new() }));
            return self.speak(Spoken::KeptCard(card));
        }
        let barcode = scan.text.clone();
        let card = match &before {
            None => return self.speak(Spoken::Said(Said::CardFirst { barcode })),
            Some(Before::Known(patron)) => patron.card_number.clone(),
            Some(Before::Unchecked { card, .. }) => card.clone(),
        };
        if !self.line.keep(op, &barcode, Some(card)) {
            return self.speak(Spoken::NotKept { barcode });
        }
        self.patron.update(|before| {
            if let Some(Before::Unchecked { lent, .. }) = before {
                lent.insert(0, barcode.clone());
            }
        });
        self.last.set(Some(barcode.clone()));
        self.speak(Spoken::KeptLoan { op, barcode });
    }

    /// Undoes the last loan: takes it out again when it was only written down, else asks the server.
    pub(super) fn undo(self) {
        let Some(barcode) = self.last.get_untracked() else { return };
        if let Some(Spoken::KeptLoan { op, .. }) = self.spoken.get_untracked()
            && self.line.take_out(op)
        {
            self.last.set(None);
            self.patron.update(|before| {
                if let Some(Before::Unchecked { lent, .. }) = before {
                    lent.retain(|other| *other != barcode);
                }
            });
            return self.speak(Spoken::TakenOut { barcode });
        }
        let turn = self.patron.with_untracked(known);
        spawn_local(async move {
            match counter_api::undo_at_counter(new_op(), turn, barcode.clone()).await {
                Ok(answer) => {
                    let tone = Spoken::Said(answer.said.clone()).tone();
                    self.show(answer);
                    tone.sound();
                }
                Err(failure) => self.speak(Spoken::Failed { failure, text: barcode }),
            }
        });
    }
}

fn known(before: &Option<Before>) -> Option<Turn> {
    match before {
        Some(Before::Known(patron)) => Some(patron.turn),
        Some(Before::Unchecked { .. }) | None => None,
    }
}

/// Remembers what a card or a copy looks like here, for when nothing can be looked up.
fn learn(answer: &CounterAnswer, scanned: &str) {
    let mut shapes: Shapes = browser::recall(SHAPES).unwrap_or_default();
    let (known, look) = match (&answer.said, &answer.patron) {
        (Said::Begun, Some(patron)) => (&mut shapes.cards, shape(&patron.card_number)),
        (Said::Lent(_) | Said::NotLent { .. }, _) => (&mut shapes.copies, shape(&card_number(scanned))),
        _ => return,
    };
    if !known.contains(&look) {
        known.insert(0, look);
        known.truncate(MOST_SHAPES);
        // Where they are not kept a card is read as one when the page is opened again.
        let _ = browser::keep(SHAPES, &shapes);
    }
}
