//! The home page: the search box first, then what the library tells, where it is open today, what came in, what people
//! wait for.

use chrono::Datelike as _;
use domain::{
    bookshelf::marathon::Season,
    bulletin::Bulletin,
    calendar::CalendarDay,
    catalog::{MaterialType, SearchQuery},
    home::{HomePage as Answer, HomeTitle, PlaceToday},
    messages::{Key, Language},
};
use leptos::prelude::*;

use super::{api, search_box::SearchBox};
use crate::{
    address,
    bookshelf::marathon::season_address,
    calendar::remarks,
    components::{creators, material_written, p},
    cover::cover_written,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    layout::Heading,
    load::{awaited, load},
    site::use_site,
    visit::use_visit,
    written::Escaped,
};

/// `/`
#[component]
pub fn HomePage() -> ErasedView {
    let i18n = use_i18n();
    let visit = use_visit();
    let answer = load(|| (), |()| api::home());
    let materials = MaterialType::ALL
        .iter()
        .map(|material| {
            let query = SearchQuery { material: Some(*material), ..SearchQuery::default() };
            view! {
                <li>
                    <a href=address::search(&query) inner_html=material_written(i18n, *material)></a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="page home">
            <section class="hero">
                <Heading text=i18n.t(Key::HomeTitle) />
                <p>{i18n.show(Key::HomeLead)}</p>
                <SearchBox typed=String::new() first=true />
                <p class="hint">{i18n.show(Key::SearchHint)}</p>
            </section>
            // The search stands in any case, whatever becomes of the rest.
            <Suspense fallback=|| ()>
                {awaited(move || async move {
                    visit.here().await;
                    match answer.get().await {
                        Ok(answer) => beside(i18n, answer),
                        Err(_) => p("notice", i18n.t(Key::HomeTrouble)),
                    }
                })}
            </Suspense>
            <div class="home-ways">
                <nav class="browse" aria-label=i18n.t(Key::HomeBrowse)>
                    <h2>{i18n.show(Key::HomeBrowse)}</h2>
                    <ul class="chips">{materials}</ul>
                </nav>
                <section class="first-time">
                    <h2>{i18n.show(Key::HomeFirstTitle)}</h2>
                    <p>{i18n.show(Key::HomeFirst)}</p>
                    <p><a href="/guide">{i18n.show(Key::HomeToGuide)}</a></p>
                </section>
            </div>
        </div>
    }
    .erased()
}

/// All that is loaded.
fn beside(i18n: I18n, answer: Answer) -> ErasedView {
    let Answer { bulletins, places, arrived, wanted, season } = answer;
    let told = (!bulletins.is_empty()).then(|| {
        // The latest that has more to say is open.
        let first = bulletins.iter().find(|one| !one.text.is_empty()).map(|one| one.id);
        let told = bulletins.iter().map(|one| bulletin(i18n, one, first == Some(one.id))).collect_view();
        view! {
            <section class="bulletins">
                <h2>{i18n.show(Key::HomeBulletins)}</h2>
                {told}
            </section>
        }
    });
    view! {
        <div class="home-now">
            {told}
            {today(i18n, &places)}
        </div>
        {season.map(|season| season_view(i18n, &season))}
        {titles(i18n, Key::HomeArrived, "new-titles", arrived)}
        {titles(i18n, Key::HomeWanted, "wanted-titles", wanted)}
    }
    .still()
}

/// Something the library tells.
fn bulletin(i18n: I18n, one: &Bulletin, open: bool) -> ErasedView {
    // Staff write in Japanese.
    let lang = (!i18n.language().is_japanese()).then(|| Language::Ja.code());
    let since = p("hint", i18n.fill(Key::HomeBulletinSince, &[("date", &i18n.date(one.from))]));
    let title = one.title.clone();
    if one.text.is_empty() {
        return view! {
            <div class="bulletin">
                <h3 lang=lang>{title}</h3>
                {since}
            </div>
        }
        .erased();
    }
    let text = one.paragraphs().map(|text| view! { <p class="lines" lang=lang>{text.to_owned()}</p> }).collect_view();
    view! {
        <details class="bulletin" open=open>
            <summary>
                <h3 lang=lang>{title}</h3>
            </summary>
            {text}
            {since}
        </details>
    }
    .erased()
}

/// Where it is open today.
fn today(i18n: I18n, places: &[PlaceToday]) -> ErasedView {
    let site = use_site();
    let today = site.with(|site| site.today);
    let rows = places
        .iter()
        .map(|at| {
            let state = match (at.kind.is_open(), at.hours) {
                (true, Some(hours)) => {
                    let [from, until] = hours.written();
                    i18n.fill(Key::HomeOpenHours, &[("from", &from), ("until", &until)])
                }
                (true, None) => i18n.t(Key::HomeOpen),
                (false, _) => i18n.t(Key::HomeClosed),
            };
            let day = CalendarDay { day: today, kind: at.kind.clone(), holiday: None };
            let why = remarks(i18n, &day)
                .into_iter()
                .map(|(text, lang)| view! { " " <span class="remark" lang=lang>{text}</span> })
                .collect_view();
            view! {
                <div class:closed=!at.kind.is_open()>
                    <dt>{site.place(&at.place)}</dt>
                    <dd>{state}{why}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="today">
            <h2>{i18n.show(Key::HomeToday)}</h2>
            <p class="hint">{i18n.date(today)}</p>
            <dl class="hours">{rows}</dl>
            <p><a href="/calendar">{i18n.show(Key::HomeToCalendar)}</a></p>
        </section>
    }
    .erased()
}

/// The season of the reading marathon that runs.
fn season_view(i18n: I18n, season: &Season) -> ErasedView {
    let frame = &season.frame;
    let days = [("from", &*i18n.date(frame.from)), ("until", &*i18n.date(frame.until))];
    view! {
        <section class="season">
            <h2>{i18n.show(Key::HomeSeason)}</h2>
            <p class="title">{frame.name.clone()}</p>
            <p>{i18n.fill(Key::HomeSeasonDays, &days)} " " {i18n.number(Key::HomeSeasonBooks, season.books)}</p>
            <p><a class="button" href=season_address(season.id)>{i18n.show(Key::HomeSeasonJoin)}</a></p>
        </section>
    }
    .erased()
}

/// A list of titles; none where there are none.
fn titles(i18n: I18n, name: Key, class: &'static str, titles: Vec<HomeTitle>) -> Option<ErasedView> {
    if titles.is_empty() {
        return None;
    }
    let items: String = titles.into_iter().map(|one| title_written(i18n, one)).collect();
    Some(
        view! {
            <section class=class>
                <h2>{i18n.t(name)}</h2>
                <ol inner_html=items></ol>
            </section>
        }
        .erased(),
    )
}

/// A title of a list, as HTML.
fn title_written(i18n: I18n, one: HomeTitle) -> String {
    let HomeTitle { bib, record, label, received_on, waiting } = one;
    let name = record.part_title(&label);
    let by = creators(&record);
    let note = match (waiting, received_on) {
        (0, Some(day)) => {
            let months = i18n.t(Key::DateMonths);
            let month = months.split(' ').nth(day.month0() as usize).unwrap_or_default();
            Some(i18n.fill(Key::HomeArrivedOn, &[("month", month), ("day", &day.day().to_string())]))
        }
        (0, None) => None,
        (n, _) => Some(i18n.number(Key::Waiting, n)),
    };
    let (cover, name) = (cover_written(&record), Escaped(&name));
    let mut item = format!("<li><a href=\"/bibs/{bib}\">{cover}<span class=\"title\">{name}</span></a>");
    let below = [("facts", (!by.is_empty()).then_some(by)), ("hint", note)];
    for (class, text) in below.into_iter().filter_map(|(class, text)| Some((class, text?))) {
        item += &format!("<p class=\"{class}\">{}</p>", i18n.written_out(&text));
    }
    item += "</li>";
    item
}
