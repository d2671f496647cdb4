//! 館内OPAC: which devices are kiosks. Managers only.

use domain::{messages::Key, patrons::KioskView};
use leptos::prelude::*;

use super::{
    super::room::{Input, Room, hidden, room_page, section, submit, table, text, way},
    kiosk_api::{self, KIOSKS, RegisterKiosk, RemoveKiosk},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
};

/// `/desk/library/kiosks`
pub(super) fn page() -> ErasedView {
    room_page(KIOSKS.to_owned(), load(|| (), |()| kiosk_api::kiosks()), |room| list(&room))
}

fn list(room: &Room<Vec<KioskView>>) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let rows: Vec<_> = room.loaded.iter().map(row).collect();
    let there = if rows.is_empty() {
        p("hint", i18n.t(Key::KioskNone))
    } else {
        table(&[Key::KioskName, Key::KioskPlace, Key::KioskSince, Key::ColumnActions], rows)
    };
    let places: Vec<_> = site.places().into_iter().map(|code| (code.to_string(), site.place(&code))).collect();
    let here = room.staff.place.as_ref().map(ToString::to_string).unwrap_or_default();
    let fields = view! {
        {p("hint", i18n.t(Key::KioskRegisterLead))}
        {room.field(Input::text("name", Key::KioskName, "").required())}
        {room.select("place", Key::KioskPlace, places, &here)}
        {submit(Key::KioskRegister)}
    };
    let rest = view! {
        {p("hint", i18n.t(Key::KioskLead))}
        {there}
        {section(Key::KioskRegisterTitle, native_form::<RegisterKiosk>("stack", fields.erased()))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::KioskTitle), rest.erased())
}

fn row(kiosk: &KioskView) -> Vec<ErasedView> {
    let i18n = use_i18n();
    let named = i18n.fill(Key::KioskRemoveNamed, &[("name", &kiosk.name)]);
    let remove = view! {
        {hidden("kiosk", kiosk.id)} <button aria-label=named>{i18n.show(Key::KioskRemove)}</button>
    };
    vec![
        text(kiosk.name.clone()),
        text(use_site().place(&kiosk.place)),
        text(i18n.date(kiosk.registered)),
        native_form::<RemoveKiosk>("inline", remove.erased()),
    ]
}
