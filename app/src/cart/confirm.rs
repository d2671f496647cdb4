//! 予約確認: what will be reserved, before the button that commits it.

use domain::{
    PatronId, PlaceCode,
    messages::{self, Key},
    patrons::Contact,
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};

use super::{
    api::{self, Reserve, ToConfirm},
    page::refusals,
    place,
    state::use_cart,
};
use crate::{
    address,
    components::{loading, native_form, trouble},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    site::use_site,
    visit::use_visit,
};

/// `/cart/confirm`
#[component]
pub fn ConfirmPage() -> ErasedView {
    let visit = use_visit();
    let cart = use_cart();
    let params = use_query_map();
    // What is confirmed is the server's cart, so every change has to be there first.
    let answer = load(
        move || cart.is_sending(),
        |sending| async move {
            if sending {
                std::future::pending::<()>().await;
            }
            api::load_confirmation().await
        },
    );
    let chosen = move || {
        let params = params.get_untracked();
        let place = params.get("place").map(PlaceCode)?;
        let contact = params.get_str("contact")?.parse::<Contact>().ok()?;
        use_site().pickup_places().contains(&place).then_some((place, contact))
    };
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let account = visit.here().await.account;
                let answer = match answer.get().await {
                    Err(Failure::Offline) => api::ToConfirm::without_a_line(cart).ok_or(Failure::Offline),
                    answer => answer,
                };
                match (answer, chosen()) {
                    (_, None) => view! { <Redirect path="/cart/place" /> }.erased(),
                    (Err(failure), Some((place, contact))) => trouble(failure, &here(&place, contact)),
                    (Ok(answer), _) if answer.cart.lines.is_empty() => place::empty(),
                    (Ok(answer), Some((place, contact))) => {
                        confirm(&answer, account.map(|account| account.id), &place, contact)
                    }
                }
            })}
        </Suspense>
    }
    .erased()
}

/// The address of this page.
fn here(place: &PlaceCode, contact: Contact) -> String {
    format!("/cart/confirm?place={}&contact={contact}", address::encode(&place.0))
}

fn confirm(answer: &ToConfirm, patron: Option<PatronId>, place: &PlaceCode, contact: Contact) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let cart = &answer.cart;
    let in_set = cart.arrangement().ordered;
    let refusals = site.with(|site| refusals(&site.reservations, cart));
    let possible = refusals.iter().any(Option::is_none);
    let lines = cart
        .lines
        .iter()
        .zip(&refusals)
        .enumerate()
        .map(|(at, (line, refusal))| {
            let order = (at < in_set).then(|| view! { <span class="mark">{i18n.number(Key::OrderIs, at + 1)}</span> });
            let refusal = refusal.as_ref().map(|refusal| view! { <p class="why-not">{i18n.refusal(refusal)}</p> });
            view! { <li><p class="title">{order} {line.title.clone()}</p>{refusal}</li> }
        })
        .collect_view();
    let hidden = cart
        .lines
        .iter()
        .map(|line| view! { <input type="hidden" name="parts[]" value=line.part.to_string() /> })
        .collect_view();
    let rules = (in_set > 1).then(|| {
        view! {
            <ul class="rules">
                <li>{i18n.show(Key::SetRuleWaits)}</li>
                <li>{i18n.show(Key::SetRuleAllOrNothing)}</li>
            </ul>
        }
    });
    let form = possible.then(|| {
        native_form::<Reserve>(
            "commit",
            view! {
                <input type="hidden" name="op" value=answer.op.to_string() />
                <input type="hidden" name="patron" value=patron.map(|patron| patron.to_string()) />
                <input type="hidden" name="place" value=place.0.clone() />
                <input type="hidden" name="contact" value=contact.as_str() />
                <input type="hidden" name="in_set" value=in_set.to_string() />
                {hidden}
                <button class="primary">{i18n.show(Key::Reserve)}</button>
            }
            .erased(),
        )
    });
    let back = format!("/cart/place?place={}&contact={contact}", address::encode(&place.0));
    let some_refused = (possible && refusals.iter().any(Option::is_some))
        .then(|| view! { <p class="notice">{i18n.show(Key::ConfirmSomeRefused)}</p> });
    let none_possible = (!possible).then(|| view! { <p class="notice">{i18n.show(Key::ConfirmNonePossible)}</p> });
    let lead = possible.then(|| view! { <p>{i18n.show(Key::ConfirmLead)}</p> });
    let to_cart = (!possible).then(|| view! { <a class="button" href="/cart">{i18n.show(Key::BackToList)}</a> });
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::ConfirmTitle) />
            {lead}
            {some_refused}
            {none_possible}
            <ol class="titles">{lines}</ol>
            {rules}
            <dl class="facts-list">
                <div><dt>{i18n.show(Key::PickupPlace)}</dt><dd>{site.place(place)}</dd></div>
                <div><dt>{i18n.show(Key::ContactMethod)}</dt><dd>{i18n.t(messages::contact(contact))}</dd></div>
            </dl>
            <div class="buttons end">
                {form} {to_cart}
                <a class="button quiet" href=back>{i18n.show(Key::BackToChoice)}</a>
            </div>
        </div>
    }
    .erased()
}
