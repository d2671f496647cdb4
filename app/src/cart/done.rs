//! 予約完了: what came of it, title by title.

use domain::{
    OpId,
    circulation::{ReserveAnswer, ReservedTitle},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::api;
use crate::{
    components::{loading, trouble},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    receipt::{Receipt, print_button},
    site::use_site,
    visit::use_visit,
};

/// `/cart/done?op=…`
#[component]
pub fn DonePage() -> ErasedView {
    let visit = use_visit();
    let params = use_query_map();
    let op = Memo::new(move |_| params.read().get_str("op").and_then(|op| op.parse::<OpId>().ok()));
    let answer = load(
        move || op.get(),
        |op| async move {
            match op {
                Some(op) => api::load_answer(op).await,
                None => Err(Failure::NotFound),
            }
        },
    );
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                visit.here().await;
                match answer.get().await {
                    Ok(answer) => done(&answer),
                    Err(failure) => {
                        let op = op.get_untracked().map(|op| op.to_string()).unwrap_or_default();
                        trouble(failure, &format!("/cart/done?op={op}"))
                    }
                }
            })}
        </Suspense>
    }
    .erased()
}

fn done(answer: &ReserveAnswer) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let any = answer.titles.iter().any(|title| title.answer.is_ok());
    let titles =
        answer.titles.iter().enumerate().map(|(at, title)| line(title, at < answer.in_set, at + 1)).collect_view();
    let next = any.then(|| {
        let days = site.with(|site| site.reservations.hold_days);
        view! {
            <dl class="facts-list">
                <div><dt>{i18n.show(Key::PickupPlace)}</dt><dd>{site.place(&answer.pickup_place)}</dd></div>
                <div><dt>{i18n.show(Key::ContactMethod)}</dt><dd>{i18n.t(messages::contact(answer.contact))}</dd></div>
            </dl>
            <p>{i18n.number(Key::DoneNext, days)}</p>
        }
    });
    let heading = i18n.t(if any { Key::DoneTitle } else { Key::DoneNoneTitle });
    let print = any.then(|| print_button(Key::ReceiptPrint));
    view! {
        <div class="page narrow">
            <Heading text=heading />
            <ol class="titles">{titles}</ol>
            {next}
            {any.then(|| receipt(answer))}
            <p class="buttons">
                {print}
                <a class="button" href="/account/reservations">{i18n.show(Key::DoneToStatus)}</a>
                <a class="button quiet" href="/">{i18n.show(Key::ToSearch)}</a>
            </p>
        </div>
    }
    .erased()
}

/// What was reserved, to take along: without a name, and without what was refused.
fn receipt(answer: &ReserveAnswer) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let lines = answer.titles.iter().enumerate().filter_map(|(at, title)| {
        let (_, position) = title.answer.as_ref().ok()?;
        let order = (at < answer.in_set).then(|| i18n.number(Key::OrderIs, at + 1));
        let known = order.into_iter().chain([i18n.number(Key::ReceiptPosition, position)]).collect();
        Some((title.title.clone(), known))
    });
    Receipt {
        title: Key::ReceiptReserved,
        lines: lines.collect(),
        facts: vec![(Key::PickupPlace, site.place(&answer.pickup_place))],
        note: Some(i18n.number(Key::DoneNext, site.with(|site| site.reservations.hold_days))),
    }
    .view()
}

fn line(title: &ReservedTitle, in_set: bool, order: usize) -> ErasedView {
    let i18n = use_i18n();
    let order = in_set.then(|| view! { <span class="mark">{i18n.number(Key::OrderIs, order)}</span> });
    let answer = match &title.answer {
        Ok((_, position)) => view! { <p class="good">{i18n.number(Key::DonePosition, position)}</p> }.erased(),
        Err(refusal) => view! { <p class="why-not">{i18n.refusal(refusal)}</p> }.erased(),
    };
    view! { <li><p class="title">{order} {title.title.clone()}</p>{answer}</li> }.erased()
}
