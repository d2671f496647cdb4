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

/// The links of the header.
fn header_links(here: Here) -> ErasedView {
    let i18n = use_i18n();
    let cart = use_cart();
    let path = use_location().pathname;
    // Staff at the desk have other errands than patrons.
    let at_desk = move || path.read().starts_with("/desk");
    let of_account = move || path.read().starts_with("/account");
    let at_settings = move || ["/account/settings", "/account/data"].contains(&path.read().as_str());
    let current = move |page: &'static str| move || (path.read().as_str() == page).then_some("page");
    let count = move || match cart.count() {
        0 => None,
        n => Some(view! { " " <span class="count">{n}</span> }),
    };
    view! {
        <ul class="links" class:at-desk=at_desk class:of-account=of_account class:at-settings=at_settings>
            <li><a href="/" aria-current=current("/")>{i18n.show(Key::NavSearch)}</a></li>
            // A phone has less room still: what stands in the footer, or on the page beside, is left out there.
            <li class="in-footer"><a href="/guide" aria-current=current("/guide")>{i18n.show(Key::NavGuide)}</a></li>
            <li class="in-footer">
                <a href="/calendar" aria-current=current("/calendar")>{i18n.show(Key::CalendarTitle)}</a>
            </li>
            <li><a href="/cart" aria-current=current("/cart")>{i18n.show(Key::NavCart)}{count}</a></li>
            <li>
                <a href="/account/reservations" aria-current=current("/account/reservations")>
                    {i18n.show(Key::NavReservations)}
                </a>
            </li>
            <li>
                <a href="/account/loans" aria-current=current("/account/loans")>{i18n.show(Key::LoansTitle)}</a>
            </li>
            <li>
                <a href="/account/bookshelf" aria-current=current("/account/bookshelf")>{i18n.show(Key::ShelfTitle)}</a>
            </li>
            // Beside the account's other pages only, as the header has little room.
            <li hidden=move || !of_account()>
                <a href="/account/card" aria-current=current("/account/card")>{i18n.show(Key::PhoneCardTitle)}</a>
            </li>
            <li hidden=move || !of_account()>
                <a href="/account/cancelled" aria-current=current("/account/cancelled")>
                    {i18n.show(Key::CancelledTitle)}
                </a>
            </li>
            <li hidden=move || !of_account()>
                <a href="/account/marathon" aria-current=current("/account/marathon")>
                    {i18n.show(Key::MarathonTitle)}
                </a>
            </li>
            <li hidden=move || !of_account()>
                <a href="/account/settings" aria-current=current("/account/settings")>
                    {i18n.show(Key::SettingsTitle)}
                </a>
            </li>
            <li class="in-settings" hidden=move || !of_account()>
                <a href="/account/data" aria-current=current("/account/data")>{i18n.show(Key::OwnDataTitle)}</a>
            </li>
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
                view! { <p class="who"><a href="/login" aria-current=current("/login")>{i18n.show(Key::SignIn)}</a></p> }
                    .erased()
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

/// The heading of a page, which is also its title in the browser. After a move within the site it takes the focus,
/// as loading a page would begin reading at its top; or the field that a page has for the scanner, as loading gives it.
#[component]
pub fn Heading(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let visit = use_visit();
    let title = format!("{text} - {}", use_site().name());
    // leptos_meta writes the title into the page as it is, and it may hold what somebody searched for.
    #[cfg(feature = "ssr")]
    let title = crate::written::Escaped(&title).to_string();
    Effect::new(move |_| {
        browser::come_to_life();
        if visit.has_moved() {
            browser::focus_soon("h1".to_owned());
            browser::focus_soon("main [autofocus]".to_owned());
        }
    });
    view! {
        <Title text=title />
        <h1 tabindex="-1">{use_i18n().shown(text)}</h1>
    }
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
