//! 返却: a barcode is scanned, the page says what to do with the copy.

use domain::{
    circulation::{CheckIn, Instruction, Refusal, Slip},
    messages::Key,
};
use leptos::{ev, html, prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{
    DeskFlash,
    api::{self, CheckInForm},
    desk_menu,
};
use crate::{
    erase::Erase as _,
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    site::use_site,
    visit::{Flash, StaffHere},
};

/// Scans kept in the list of the page.
const KEPT_SCANS: usize = 20;

/// What came of a scan.
type Outcome = Result<Result<CheckIn, Refusal>, Failure>;

/// A scan and what came of it.
#[derive(Clone, Debug)]
struct Scan {
    number: usize,
    barcode: String,
    outcome: Outcome,
}

/// The page of the desk.
pub(super) fn page(staff: &StaffHere, flash: Option<Flash>) -> AnyView {
    let i18n = use_i18n();
    let first = match DeskFlash::read(flash) {
        Ok(Some(DeskFlash::Scanned { barcode, answer })) => Some(Scan { number: 1, barcode, outcome: Ok(answer) }),
        Ok(_) => None,
        Err(failure) => Some(Scan { number: 1, barcode: String::new(), outcome: Err(failure) }),
    };
    let scans = RwSignal::new(first.into_iter().collect::<Vec<_>>());
    let waiting = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = field.get() else { return };
        let barcode = input.value();
        // The field is free for the next scan at once; a scanner does not wait.
        input.set_value("");
        if barcode.trim().is_empty() {
            return;
        }
        waiting.set(true);
        spawn_local(async move {
            let outcome = api::scan_in(barcode.clone()).await;
            scans.update(|scans| {
                let number = scans.first().map_or(1, |scan| scan.number + 1);
                scans.insert(0, Scan { number, barcode, outcome });
                scans.truncate(KEPT_SCANS);
            });
            waiting.set(false);
        });
    };
    let latest = move || scans.read().first().cloned();
    let good = move || latest().and_then(|scan| scan.outcome.ok()?.ok()).map(instruction);
    let bad = move || latest().and_then(|scan| problem(&scan));
    view! {
        <div class="page desk">
            {desk_menu(i18n, staff)}
            <Heading text=i18n.t(Key::CheckInTitle) />
            <form method="post" action=CheckInForm::PATH class="scan" on:submit=on_submit>
                <label for="barcode">{i18n.t(Key::Barcode)}</label>
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
                <button class="primary">{i18n.t(Key::CheckInButton)}</button>
            </form>
            <div class="instruction" role="status" aria-busy=move || waiting.get().to_string()>{good}</div>
            <div role="alert" class="desk-alert">{bad}</div>
            <section class="scans" hidden=move || scans.read().is_empty()>
                <h2>{i18n.t(Key::ScansTitle)}</h2>
                <ol>
                    <For each=move || scans.get() key=|scan| scan.number children=past />
                </ol>
            </section>
        </div>
    }
    .erased()
}

/// What to do with the copy, in short.
fn verb(instruction: &Instruction) -> String {
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
pub(super) fn instruction(check_in: CheckIn) -> AnyView {
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
    let returned = check_in.was_on_loan.then(|| view! { <span>{i18n.t(Key::LoanEnded)}</span> });
    view! {
        <div class="verb" data-do=kind>{text}</div>
        <p class="facts"><span>{check_in.title}</span> <span>{check_in.barcode}</span> {returned}</p>
        {slip}
    }
    .erased()
}

/// The slip, which alone is printed.
fn slip_view(slip: Slip) -> AnyView {
    let i18n = use_i18n();
    let site = use_site();
    let until = slip.until.map(|day| {
        view! { <p>{i18n.fill(Key::StatusReadyUntil, &[("date", &i18n.date(day))])}</p> }
    });
    let print = move |_| {
        #[cfg(feature = "hydrate")]
        {
            // It fails where there is nothing to print with; the slip stays on the screen.
            let _ = window().print();
        }
    };
    view! {
        <div class="slip">
            <p class="label">{slip.label}</p>
            <p>{site.place(&slip.pickup_place)}</p>
            {until}
            <p>{slip.title}</p>
            <p>{slip.barcode}</p>
        </div>
        <button type="button" class="with-scripts no-print" on:click=print>{i18n.t(Key::PrintSlip)}</button>
    }
    .erased()
}

/// Why there is no instruction.
fn problem(scan: &Scan) -> Option<AnyView> {
    let i18n = use_i18n();
    let text = match &scan.outcome {
        Ok(Ok(_)) => return None,
        Ok(Err(refusal)) => i18n.refusal(refusal),
        Err(Failure::Offline) => i18n.t(Key::TroubleOffline),
        Err(Failure::StaffOnly) => i18n.t(Key::DeskSignedOut),
        Err(_) => i18n.t(Key::TroubleFault),
    };
    Some(view! { <p class="verb">{text}</p><p>{scan.barcode.clone()}</p> }.erased())
}

/// A line of the list of scans.
fn past(scan: Scan) -> AnyView {
    let i18n = use_i18n();
    let (title, what) = match &scan.outcome {
        Ok(Ok(check_in)) => (check_in.title.clone(), verb(&check_in.instruction)),
        Ok(Err(refusal)) => (String::new(), i18n.refusal(refusal)),
        Err(_) => (String::new(), i18n.t(Key::ScanFailed)),
    };
    view! { <li><span class="shelf-mark">{scan.barcode}</span> <span>{title}</span> <strong>{what}</strong></li> }
        .erased()
}
