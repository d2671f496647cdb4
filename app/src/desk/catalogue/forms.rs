//! The form of a title.

use domain::{
    catalog::{BibForm, KeptBib, MaterialType},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Offer, Room, hidden, room_page, submit, way},
    api::{self, AddBib, EditBib},
};
use crate::{
    components::native_form,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
};

/// `/desk/catalogue/new?isbn=…`
pub(super) fn new_page() -> ErasedView {
    let isbn = use_query_map().read_untracked().get("isbn").unwrap_or_default();
    let form = BibForm { isbn, material: MaterialType::Book.as_str().to_owned(), ..BibForm::default() };
    room_page("/desk/catalogue/new".to_owned(), load(|| (), |()| api::new_bib()), move |room: Room<Offer<()>>| {
        let fields = view! {
            {hidden("op", room.loaded.op)} {fields(&room, &form)}
            <div class="buttons">
                {submit(Key::BibSave)} {way("/desk/catalogue".to_owned(), Key::DeskBack)}
            </div>
        };
        room.page(use_i18n().t(Key::CatalogueNew), native_form::<AddBib>("stack", fields.erased()))
    })
}

/// `/desk/catalogue/{id}/edit`
pub(super) fn edit_page(id: String) -> ErasedView {
    let address = format!("/desk/catalogue/{id}/edit");
    room_page(address, load(|| (), move |()| api::load_bib(id.clone())), |room: Room<KeptBib>| {
        let fields = view! {
            {hidden("bib", room.loaded.id)} {fields(&room, &BibForm::of(&room.loaded.record))}
            <div class="buttons">
                {submit(Key::BibSave)} {way(api::address_of(room.loaded.id), Key::DeskBack)}
            </div>
        };
        room.page(use_i18n().t(Key::BibEdit), native_form::<EditBib>("stack", fields.erased()))
    })
}

fn fields<T>(room: &Room<T>, form: &BibForm) -> ErasedView {
    let i18n = use_i18n();
    let materials = MaterialType::ALL.iter().map(|kind| (kind.as_str().to_owned(), i18n.t(messages::material(*kind))));
    view! {
        {room.field(Input::digits("isbn", Key::BibIsbn, &form.isbn))}
        {room.field(Input::text("title", Key::BibTitle, &form.title).required().focused(true))}
        {room.field(Input::text("reading", Key::BibReading, &form.reading))}
        {room.field(Input::text("volume", Key::BibVolume, &form.volume))}
        {room.field(Input::text("creators", Key::BibCreators, &form.creators))}
        {room.field(Input::text("publisher", Key::BibPublisher, &form.publisher))}
        {room.field(Input::digits("year", Key::BibYear, &form.year))}
        {room.field(Input::text("ndc", Key::BibNdc, &form.ndc))}
        {room.select("material", Key::BibMaterial, materials.collect(), &form.material)}
    }
    .erased()
}
