//! 返却: a barcode is scanned, the page says what to do with the copy.

use domain::{
    OpId,
    circulation::{CheckIn, Instruction, Refusal, Slip, Undone},
    messages::Key,
};
use leptos::{ev, html, prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{
    DeskFlash, PATIENCE, SCAN_FIELD,
    api::{self, CheckInForm},
    counter_api,
    counter_parts::{Part, print_button, ready_to_scan, undo_button, undone_text},
    frame::frame,
    line::{Line, new_op},
    patience::{Turns, within},
    sound::{Tone, mute_button},
};
use crate::{
    browser,
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    site::use_site,
    visit::{Flash, StaffHere},
};

/// Scans kept in the list of the page.
const KEPT_SCANS: usize = 20;

/// What came of a scan.
#[derive(Clone, Debug)]
enum Outcome {
    Done(CheckIn),
    Refused(Refusal),
    Failed(Failure),
    /// The line is down; it is kept under this key.
    Kept(OpId),
    /// The line is down, and this browser could not keep it.
    NotKept,
    Undone(Undone),
    /// Taken out again before it was sent.
    TakenOut,
}

impl Outcome {
    fn of(answer: Result<Result<CheckIn, Refusal>, Failure>) -> Self {
        match answer {
            Ok(Ok(done)) => Self::Done(done),
            Ok(Err(refusal)) => Self::Refused(refusal),
            Err(failure) => Self::Failed(failure),
        }
    }

    fn of_undoing(answer: Result<Result<Undone, Refusal>, Failure>) -> Self {
        match answer {
            Ok(Ok(undone)) => Self::Undone(undone),
            Ok(Err(refusal)) => Self::Refused(refusal),
            Err(failure) => Self::Failed(failure),
        }
    }

    const fn tone(&self) -> Tone {
        match self {
            Self::Done(done) => Tone::of(done),
            Self::Kept(_) => Tone::Kept,
            Self::Undone(_) | Self::TakenOut => Tone::Done,
            Self::Refused(_) | Self::Failed(_) | Self::NotKept => Tone::Problem,
        }
    }
}

/// A scan and what came of it.
#[derive(Clone, Debug)]
struct Scan {
    number: usize,
    barcode: String,
    outcome: Outcome,
}

/// The scans of the page, the latest first.
#[derive(Clone, Copy)]
struct Scans {
    list: RwSignal<Vec<Scan>>,
    line: Line,
}

impl Scans {
    fn add(self, barcode: String, outcome: Outcome) {
        outcome.tone().sound();
        self.list.update(|scans| {
            let number = scans.first().map_or(1, |scan| scan.number + 1);
            scans.insert(0, Scan { number, barcode, outcome });
            scans.truncate(KEPT_SCANS);
        });
    }

    fn latest(self) -> Option<Scan> {
        self.list.read().first().cloned()
    }

    /// Asks the server what to do with a copy, or keeps the scan when it can't be reached.
    async fn send(self, op: OpId, barcode: String) {
        let keep = |barcode: &str| if self.line.keep(op, barcode, None) { Outcome::Kept(op) } else { Outcome::NotKept };
        // What waits already goes first.
        if self.line.must_wait() {
            let outcome = keep(&barcode);
            return self.add(barcode, outcome);
        }
        let outcome = match within(PATIENCE, api::scan_in(op, barcode.clone())).await {
            None | Some(Err(Failure::Offline)) => {
                self.line.is_down();
                keep(&barcode)
            }
            Some(answer) => {
                self.line.is_up();
                Outcome::of(answer)
            }
        };
        self.add(barcode, outcome);
    }

    /// Undoes the latest scan.
    fn undo(self) {
        let Some(Scan { barcode, outcome, .. }) = self.list.with_untracked(|scans| scans.first().cloned()) else {
            return;
        };
        if let Outcome::Kept(op) = outcome
            && self.line.take_out(op)
        {
            return self.add(barcode, Outcome::TakenOut);
        }
        spawn_local(async move {
            let outcome = Outcome::of_undoing(counter_api::undo_scan(new_op(), barcode.clone()).await);
            self.add(barcode, outcome);
        });
    }
}

/// The page of the desk.
pub(super) fn page(staff: &StaffHere, flash: Option<Flash>) -> ErasedView {
    let i18n = use_i18n();
    let first = match DeskFlash::read(flash.as_ref()) {
        Ok(Some(DeskFlash::Scanned { barcode, answer })) => Some((barcode, Outcome::of(Ok(answer)))),
        Ok(Some(DeskFlash::Undone { barcode, answer })) => Some((barcode, Outcome::of_undoing(Ok(answer)))),
        Ok(_) => None,
        Err(failure) => Some((String::new(), Outcome::Failed(failure))),
    };
    let first = first.map(|(barcode, outcome)| Scan { number: 1, barcode, outcome });
    let line = Line::of(staff, true);
    let scans = Scans { list: RwSignal::new(first.into_iter().collect()), line };
    let turns: Turns<(OpId, String)> = Turns::new();
    let field = NodeRef::<html::Input>::new();
    ready_to_scan();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = field.get() else { return };
        let barcode = input.value();
        // The field is free for the next scan at once; a scanner does not wait.
        input.set_value("");
        if !barcode.trim().is_empty() {
            turns.take((new_op(), barcode), move |(op, barcode)| scans.send(op, barcode));
        }
    };
    let good = move || scans.latest().and_then(done_view);
    let bad = move || scans.latest().and_then(|scan| problem(&scan));
    let undo = move || {
        let scan = scans.latest().filter(|scan| matches!(scan.outcome, Outcome::Done(_) | Outcome::Kept(_)))?;
        let press = move || {
            scans.undo();
            browser::focus_soon(SCAN_FIELD.to_owned());
        };
        Some(undo_button(&scan.barcode, None, press))
    };
    let rest = view! {
            <form method="post" action=CheckInForm::PATH class="scan" on:submit=on_submit>
                <label for="barcode">{i18n.show(Key::Barcode)}</label>
                <input
                    id="barcode"
                    name="barcode"
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus
                    node_ref=field
                />
                <button class="primary">{i18n.show(Key::CheckInButton)}</button>
                {mute_button()}
            </form>
            <div class="instruction" role="status" aria-busy=move || turns.is_busy().to_string()>{good}</div>
            <div role="alert" class="desk-alert">{bad}</div>
            {undo}
            {line.results()}
            <section class="scans" hidden=move || scans.list.read().is_empty()>
                <h2>{i18n.show(Key::ScansTitle)}</h2>
                <ol>
                    <For each=move || scans.list.get() key=|scan| scan.number children=past />
                </ol>
            </section>
    };
    frame("", staff, line, None, i18n.t(Key::CheckInTitle), rest.erased())
}

