//! What stands around every page: header, footer, headings, and what is said to screen readers.

use domain::messages::{Key, Language};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::{
    account::api::SignOut,
    address, browser,
    cart::state::use_cart,
    components::native_form,
    display::display_form,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::awaited,
    site::use_site,
    visit::{Here, use_visit},
};

/// Lets people who use the keyboard jump over the header.
#[component]
pub fn SkipLink() -> impl IntoView {
    let i18n = use_i18n();
    view! { <a class="skip-link" href="#main" rel="external">{i18n.show(Key::SkipToMain)}</a> }
}

/// The header: the library's name, the ways to everything, who is signed in.
#[component]
pub fn Header() -> ErasedView {
    let i18n = use_i18n();
    let visit = use_visit();
    let site = use_site();
    watch_moves();
    view! {
        <header class="site-header">
            <div class="bar">
                <a class="brand" href="/">{site.name()}</a>
                <OtherLanguages />
            </div>
            <nav class="bar" aria-label=i18n.t(Key::NavMain)>
                <Suspense>{awaited(move || async move { header_links(visit.here().await) })}</Suspense>
            </nav>
        </header>
    }
    .erased()
}

/// Where a link of the header stands.
#[derive(Clone, Copy)]
enum Way {
    Always,
    /// A phone has less room: what stands in the footer as well, or on the page beside, is left out there.
    InFooter,
    /// Beside the account's other pages only, as the header has little room.
    Own,
    /// As [`Own`](Self::Own); a phone has it on the page beside.
    InSettings,
}

/// The links of the header.
fn header_links(here: Here) -> ErasedView {
    let i18n = use_i18n();
    let cart = use_cart();
    let path = use_location().pathname;
    // Staff at the desk have other errands than patrons.
    let at_desk = move || path.read().starts_with("/desk");
    let of_account = move || path.read().starts_with("/account");
    let at_settings = move || ["/account/settings", "/account/data"].contains(&path.read().as_str());
    let count = move || match cart.count() {
        0 => None,
        n => Some(view! { " " <span class="count">{n}</span> }),
    };
    let way = move |place: Way, page: &'static str, name: Key| {
        let (class, own) = match place {
            Way::Always => (None, false),
            Way::InFooter => (Some("in-footer"), false),
            Way::Own => (None, true),
            Way::InSettings => (Some("in-settings"), true),
        };
        let current = move || (path.read().as_str() == page).then_some("page");
        let count = (page == "/cart").then_some(count);
        view! {
            <li class=class hidden=move || own && !of_account()>
                <a href=page aria-current=current>{i18n.show(name)}{count}</a>
            </li>
        }
        .erased()
    };
    let ways = vec![
        way(Way::Always, "/", Key::NavSearch),
        way(Way::InFooter, "/guide", Key::NavGuide),
        way(Way::InFooter, "/calendar", Key::CalendarTitle),
        way(Way::Always, "/cart", Key::NavCart),
        way(Way::Always, "/account/reservations", Key::NavReservations),
        way(Way::Always, "/account/loans", Key::LoansTitle),
        way(Way::Always, "/account/bookshelf", Key::ShelfTitle),
        way(Way::Own, "/account/card", Key::PhoneCardTitle),
        way(Way::Own, "/account/cancelled", Key::CancelledTitle),
        way(Way::Own, "/account/marathon", Key::MarathonTitle),
        way(Way::Own, "/account/settings", Key::SettingsTitle),
        way(Way::InSettings, "/account/data", Key::OwnDataTitle),
    ];
    view! {
        <ul class="links" class:at-desk=at_desk class:of-account=of_account class:at-settings=at_settings>
            {ways}
        </ul>
        {match here.account {
            Some(account) => {
                view! {
                    <p class="who">
                        <span class="name">{i18n.fill(Key::SignedInAs, &[("name", &account.name)])}</span>
                    </p>
                    {native_form::<
                        SignOut,
                    >(
                        "sign-out",
                        view! {
                            <button class="quiet" on:click=move |_| cart.forget_here()>
                                {i18n.show(Key::SignOut)}
                            </button>
                        }
                            .erased(),
                    )}
                }
                    .erased()
            }
            None => {
                let current = move || (path.read().as_str() == "/login").then_some("page");
                view! { <p class="who"><a href="/login" aria-current=current>{i18n.show(Key::SignIn)}</a></p> }.erased()
            }
        }}
    }
    .still()
}

