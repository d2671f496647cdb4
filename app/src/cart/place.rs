//! Where to pick up and how to be told (R10, R13).

use domain::{
    PlaceCode,
    messages::{self, Key},
    patrons::{Account, Contact},
};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::state::use_cart;
use crate::{
    address, browser,
    components::{alert, loading, to_sign_in},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::awaited,
    site::use_site,
    visit::{Flash, use_visit},
};

/// `/cart/place`
#[component]
pub fn PlacePage() -> ErasedView {
    let visit = use_visit();
    let cart = use_cart();
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let flash = visit.flash(&here);
                match here.account {
                    None => to_sign_in("/cart/place"),
                    Some(_) if untrack(move || cart.count()) == 0 => empty(),
                    Some(account) => choices(&account, flash),
                }
            })}
        </Suspense>
    }
    .erased()
}

/// There is nothing to reserve.
pub(crate) fn empty() -> ErasedView {
    let i18n = use_i18n();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::PlaceTitle) />
            <p class="empty">{i18n.show(Key::CartEmpty)}</p>
            <p><a class="button" href="/">{i18n.show(Key::ToSearch)}</a></p>
        </div>
    }
    .erased()
}

fn choices(account: &Account, flash: Option<Flash>) -> ErasedView {
    let i18n = use_i18n();
    // Coming back from the confirmation, what was chosen stands as it was.
    let asked = use_query_map().get_untracked();
    let refused = match flash {
        Some(Flash::Refused(refusal)) => Some(alert(i18n.refusal(&refusal))),
        Some(Flash::Fault) => Some(alert(i18n.t(Key::TroubleFault))),
        _ => None,
    };
    let place = asked.get("place").map(PlaceCode);
    let by_default = if account.ready_mail.is_some() { Contact::Mail } else { Contact::Telephone };
    let contact = asked.get_str("contact").and_then(|contact| contact.parse().ok()).unwrap_or(by_default);
    let navigate = use_navigate();
    // The next page is not loaded but opened: it is possible without a line, from what the browser holds.
    let on_submit = move |event: ev::SubmitEvent| {
        if let (Some(place), Some(contact)) = (browser::chosen("place"), browser::chosen("contact")) {
            event.prevent_default();
            let (place, contact) = (address::encode(&place), address::encode(&contact));
            navigate(&format!("/cart/confirm?place={place}&contact={contact}"), NavigateOptions::default());
        }
    };
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::PlaceTitle) />
            {refused}
            <form action="/cart/confirm" on:submit=on_submit>
                {place_choices(place.as_ref())} {contact_choices(account, contact)}
                <div class="buttons end">
                    <button class="primary">{i18n.show(Key::Next)}</button>
                    <a class="button quiet" href="/cart">{i18n.show(Key::BackToList)}</a>
                </div>
            </form>
        </div>
    }
    .erased()
}

/// 受取場所, one of them chosen.
pub(crate) fn place_choices(chosen: Option<&PlaceCode>) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let places = site
        .pickup_places()
        .into_iter()
        .map(|place| {
            let checked = chosen == Some(&place);
            view! {
                <label class="choice">
                    <input type="radio" name="place" value=place.0.clone() checked=checked required />
                    <span>{site.place(&place)}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset role="radiogroup">
            <legend>{i18n.show(Key::PickupPlace)}</legend>
            {places}
        </fieldset>
    }
    .erased()
}

/// 連絡方法, one of them chosen as far as it can be.
pub(crate) fn contact_choices(account: &Account, chosen: Contact) -> ErasedView {
    let i18n = use_i18n();
    let contact_none = use_site().with(|site| site.reservations.contact_none);
    let contacts = Contact::ALL
        .iter()
        .copied()
        .filter(|offered| *offered != Contact::None || contact_none)
        .map(|offered| {
            let barred = offered == Contact::Mail && account.ready_mail.is_none();
            let note = (offered == Contact::Mail).then(|| mail_note(account));
            view! {
                <label class="choice" class:barred=barred>
                    <input
                        type="radio"
                        name="contact"
                        value=offered.as_str()
                        checked=offered == chosen && !barred
                        disabled=barred
                        required
                        aria-describedby=note.is_some().then_some("mail-note")
                    />
                    <span>{i18n.t(messages::contact(offered))}</span>
                </label>
                {note}
            }
        })
        .collect_view();
    view! {
        <fieldset role="radiogroup">
            <legend>{i18n.show(Key::ContactMethod)}</legend>
            {contacts}
        </fieldset>
    }
    .erased()
}

/// The address the mail goes to and the one it comes from, or why there is no mail (R6, R13).
fn mail_note(account: &Account) -> ErasedView {
    let i18n = use_i18n();
    let text = match &account.ready_mail {
        Some(to) => {
            let from = use_site().with(|site| site.mail_from.clone());
            i18n.fill(Key::MailNote, &[("to", to), ("from", &from)])
        }
        None => i18n.refusal(&domain::circulation::Refusal::MailNotConfirmed),
    };
    view! { <p id="mail-note" class="hint">{text}</p> }.erased()
}
