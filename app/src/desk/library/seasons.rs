//! 図書館の読書マラソン: the seasons patrons may join, and how many did (R29). Managers only.

use domain::{bookshelf::marathon::SeasonFigures, figures::Figure, messages::Key};
use leptos::prelude::*;

use super::{
    super::room::{Input, Offer, Room, hidden, room_page, section, submit, table, text, way},
    seasons_api::{self as api, AddSeason, RemoveSeason},
};
use crate::{
    components::{native_form, p},
    erase::Erase as _,
    i18n::{I18n, use_i18n},
    load::load,
};

/// The page's address.
pub(super) const ADDRESS: &str = "/desk/library/seasons";

/// `/desk/library/seasons`
pub(super) fn page() -> AnyView {
    room_page(ADDRESS.to_owned(), load(|| (), |()| api::seasons()), |room| list(&room))
}

fn list(room: &Room<Offer<Vec<SeasonFigures>>>) -> AnyView {
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
    let fields = view! {
        {hidden("op", op)}
        {room.field(Input::text("name", Key::SeasonName, "").required())}
        {room.field(Input::date("from", Key::SeasonFrom, "").required())}
        {room.field(Input::date("until", Key::SeasonUntil, "").required())}
        {room.field(Input::digits("books", Key::SeasonBooks, "10").required())}
        {submit(Key::SeasonAddButton)}
    };
    let rest = view! {
        {p("hint", i18n.t(Key::SeasonLead))}
        {(!shown.is_empty()).then(|| table(&columns, rows))}
        {section(Key::SeasonAdd, native_form::<AddSeason>("stack", fields.erased()))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::SeasonTitle), rest.erased())
}

fn row(i18n: I18n, one: &SeasonFigures) -> Vec<AnyView> {
    let frame = &one.season.frame;
    let number = |figure: Figure| match figure {
        Figure::Exact(count) => text(count.to_string()),
        Figure::Few => text(i18n.t(Key::FigureFew)),
    };
    let name = i18n.fill(Key::SeasonRemoveOf, &[("name", &frame.name)]);
    let remove = view! {
        {hidden("season", one.season.id)} <button aria-label=name>{i18n.t(Key::SeasonRemove)}</button>
    };
    vec![
        text(frame.name.clone()),
        text(i18n.date(frame.from)),
        text(i18n.date(frame.until)),
        text(one.season.books.to_string()),
        number(one.joined),
        number(one.finished),
        native_form::<RemoveSeason>("inline", remove.erased()),
    ]
}
