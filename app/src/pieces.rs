//! The pieces in which the program comes to a reader. The first has what everybody sees, from the home page to a record; what leads from
//! the cart to a reservation comes as soon as a page is touched (`public/shell.js`); the others when one of their pages is opened.
//!
//! A piece holds many pages, because what some pieces share and others don't is a file of its own: with a piece for each
//! page a page would be made of dozens.

#[cfg(feature = "ssr")]
use std::{collections::BTreeSet, sync::Arc};

#[cfg(feature = "ssr")]
use axum::http::request::Parts;
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_matched};

#[cfg(feature = "ssr")]
use crate::ssr::{Program, language, texts};
use crate::{
    account::{
        cancelled::CancelledPage,
        card::CardPage,
        data::{DataDeedPage, DataPage},
        deeds::DeedPage,
        loans::LoansPage,
        login::LoginPage,
        reservations::ReservationsPage,
    },
    bookshelf::{
        deeds::ListDeedPage,
        history::{HistoryDeedPage, HistoryPage},
        list::ListPage,
        marathon::{DeedPage as MarathonDeedPage, OnePage as MarathonPage, list::ListPage as MarathonsPage},
        shared::SharedPage,
        shelf::ShelfPage,
    },
    cart::{confirm::ConfirmPage, done::DonePage, page::CartPage, place::PlacePage},
    desk,
    door::{
        link::{DonePage as LinkDonePage, LinkPage},
        register::{OncePage, RegisterPage, SentPage},
        settings::SettingsPage,
    },
    erase::Erase as _,
    kiosk,
    layout::NotFound,
};

/// The texts of what comes in pieces. The server has them all.
async fn more_texts() {
    #[cfg(feature = "hydrate")]
    {
        let i18n = crate::i18n::use_i18n();
        if !i18n.is_whole() {
            i18n.add(crate::browser::fetch_more_texts().await);
        }
    }
}

/// From the cart to what was reserved.
#[derive(Debug)]
pub struct CartRoute;

impl LazyRoute for CartRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_this: Self) -> AnyView {
        more_texts().await;
        cart_page().await
    }

    async fn preload() {
        #[cfg(feature = "hydrate")]
        __preload_cart_page().await;
    }
}

#[lazy(cart_route)]
fn cart_page() -> AnyView {
    match opened().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["cart"] => view! { <CartPage /> }.erased(),
        ["cart", "place"] => view! { <PlacePage /> }.erased(),
        ["cart", "confirm"] => view! { <ConfirmPage /> }.erased(),
        ["cart", "done"] => view! { <DonePage /> }.erased(),
        _ => view! { <NotFound /> }.erased(),
    }
    .into_any()
}

/// 利用照会 and the door: what a patron's card opens, and how it is opened.
#[derive(Debug)]
pub struct AccountRoute;

impl LazyRoute for AccountRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_this: Self) -> AnyView {
        more_texts().await;
        account_page().await
    }

    async fn preload() {
        #[cfg(feature = "hydrate")]
        __preload_account_page().await;
    }
}

#[lazy(account_route)]
fn account_page() -> AnyView {
    match opened().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["login"] => view! { <LoginPage /> }.erased(),
        ["register"] => view! { <RegisterPage /> }.erased(),
        ["register", "sent"] => view! { <SentPage /> }.erased(),
        ["register", "once"] => view! { <OncePage /> }.erased(),
        ["link"] => view! { <LinkPage /> }.erased(),
        ["link", "done"] => view! { <LinkDonePage /> }.erased(),
        ["account", "reservations"] => view! { <ReservationsPage /> }.erased(),
        ["account", "cancelled"] => view! { <CancelledPage /> }.erased(),
        ["account", "loans"] => view! { <LoansPage /> }.erased(),
        ["account", "card"] => view! { <CardPage /> }.erased(),
        ["account", "settings"] => view! { <SettingsPage /> }.erased(),
        ["account", "data"] => view! { <DataPage /> }.erased(),
        ["account", "data", _] => view! { <DataDeedPage /> }.erased(),
        ["account", _, _, _] => view! { <DeedPage /> }.erased(),
        _ => view! { <NotFound /> }.erased(),
    }
    .into_any()
}

/// My本棚.
#[derive(Debug)]
pub struct BookshelfRoute;

impl LazyRoute for BookshelfRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_this: Self) -> AnyView {
        more_texts().await;
        bookshelf_page().await
    }

    async fn preload() {
        #[cfg(feature = "hydrate")]
        __preload_bookshelf_page().await;
    }
}

#[lazy(bookshelf_route)]
fn bookshelf_page() -> AnyView {
    match opened().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["shared"] => view! { <SharedPage /> }.erased(),
        ["account", "bookshelf"] => view! { <ShelfPage /> }.erased(),
        ["account", "bookshelf", _] => view! { <ListPage /> }.erased(),
        ["account", "bookshelf", _, _] => view! { <ListDeedPage /> }.erased(),
        ["account", "history"] => view! { <HistoryPage /> }.erased(),
        ["account", "history", _] => view! { <HistoryDeedPage /> }.erased(),
        ["account", "marathon"] => view! { <MarathonsPage /> }.erased(),
        ["account", "marathon", _] => view! { <MarathonPage /> }.erased(),
        ["account", "marathon", _, _] => view! { <MarathonDeedPage /> }.erased(),
        _ => view! { <NotFound /> }.erased(),
    }
    .into_any()
}

/// The desk, which readers never load. All of it at once: its pages are opened in the midst of work, also without a line.
#[derive(Debug)]
pub struct DeskRoute;

