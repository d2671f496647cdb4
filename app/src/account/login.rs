//! Sign-in (R7), by password or passkey.

use domain::messages::Key;
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};

use super::api::SignIn;
use crate::{
    address, browser,
    components::{alert, loading, native_form},
    door::{
        DoorFlash,
        parts::{held, said},
        passkeys,
    },
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    kiosk::{filled_in, is_kiosk},
    layout::Heading,
    load::awaited,
    site::use_site,
    visit::{Flash, Outcome as _, use_visit},
};

/// `/login`
#[component]
pub fn LoginPage() -> ErasedView {
    let visit = use_visit();
    let params = use_query_map();
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let next = params.read_untracked().get("next").unwrap_or_default();
                match here.account {
                    Some(_) => {
                        let path = address::after_sign_in(&next);
                        view! { <Redirect path /> }.erased()
                    }
                    None => form(next, visit.flash(&here)),
                }
            })}
        </Suspense>
    }
    .erased()
}

fn form(next: String, flash: Option<Flash>) -> ErasedView {
    let i18n = use_i18n();
    let shown = RwSignal::new(false);
    let (problem, card) = match flash {
        Some(Flash::SignInWrong { card }) => (Some(wrong()), card),
        Some(Flash::SignInHeld { typed, wait }) => (Some(alert(held(wait))), typed),
        Some(Flash::Fault) => (Some(alert(i18n.t(Key::TroubleFault))), String::new()),
        flash => (said(DoorFlash::of(flash.as_ref()).as_ref()), String::new()),
    };
    // Coming from the cart, the page says why it asks.
    let why = next.starts_with("/cart").then(|| view! { <p>{i18n.show(Key::LoginForCart)}</p> });
    let by_passkey = passkeys::sign_in_button(next.clone());
    // A scanner types the number and ends with Enter, which goes on as long as there is no password.
    let on_scanned = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && !event.is_composing() && browser::focus_when_empty("password") {
            event.prevent_default();
        }
    };
    let fields = view! {
        <input type="hidden" name="next" value=next />
        <div class="field">
            <label for="card">{i18n.show(Key::CardNumber)}</label>
            <input
                id="card"
                name="card"
                type="text"
                inputmode="numeric"
                autocomplete=filled_in("username")
                required
                value=card
                autofocus=is_kiosk()
                on:keydown=on_scanned
                // What is scanned takes the place of what stands there.
                on:focus=move |_| browser::mark_all("card")
            />
        </div>
        <div class="field">
            <label for="password">{i18n.show(Key::Password)}</label>
            <input
                id="password"
                name="password"
                type=move || if shown.get() { "text" } else { "password" }
                autocomplete=filled_in("current-password")
                autocapitalize="none"
                spellcheck="false"
                required
            />
        </div>
        // Without scripts the box would do nothing, so it appears with them only.
        <label class="choice with-scripts">
            <input type="checkbox" prop:checked=shown on:change=move |event| shown.set(event_target_checked(&event)) />
            <span>{i18n.show(Key::PasswordShow)}</span>
        </label>
        <button class="primary">{i18n.show(Key::SignInButton)}</button>
    }
    .erased();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::LoginTitle) />
            {why}
            {problem}
            {native_form::<SignIn>("stack", fields)}
            {by_passkey}
            <ul class="ways">
                <li>
                    <a href="/register">{i18n.show(Key::LoginRegister)}</a>
                    <p class="hint">{i18n.show(Key::LoginRegisterLead)}</p>
                </li>
                <li>
                    <a href="/register/once">{i18n.show(Key::RegisterDeskLink)}</a>
                    <p class="hint">{i18n.show(Key::LoginOnceLead)}</p>
                </li>
                <li>
                    <a href="/guide">{i18n.show(Key::FooterGuide)}</a>
                    <p class="hint">{i18n.show(Key::LoginGuideLead)}</p>
                </li>
            </ul>
        </div>
    }
    .erased()
}

/// What helps when number or password is wrong. It never says which (R7).
fn wrong() -> ErasedView {
    let i18n = use_i18n();
    let telephone = use_site().with(|site| site.telephone.clone());
    let help = [Key::LoginHelpRegistered, Key::LoginHelpTyping, Key::LoginHelpWidth, Key::LoginHelpCase]
        .map(|key| view! { <li>{i18n.t(key)}</li> })
        .collect_view();
    view! {
        <div class="alert" role="alert">
            <p>{i18n.show(Key::LoginWrong)}</p>
            <ul>{help}</ul>
            <p>{i18n.fill(Key::LoginHelpAsk, &[("telephone", &telephone)])}</p>
        </div>
    }
    .erased()
}
