//! The route with stations (R36), and the same as a list.

use domain::{
    bookshelf::marathon::{Measure, Point, ROUTE_WIDTH, Route, Station},
    messages::Key,
};
use leptos::prelude::*;

use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::I18n,
};

/// The radius of a station, and how far below its middle its number stands, in the units of the sheet.
const STATION: u64 = 190;
const BELOW: u64 = 55;
/// How high above the route the flag of the reader flies, and how far it reaches.
const POLE: u64 = 420;
const CLOTH: u64 = 260;

/// Draws it.
pub(super) fn route_view(i18n: I18n, books: &Measure) -> ErasedView {
    let route = Route::new(books);
    let points = |stations: &[Point]| -> String {
        stations.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ")
    };
    let all: Vec<Point> = route.stations.iter().map(|station| station.place).collect();
    let mut done: Vec<Point> =
        route.stations.iter().filter(|station| station.reached).map(|station| station.place).collect();
    done.push(route.here);
    let stations = route
        .stations
        .iter()
        .map(|Station { at, place, reached }| {
            let class = if *reached { "station reached" } else { "station" };
            view! {
                <circle class=class cx=place.x.to_string() cy=place.y.to_string() r=STATION.to_string()></circle>
                <text class="middle" x=place.x.to_string() y=(place.y + BELOW).to_string()>{at.to_string()}</text>
            }
        })
        .collect_view();
    let Point { x, y } = route.here;
    let top = y.saturating_sub(POLE);
    let foot = y.saturating_sub(STATION).to_string();
    let flag = format!("{x},{top} {},{} {x},{}", x + CLOTH, top + CLOTH / 2, top + CLOTH);
    let name = i18n.fill(
        Key::MarathonRoute,
        &[
            ("n", &route.stations.len().saturating_sub(1).to_string()),
            ("done", &books.done.to_string()),
            ("goal", &books.goal.to_string()),
        ],
    );
    let next = match route.to_next {
        Some(n) => i18n.number(Key::MarathonNextStation, n),
        None => i18n.t(Key::MarathonAtGoal),
    };
    view! {
        <figure class="marathon-chart marathon-route">
            <svg role="img" aria-label=name viewBox=format!("0 0 {ROUTE_WIDTH} {}", route.height)>
                <polyline class="way" points=points(&all)></polyline>
                <polyline class="own" points=points(&done)></polyline>
                {stations}
                <line class="pole" x1=x.to_string() x2=x.to_string() y1=top.to_string() y2=foot></line>
                <polygon class="flag" points=flag></polygon>
            </svg>
            {p("standing", next)}
            {list(i18n, &route)}
        </figure>
    }
    .erased()
}

/// The stations as a list.
fn list(i18n: I18n, route: &Route) -> ErasedView {
    let last = route.stations.len().saturating_sub(1);
    let rows = route
        .stations
        .iter()
        .enumerate()
        .map(|(n, station)| {
            let name = match n {
                0 => i18n.t(Key::MarathonStationStart),
                n if n == last => i18n.t(Key::MarathonStationGoal),
                n => i18n.number(Key::MarathonStation, n),
            };
            let passed = station.reached.then(|| i18n.t(Key::MarathonStationPassed));
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{i18n.number(Key::MarathonBooksN, station.at)}</td>
                    <td>{passed}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details>
            <summary>{i18n.show(Key::MarathonTable)}</summary>
            <table>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .erased()
}
