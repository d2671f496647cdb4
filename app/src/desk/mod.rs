//! The desk: staff sign in, say where they work, and check in what comes back.

pub mod api;
mod check_in;
pub mod mail;

use domain::messages::Key;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

use self::api::{ChoosePlace, StaffSignIn};
use crate::{
    account::api::SignOut,
    components::{alert, loading, native_form},
    erase::Erase as _,
    i18n::{I18n, use_i18n},
    layout::Heading,
    site::use_site,
    visit::{Flash, StaffHere, use_visit},
};

/// `/desk`, in a piece of WASM of its own, which patrons never load.
#[derive(Debug)]
pub struct DeskRoute;

#[lazy_route]
impl LazyRoute for DeskRoute {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        desk_page()
    }
}

fn desk_page() -> AnyView {
    let visit = use_visit();
    view! {
        <Suspense fallback=loading>
            {move || Suspend::new(async move {
                let here = visit.here().await;
                let flash = visit.flash(&here);
                match here.staff {
                    None => sign_in(flash),
                    Some(staff) if staff.place.is_none() => choose_place(&staff),
                    Some(staff) => check_in::page(&staff, flash),
                }
            })}
        </Suspense>
    }
    .erased()
}

/// The sign-in of staff, a form of its own.
fn sign_in(flash: Option<Flash>) -> AnyView {
    let i18n = use_i18n();
    let (problem, login) = match flash {
        Some(Flash::StaffWrong { login }) => (Some(alert(i18n.t(Key::StaffWrong))), login),
        Some(Flash::Fault) => (Some(alert(i18n.t(Key::TroubleFault))), String::new()),
        _ => (None, String::new()),
    };
    let fields = view! {
        <div class="field">
            <label for="login">{i18n.t(Key::StaffLogin)}</label>
            <input id="login" name="login" autocomplete="username" autocapitalize="none" required value=login />
        </div>
        <div class="field">
            <label for="password">{i18n.t(Key::Password)}</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required />
        </div>
        <button class="primary">{i18n.t(Key::SignInButton)}</button>
    }
    .erased();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::StaffTitle) />
            {problem}
            {native_form::<StaffSignIn>("stack", fields)}
        </div>
    }
    .erased()
}

/// Where the member of staff works today: it decides between hold shelf and transit.
fn choose_place(staff: &StaffHere) -> AnyView {
    let i18n = use_i18n();
    let site = use_site();
    let places = site
        .places()
        .into_iter()
        .map(|place| view! { <button name="place" value=place.0.clone()>{site.place(&place)}</button> })
        .collect_view();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::DeskPlaceTitle) />
            <p>{i18n.t(Key::DeskPlaceLead)}</p>
            {native_form::<ChoosePlace>("stack", places.erased())}
            {desk_menu(i18n, staff)}
        </div>
    }
    .erased()
}

/// Who works here, and the ways on.
fn desk_menu(i18n: I18n, staff: &StaffHere) -> AnyView {
    let site = use_site();
    let mails = site.with(|site| site.demo).then(|| {
        view! { <a href="/desk/mail">{i18n.t(Key::DeskMails)}</a> }
    });
    let place = staff.place.as_ref().map(|place| {
        native_form::<ChoosePlace>(
            "inline",
            view! {
                <span>{site.place(place)}</span>
                <button class="quiet" name="place" value="">{i18n.t(Key::DeskOtherPlace)}</button>
            }
            .erased(),
        )
    });
    let sign_out = view! {
        <span>{staff.login.clone()}</span>
        <button class="quiet">{i18n.t(Key::SignOut)}</button>
    };
    view! {
        <nav class="desk-menu" aria-label=i18n.t(Key::DeskMenu)>
            <a href="/desk">{i18n.t(Key::CheckInTitle)}</a>
            {mails}
            {place}
            {native_form::<SignOut>("inline", sign_out.erased())}
        </nav>
    }
    .erased()
}