/// The same page in the other languages.
#[component]
pub(crate) fn OtherLanguages() -> ErasedView {
    let i18n = use_i18n();
    let language = i18n.language();
    let location = use_location();
    let links = Language::ALL
        .into_iter()
        .filter(|other| *other != language)
        .map(|other| {
            let address = move || {
                let query = location.query.read();
                let mut address = format!("{}?lang={}", location.pathname.read(), other.code());
                for (name, value) in query.latest_values().filter(|(name, _)| *name != "lang") {
                    address.push_str(&format!("&{}={}", address::encode(name), address::encode(value)));
                }
                address
            };
            // Another language is another page load, which names its texts.
            view! {
                <li>
                    <a rel="external" lang=other.code() hreflang=other.code() href=address>{other.own_name()}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="languages">
            <summary>{i18n.show(Key::Languages)}</summary>
            <ul>{links}</ul>
        </details>
    }
    .still()
}

/// Counts the moves from page to page, so that headings know when to take the focus.
pub(crate) fn watch_moves() {
    let visit = use_visit();
    let location = use_location();
    Effect::new(move |before: Option<(String, String)>| {
        let now = (location.pathname.get(), location.search.get());
        if before.is_some_and(|before| before != now) {
            visit.moved();
        }
        now
    });
}

/// The foot of every page.
#[component]
pub fn Footer() -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let telephone = site.with(|site| site.telephone.clone());
    view! {
        <footer class="site-footer">
            <p>{site.name()}" "{i18n.fill(Key::FooterTelephone, &[("telephone", &telephone)])}</p>
            <p>
                <a href="/guide">{i18n.show(Key::FooterGuide)}</a>
                <a href="/calendar">{i18n.show(Key::CalendarTitle)}</a>
            </p>
            {display_form()}
        </footer>
    }
    .still()
}

/// The heading of a page, see [`titled`].
#[component]
pub fn Heading(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        {titled(&text)}
        {heading(text)}
    }
}

/// The heading itself.
pub(crate) fn heading(text: String) -> ErasedView {
    view! { <h1 tabindex="-1">{use_i18n().shown(text)}</h1> }.erased()
}

/// Makes the heading of a page its title in the browser. After a move within the site the heading takes the focus, as loading a page
/// would begin reading at its top; or the field that a page has for the scanner, as loading gives it.
pub(crate) fn titled(text: &str) -> impl IntoView + use<> {
    let visit = use_visit();
    let cart = use_cart();
    let title = format!("{text} - {}", use_site().name());
    // leptos_meta writes the title into the page as it is, and it may hold what somebody searched for.
    #[cfg(feature = "ssr")]
    let title = crate::written::Escaped(&title).to_string();
    Effect::new(move |_| {
        browser::come_to_life();
        cart.come_to_life();
        if visit.has_moved() {
            browser::focus_soon("h1".to_owned());
            browser::focus_soon("main [autofocus]".to_owned());
        }
    });
    view! { <Title text=title /> }
}

/// What is said to screen readers when something changes away from where they read.
#[derive(Clone, Copy)]
pub struct Announcement(RwSignal<String>);

impl Announcement {
    /// Nothing to say yet.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(String::new()))
    }

    /// Says it.
    pub fn say(self, text: String) {
        self.0.set(text);
    }
}

/// Where announcements stand, unseen.
#[component]
pub fn Announcer() -> impl IntoView {
    let said = use_cart().announcement;
    view! { <div class="unseen" aria-live="polite">{move || said.0.get()}</div> }
}

/// The page that is not there.
#[component]
pub fn NotFound() -> ErasedView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    let i18n = use_i18n();
    view! {
        <div class="page narrow trouble lost">
            <Heading text=i18n.t(Key::NotFoundTitle) />
            <p>{i18n.show(Key::NotFoundText)}</p>
            <p><a class="button" href="/">{i18n.show(Key::ToSearch)}</a></p>
        </div>
    }
    .erased()
}