/// What to do now, large.
fn done_view(scan: Scan) -> Option<ErasedView> {
    let i18n = use_i18n();
    let said = |text: String, more: Option<String>| {
        let more = more.map(|more| view! { <p>{more}</p> });
        view! { <div class="verb">{text}</div> {more} <p class="facts"><span>{scan.barcode}</span></p> }.erased()
    };
    Some(match scan.outcome {
        Outcome::Done(done) => instruction(done),
        Outcome::Kept(_) => said(i18n.t(Key::LineTakenBack), None),
        Outcome::TakenOut => said(i18n.t(Key::UndoCheckInDone), None),
        Outcome::Undone(undone) => {
            let again = undone.told_again.then(|| i18n.t(Key::UndoToldAgain));
            view! {
                <div class="verb">{undone_text(&undone)}</div>
                <p class="facts"><span>{undone.title}</span> <span>{undone.barcode}</span></p>
                <p>{again}</p>
            }
            .erased()
        }
        Outcome::Refused(_) | Outcome::Failed(_) | Outcome::NotKept => return None,
    })
}

/// What to do with the copy, in short.
pub(super) fn verb(instruction: &Instruction) -> String {
    let i18n = use_i18n();
    let site = use_site();
    match instruction {
        Instruction::HoldShelf(_) => i18n.t(Key::DoHoldShelf),
        Instruction::Transit(slip) => i18n.fill(Key::DoTransit, &[("place", &site.place(&slip.pickup_place))]),
        Instruction::Shelve { shelf_mark } => i18n.fill(Key::DoShelve, &[("mark", shelf_mark)]),
        Instruction::ReturnToLender { lender } => i18n.fill(Key::DoReturnToLender, &[("lender", lender)]),
        Instruction::SendHome { branch } => i18n.fill(Key::DoSendHome, &[("branch", &site.place(branch))]),
    }
}

