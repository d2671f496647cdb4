//! 利用カード: cards found, given out, corrected, barred and replaced, and reservations made for their holders.

pub mod api;
mod forms;
mod page;
mod password;
mod reserve;

use domain::{
    messages::{self, Key},
    patrons::{CardSummary, CardsFound},
};
use leptos::prelude::*;
use leptos_router::{
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};

use super::room::{Room, room_page, search, table, text, way};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
};

/// `/desk/cards` and what is below it
pub(crate) fn cards_page() -> ErasedView {
    let params = use_params_map();
    let page = move || {
        let get = |name: &str| params.read().get(name).unwrap_or_default();
        match (get("id"), get("deed")) {
            (id, _) if id.is_empty() => list_page(),
            (id, _) if id == "new" => forms::new_page(),
            (id, deed) => match deed.as_str() {
                "" => page::card_page(id),
                "edit" => forms::edit_page(id),
                "replace" => forms::replace_page(id),
                "once" => password::once_page(id),
                "reserve" => reserve::reserve_page(id),
                _ => page::reservation_page(id, deed),
            },
        }
    };
    view! { {page} }.erased()
}

/// `/desk/cards?q=…`
fn list_page() -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("q").unwrap_or_default());
    let found = load(move || asked.get(), api::find_cards);
    room_page("/desk/cards".to_owned(), found, move |room| list(&room, &asked.get_untracked()))
}

fn list(room: &Room<CardsFound>, typed: &str) -> ErasedView {
    let i18n = use_i18n();
    let CardsFound { cards, more, replaced } = &room.loaded;
    // A card that was scanned is opened at once.
    if let ([only], false) = (cards.as_slice(), *replaced)
        && !typed.is_empty()
    {
        let path = api::address_of(only.id);
        return view! { <Redirect path /> }.erased();
    }
    let note = match (replaced, cards.is_empty(), more) {
        (true, ..) => Some(p("notice", i18n.t(Key::CardsReplaced))),
        (_, true, _) if !typed.trim().is_empty() => Some(p("empty", i18n.t(Key::CardsNone))),
        (.., true) => Some(p("hint", i18n.t(Key::CardsMore))),
        _ => None,
    };
    let rows: Vec<_> = cards.iter().map(row).collect();
    let columns = [Key::CardName, Key::CardNumber, Key::CardBirthDate, Key::CardTelephone, Key::ColumnState];
    let cards = (!rows.is_empty()).then(|| table(&columns, rows));
    let rest = view! {
        {search("/desk/cards".to_owned(), Key::CardsSearch, typed, None)}
        <p class="hint">{i18n.show(Key::CardsHint)}</p>
        <div role="status">{note}</div>
        {cards}
        <p>{way("/desk/cards/new".to_owned(), Key::CardsNew)}</p>
    };
    room.page(i18n.t(Key::CardsTitle), rest.erased())
}

fn row(card: &CardSummary) -> Vec<ErasedView> {
    let i18n = use_i18n();
    let name = view! {
        <a href=api::address_of(card.id)>{card.name.clone()}</a>
        <p class="facts">{card.kana.clone()}</p>
    };
    vec![
        name.erased(),
        text(card.number.clone()),
        text(i18n.date(card.birth_date)),
        text(card.telephone.clone()),
        text(i18n.t(messages::card_state(card.card))),
    ]
}