impl LazyRoute for DeskRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_this: Self) -> AnyView {
        more_texts().await;
        desk_page().await
    }

    async fn preload() {
        #[cfg(feature = "hydrate")]
        __preload_desk_page().await;
    }
}

#[lazy(desk_route)]
fn desk_page() -> AnyView {
    match opened().iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["desk"] => desk::check_in_page(),
        ["desk", "check-out"] => desk::check_out::check_out_page(),
        ["desk", "journal"] => desk::journal::journal_page(),
        ["desk", "copies"] => desk::copies::copies_page(),
        ["desk", "mail"] => desk::mail::mail_page(),
        ["desk", "today"] => desk::lists::today::today_page(),
        ["desk", "pulls"] => desk::lists::pulls::pulls_page(),
        ["desk", "holds"] => desk::lists::holds::holds_page(),
        ["desk", "transit"] => desk::lists::transit::transit_page(),
        ["desk", "telephone"] => desk::lists::telephone::telephone_page(),
        ["desk", "decisions"] => desk::lists::decisions::decisions_page(),
        ["desk", "letters"] => desk::lists::letters::letters_page(),
        ["desk", "cards", ..] => desk::cards::cards_page(),
        ["desk", "requests", ..] => desk::requests::requests_page(),
        ["desk", "catalogue", ..] => desk::catalogue::catalogue_page(),
        ["desk", "library", ..] => desk::library::library_page(),
        _ => view! { <NotFound /> }.erased(),
    }
    .into_any()
}

/// What stands around the pages of a kiosk, which no other device loads.
#[cfg(feature = "hydrate")]
#[lazy]
pub(crate) fn kiosk_frame() -> kiosk::Frame {
    kiosk::Frame::new()
}

/// Names the page's piece in its head, so that the browser fetches it beside the first file, and its store of pages knows what
/// the page is made of (`public/sw-store.js`). It stands behind the routes, which note the piece as they are rendered.
///
/// Leptos names pieces too, but when the page is finished and another one may be under way on the thread: they stood on that
/// page, or on none (`leptos_integration_utils` 0.8.9). With [`note_pieces`] it has none to name.
#[component]
pub(crate) fn PieceLinks() -> impl IntoView {
    #[cfg(feature = "ssr")]
    return {
        let of_the_page = Owner::current();
        move || {
            if let Some(owner) = &of_the_page {
                owner.with(name_pieces);
            }
        }
    };
    #[cfg(not(feature = "ssr"))]
    ()
}

/// Lets [`PieceLinks`] know of the pieces of a page. The host calls it for each page before it is made.
#[cfg(feature = "ssr")]
pub fn note_pieces() {
    provide_context(leptos::PrefetchLazyFn::default());
}

#[cfg(feature = "ssr")]
fn name_pieces() {
    use leptos_meta::Link;

    let noted = use_context::<leptos::PrefetchLazyFn>().and_then(|noted| noted.0.try_get_value()).unwrap_or_default();
    // A page that runs no program has no use for them.
    if with_context(|parts: &Parts| crate::phone::is_plain(parts.uri.path())).unwrap_or_default() {
        return;
    }
    let Some(program) = use_context::<Arc<Program>>() else { return };
    let Some(pieces) = &program.pieces else { return };
    let nonce = leptos::nonce::use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let entry = format!("{}/{}", program.folder, pieces.script);
    // What is made of a `Link` is put into the head; where it stands nothing remains.
    _ = view! { <Link rel="modulepreload" href=entry crossorigin=nonce.clone() /> }.to_html();
    let frame = if kiosk::is_kiosk() { pieces.named("kiosk_frame") } else { &[] };
    let of_page = noted.iter().filter_map(|piece| pieces.files.get(*piece)).flatten();
    let files: BTreeSet<_> = of_page.chain(frame).collect();
    if !files.is_empty() {
        _ = view! { <Link rel="preload" href=more_texts_file() as_="fetch" crossorigin="anonymous" /> }.to_html();
    }
    for file in files {
        let (address, nonce) = (format!("{}/{file}.wasm", program.folder), nonce.clone());
        _ = view! { <Link rel="preload" href=address as_="fetch" type_="application/wasm" crossorigin=nonce /> }
            .to_html();
    }
}

#[cfg(feature = "ssr")]
fn more_texts_file() -> &'static str {
    texts::addresses(language::wanted()).more
}

/// Fetches, while there is a line, the pieces a kiosk's visitor opens next: a kiosk keeps no pages, and a piece that can't be
/// had leaves the page to the browser (`public/shell.js`), which would show its own words there.
pub(crate) fn fetch_for_kiosk() {
    #[cfg(feature = "hydrate")]
    leptos::task::spawn_local(async {
        CartRoute::preload().await;
        AccountRoute::preload().await;
    });
}

/// Files of what leads from the cart to a reservation, for `public/shell.js`: it fetches them when a page is touched, so that they
/// are there before a title is in the cart. It is not the program that does so, because for it a file that can't be had is the
/// end.
#[cfg(feature = "ssr")]
pub(crate) fn soon() -> Option<String> {
    let program = use_context::<Arc<Program>>()?;
    let files = program.pieces.as_ref()?.named("cart_route").iter();
    let files = files.map(|file| format!("{}/{file}.wasm", program.folder)).chain([more_texts_file().to_owned()]);
    Some(files.collect::<Vec<_>>().join(" "))
}

/// The parts of the address by which the route was found. Not of the browser's address, which may be another's by now.
fn opened() -> Vec<String> {
    let matched = use_matched().get_untracked();
    matched.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
