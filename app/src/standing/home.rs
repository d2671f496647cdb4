//! What stands on the home page beside the search.

use chrono::Datelike as _;
use domain::{
    bookshelf::marathon::Season,
    bulletin::Bulletin,
    calendar::CalendarDay,
    home::{HomePage as Answer, HomeTitle, PlaceToday},
    messages::{Key, Language},
};
use leptos::prelude::*;

use super::{calendar::remarks, cover::cover_written};
use crate::{
    bookshelf::marathon::season_address,
    components::{creators, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    site::use_site,
    written::Escaped,
};

/// All that is loaded.
pub(crate) fn beside_search(answer: Answer) -> ErasedView {
    let i18n = use_i18n();
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
