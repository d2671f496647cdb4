//! 図書館の読書マラソン: the seasons patrons may join, and how many did (R29). Managers only.

use domain::{
    SeasonId,
    bookshelf::marathon::{Season, SeasonFigures},
    figures::Figure,
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Offer, Room, hidden, room_page, section, submit, table, text, way},
    seasons_api::{self as api, AddSeason, ChangeSeason, RemoveSeason},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    site::use_site,
};

/// The page's address.
pub(super) const ADDRESS: &str = "/desk/library/seasons";

/// The page on which a season is changed.
#[cfg(feature = "ssr")]
pub(super) fn edit_address(season: SeasonId) -> String {
    format!("{ADDRESS}?edit={season}")
}

/// `/desk/library/seasons`, and with `?edit=…` one of them
pub(super) fn page() -> ErasedView {
    let query = use_query_map();
    let edited = Memo::new(move |_| query.read().get_str("edit").and_then(|id| id.parse::<SeasonId>().ok()));
    room_page(ADDRESS.to_owned(), load(move || edited.get(), |_| api::seasons()), move |room| {
        let season = |id| room.loaded.shown.iter().map(|one| &one.season).find(|season| season.id == id);
        match edited.get_untracked().and_then(season) {
            Some(season) => edit(&room, season),
            None => list(&room),
        }
    })
}

fn fields(room: &Room<Offer<Vec<SeasonFigures>>>, [name, from, until, books]: [&str; 4]) -> ErasedView {
    view! {
        {room.field(Input::text("name", Key::SeasonName, name).required())}
        {room.field(Input::date("from", Key::SeasonFrom, from).required())}
        {room.field(Input::date("until", Key::SeasonUntil, until).required())}
        {room.field(Input::digits("books", Key::SeasonBooks, books).required())}
    }
    .erased()
}

fn edit(room: &Room<Offer<Vec<SeasonFigures>>>, season: &Season) -> ErasedView {
    let i18n = use_i18n();
    let frame = &season.frame;
    let now = [frame.name.clone(), frame.from.to_string(), frame.until.to_string(), season.books.to_string()];
    let now = now.each_ref().map(String::as_str);
    let form = view! { {hidden("id", season.id)} {fields(room, now)} {submit(Key::SeasonEdit)} };
    let rest = view! {
        {p("hint", i18n.t(Key::SeasonChangeLead))}
        {native_form::<ChangeSeason>("stack", form.erased())}
        <p>{way(ADDRESS.to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.fill(Key::SeasonChange, &[("name", &frame.name)]), rest.erased())
}

fn list(room: &Room<Offer<Vec<SeasonFigures>>>) -> ErasedView {
    let i18n = use_i18n();
    let Offer { op, shown } = &room.loaded;
    let columns = [
        Key::SeasonName,
        Key::SeasonFrom,
        Key::SeasonUntil,
        Key::SeasonBooks,
        Key::SeasonJoined,
        Key::SeasonFinished,
        Key::ColumnActions,
    ];
    let rows = shown.iter().map(|one| row(i18n, one)).collect();
    let form = view! { {hidden("op", op)} {fields(room, ["", "", "", "10"])} {submit(Key::SeasonAddButton)} };
    let rest = view! {
        {p("hint", i18n.t(Key::SeasonLead))}
        {(!shown.is_empty()).then(|| table(&columns, rows))}
        {section(Key::SeasonAdd, native_form::<AddSeason>("stack", form.erased()))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::SeasonTitle), rest.erased())
}

fn row(i18n: I18n, one: &SeasonFigures) -> Vec<ErasedView> {
    let frame = &one.season.frame;
    let number = |figure: Figure| match figure {
        Figure::Exact(count) => text(count.to_string()),
        Figure::Few => text(i18n.t(Key::FigureFew)),
    };
    let name = i18n.fill(Key::SeasonRemoveOf, &[("name", &frame.name)]);
    let remove = view! {
        {hidden("season", one.season.id)} <button aria-label=name>{i18n.show(Key::SeasonRemove)}</button>
    };
    let edit = (frame.until >= use_site().with(|site| site.today)).then(|| {
        let name = i18n.fill(Key::SeasonEditOf, &[("name", &frame.name)]);
        let href = format!("{ADDRESS}?edit={}", one.season.id);
        view! { <a class="button" href=href aria-label=name>{i18n.show(Key::SeasonEdit)}</a> }
    });
    vec![
        text(frame.name.clone()),
        text(i18n.date(frame.from)),
        text(i18n.date(frame.until)),
        text(one.season.books.to_string()),
        number(one.joined),
        number(one.finished),
        view! { {edit} {native_form::<RemoveSeason>("inline", remove.erased())} }.erased(),
    ]
}
