//! 貸出: a card, then one copy after the other, then the next card. One field takes them all.

mod patron;
mod state;

use domain::{
    circulation::{Refusal, Said},
    messages::Key,
};
use leptos::{ev, html, prelude::*, server_fn::ServerFn};

use self::{
    patron::patron_view,
    state::{Before, Counter, Spoken},
};
use super::{
    DeskFlash, SCAN_FIELD,
    counter_api::CounterForm,
    counter_parts::{ready_to_scan, request_fields, undo_button, undone_text},
    failure_text,
    frame::{desk_page, frame},
    sound::mute_button,
};
use crate::{
    browser,
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    site::use_site,
    visit::{Flash, StaffHere},
};

/// `/desk/check-out`
pub(crate) fn check_out_page() -> ErasedView {
    desk_page(page)
}

/// Why staff most often lend in spite of a refusal, each with its key.
const REASONS: [(Key, &str); 3] =
    [(Key::CounterOverrule1, "1"), (Key::CounterOverrule2, "2"), (Key::CounterOverrule3, "3")];

fn page(staff: &StaffHere, flash: Option<Flash>) -> ErasedView {
    let i18n = use_i18n();
    let answer = match DeskFlash::read(flash.as_ref()) {
        Ok(Some(DeskFlash::Counter(answer))) => Ok(Some(*answer)),
        Ok(_) => Ok(None),
        Err(failure) => Err(failure),
    };
    let counter = Counter::new(staff, answer);
    let field = NodeRef::<html::Input>::new();
    ready_to_scan();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = field.get() else { return };
        let text = input.value();
        input.set_value("");
        counter.scan(&text);
    };
    let end = move |event: ev::MouseEvent| {
        event.prevent_default();
        counter.end();
        refocus();
    };
    let in_turn = move || counter.in_turn();
    let label = move || i18n.t(if in_turn() { Key::Barcode } else { Key::CardNumber });
    let lead = move || i18n.t(if in_turn() { Key::CounterBarcodeLead } else { Key::CounterCardLead });
    let fields = move || request_fields(counter.turn());
    let undo = move || {
        let barcode = counter.to_undo()?;
        let press = move || {
            counter.undo();
            refocus();
        };
        Some(undo_button(&barcode, counter.turn(), press))
    };
    let rest = view! {
            <form method="post" action=CounterForm::PATH class="scan" on:submit=on_submit>
                {fields}
                <label for="scan">{label}</label>
                <input
                    id="scan"
                    name="text"
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    autofocus
                    aria-describedby="scan-lead"
                    node_ref=field
                />
                <button class="primary">{i18n.show(Key::CounterRead)}</button>
                <a class="button quiet" href="/desk/check-out" rel="external" hidden=move || !in_turn() on:click=end>
                    {i18n.show(Key::CounterEnd)}
                </a>
                {mute_button()}
            </form>
            <p id="scan-lead" class="lead">{lead}</p>
            <div class="instruction" role="status" aria-busy=move || counter.is_busy().to_string()>
                {move || counter.spoken().and_then(|spoken| good(counter, &spoken))}
            </div>
            <div class="desk-alert" role="alert">
                {move || counter.spoken().and_then(|spoken| bad(counter, &spoken))}
            </div>
            {undo}
            {move || counter.patron().map(|patron| patron_view(&patron))}
            {counter.line.results()}
    };
    frame("counter", staff, counter.line, None, i18n.t(Key::CheckOutTitle), rest.erased())
}

/// The scanner's field has the focus again after a press elsewhere.
fn refocus() {
    browser::focus_soon(SCAN_FIELD.to_owned());
}

/// What was done, large.
fn good(counter: Counter, spoken: &Spoken) -> Option<ErasedView> {
    let i18n = use_i18n();
    let verb = |text: String, more: Vec<ErasedView>| view! { <div class="verb">{text}</div> {more} }.erased();
    Some(match spoken {
        Spoken::Said(Said::Begun) => match counter.patron()? {
            Before::Known(patron) => {
                let ready = (!patron.ready_here.is_empty())
                    .then(|| p("large", i18n.number(Key::CounterReadyHere, patron.ready_here.len())));
                verb(i18n.fill(Key::CounterBegun, &[("name", &patron.name)]), ready.into_iter().collect())
            }
            Before::Unchecked { .. } => return None,
        },
        Spoken::Said(Said::Lent(lent)) => verb(
            i18n.t(Key::CheckOutDone),
            vec![
                p("title", lent.title.clone()),
                p("", counter.to_undo().unwrap_or_default()),
                p("large", i18n.fill(Key::CheckOutDue, &[("date", &i18n.date(lent.due_on))])),
            ],
        ),
        Spoken::Said(Said::Undone(undone)) => verb(
            undone_text(undone),
            vec![
                p("title", undone.title.clone()),
                p("", if undone.told_again { i18n.t(Key::UndoToldAgain) } else { String::new() }),
            ],
        ),
        Spoken::KeptCard(card) => {
            verb(i18n.fill(Key::LineCard, &[("card", card)]), vec![p("", i18n.t(Key::LineCardLead))])
        }
        Spoken::KeptLoan { barcode, .. } => {
            let days = use_site().with(|site| site.loans.days);
            verb(i18n.t(Key::LineLent), vec![p("large", i18n.number(Key::LineLentDue, days)), p("", barcode.clone())])
        }
        Spoken::TakenOut { barcode } => verb(i18n.t(Key::UndoCheckOutDone), vec![p("", barcode.clone())]),
        _ => return None,
    })
}

