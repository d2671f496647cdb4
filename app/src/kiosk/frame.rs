//! The header of a kiosk: few ways, and large.

use domain::messages::Key;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{bar::kiosk_bar, line::Line};
use crate::{
    cart::state::use_cart,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::{OtherLanguages, watch_moves},
    load::awaited,
    site::use_site,
    visit::{Here, use_visit},
};

/// The header of a kiosk: where one can go, who is signed in, how long, and the end of it.
pub(super) fn kiosk_header() -> ErasedView {
    provide_context(Line::new(use_cart()));
    let i18n = use_i18n();
    let visit = use_visit();
    let site = use_site();
    watch_moves();
    #[cfg(feature = "hydrate")]
    {
        let location = use_location();
        Effect::new(move |before: Option<()>| {
            location.pathname.track();
            location.search.track();
            // Whether the page that was loaded is one of this visit is looked at first, see `device::begin`.
            if before.is_some() {
                super::device::note_move();
            }
        });
    }
    view! {
        <header class="site-header">
            <div class="bar">
                <a class="brand" href="/">{site.name()}</a>
                <Suspense>{awaited(move || async move { who(&visit.here().await) })}</Suspense>
                <OtherLanguages />
            </div>
            <nav class="bar" aria-label=i18n.t(Key::NavMain)>
                // How much is in the cart is known when it is known who is here, on the server and in the browser alike.
                <Suspense>
                    {awaited(move || async move {
                        visit.here().await;
                        links()
                    })}
                </Suspense>
            </nav>
            {kiosk_bar()}
        </header>
    }
    .erased()
}

/// Who is signed in, or the way to it.
fn who(here: &Here) -> ErasedView {
    let i18n = use_i18n();
    match &here.account {
        Some(account) => {
            let name = i18n.fill(Key::SignedInAs, &[("name", &account.name)]);
            view! { <p class="who"><span class="name">{name}</span></p> }.erased()
        }
        None => view! { <p class="who"><a href="/login">{i18n.show(Key::SignIn)}</a></p> }.erased(),
    }
}

fn links() -> ErasedView {
    let i18n = use_i18n();
    let cart = use_cart();
    let path = use_location().pathname;
    // Staff who came to make it a kiosk no more have other errands.
    let at_desk = move || path.read().starts_with("/desk");
    let current = move |page: &'static str| move || (path.read().as_str() == page).then_some("page");
    let count = move || match cart.count() {
        0 => None,
        n => Some(view! { " " <span class="count">{n}</span> }),
    };
    let link = move |page: &'static str, key: Key| {
        view! { <li><a href=page aria-current=current(page)>{i18n.t(key)}</a></li> }.erased()
    };
    view! {
        <ul class="links" class:at-desk=at_desk>
            {link("/", Key::NavSearch)}
            <li><a href="/cart" aria-current=current("/cart")>{i18n.show(Key::NavCart)}{count}</a></li>
            {link("/account/reservations", Key::NavReservations)}
            {link("/account/loans", Key::LoansTitle)}
        </ul>
    }
    .erased()
}
