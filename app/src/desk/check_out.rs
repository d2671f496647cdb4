//! 貸出: a card, then one copy after the other.

use domain::{
    circulation::{CheckedOut, Refusal},
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use super::{DeskFlash, api::CheckOut, barcode_field, desk_menu, desk_page, refused};
use crate::{
    components::{alert, native_form},
    erase::Erase as _,
    i18n::use_i18n,
    layout::Heading,
    visit::{Flash, StaffHere},
};

/// `/desk/check-out`, in a piece of WASM of its own.
#[derive(Debug)]
pub struct CheckOutRoute;

#[lazy_route]
impl LazyRoute for CheckOutRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        desk_page(page)
    }
}

/// The page. The card stays in its field, since a patron has more than one copy in hand.
fn page(staff: &StaffHere, flash: Option<Flash>) -> AnyView {
    let i18n = use_i18n();
    let nobody = |problem| (String::new(), false, None, problem);
    let (card, known, done, problem) = match DeskFlash::read(flash) {
        Ok(Some(DeskFlash::Lent { card, barcode, answer })) => match answer {
            Some(Ok((name, lent))) => (card, true, Some(receipt(&name, &lent)), None),
            Some(Err(refusal)) => {
                let problem = not_lent(&refusal, &card, &barcode);
                (card, true, None, Some(problem))
            }
            None => (card, false, None, Some(alert(i18n.t(Key::UnknownCard)))),
        },
        Ok(_) => nobody(None),
        Err(_) => nobody(Some(alert(i18n.t(Key::TroubleFault)))),
    };
    let next = known.then(|| {
        view! { <a class="button quiet" href="/desk/check-out" rel="external">{i18n.t(Key::CheckOutNext)}</a> }
    });
    let fields = view! {
        <div class="field">
            <label for="card">{i18n.t(Key::CardNumber)}</label>
            <input
                id="card"
                name="card"
                inputmode="numeric"
                autocomplete="off"
                required
                value=card
                autofocus=!known
            />
        </div>
        {barcode_field(known)}
        <div class="buttons">
            <button class="primary">{i18n.t(Key::CheckOutButton)}</button>
            {next}
        </div>
    };
    view! {
        <div class="page desk">
            {desk_menu(i18n, staff)}
            <Heading text=i18n.t(Key::CheckOutTitle) />
            {native_form::<CheckOut>("stack", fields.erased())}
            <div class="instruction" role="status">{done}</div>
            {problem}
        </div>
    }
    .erased()
}

/// What was lent, to whom, until when.
fn receipt(name: &str, lent: &CheckedOut) -> AnyView {
    let i18n = use_i18n();
    view! {
        <div class="verb">{i18n.t(Key::CheckOutDone)}</div>
        <p class="title">{lent.title.clone()}</p>
        <p>{i18n.fill(Key::CheckOutDue, &[("date", &i18n.date(lent.due_on))])}</p>
        <p class="facts">{i18n.fill(Key::SignedInAs, &[("name", name)])}</p>
    }
    .erased()
}

/// Why it was not lent, and, where staff may act in spite of it, the form for that.
fn not_lent(refusal: &Refusal, card: &str, barcode: &str) -> AnyView {
    let i18n = use_i18n();
    let overrule = refusal.may_be_overruled().then(|| {
        let fields = view! {
            <p>{i18n.t(Key::OverruleLead)}</p>
            <input type="hidden" name="card" value=card.to_owned() />
            <input type="hidden" name="barcode" value=barcode.to_owned() />
            <div class="field">
                <label for="reason">{i18n.t(Key::OverruleReason)}</label>
                <input id="reason" name="reason" autocomplete="off" required />
            </div>
            <button>{i18n.t(Key::OverruleButton)}</button>
        };
        native_form::<CheckOut>("stack", fields.erased())
    });
    view! { {refused(refusal, barcode.to_owned())} {overrule} }.erased()
}
