//! A list as whoever has its link sees it (R27). No search engine is to keep it, and whose it is stands nowhere.

use domain::{bookshelf::SharedList, messages::Key};
use leptos::prelude::*;
use leptos_meta::Meta;
use leptos_router::hooks::use_query_map;

use super::{api, list::titled, said::title_of};
use crate::{
    account::parts::{cell, row, table},
    components::{loading, p, trouble},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    site::use_site,
    visit::use_visit,
};

/// `/shared?key=…`
#[component]
pub fn SharedPage() -> ErasedView {
    let visit = use_visit();
    let query = use_query_map();
    let key = Memo::new(move |_| query.read().get("key").unwrap_or_default());
    let answer = load(move || key.get(), api::load_shared);
    view! {
        <Meta name="robots" content="noindex, nofollow" />
        <Suspense fallback=loading>
            {awaited(move || async move {
                visit.here().await;
                match answer.get().await {
                    Ok(Some(list)) => shared(&list),
                    Ok(None) => gone(),
                    Err(failure) => trouble(failure, "/"),
                }
            })}
        </Suspense>
    }
    .erased()
}

fn shared(list: &SharedList) -> ErasedView {
    let i18n = use_i18n();
    let library = use_site().name();
    let notes = list.entries.iter().any(|entry| !entry.note.is_empty());
    let mut columns = vec![Key::ColumnTitle];
    columns.extend(notes.then_some(Key::ShelfNote));
    let rows = list
        .entries
        .iter()
        .map(|entry| {
            let mut cells = vec![titled(i18n, None, entry.bib, &entry.title, &entry.creators)];
            cells.extend(notes.then(|| cell(Key::ShelfNote, p("note", entry.note.clone()))));
            row(cells)
        })
        .collect();
    view! {
        <div class="page account">
            <Heading text=title_of(i18n, list.kind, &list.name) />
            {p("", i18n.fill(Key::ShelfSharedLead, &[("library", &library)]))}
            {table(&columns, rows)}
        </div>
    }
    .erased()
}

fn gone() -> ErasedView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    let i18n = use_i18n();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::ShelfSharedTitle) />
            {p("", i18n.t(Key::ShelfSharedGone))}
            <p><a class="button" href="/">{i18n.show(Key::ToSearch)}</a></p>
        </div>
    }
    .erased()
}
