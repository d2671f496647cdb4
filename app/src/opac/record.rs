//! A record with its parts and copies.

use domain::{
    BibId,
    catalog::{BibRecord, PartView, RecordPage as Answer},
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_params_map};

use super::{
    api,
    cart_button::{Offered, cart_button},
    stands::{PlaceMemo, stands},
};
use crate::{
    address,
    bookshelf::{buttons::shelf_buttons, said::shelf_said},
    components::{availability, creators, loading, material_mark, trouble},
    cover::cover_of,
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    visit::use_visit,
};

/// `/bibs/{id}`
#[component]
pub fn RecordPage() -> ErasedView {
    let visit = use_visit();
    let params = use_params_map();
    let bib = Memo::new(move |_| params.read().get_str("id").and_then(|id| id.parse::<BibId>().ok()));
    let answer = load(
        move || bib.get(),
        |bib| async move {
            match bib {
                Some(bib) => api::record(bib).await,
                None => Err(Failure::NotFound),
            }
        },
    );
    view! {
        <Suspense fallback=loading>
            {awaited(move || async move {
                let here = visit.here().await;
                let said = shelf_said(visit.flash(&here).as_ref());
                match answer.get().await {
                    // Merged into another: its own address from here on.
                    Ok(answer) if bib.get_untracked() != Some(answer.id) => {
                        view! { <Redirect path=format!("/bibs/{}", answer.id) /> }.erased()
                    }
                    Ok(answer) => view! { {said} {record(answer)} }.still(),
                    Err(failure) => {
                        let here = bib.get_untracked().map(|bib| format!("/bibs/{bib}")).unwrap_or_default();
                        trouble(failure, &here)
                    }
                }
            })}
        </Suspense>
    }
    .erased()
}

fn record(answer: Answer) -> ErasedView {
    let i18n = use_i18n();
    let Answer { id, record, parts } = answer;
    let single = parts.len() == 1;
    let title = record.display_title();
    let memo = PlaceMemo::of(&title, &parts);
    let slip = memo.view();
    let parts = parts.into_iter().map(|part| part_view(id, &title, part, single, memo)).collect_view();
    let parts_heading = i18n.t(if single { Key::RecordCopies } else { Key::RecordParts });
    view! {
        <article class="page record">
            <header class="record-head">
                {cover_of(&record)}
                <div>
                    <Heading text=title />
                    {record.subtitle.clone().map(|subtitle| view! { <p class="subtitle">{subtitle}</p> })}
                    {record.title_reading.clone().map(|reading| view! { <p class="reading">{reading}</p> })}
                    <p class="facts">{creators(&record)}</p>
                    <p class="marks-of-title">{material_mark(record.material)}</p>
                </div>
            </header>
            <section>
                <h2>{parts_heading}</h2>
                <ul class="parts">{parts}</ul>
            </section>
            <section>
                <h2>{i18n.show(Key::RecordFacts)}</h2>
                {facts(&record)}
            </section>
            {slip}
        </article>
    }
    .erased()
}

/// What is known of the title, line by line.
fn facts(record: &BibRecord) -> ErasedView {
    let i18n = use_i18n();
    let search_for =
        |name: &str| address::search(&domain::catalog::SearchQuery { q: name.to_owned(), ..Default::default() });
    let creators = record
        .creators
        .iter()
        .map(|creator| {
            let reading = creator.reading.clone().map(|reading| view! { " " <span class="reading">{reading}</span> });
            let role = creator.role.clone().map(|role| format!(" {role}"));
            view! { <li><a href=search_for(&creator.name)>{creator.name.clone()}</a>{role}{reading}</li> }
        })
        .collect_view();
    let creators = (!record.creators.is_empty()).then(|| {
        view! { <div><dt>{i18n.show(Key::FactCreators)}</dt><dd><ul>{creators}</ul></dd></div> }
    });
    let plain = [
        (Key::FactPublisher, record.publisher.clone()),
        (Key::FactYear, record.year.map(|year| i18n.number(Key::Year, year))),
        (Key::FactSeries, record.series.clone()),
        (Key::FactExtent, record.extent.clone()),
        (Key::FactIsbn, Some(record.isbns.join(" "))),
        (Key::FactNdc, Some(record.ndc.join(" "))),
        (Key::FactSubjects, Some(record.subjects.join("、"))),
    ];
    let plain = plain
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_empty())?)))
        .map(|(key, value)| view! { <div><dt>{i18n.t(key)}</dt><dd>{value}</dd></div> })
        .collect_view();
    view! { <dl class="facts-list">{creators}{plain}</dl> }.erased()
}

/// A volume or issue with its copies, where they stand, and the button.
fn part_view(bib: BibId, title: &str, part: PartView, single: bool, memo: PlaceMemo) -> ErasedView {
    let i18n = use_i18n();
    let named_by = format!("part-{}", part.id);
    let name = if part.label.is_empty() { title.to_owned() } else { part.label.clone() };
    let received = part.received_on.map(|day| {
        view! { <p class="hint">{i18n.fill(Key::ReceivedOn, &[("date", &i18n.date(day))])}</p> }
    });
    let stands = stands(&part.stands);
    let memo = (!part.stands.is_empty()).then(|| memo.button(part.id));
    let titled = if part.label.is_empty() { title.to_owned() } else { format!("{title} {}", part.label) };
    let offered =
        Offered { bib, part: Some(part.id), title: titled.clone(), named_by: named_by.clone(), refusal: part.refusal };
    // The only part of a title is the title.
    let shelved = (!single).then_some(part.id);
    view! {
        <li class="part">
            <div class="what">
                <h3 id=named_by class:unseen=single>{name}</h3>
                {received}
                {availability(&part.availability, part.waiting)}
                {stands} {memo}
            </div>
            <div class="do">{cart_button(offered)} {shelf_buttons(bib, shelved, &titled)}</div>
        </li>
    }
    .erased()
}
