//! What people see: pages, components and the thin server functions behind them.
//!
//! The crate is compiled twice: with `ssr` into the server, where it renders every page and answers its forms, and
//! with `hydrate` into the browser. Rooms: [`opac`] (search, record), [`cart`], [`account`], [`bookshelf`], [`door`],
//! [`house`], [`desk`];
//! around them the [`layout`] and what all rooms share.
//!
//! Every page works with scripts off. What commits something, or changes who is signed in, is a plain form in any
//! case: the browser posts it, the server answers with a redirect, and what has to be said there travels in the
//! session (see [`visit::Flash`]). Scripts add what forms can't do: the cart answers at once, search suggests, the desk
//! keeps its focus.

// The router nests the types of all routes and views into each other.
#![recursion_limit = "512"]

pub mod account;
pub mod address;
pub mod bookshelf;
mod browser;
pub mod cart;
pub mod components;
pub mod desk;
pub mod display;
pub mod door;
pub mod erase;
pub mod failure;
mod field;
pub mod house;
pub mod i18n;
pub mod kiosk;
pub mod layout;
pub mod live;
mod load;
mod op;
pub mod opac;
mod page;
pub mod phone;
pub mod pieces;
mod receipt;
pub mod site;
#[cfg(feature = "ssr")]
pub mod ssr;
#[cfg(feature = "ssr")]
mod standing;
pub mod visit;
mod written;

#[cfg(feature = "ssr")]
pub use ssr::shell::shell;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    erase::Erase as _,
    house::{CalendarPage, GuidePage},
    layout::{Footer, Header, NotFound},
    opac::{home::HomePage, record::RecordPage, search::SearchPage},
    phone::{LineNotes, OfflinePage, WaitingPage},
    pieces::{AccountRoute, BookshelfRoute, CartRoute, DeskRoute, PieceLinks},
};

/// Brings the page that came from the server to life, once its texts are there. A page of another version of the program is left
/// as it came.
#[cfg(feature = "hydrate")]
pub async fn hydrate() {
    let is_kiosk = site::of_page().kiosk;
    if !browser::is_page_ours() {
        browser::is_of_old();
    } else if browser::fetch_texts(is_kiosk).await {
        let frame = if is_kiosk { Some(pieces::kiosk_frame().await) } else { None };
        // Lazily, because pages come in pieces of their own.
        leptos::mount::hydrate_lazy(move || {
            if let Some(frame) = frame {
                provide_context(frame);
            }
            App()
        });
    }
}

/// The whole of what people see.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "hydrate")]
    browser::load_by_links_at_first();
    let (site, messages) = site::around_us();
    provide_context(site::UseSite::new(site));
    let i18n = i18n::I18n::new(messages);
    provide_context(i18n);
    let visit = visit::Visit::new();
    provide_context(visit);
    let cart = cart::state::Cart::new();
    provide_context(cart);
    let frame = kiosk::frame_here();

    // Async on every route: the page comes whole, so that it needs no scripts, and its status and title are right.
    view! {
        <Router>
            <layout::SkipLink />
            {frame.map_or_else(|| view! { <Header /> }.erased(), |frame| (frame.header)())}
            <main id="main" tabindex="-1">
                <LineNotes />
                <FlatRoutes fallback=|| view! { <NotFound /> }>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async />
                    <Route path=path!("/bibs/:id") view=RecordPage ssr=SsrMode::Async />
                    <Route path=path!("/cart") view={Lazy::<CartRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/cart/place") view={Lazy::<CartRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/cart/confirm") view={Lazy::<CartRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/cart/done") view={Lazy::<CartRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/cart/waiting") view=WaitingPage ssr=SsrMode::Async />
                    <Route path=path!("/offline") view=OfflinePage ssr=SsrMode::Async />
                    <Route path=path!("/shared") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/bookshelf") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/bookshelf/:list") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/bookshelf/:list/:deed") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/history") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/history/:deed") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/reservations") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/marathon") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/marathon/:id") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/marathon/:id/:deed") view={Lazy::<BookshelfRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/:what/:id/:deed") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/cancelled") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/loans") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/card") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/settings") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/data") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/account/data/:deed") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/login") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/register") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/register/sent") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/register/once") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/link") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/link/done") view={Lazy::<AccountRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/guide") view=GuidePage ssr=SsrMode::Async />
                    <Route path=path!("/calendar") view=CalendarPage ssr=SsrMode::Async />
                    <Route path=path!("/desk") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/check-out") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/journal") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/copies") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/mail") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/today") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/pulls") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/holds") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/transit") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/telephone") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/decisions") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/letters") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/cards") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/cards/:id") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/cards/:id/:deed") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/requests") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/requests/:id") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/catalogue") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/catalogue/:id") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route
                        path=path!("/desk/catalogue/:id/:deed")
                        view={Lazy::<DeskRoute>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/desk/library") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                    <Route path=path!("/desk/library/:id") view={Lazy::<DeskRoute>::new()} ssr=SsrMode::Async />
                </FlatRoutes>
                <PieceLinks />
            </main>
            {frame.map(|frame| (frame.keyboard)())}
            {frame.is_none().then(|| view! { <Footer /> })}
            {frame.map(|frame| (frame.line)())}
            <layout::Announcer />
        </Router>
    }
}
