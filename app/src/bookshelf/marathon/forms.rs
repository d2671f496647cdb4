//! A new marathon, another goal, the end of one.

use domain::{
    bookshelf::marathon::{Aim, Drawn, Frame, FromHistory, MarathonsPage, Season},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    ADDRESS, One, address_of,
    api::{self, BeginMarathon, ChangeMarathon, DeleteMarathon},
    borrowed::switch,
    parts::{Field, Kind, Typed, hidden, page, section, span, ways},
};
use crate::{
    account::api::Offer,
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    page::{Own, patron_page},
};

/// `/account/marathon/new?season=…`
pub(super) fn new_page() -> ErasedView {
    let season = use_query_map().read_untracked().get("season").unwrap_or_default();
    let address = if season.is_empty() { format!("{ADDRESS}/new") } else { format!("{ADDRESS}/new?season={season}") };
    patron_page(address, load(|| (), |()| api::marathons()), move |own| new(&own, &season))
}

fn new(own: &Own<Offer<MarathonsPage>>, season: &str) -> ErasedView {
    let i18n = use_i18n();
    let Offer { op, shown, .. } = &own.loaded;
    let typed = &Typed::of(own);
    let joined = shown.seasons.iter().find(|one| one.id.to_string() == season);
    let aim =
        Aim { books: joined.map_or(10, |season| season.books), pages: None, drawn: Drawn::Line, from_history: false };
    let (title, lead, first) = match joined {
        Some(Season { id, frame, .. }) => {
            let first = view! { {p("", span(i18n, frame))} {hidden("season", id)} };
            (frame.name.clone(), Key::MarathonSeasonLead, first.erased())
        }
        None => {
            let month = shown.today.checked_add_months(chrono::Months::new(1)).unwrap_or(shown.today);
            let frame = Frame { name: i18n.t(Key::MarathonNameDefault), from: shown.today, until: month };
            (i18n.t(Key::MarathonNew), Key::MarathonNewLead, frame_fields(typed, &frame))
        }
    };
    let button = if joined.is_some() { Key::MarathonJoin } else { Key::MarathonBegin };
    let fields = view! {
        {hidden("op", op)}
        {first}
        {aim_fields(typed, &aim)}
        {switch(typed, aim.from_history, shown.has_history, joined.is_some())}
        <button class="primary">{i18n.t(button)}</button>
    };
    let rest = view! {
        {p("hint", i18n.t(lead))}
        {native_form::<BeginMarathon>("stack", fields.erased())}
        {ways(vec![(ADDRESS.to_owned(), Key::MarathonAll)])}
    };
    page(title, own, rest.erased())
}

/// `/account/marathon/:id/edit`
pub(super) fn edit_page(own: &One) -> ErasedView {
    let i18n = use_i18n();
    let marathon = &own.loaded.shown.marathon;
    let typed = &Typed::of(own);
    let has_history = own.loaded.shown.history != FromHistory::NotKept;
    // Name and days of a season are the library's.
    let first = match marathon.season {
        Some(_) => p("", span(i18n, &marathon.frame)),
        None => frame_fields(typed, &marathon.frame),
    };
    let fields = view! {
        {hidden("marathon", marathon.id)}
        {first}
        {aim_fields(typed, &marathon.aim)}
        {switch(typed, marathon.aim.from_history, has_history, marathon.season.is_some())}
        <button class="primary">{i18n.show(Key::MarathonChangeButton)}</button>
    };
    let delete = view! {
        {hidden("marathon", marathon.id)}
        <button>{i18n.show(Key::MarathonDeleteButton)}</button>
    };
    let end = view! {
        {p("", i18n.t(Key::MarathonDeleteLead))}
        {native_form::<DeleteMarathon>("", delete.erased())}
    };
    let rest = view! {
        {p("mark", marathon.frame.name.clone())}
        {native_form::<ChangeMarathon>("stack", fields.erased())}
        {section(Key::MarathonDelete, end.erased())}
        {ways(vec![(address_of(marathon.id), Key::MarathonBack)])}
    };
    page(i18n.t(Key::MarathonChange), own, rest.erased())
}

fn frame_fields(typed: &Typed, frame: &Frame) -> ErasedView {
    let day = |name, label, now: chrono::NaiveDate| {
        typed.field(Field { name, label, now: now.to_string(), kind: Kind::Day, required: true })
    };
    let name =
        Field { name: "name", label: Key::MarathonName, now: frame.name.clone(), kind: Kind::Text, required: true };
    view! {
        {typed.field(name)}
        {day("from", Key::MarathonFrom, frame.from)}
        {day("until", Key::MarathonUntil, frame.until)}
    }
    .erased()
}

fn aim_fields(typed: &Typed, aim: &Aim) -> ErasedView {
    let i18n = use_i18n();
    let count = |name, label, now: Option<u32>, required| {
        let now = now.map(|now| now.to_string()).unwrap_or_default();
        typed.field(Field { name, label, now, kind: Kind::Number, required })
    };
    let chosen = typed.value("drawn", aim.drawn.as_str().to_owned());
    let choices = Drawn::ALL
        .iter()
        .map(|drawn| {
            let checked = drawn.as_str() == chosen;
            view! {
                <label class="choice">
                    <input type="radio" name="drawn" value=drawn.as_str() checked=checked />
                    {i18n.t(messages::drawn(*drawn))}
                </label>
            }
        })
        .collect_view();
    view! {
        {count("books", Key::MarathonBooksGoal, Some(aim.books), true)}
        {count("pages", Key::MarathonPagesGoal, aim.pages, false)}
        <fieldset>
            <legend>{i18n.show(Key::MarathonDrawn)}</legend>
            {choices}
        </fieldset>
    }
    .erased()
}
