//! お知らせ: what the library tells everybody on its home page.

use chrono::NaiveDate;
use domain::{BulletinId, bulletin::Bulletin, messages::Key};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Offer, Room, hidden, room_page, section, submit, table, text, way},
    bulletins_api::{self as api, AddBulletin, ChangeBulletin, RemoveBulletin},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    site::use_site,
};

/// The page's address.
pub(super) const ADDRESS: &str = "/desk/library/bulletins";

/// The page on which one is changed.
pub(super) fn edit_address(bulletin: BulletinId) -> String {
    format!("{ADDRESS}?edit={bulletin}")
}

/// `/desk/library/bulletins`, and with `?edit=…` one of them
pub(super) fn page() -> ErasedView {
    let query = use_query_map();
    let edited = Memo::new(move |_| query.read().get_str("edit").and_then(|id| id.parse::<BulletinId>().ok()));
    room_page(ADDRESS.to_owned(), load(move || edited.get(), |_| api::bulletins()), move |room| {
        match edited.get_untracked().and_then(|id| room.loaded.shown.iter().find(|one| one.id == id)) {
            Some(bulletin) => edit(&room, bulletin),
            None => list(&room),
        }
    })
}

fn fields(room: &Room<Offer<Vec<Bulletin>>>, [title, words, from, until]: [&str; 4]) -> ErasedView {
    view! {
        {room.field(Input::text("title", Key::BulletinHeading, title).required())}
        {room.paragraphs("text", Key::BulletinText, Key::BulletinTextHint, words)}
        {room.field(Input::date("from", Key::BulletinFrom, from))}
        {room.field(Input::date("until", Key::BulletinUntil, until).required())}
    }
    .erased()
}

fn edit(room: &Room<Offer<Vec<Bulletin>>>, one: &Bulletin) -> ErasedView {
    let i18n = use_i18n();
    let (from, until) = (one.from.to_string(), one.until.to_string());
    let form = view! {
        {hidden("id", one.id)} {fields(room, [&one.title, &one.text, &from, &until])} {submit(Key::BulletinSave)}
    };
    let rest = view! {
        {p("hint", i18n.t(Key::BulletinLead))}
        {native_form::<ChangeBulletin>("stack", form.erased())}
        <p>{way(ADDRESS.to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.fill(Key::BulletinChange, &[("title", &one.title)]), rest.erased())
}

fn list(room: &Room<Offer<Vec<Bulletin>>>) -> ErasedView {
    let i18n = use_i18n();
    let Offer { op, shown } = &room.loaded;
    let today = use_site().with(|site| site.today);
    let columns = [Key::BulletinHeading, Key::BulletinState, Key::BulletinDays, Key::ColumnActions];
    let all = if shown.is_empty() {
        p("empty", i18n.t(Key::BulletinNone))
    } else {
        table(&columns, shown.iter().map(|one| row(i18n, one, today)).collect())
    };
    let form = view! {
        {hidden("op", op)} {fields(room, ["", "", &today.to_string(), ""])} {submit(Key::BulletinAddButton)}
    };
    let rest = view! {
        {p("hint", i18n.t(Key::BulletinLead))}
        {all}
        {section(Key::BulletinAdd, native_form::<AddBulletin>("stack", form.erased()))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::BulletinTitle), rest.erased())
}

fn row(i18n: I18n, one: &Bulletin, today: NaiveDate) -> Vec<ErasedView> {
    let of = |key: Key| i18n.fill(key, &[("title", &one.title)]);
    let state = match (today < one.from, one.until < today) {
        (true, _) => Key::BulletinComing,
        (false, true) => Key::BulletinOver,
        (false, false) => Key::BulletinShown,
    };
    let days = [("from", &*i18n.date(one.from)), ("until", &*i18n.date(one.until))];
    let remove = view! {
        {hidden("id", one.id)} <button aria-label=of(Key::BulletinRemoveOf)>{i18n.show(Key::BulletinRemove)}</button>
    };
    let edit = view! {
        <a class="button" href=edit_address(one.id) aria-label=of(Key::BulletinEditOf)>{i18n.show(Key::BulletinEdit)}</a>
    };
    vec![
        text(one.title.clone()),
        text(i18n.t(state)),
        text(i18n.fill(Key::HomeSeasonDays, &days)),
        view! { {edit} {native_form::<RemoveBulletin>("inline", remove.erased())} }.erased(),
    ]
}
