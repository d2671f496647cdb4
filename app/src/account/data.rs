//! ログインと個人情報: where a patron is signed in, what the library keeps of them, and its erasure.

use domain::{messages::Key, patrons::SessionView};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    data_api::{self, EndOtherSessions, EndSession, EraseMyData},
    parts::own_page,
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    kiosk::file_link,
    layout::{Heading, NotFound},
    load::load,
    page::{Own, patron_page},
    site::use_site,
    visit::Flash,
};

/// The page's address.
pub const ADDRESS: &str = "/account/data";
/// The address of the file with what is kept of the patron who is signed in. The host answers it.
pub const FILE: &str = "/account/data.json";

/// `/account/data`
#[component]
pub fn DataPage() -> ErasedView {
    let answer = load(|| (), |()| data_api::sessions());
    patron_page(ADDRESS.to_owned(), answer, |own| own_page(Key::OwnDataTitle, &own, sections(&own)))
}

fn sections(own: &Own<Vec<SessionView>>) -> ErasedView {
    let i18n = use_i18n();
    let ended = (own.flash == Some(Flash::SignedOutElsewhere))
        .then(|| view! { <p class="notice good" role="status">{i18n.show(Key::OwnSessionsEnded)}</p> });
    let others = own.loaded.iter().any(|session| !session.here).then(|| {
        let button = view! { <button>{i18n.show(Key::OwnSessionsEndOthers)}</button> };
        native_form::<EndOtherSessions>("inline", button.erased())
    });
    let list = own
        .loaded
        .iter()
        .map(|session| {
            let end = (!session.here).then(|| {
                let name = name_of(i18n, session);
                let button = view! {
                    <input type="hidden" name="key" value=session.key.clone() />
                    <button aria-label=i18n.fill(Key::OwnSessionEndOf, &[("browser", &name)])>
                        {i18n.show(Key::OwnSessionEnd)}
                    </button>
                };
                native_form::<EndSession>("inline", button.erased())
            });
            browser(i18n, session, end)
        })
        .collect_view();
    view! {
        {ended}
        <section>
            <h2>{i18n.show(Key::OwnSessions)}</h2>
            {p("", i18n.t(Key::OwnSessionsLead))}
            <ul class="sessions">{list}</ul>
            {others}
        </section>
        <section>
            <h2>{i18n.show(Key::OwnDataFile)}</h2>
            {p("", i18n.t(Key::OwnDataFileLead))}
            {file_link(FILE.to_owned(), i18n.t(Key::OwnDataFileGet))}
        </section>
        <section>
            <h2>{i18n.show(Key::OwnDataErase)}</h2>
            {p("", i18n.t(Key::OwnDataEraseLead))}
            <p><a class="button" href="/account/data/erase">{i18n.show(Key::OwnDataEraseWay)}</a></p>
        </section>
    }
    .erased()
}

/// A browser in which somebody is signed in, and the button that ends that.
pub(crate) fn browser(i18n: I18n, session: &SessionView, end: Option<ErasedView>) -> ErasedView {
    let days = [("begun", &*i18n.date(session.begun)), ("seen", &i18n.date(session.seen))];
    let deed =
        if session.here { Some(view! { <p class="mark">{i18n.show(Key::OwnSessionHere)}</p> }.erased()) } else { end };
    view! {
        <li>
            <div>
                <p class="browser">{name_of(i18n, session)}</p>
                {p("hint", i18n.fill(Key::OwnSessionDays, &days))}
            </div>
            {deed}
        </li>
    }
    .erased()
}

fn name_of(i18n: I18n, session: &SessionView) -> String {
    if session.browser.is_empty() { i18n.t(Key::OwnSessionUnknown) } else { session.browser.clone() }
}

/// `/account/data/:deed`
#[component]
pub fn DataDeedPage() -> ErasedView {
    let params = use_params_map();
    let page = move || match params.read().get("deed").unwrap_or_default().as_str() {
        "erase" => erase_page(),
        "erased" => erased_page(),
        _ => view! { <NotFound /> }.erased(),
    };
    view! { {page} }.erased()
}

fn erase_page() -> ErasedView {
    let answer = load(|| (), |()| data_api::sessions());
    patron_page("/account/data/erase".to_owned(), answer, |own: Own<Vec<SessionView>>| {
        let i18n = use_i18n();
        let telephone = use_site().with(|site| site.telephone.clone());
        let what = [
            Key::OwnDataEraseMail,
            Key::OwnDataEraseCart,
            Key::OwnDataEraseCancelled,
            Key::OwnDataEraseMarathon,
            Key::OwnDataEraseShelf,
            Key::OwnDataEraseSessions,
        ]
        .map(|key| view! { <li>{i18n.t(key)}</li> })
        .collect_view();
        let button = view! {
            <button class="primary">{i18n.show(Key::OwnDataEraseButton)}</button>
            <a class="button" href=ADDRESS>{i18n.show(Key::OwnDataEraseBack)}</a>
        };
        let rest = view! {
            {p("", i18n.t(Key::OwnDataEraseWhat))}
            <ul>{what}</ul>
            {p("", i18n.fill(Key::OwnDataEraseRest, &[("telephone", &telephone)]))}
            {native_form::<EraseMyData>("buttons", button.erased())}
        };
        own_page(Key::OwnDataEraseTitle, &own, rest.erased())
    })
}

fn erased_page() -> ErasedView {
    let i18n = use_i18n();
    let telephone = use_site().with(|site| site.telephone.clone());
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::OwnDataErasedTitle) />
            {p("", i18n.t(Key::OwnDataErased))}
            {p("", i18n.fill(Key::OwnDataEraseRest, &[("telephone", &telephone)]))}
            <p><a class="button" href="/">{i18n.show(Key::ToSearch)}</a></p>
        </div>
    }
    .erased()
}
