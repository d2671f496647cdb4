//! Merging two titles: the other one is found, both are shown with what will happen, then it is done.

use domain::{
    catalog::{FoundBib, MergePreview, MergeSide},
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Room, hidden, room_page, search, section, submit, table, text, way},
    api::{self, MergeBibs},
};
use crate::{
    components::{alert, creators, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
};

/// `/desk/catalogue/{id}/merge?q=…`
pub(super) fn choose_page(id: String) -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("q").unwrap_or_default());
    let found = load(move || asked.get(), api::find_bibs);
    let address = format!("/desk/catalogue/{id}/merge");
    room_page(address, found, move |room| choose(&room, &id, &asked.get_untracked()))
}

fn choose(room: &Room<Vec<FoundBib>>, id: &str, typed: &str) -> ErasedView {
    let i18n = use_i18n();
    let others: Vec<_> = room.loaded.iter().filter(|bib| bib.id.to_string() != id).collect();
    let none = (others.is_empty() && !typed.trim().is_empty()).then(|| p("empty", i18n.t(Key::NothingFound)));
    let rows = others.iter().map(|bib| {
        let href = format!("/desk/catalogue/{id}/{}", bib.id);
        vec![
            view! { <a href=href>{bib.record.display_title()}</a> }.erased(),
            text(creators(&bib.record)),
            text(bib.parts.iter().map(|part| part.copies).sum::<u32>().to_string()),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let found = (!rows.is_empty()).then(|| table(&[Key::MergeChoose, Key::FactCreators, Key::RecordCopies], rows));
    let rest = view! {
        {search(format!("/desk/catalogue/{id}/merge"), Key::MergeSearch, typed, None)}
        <div role="status">{none}</div>
        {found}
        <p>{way(format!("/desk/catalogue/{id}"), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::BibMerge), rest.erased())
}

/// `/desk/catalogue/{from}/{into}`
pub(super) fn preview_page(from: String, into: String) -> ErasedView {
    let address = format!("/desk/catalogue/{from}/{into}");
    let loaded = load(|| (), move |()| api::preview_merge(from.clone(), into.clone()));
    room_page(address, loaded, |room| preview(&room))
}

fn preview(room: &Room<MergePreview>) -> ErasedView {
    let i18n = use_i18n();
    let MergePreview { from, into, after } = &room.loaded;
    let outcome = match after {
        Err(refusal) => alert(i18n.refusal(refusal)),
        Ok(after) => {
            let doubles = (from.reservations + into.reservations).saturating_sub(after.reservations);
            let doubles = (doubles > 0).then(|| p("notice", i18n.number(Key::MergeDoubles, doubles)));
            let fields = view! {
                {hidden("from", from.id)} {hidden("into", into.id)} {p("", i18n.t(Key::MergeFinal))}
                {submit(Key::MergeButton)}
            };
            let content = view! {
                {counts(i18n, after)} {p("", i18n.t(Key::MergeQueue))} {doubles}
                {native_form::<MergeBibs>("stack", fields.erased())}
            };
            section(Key::MergeAfter, content.erased())
        }
    };
    let rest = view! {
        <div class="sides">
            {section(Key::MergeGoes, side(i18n, from))} {section(Key::MergeStays, side(i18n, into))}
        </div>
        {outcome}
        <p>{way(api::address_of(from.id), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::MergeTitle), rest.erased())
}

fn side(i18n: I18n, side: &MergeSide) -> ErasedView {
    let record = &side.record;
    let year = record.year.map(|year| year.to_string()).unwrap_or_default();
    view! {
        <p class="title">{record.display_title()}</p>
        <p class="facts">
            <span>{creators(record)}</span> <span>{record.publisher.clone()}</span> <span>{year}</span>
            <span>{record.isbns.join(" ")}</span>
        </p>
        {counts(i18n, side)}
    }
    .erased()
}

fn counts(i18n: I18n, side: &MergeSide) -> ErasedView {
    let counts = [("copies", &*side.copies.to_string()), ("reservations", &*side.reservations.to_string())];
    p("", i18n.fill(Key::MergeCounts, &counts))
}
