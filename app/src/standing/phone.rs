//! The two pages that are shown when there is no line to the server (R33). No program comes with them ([`crate::phone`]).

use domain::messages::Key;
use leptos::prelude::*;

use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
};

/// Says that there is no line, and what can be seen all the same.
pub(crate) fn offline() -> ErasedView {
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

/// What waits to be sent.
pub(crate) fn waiting() -> ErasedView {
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
