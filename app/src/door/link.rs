//! Where the links of mails lead: to the choice of a password, or to a button that confirms an address.

use domain::{
    messages::{self, Key},
    patrons::{LinkGone, LinkState},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    DoorFlash, DoorSaid,
    api::{self, ConfirmAddress, SETTINGS, SetPassword},
    parts::{new_password, said},
};
use crate::{
    components::{loading, native_form, p, trouble},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    visit::use_visit,
};

/// `/link?key=…`
#[component]
pub fn LinkPage() -> ErasedView {
    let visit = use_visit();
    let query = use_query_map();
    let key = Memo::new(move |_| query.read().get("key").unwrap_or_default());
    let state = load(move || key.get(), api::load_link);
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let flash = DoorFlash::read(visit, &here);
                match state.get().await {
                    Ok(LinkState::Password) => choose(key.get_untracked(), flash.as_ref()),
                    Ok(LinkState::Address(address)) => confirm(key.get_untracked(), &address),
                    Ok(LinkState::Gone(gone)) => nowhere(gone),
                    Err(failure) => trouble(failure, "/register"),
                }
            })}
        </Suspense>
    }
    .erased()
}

fn choose(key: String, flash: Option<&DoorFlash>) -> ErasedView {
    let i18n = use_i18n();
    let fields = view! {
        <input type="hidden" name="key" value=key />
        {new_password(flash, "")}
        <button class="primary">{i18n.show(Key::PasswordSet)}</button>
    };
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::PasswordChooseTitle) />
            {said(flash)}
            {native_form::<SetPassword>("stack", fields.erased())}
            {p("hint", i18n.t(Key::HistoryResetNote))}
        </div>
    }
    .erased()
}

fn confirm(key: String, address: &str) -> ErasedView {
    let i18n = use_i18n();
    let fields = view! {
        <input type="hidden" name="key" value=key />
        <button class="primary">{i18n.show(Key::AddressConfirmButton)}</button>
    };
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::AddressConfirmTitle) />
            <p>{i18n.show(Key::AddressConfirmLead)}</p>
            <p class="address">{address.to_owned()}</p>
            {native_form::<ConfirmAddress>("stack", fields.erased())}
        </div>
    }
    .erased()
}

fn nowhere(gone: LinkGone) -> ErasedView {
    let i18n = use_i18n();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::LinkGoneTitle) />
            {p("", i18n.t(messages::link_gone(gone)))}
            <p class="buttons">
                <a class="button" href="/login">{i18n.show(Key::SignIn)}</a>
                <a class="button" href="/register">{i18n.show(Key::LinkToRegister)}</a>
            </p>
        </div>
    }
    .erased()
}

/// `/link/done`
#[component]
pub fn DonePage() -> ErasedView {
    let visit = use_visit();
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let i18n = use_i18n();
                let address = match DoorFlash::read(visit, &here).map(|flash| flash.answer) {
                    Some(Ok(DoorSaid::AddressConfirmed(address))) => address,
                    _ => String::new(),
                };
                let lead = (!address.is_empty())
                    .then(|| p("", i18n.fill(Key::AddressConfirmedLead, &[("address", &address)])));
                view! {
                    <div class="page narrow">
                        <Heading text=i18n.t(Key::AddressConfirmedTitle) />
                        {lead}
                        <p><a class="button" href=SETTINGS>{i18n.show(Key::ToSettings)}</a></p>
                    </div>
                }
                    .erased()
            })}
        </Suspense>
    }
    .erased()
}
