//! What pages say when there is no line to the server, and the two pages that are shown then (R33).
//!
//! A page shown from the browser's store, a reservation that waits to be sent, and what came of it are known to
//! `public/sw.js`, which keeps them; `public/shell.js` puts them into the words that stand here unseen. Neither knows a text.

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
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

/// `/offline`. It stands still altogether: no program comes with it.
#[component]
pub fn OfflinePage() -> ErasedView {
    #[cfg(feature = "ssr")]
    return crate::standing::offline();
    #[cfg(not(feature = "ssr"))]
    ().erased()
}

/// `/cart/waiting`, which is of the same kind.
#[component]
pub fn WaitingPage() -> ErasedView {
    #[cfg(feature = "ssr")]
    return crate::standing::waiting();
    #[cfg(not(feature = "ssr"))]
    ().erased()
}