/// Why something was not done, and what staff can do about it.
fn bad(counter: Counter, spoken: &Spoken) -> Option<ErasedView> {
    let i18n = use_i18n();
    let (text, number, more) = match spoken {
        Spoken::Failed { failure, text } => (failure_text(*failure), text, None),
        Spoken::NotKept { barcode } => (i18n.t(Key::LineNoRoom), barcode, None),
        Spoken::Said(Said::NotLent { barcode, refusal }) => {
            (desk_sentence(refusal), barcode, refusal.may_be_overruled().then(|| overrule(counter, barcode)))
        }
        Spoken::Said(Said::NotUndone(refusal)) => (i18n.refusal(refusal), &String::new(), None),
        Spoken::Said(Said::CardFirst { barcode }) => (i18n.t(Key::CounterCardFirst), barcode, None),
        Spoken::Said(Said::Replaced { text }) => (i18n.refusal(&Refusal::CardReplaced), text, None),
        Spoken::Said(Said::Unknown { text }) => {
            let key = if counter.in_turn() { Key::CounterUnknown } else { Key::UnknownCard };
            (i18n.t(key), text, None)
        }
        Spoken::Said(Said::Either { text }) => (i18n.t(Key::CounterEither), text, Some(which(counter, text))),
        _ => return None,
    };
    Some(view! { <p class="verb">{text}</p> <p>{number.clone()}</p> {more} }.erased())
}

/// A refusal as the desk reads it: of a barred card the patron's sentence speaks of reserving.
fn desk_sentence(refusal: &Refusal) -> String {
    let i18n = use_i18n();
    match refusal {
        Refusal::CardSuspended => i18n.t(Key::CounterCardSuspended),
        Refusal::CardExpired => i18n.t(Key::CounterCardExpired),
        refusal => i18n.refusal(refusal),
    }
}

/// The reasons for which staff may lend in spite of a refusal: one key, one press, or typed.
fn overrule(counter: Counter, barcode: &str) -> ErasedView {
    let i18n = use_i18n();
    let barcode = StoredValue::new(barcode.to_owned());
    let lend = move |reason: String| {
        counter.overrule(&barcode.get_value(), reason);
        refocus();
    };
    let reasons = REASONS.map(|(text, key)| {
        let reason = i18n.t(text);
        let (value, said) = (reason.clone(), reason.clone());
        let press = move |event: ev::MouseEvent| {
            event.prevent_default();
            lend(said.clone());
        };
        view! { <button name="reason" value=value accesskey=key on:click=press>{key}" "{reason}</button> }.erased()
    });
    let typed = NodeRef::<html::Input>::new();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(input) = typed.get() {
            lend(input.value());
        }
    };
    let fields = move || {
        view! { {request_fields(counter.turn())} <input type="hidden" name="text" value=barcode.get_value() /> }
            .erased()
    };
    view! {
        <p>{i18n.show(Key::OverruleLead)}" "{i18n.show(Key::CounterOverruleKeys)}</p>
        <form method="post" action=CounterForm::PATH class="reasons">{fields()} {Vec::from(reasons)}</form>
        <form method="post" action=CounterForm::PATH class="reasons" on:submit=on_submit>
            {fields()}
            <label for="reason">{i18n.show(Key::OverruleReason)}</label>
            <input id="reason" name="reason" autocomplete="off" required node_ref=typed />
            <button>{i18n.show(Key::OverruleButton)}</button>
        </form>
    }
    .erased()
}

/// Staff say what a number is that both a card and a copy have.
fn which(counter: Counter, text: &str) -> ErasedView {
    use domain::circulation::ReadAs;
    let i18n = use_i18n();
    let buttons = [(ReadAs::Copy, Key::CounterEitherCopy, "1"), (ReadAs::Card, Key::CounterEitherCard, "2")];
    let buttons = buttons.map(|(read_as, key, access)| {
        let text = text.to_owned();
        let press = move |event: ev::MouseEvent| {
            event.prevent_default();
            counter.read_as(&text, read_as);
            refocus();
        };
        let name = i18n.t(key);
        view! {
            <button name="read_as" value=read_as.as_str() accesskey=access on:click=press>{access}" "{name}</button>
        }
        .erased()
    });
    view! {
        <form method="post" action=CounterForm::PATH class="reasons">
            {request_fields(counter.turn())}
            <input type="hidden" name="text" value=text.to_owned() />
            {Vec::from(buttons)}
        </form>
    }
    .erased()
}
