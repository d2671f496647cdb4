//! 未所蔵資料: titles the library does not own, from 受付 to the queue or お断り, and copies other libraries lend.

pub mod api;
mod forms;

use domain::{
    circulation::{BorrowedView, ItemState, RequestView},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::api::{SendBorrowed, Wanted};
use super::room::{Room, hidden, room_page, section, table, text, way};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    site::use_site,
};

/// `/desk/requests` and what is below it
pub(crate) fn requests_page() -> ErasedView {
    let params = use_params_map();
    let page = move || match params.read().get("id").unwrap_or_default().as_str() {
        "" => room_page("/desk/requests".to_owned(), load(|| (), |()| api::load_wanted()), |room| list(&room)),
        "new" => forms::new_page(),
        id => forms::manage_page(id.to_owned()),
    };
    view! { {page} }.erased()
}

fn list(room: &Room<Wanted>) -> ErasedView {
    let i18n = use_i18n();
    let Wanted { requests, borrowed } = &room.loaded;
    let open = if requests.is_empty() {
        p("empty", i18n.t(Key::RequestsNone))
    } else {
        let columns = [Key::ColumnTitle, Key::RequestProgress, Key::RequestFor, Key::PickupPlace, Key::ColumnActions];
        table(&columns, requests.iter().map(|one| request(i18n, one)).collect())
    };
    let lent = if borrowed.is_empty() {
        p("empty", i18n.t(Key::BorrowedNone))
    } else {
        let columns =
            [Key::ColumnTitle, Key::RequestLender, Key::RequestLenderDue, Key::ColumnState, Key::ColumnActions];
        table(&columns, borrowed.iter().map(|one| copy(i18n, one)).collect())
    };
    let rest = view! {
        {open}
        <p>{way("/desk/requests/new".to_owned(), Key::RequestsNew)}</p>
        {section(Key::BorrowedTitle, lent)}
    };
    room.page(i18n.t(Key::RequestsTitle), rest.erased())
}

fn request(i18n: I18n, one: &RequestView) -> Vec<ErasedView> {
    let title = view! {
        {one.title.clone()}
        <p class="facts">
            <span>{one.creators.clone()}</span> <span>{i18n.fill(Key::PlacedOn, &[("date", &i18n.date(one.placed_on))])}</span>
        </p>
    };
    let name = i18n.fill(Key::RequestOf, &[("title", &one.title)]);
    let href = format!("/desk/requests/{}", one.id);
    vec![
        title.erased(),
        text(i18n.t(messages::request_step(one.step))),
        view! { <a href=format!("/desk/cards/{}", one.patron)>{one.name.clone()}</a> }.erased(),
        text(use_site().place(&one.pickup_place)),
        view! { <a class="button" href=href aria-label=name>{i18n.show(Key::RequestOpen)}</a> }.erased(),
    ]
}

fn copy(i18n: I18n, one: &BorrowedView) -> Vec<ErasedView> {
    let site = use_site();
    let title = view! { {one.title.clone()} <p class="facts">{one.barcode.clone()}</p> };
    // While a patron has it, or is about to, it can't have been sent back.
    let here = !matches!(one.state, ItemState::OnLoan | ItemState::OnHoldShelf | ItemState::InTransit);
    let send = here.then(|| {
        let name = i18n.fill(Key::BorrowedSendOf, &[("title", &one.title)]);
        let button = view! {
            {hidden("barcode", &one.barcode)} <button aria-label=name>{i18n.show(Key::BorrowedSend)}</button>
        };
        native_form::<SendBorrowed>("inline", button.erased())
    });
    vec![
        title.erased(),
        text(one.lender.clone()),
        text(one.due_on.map(|day| i18n.date(day)).unwrap_or_default()),
        text(format!("{} {}", i18n.t(messages::item_state(one.state)), site.place(&one.place))),
        view! { {send} }.erased(),
    ]
}
