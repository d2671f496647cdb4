//! `/account/marathon`: the marathons of a patron, and the seasons they may join.

use domain::{
    bookshelf::marathon::{MarathonLine, MarathonsPage, Measure, Season, Stage},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    ADDRESS, address_of, api,
    parts::{page, section, span},
    season_address,
};
use crate::{
    account::api::Offer,
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    page::{Own, patron_page},
};

/// `/account/marathon`
#[component]
pub fn ListPage() -> ErasedView {
    patron_page(ADDRESS.to_owned(), load(|| (), |()| api::marathons()), |own| list(&own))
}

fn list(own: &Own<Offer<MarathonsPage>>) -> ErasedView {
    let i18n = use_i18n();
    let MarathonsPage { lines, seasons, .. } = &own.loaded.shown;
    let part = |over: bool, title: Key| {
        let of: Vec<_> = lines.iter().filter(|line| (line.progress.stage == Stage::Over) == over).collect();
        let items = of.iter().map(|one| line(i18n, one)).collect_view();
        (!of.is_empty()).then(|| section(title, view! { <ul class="marathons">{items}</ul> }.erased()))
    };
    let none = lines.is_empty().then(|| p("empty", i18n.t(Key::MarathonNone)));
    let offered = (!seasons.is_empty()).then(|| {
        let items = seasons.iter().map(|season| offer(i18n, season)).collect_view();
        let content = view! {
            {p("hint", i18n.t(Key::MarathonSeasonLead))}
            <ul class="marathons">{items}</ul>
        };
        section(Key::MarathonSeasons, content.erased())
    });
    let rest = view! {
        {p("", i18n.t(Key::MarathonLead))}
        {none}
        {part(false, Key::MarathonRunning)}
        {offered}
        <p class="buttons"><a class="button" href=format!("{ADDRESS}/new")>{i18n.show(Key::MarathonNew)}</a></p>
        {part(true, Key::MarathonOver)}
    };
    page(i18n.t(Key::MarathonTitle), own, rest.erased())
}

fn line(i18n: I18n, line: &MarathonLine) -> ErasedView {
    let MarathonLine { marathon, progress, closed } = line;
    let closed = closed.then(|| p("why-not", i18n.t(Key::MarathonLineClosed)));
    let name = marathon.frame.name.clone();
    let pages = progress.pages.map(|pages| p("", of_goal(i18n, Key::MarathonOfPages, &pages)));
    let reached = progress.reached_on.map(|day| {
        let text = i18n.fill(Key::MarathonReached, &[("date", &i18n.date(day))]);
        view! { <p class="good">{text}</p> }
    });
    view! {
        <li>
            <h3><a href=address_of(marathon.id)>{name}</a></h3>
            {p("hint", span(i18n, &marathon.frame))}
            {p("", of_goal(i18n, Key::MarathonOfBooks, &progress.books))}
            {pages}
            <progress
                max=progress.books.goal.to_string()
                value=progress.books.done.min(progress.books.goal).to_string()
                aria-label=marathon.frame.name.clone()
            ></progress>
            {reached}
            {closed}
        </li>
    }
    .erased()
}

fn of_goal(i18n: I18n, key: Key, measure: &Measure) -> String {
    i18n.fill(key, &[("goal", &measure.goal.to_string()), ("done", &measure.done.to_string())])
}

fn offer(i18n: I18n, season: &Season) -> ErasedView {
    let name = season.frame.name.clone();
    let label = i18n.fill(Key::MarathonJoinOf, &[("name", &name)]);
    view! {
        <li>
            <h3>{name}</h3>
            {p("hint", span(i18n, &season.frame))}
            {p("", i18n.number(Key::MarathonSeasonBooks, season.books))}
            <p>
                <a class="button" href=season_address(season.id) aria-label=label>
                    {i18n.show(Key::MarathonJoin)}
                </a>
            </p>
        </li>
    }
    .erased()
}
