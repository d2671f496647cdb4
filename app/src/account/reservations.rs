//! 予約状況 (R19, R20).

use domain::{
    circulation::{ReservationView, Status},
    messages::{self, Key},
};
use leptos::prelude::*;

use super::api;
use crate::{
    components::{loading, material_mark, to_sign_in, trouble},
    erase::Erase as _,
    i18n::use_i18n,
    layout::Heading,
    load::load,
    site::use_site,
    visit::use_visit,
};

/// The page's own address.
const HERE: &str = "/account/reservations";

/// `/account/reservations`
#[component]
pub fn ReservationsPage() -> AnyView {
    let visit = use_visit();
    let answer = load(|| (), |()| api::reservations());
    view! {
        <Suspense fallback=loading>
            {move || Suspend::new(async move {
                let here = visit.here().await;
                match (here.account, answer.get().await) {
                    (None, _) => to_sign_in(HERE),
                    (Some(_), Ok(reservations)) => list(reservations),
                    (Some(_), Err(failure)) => trouble(failure, HERE),
                }
            })}
        </Suspense>
    }
    .erased()
}

fn list(reservations: Vec<ReservationView>) -> AnyView {
    let i18n = use_i18n();
    if reservations.is_empty() {
        return view! {
            <div class="page">
                <Heading text=i18n.t(Key::ReservationsTitle) />
                <p class="empty">{i18n.t(Key::ReservationsNone)}</p>
                <p><a class="button" href="/">{i18n.t(Key::ToSearch)}</a></p>
            </div>
        }
        .erased();
    }
    let ready = reservations.iter().filter(|one| matches!(one.status, Status::Ready { .. })).count();
    let ready = (ready > 0).then(|| view! { <p class="notice good">{i18n.number(Key::ReservationsReady, ready)}</p> });
    let dormant = reservations.iter().any(|one| matches!(one.status, Status::Dormant { .. }));
    let dormant = dormant.then(|| view! { <p class="hint">{i18n.t(Key::DormantNote)}</p> });
    let columns = [Key::ColumnTitle, Key::ColumnState, Key::PickupPlace, Key::ContactMethod, Key::ColumnPlaced];
    let columns = columns.map(|key| view! { <th scope="col">{i18n.t(key)}</th> }).collect_view();
    let rows = reservations.into_iter().map(row).collect_view();
    view! {
        <div class="page">
            <Heading text=i18n.t(Key::ReservationsTitle) />
            {ready}
            <table class="cards">
                <thead>
                    <tr>{columns}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {dormant}
        </div>
    }
    .erased()
}

fn row(one: ReservationView) -> AnyView {
    let i18n = use_i18n();
    let site = use_site();
    let positioned = |key: Key, position: u32| i18n.fill(key, &[("position", &position.to_string())]);
    let (word, state, until) = match one.status {
        Status::Waiting { position } => ("waiting", positioned(Key::StatusWaiting, position), None),
        Status::Dormant { position } => ("dormant", positioned(Key::StatusDormant, position), None),
        Status::InTransit => ("in-transit", i18n.t(Key::StatusInTransit), None),
        Status::Ready { until } => {
            let until = i18n.fill(Key::StatusReadyUntil, &[("date", &i18n.date(until))]);
            ("ready", i18n.t(Key::StatusReady), Some(view! { <p class="until">{until}</p> }))
        }
    };
    let in_set = one.in_set.map(|(order, of)| {
        let text = i18n.fill(Key::InSet, &[("order", &order.to_string()), ("of", &of.to_string())]);
        view! { <span class="mark">{text}</span> }
    });
    // On a phone the rows are cards, and each cell says what it is.
    let label = move |key: Key| i18n.t(key);
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/bibs/{}", one.bib)>{one.title}</a>
                <p class="facts"><span>{one.creators}</span> {material_mark(one.material)} {in_set}</p>
            </th>
            <td data-label=label(Key::ColumnState)>
                <div><strong class="state" data-state=word>{state}</strong>{until}</div>
            </td>
            <td data-label=label(Key::PickupPlace)>{site.place(&one.pickup_place)}</td>
            <td data-label=label(Key::ContactMethod)>{i18n.t(messages::contact(one.contact))}</td>
            <td data-label=label(Key::ColumnPlaced)>{i18n.date(one.placed_on)}</td>
        </tr>
    }
    .erased()
}
