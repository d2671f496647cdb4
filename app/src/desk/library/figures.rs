//! 統計: the figures of a day, a month or a year, as charts and tables. Managers only.

use chrono::Datelike;
use domain::{
    figures::{Figure, FigureRow, FiguresPage, Span},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Room, room_page, section, table, text, way},
    api,
};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    site::use_site,
};

/// `/desk/library/figures?span=…&day=…`
pub(super) fn page() -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("span").unwrap_or_default(), query.get("day").unwrap_or_default())
    });
    let figures = load(move || asked.get(), |(span, day)| api::figures(span, day));
    room_page("/desk/library/figures".to_owned(), figures, |room| figures_of(&room))
}

fn figures_of(room: &Room<FiguresPage>) -> ErasedView {
    let i18n = use_i18n();
    let page = &room.loaded;
    let charts = page.rows.iter().map(|row| chart(i18n, row)).collect_view();
    let rest = view! {
        {ways(i18n, page)}
        {p("hint", i18n.t(Key::FiguresLead))}
        <div class="charts">{charts}</div>
        {by_time(i18n, page)}
        {section(Key::FiguresByPlace, view! { {p("hint", i18n.t(Key::FiguresByPlaceLead))} {by_place(i18n, page)} }.erased())}
        {section(Key::FiguresByMaterial, by_material(i18n, page))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(title(i18n, page.span), rest.erased())
}

fn title(i18n: I18n, span: Span) -> String {
    let first = span.first();
    let year = first.year().to_string();
    match span {
        Span::Day(day) => i18n.fill(Key::FiguresDayOf, &[("date", &i18n.date(day))]),
        Span::Month(_) => {
            let months = i18n.t(Key::DateMonths);
            let month = months.split(' ').nth(first.month0() as usize).unwrap_or_default();
            i18n.fill(Key::FiguresMonthOf, &[("year", &year), ("month", month)])
        }
        Span::Year(_) => i18n.fill(Key::FiguresYearOf, &[("year", &year)]),
    }
}

/// The ways to other days, months and years.
fn ways(i18n: I18n, page: &FiguresPage) -> ErasedView {
    let href = |span: Span| format!("/desk/library/figures?span={}&day={}", span.as_str(), span.first());
    let first = page.span.first();
    let later = Some(page.span.moved(1)).filter(|next| next.first() <= page.today);
    // From a span that today is in to a smaller one that today is in.
    let holds_today = first <= page.today && page.today < page.span.moved(1).first();
    let of = |word: &str| Span::named(word, if holds_today { page.today } else { first });
    let links = [
        Some((page.span.moved(-1), Key::FiguresPrevious)),
        later.map(|later| (later, Key::FiguresNext)),
        Some((of("day"), Key::FiguresDay)),
        Some((of("month"), Key::FiguresMonth)),
        Some((of("year"), Key::FiguresYear)),
    ];
    let links = links
        .into_iter()
        .flatten()
        .map(|(span, name)| {
            let current = (span == page.span).then_some("true");
            view! { <li><a class="button" href=href(span) aria-current=current>{i18n.t(name)}</a></li> }
        })
        .collect_view();
    view! { <ul class="chips">{links}</ul> }.erased()
}

/// A number as it is written.
fn number(i18n: I18n, figure: Figure) -> String {
    match figure {
        Figure::Exact(count) => count.to_string(),
        Figure::Few => i18n.t(Key::FigureFew),
    }
}

/// Height of a chart and of the mark of a hidden number, and width of a bar with the gap beside it, in its own units.
const HEIGHT: u64 = 60;
const HIDDEN: u64 = 2;
const STEP: usize = 10;

/// A chart of one kind over the time: a bar for each part, a low mark where the number is hidden.
fn chart(i18n: I18n, row: &FigureRow) -> ErasedView {
    let most = row.series.iter().map(|figure| figure.drawn()).max().unwrap_or_default().max(1);
    let bars = row
        .series
        .iter()
        .enumerate()
        .map(|(n, figure)| {
            let (class, height) = match figure {
                Figure::Exact(count) => ("bar", count * HEIGHT / most),
                Figure::Few => ("bar few", HIDDEN),
            };
            view! {
                <rect
                    class=class
                    x=(n * STEP + 1).to_string()
                    y=(HEIGHT - height).to_string()
                    width=(STEP - 2).to_string()
                    height=height.to_string()
                ></rect>
            }
        })
        .collect_view();
    let kind = i18n.t(messages::figure_kind(row.kind));
    let name = i18n.fill(Key::FiguresChart, &[("kind", &kind)]);
    view! {
        <figure class="chart">
            <figcaption>{kind} " " {number(i18n, row.total)}</figcaption>
            <svg
                role="img"
                aria-label=name
                viewBox=format!("0 0 {} {HEIGHT}", row.series.len() * STEP)
                preserveAspectRatio="none"
            >
                {bars}
            </svg>
        </figure>
    }
    .erased()
}

/// The same numbers as a table: hours, days or months downwards, kinds across.
fn by_time(i18n: I18n, page: &FiguresPage) -> ErasedView {
    let parts = page.rows.first().map_or(0, |row| row.series.len());
    let name = |n: usize| match page.span {
        Span::Day(_) => i18n.number(Key::FiguresHour, n),
        Span::Month(_) => i18n.number(Key::FiguresOfDay, n + 1),
        Span::Year(_) => i18n.number(Key::FiguresOfMonth, n + 1),
    };
    let mut columns = vec![Key::FiguresKind];
    columns.extend(page.rows.iter().map(|row| messages::figure_kind(row.kind)));
    let row = |name: String, figure: &dyn Fn(&FigureRow) -> Option<Figure>| {
        let cells =
            page.rows.iter().map(|row| text(figure(row).map(|figure| number(i18n, figure)).unwrap_or_default()));
        std::iter::once(text(name)).chain(cells).collect::<Vec<_>>()
    };
    let mut rows = vec![row(i18n.t(Key::FiguresTotal), &|row| Some(row.total))];
    rows.extend((0..parts).map(|n| row(name(n), &|row: &FigureRow| row.series.get(n).copied())));
    table(&columns, rows)
}

fn by_place(i18n: I18n, page: &FiguresPage) -> ErasedView {
    let rows: Vec<&FigureRow> = page.rows.iter().filter(|row| !row.places.is_empty()).collect();
    let site = use_site();
    let names = rows.first().map(|row| row.places.iter().map(|(place, _)| site.place(place)).collect());
    let cells = |n: usize| rows.iter().filter_map(|row| row.places.get(n)).map(|(_, figure)| *figure).collect();
    breakdown(i18n, &rows, names.unwrap_or_default(), &cells)
}

fn by_material(i18n: I18n, page: &FiguresPage) -> ErasedView {
    let rows: Vec<&FigureRow> = page.rows.iter().filter(|row| !row.materials.is_empty()).collect();
    let names =
        rows.first().map(|row| row.materials.iter().map(|(kind, _)| i18n.t(messages::material(*kind))).collect());
    let cells = |n: usize| rows.iter().filter_map(|row| row.materials.get(n)).map(|(_, figure)| *figure).collect();
    breakdown(i18n, &rows, names.unwrap_or_default(), &cells)
}

/// A table by something else than time.
fn breakdown(i18n: I18n, rows: &[&FigureRow], names: Vec<String>, cells: &dyn Fn(usize) -> Vec<Figure>) -> ErasedView {
    let mut columns = vec![Key::FiguresKind];
    columns.extend(rows.iter().map(|row| messages::figure_kind(row.kind)));
    let rows = names.into_iter().enumerate().map(|(n, name)| {
        std::iter::once(text(name)).chain(cells(n).into_iter().map(|figure| text(number(i18n, figure)))).collect()
    });
    table(&columns, rows.collect())
}
