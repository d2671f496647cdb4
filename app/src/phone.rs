//! What pages say when there is no line to the server, and the two pages that are shown then (R33).
//!
//! A page shown from the browser's store, a reservation that waits to be sent, and what came of it are known to
//! `public/sw.js`, which keeps them; `public/shell.js` puts them into the words that stand here unseen. Neither knows a text.

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
};

/// Shown in the place of a page that is not in the store.
#[cfg(feature = "ssr")]
const OFFLINE: &str = "/offline";
/// What waits to be sent.
const WAITING: &str = "/cart/waiting";

/// Whether a page is the same for everybody and is shown at any address, so that no program comes with it: it would ask
/// where it is, and draw the page of that address.
#[cfg(feature = "ssr")]
pub(crate) fn is_plain(path: &str) -> bool {
    path == OFFLINE || path == WAITING
}

/// What has to be said of the line, at the head of every page; unseen while there is nothing.
#[component]
pub fn LineNotes() -> ErasedView {
    let i18n = use_i18n();
    let note = |kind: &'static str, text: Key, way: Option<(&'static str, Key)>| {
        let way = way.map(|(href, text)| {
            // Loaded and not opened by the router: it may have to come from the store.
            view! { " " <a rel="external" href=href>{i18n.t(text)}</a> }
        });
        view! { <p class="notice" data-note=kind hidden>{i18n.t(text)} {way}</p> }.erased()
    };
    let kept = i18n.fill(Key::PhoneKept, &[("time", "{time}")]);
    view! {
        <div class="line-notes" role="status" hidden>
            <p class="notice" data-note="kept" data-text=kept hidden></p>
            {note("lost", Key::PhoneLost, Some(("/cart", Key::PhoneLostLook)))}
            {note("answered", Key::PhoneAnswered, Some(("/cart", Key::PhoneAnsweredLook)))}
            {note("waiting", Key::PhoneWaiting, Some((WAITING, Key::PhoneWaitingLook)))}
        </div>
    }
    .erased()
}

/// `/offline`
#[component]
pub fn OfflinePage() -> ErasedView {
    let i18n = use_i18n();
    let pages = [
        ("/", Key::NavSearch),
        ("/cart", Key::NavCart),
        ("/account/reservations", Key::NavReservations),
        ("/account/loans", Key::LoansTitle),
        ("/account/card", Key::PhoneCardTitle),
        ("/calendar", Key::CalendarTitle),
    ];
    let pages = pages.map(|(href, text)| view! { <li><a href=href>{i18n.t(text)}</a></li> }).collect_view();
    view! {
        <div class="page narrow offline">
            <Heading text=i18n.t(Key::PhoneOfflineTitle) />
            <p class="notice" data-offline="form" hidden>{i18n.show(Key::PhoneOfflineForm)}</p>
            <p class="notice" data-offline="sign-out" hidden>{i18n.show(Key::PhoneOfflineSignOut)}</p>
            <p>{i18n.show(Key::PhoneOfflineLead)}</p>
            <p><button type="button" class="primary" data-do="again">{i18n.show(Key::TryAgain)}</button></p>
            <nav aria-labelledby="still" data-stored hidden>
                <h2 id="still">{i18n.show(Key::PhoneOfflineStill)}</h2>
                <ul class="ways">{pages}</ul>
            </nav>
        </div>
    }
    .erased()
}

/// `/cart/waiting`
#[component]
pub fn WaitingPage() -> ErasedView {
    let i18n = use_i18n();
    view! {
        <div class="page narrow waiting">
            <Heading text=i18n.t(Key::PhoneWaitingTitle) />
            <div data-waiting="some" hidden>
                <p>{i18n.show(Key::PhoneWaitingLead)}</p>
                <h2>{i18n.show(Key::PhoneWaitingTitles)}</h2>
                <ol class="titles" data-titles data-text=i18n.number(Key::PhoneWaitingUnnamed, "{n}")></ol>
                {p("hint", i18n.t(Key::PhoneWaitingSignOut))}
                <p><button type="button" data-do="drop">{i18n.show(Key::PhoneWaitingDrop)}</button></p>
            </div>
            <p data-waiting="none">{i18n.show(Key::PhoneWaitingNone)}</p>
            <p data-waiting="dropped" role="status" hidden>{i18n.show(Key::PhoneWaitingDropped)}</p>
            <p class="buttons">
                <a class="button quiet" href="/account/reservations">{i18n.show(Key::DoneToStatus)}</a>
                <a class="button quiet" href="/">{i18n.show(Key::ToSearch)}</a>
            </p>
        </div>
    }
    .erased()
}