/// What to do with the copy, large, with the slip to put into it.
pub(super) fn instruction(check_in: CheckIn) -> ErasedView {
    let i18n = use_i18n();
    let text = verb(&check_in.instruction);
    let kind = match &check_in.instruction {
        Instruction::HoldShelf(_) => "hold-shelf",
        Instruction::Transit(_) => "transit",
        Instruction::Shelve { .. } => "shelve",
        Instruction::ReturnToLender { .. } => "return-to-lender",
        Instruction::SendHome { .. } => "send-home",
    };
    let slip = match check_in.instruction {
        Instruction::HoldShelf(slip) | Instruction::Transit(slip) => Some(slip_view(slip)),
        Instruction::Shelve { .. } | Instruction::ReturnToLender { .. } | Instruction::SendHome { .. } => None,
    };
    let returned = check_in.was_on_loan.then(|| view! { <span>{i18n.show(Key::LoanEnded)}</span> });
    view! {
        <div class="verb" data-do=kind>{text}</div>
        <p class="facts"><span>{check_in.title}</span> <span>{check_in.barcode}</span> {returned}</p>
        {slip}
    }
    .erased()
}

/// The slip, which alone is printed.
fn slip_view(slip: Slip) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let until = slip.until.map(|day| {
        view! { <p>{i18n.fill(Key::StatusReadyUntil, &[("date", &i18n.date(day))])}</p> }
    });
    view! {
        <div class="slip">
            <p class="label">{slip.label}</p>
            <p>{site.place(&slip.pickup_place)}</p>
            {until}
            <p>{slip.title}</p>
            <p>{slip.barcode}</p>
        </div>
        {print_button(Key::PrintSlip, Part::Slip)}
    }
    .erased()
}

/// Why there is no instruction.
fn problem(scan: &Scan) -> Option<ErasedView> {
    let i18n = use_i18n();
    let text = match &scan.outcome {
        Outcome::Refused(refusal) => i18n.refusal(refusal),
        Outcome::Failed(failure) => super::failure_text(*failure),
        Outcome::NotKept => i18n.t(Key::LineNoRoom),
        Outcome::Done(_) | Outcome::Kept(_) | Outcome::Undone(_) | Outcome::TakenOut => return None,
    };
    Some(view! { <p class="verb">{text}</p><p>{scan.barcode.clone()}</p> }.erased())
}

/// A line of the list of scans.
fn past(scan: Scan) -> ErasedView {
    let i18n = use_i18n();
    let (title, what) = match &scan.outcome {
        Outcome::Done(done) => (done.title.clone(), verb(&done.instruction)),
        Outcome::Undone(undone) => (undone.title.clone(), undone_text(undone)),
        Outcome::Refused(refusal) => (String::new(), i18n.refusal(refusal)),
        Outcome::Kept(_) => (String::new(), i18n.t(Key::LineTakenBack)),
        Outcome::TakenOut => (String::new(), i18n.t(Key::UndoCheckInDone)),
        Outcome::Failed(_) | Outcome::NotKept => (String::new(), i18n.t(Key::ScanFailed)),
    };
    view! { <li><span class="shelf-mark">{scan.barcode}</span> <span>{title}</span> <strong>{what}</strong></li> }
        .erased()
}
