//! Reserving for a patron: a title by barcode, number or words, then place and contact.

use domain::{
    PlaceCode,
    catalog::{FoundBib, FoundPart},
    messages::Key,
    patrons::{CardPage, Contact},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::{
        room::{Offer, Room, hidden, room_page, search, section, table, text, way},
        said::Said,
    },
    api::{self, ReserveFor},
    page::account,
};
use crate::{
    address,
    cart::place::{contact_choices, place_choices},
    components::{creators, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
};

/// `/desk/cards/{id}/reserve?q=…&part=…`
pub(super) fn reserve_page(id: String) -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let get = |name: &str| query.read().get(name).unwrap_or_default();
        (get("q"), get("part"))
    });
    let address = format!("/desk/cards/{id}/reserve");
    let found = load(move || asked.get().0, move |typed| api::card_titles(id.clone(), typed));
    room_page(address, found, move |room| {
        let (typed, part) = asked.get_untracked();
        reserve(&room, &typed, &part)
    })
}

type Loaded = Offer<(CardPage, Vec<FoundBib>)>;

fn reserve(room: &Room<Loaded>, typed: &str, part: &str) -> ErasedView {
    let i18n = use_i18n();
    let (page, found) = &room.loaded.shown;
    let own = format!("{}/reserve", api::address_of(page.card.id));
    let parts = || found.iter().flat_map(|bib| bib.parts.iter().map(move |part| (bib, part)));
    let all: Vec<_> = parts().collect();
    let chosen = match all.as_slice() {
        // What was scanned is chosen.
        [(_, only)] => Some(*only),
        _ => all.iter().find(|(_, of)| of.id.to_string() == part).map(|(_, of)| *of),
    };
    let rest = match chosen {
        Some(chosen) => confirm(room, chosen, typed),
        None if all.is_empty() && !typed.trim().is_empty() => p("empty", i18n.t(Key::NothingFound)),
        None => {
            let rows = all.iter().map(|(bib, part)| row(i18n, bib, part, &own, typed)).collect::<Vec<_>>();
            let columns = [Key::ColumnTitle, Key::FactCreators, Key::ColumnState];
            if rows.is_empty() { text("") } else { table(&columns, rows) }
        }
    };
    let rest = view! {
        <p>{page.card.name.clone()}</p>
        {search(own, Key::CatalogueSearch, typed, None)}
        {rest}
        <p>{way(api::address_of(page.card.id), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::CardReserve), rest.erased())
}

fn row(i18n: I18n, bib: &FoundBib, part: &FoundPart, own: &str, typed: &str) -> Vec<ErasedView> {
    let href = format!("{own}?q={}&part={}", address::encode(typed), part.id);
    let state = match (&part.refusal, part.waiting) {
        (Some(refusal), _) => i18n.refusal(refusal),
        (None, 0) => i18n.t(Key::NobodyWaits),
        (None, n) => i18n.number(Key::Waiting, n),
    };
    vec![view! { <a href=href>{part.title.clone()}</a> }.erased(), text(creators(&bib.record)), text(state)]
}

/// Place and contact for the title that was chosen, and a reason where staff may overrule.
fn confirm(room: &Room<Loaded>, part: &FoundPart, typed: &str) -> ErasedView {
    let i18n = use_i18n();
    let (page, _) = &room.loaded.shown;
    let by_default = if page.ready_mail().is_some() { Contact::Mail } else { Contact::Telephone };
    let here = room.staff.place.as_ref().map_or("", |place| place.0.as_str());
    let place = PlaceCode(room.value("place", here));
    let contact = room.value("contact", by_default.as_str()).parse().unwrap_or(by_default);
    let overrule = room.said.as_ref().is_some_and(Said::may_be_overruled)
        || part.refusal.as_ref().is_some_and(domain::circulation::Refusal::may_be_overruled);
    let overrule = overrule.then(|| {
        view! {
            <div class="field">
                <label for="reason">{i18n.show(Key::ReserveOverrule)}</label>
                <input id="reason" name="reason" autocomplete="off" />
            </div>
        }
    });
    let refused = part.refusal.as_ref().map(|refusal| p("why-not", i18n.refusal(refusal)));
    let fields = view! {
        {hidden("op", room.loaded.op)}
        {hidden("card", page.card.id)}
        {hidden("part", part.id)}
        {hidden("q", typed)}
        {refused}
        {place_choices(Some(&place))}
        {contact_choices(&account(page), contact)}
        {overrule}
        <button class="primary">{i18n.show(Key::Reserve)}</button>
    };
    let content =
        view! { <p class="title">{part.title.clone()}</p> {native_form::<ReserveFor>("stack", fields.erased())} };
    section(Key::CardReserveChosen, content.erased())
}
