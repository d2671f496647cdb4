//! A record.

use domain::{
    BibId,
    catalog::{BibRecord, PartView, RecordPage as Answer, SearchQuery},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    cover::cover_of,
    stands::{slip, stands},
};
use crate::{
    address,
    bookshelf::buttons::shelf_buttons,
    components::{availability, creators, material_mark},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::heading,
    opac::cart_button::{Offered, cart_button},
    receipt::chosen_slip,
};

/// The record with its parts.
pub(crate) fn record(answer: Answer) -> ErasedView {
    let i18n = use_i18n();
    let Answer { id, record, parts } = answer;
    let single = parts.len() == 1;
    let title = record.display_title();
    let slip = parts.iter().find(|part| !part.stands.is_empty()).map(|part| slip(&titled(&title, part), &part.stands));
    let parts = parts.into_iter().map(|part| part_view(id, &title, part, single)).collect_view();
    let parts_heading = i18n.t(if single { Key::RecordCopies } else { Key::RecordParts });
    view! {
        <article class="page record">
            <header class="record-head">
                {cover_of(&record)}
                <div>
                    {heading(title)}
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
            {chosen_slip(slip)}
        </article>
    }
    .erased()
}

/// What is known of the title, line by line.
fn facts(record: &BibRecord) -> ErasedView {
    let i18n = use_i18n();
    let search_for = |name: &str| address::search(&SearchQuery { q: name.to_owned(), ..Default::default() });
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

/// A volume or issue, named by itself.
fn titled(title: &str, part: &PartView) -> String {
    if part.label.is_empty() { title.to_owned() } else { format!("{title} {}", part.label) }
}

/// A volume or issue with its copies, where they stand, and the button.
fn part_view(bib: BibId, title: &str, part: PartView, single: bool) -> ErasedView {
    let i18n = use_i18n();
    let named_by = format!("part-{}", part.id);
    let name = if part.label.is_empty() { title.to_owned() } else { part.label.clone() };
    let received = part.received_on.map(|day| {
        view! { <p class="hint">{i18n.fill(Key::ReceivedOn, &[("date", &i18n.date(day))])}</p> }
    });
    let titled = titled(title, &part);
    let stands = (!part.stands.is_empty()).then(|| stands(&titled, &part.stands));
    let offered =
        Offered { bib, part: Some(part.id), title: titled.clone(), named_by: named_by.clone(), refusal: part.refusal };
    // The only part of a title is the title.
    let shelved = (!single).then_some(part.id);
    let buttons = cart_button(i18n, &offered) + &shelf_buttons(i18n, bib, shelved, &titled);
    view! {
        <li class="part">
            <div class="what">
                <h3 id=named_by class:unseen=single>{name}</h3>
                {received}
                {availability(&part.availability, part.waiting)}
                {stands}
            </div>
            <div class="do" inner_html=buttons></div>
        </li>
    }
    .erased()
}
