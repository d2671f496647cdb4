//! What is done with a whole list: into the cart, its name, sharing, files, deleting (R27).

use domain::{
    BookListId,
    bookshelf::{ListForCart, ListKind, ListQuery, ListView, MAX_FILE_MB},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    LIST_FILE, LIST_IMPORT, SHELF,
    api::{self, DeleteList, ListIntoCart, RenameList, ShareList, UnshareList},
    list_address,
    said::title_of,
};
use crate::{
    account::parts::{cell, page_of, row, table},
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    kiosk::file_link,
    layout::NotFound,
    load::load,
    page::patron_page,
};

/// `/account/bookshelf/{list}/{deed}`
#[component]
pub fn ListDeedPage() -> ErasedView {
    let params = use_params_map();
    let page = move || {
        let params = params.read();
        let list = params.get_str("list").and_then(|id| id.parse::<BookListId>().ok());
        match (list, params.get_str("deed")) {
            (Some(list), Some("cart")) => cart_page(list),
            (Some(list), Some("settings")) => settings_page(list),
            _ => view! { <NotFound /> }.erased(),
        }
    };
    view! { {page} }.erased()
}

fn id_field(list: BookListId) -> ErasedView {
    view! { <input type="hidden" name="list" value=list.to_string() /> }.erased()
}

fn cart_page(list: BookListId) -> ErasedView {
    let answer = load(move || list, api::load_cart_plan);
    patron_page(format!("{}/cart", list_address(list)), answer, |own| {
        page_of(use_i18n().t(Key::ShelfCartTitle), &own, plan(&own.loaded))
    })
}

fn plan(plan: &ListForCart) -> ErasedView {
    let i18n = use_i18n();
    let list = plan.list.id;
    let rows = plan
        .lines
        .iter()
        .map(|(title, fate)| {
            let said = i18n.with(|messages| messages::cart_fate(messages, fate));
            let class = if fate.goes() { "sentence" } else { "why-not" };
            row(vec![
                view! { <th scope="row">{title.clone()}</th> }.erased(),
                cell(Key::ShelfColumnFate, p(class, said)),
            ])
        })
        .collect();
    let go = plan.lines.iter().any(|(_, fate)| fate.goes()).then(|| {
        let button = view! { {id_field(list)} <button class="primary">{i18n.show(Key::ShelfCartButton)}</button> };
        native_form::<ListIntoCart>("inline", button.erased())
    });
    view! {
        {p("", i18n.t(Key::ShelfCartLead))}
        {table(&[Key::ColumnTitle, Key::ShelfColumnFate], rows)}
        <div class="buttons">
            {go}
            <a class="button" href=list_address(list)>{i18n.show(Key::ShelfBackToList)}</a>
        </div>
    }
    .erased()
}

fn settings_page(list: BookListId) -> ErasedView {
    let answer = load(move || list, |list| api::load_list(list, ListQuery::default()));
    patron_page(format!("{}/settings", list_address(list)), answer, |own| {
        let title = title_of(use_i18n(), own.loaded.list.kind, &own.loaded.list.name);
        page_of(title, &own, settings(&own.loaded))
    })
}

fn settings(view: &ListView) -> ErasedView {
    let i18n = use_i18n();
    let list = &view.list;
    let own = list.kind == ListKind::Named;
    let rename = own.then(|| {
        let fields = view! {
            {id_field(list.id)}
            <div class="field">
                <label for="list-name">{i18n.show(Key::ShelfName)}</label>
                <input id="list-name" name="name" required maxlength="40" autocomplete="off" value=list.name.clone() />
            </div>
            <button>{i18n.show(Key::ShelfRename)}</button>
        };
        let form = native_form::<RenameList>("stack", fields.erased());
        view! { <section><h2>{i18n.show(Key::ShelfRename)}</h2>{form}</section> }
    });
    let delete = own.then(|| {
        let button = view! { {id_field(list.id)} <button>{i18n.show(Key::ShelfDelete)}</button> };
        view! {
            <section>
                <h2>{i18n.show(Key::ShelfDelete)}</h2>
                {p("", i18n.t(Key::ShelfDeleteLead))}
                {native_form::<DeleteList>("inline", button.erased())}
            </section>
        }
    });
    let file = format!("{LIST_FILE}?list={}", list.id);
    view! {
        <p><a class="button" href=list_address(list.id)>{i18n.show(Key::ShelfBackToList)}</a></p>
        {rename}
        {sharing(i18n, view)}
        <section>
            <h2>{i18n.show(Key::ShelfExport)}</h2>
            {p("", i18n.t(Key::ShelfExportLead))}
            {file_link(file, i18n.t(Key::ShelfExport))}
        </section>
        <section>
            <h2>{i18n.show(Key::ShelfImport)}</h2>
            {p("", i18n.number(Key::ShelfImportLead, MAX_FILE_MB))}
            <form class="stack" method="post" action=LIST_IMPORT enctype="multipart/form-data">
                {id_field(list.id)}
                <div class="field">
                    <label for="list-file">{i18n.show(Key::ShelfImportFile)}</label>
                    <input id="list-file" type="file" name="file" accept=".csv,text/csv" required />
                </div>
                <button>{i18n.show(Key::ShelfImportButton)}</button>
            </form>
        </section>
        {delete}
        <p><a href=SHELF>{i18n.show(Key::ShelfBack)}</a></p>
    }
    .erased()
}

fn sharing(i18n: I18n, view: &ListView) -> ErasedView {
    let list = &view.list;
    let shared = list.share.as_ref().map(|share| {
        let href = format!("/shared?key={}", share.key);
        let button = view! { {id_field(list.id)} <button>{i18n.show(Key::ShelfUnshare)}</button> };
        view! {
            <p>{i18n.show(Key::ShelfShareLink)}" "<a class="address" rel="external" href=href.clone()>{href.clone()}</a></p>
            {native_form::<UnshareList>("inline", button.erased())}
        }
    });
    let text = if list.share.is_some() { Key::ShelfShareChange } else { Key::ShelfShareButton };
    let notes = list.share.as_ref().is_some_and(|share| share.notes);
    let fields = view! {
        {id_field(list.id)}
        <label class="choice">
            <input type="checkbox" name="notes" value="true" checked=notes />
            {i18n.show(Key::ShelfShareNotes)}
        </label>
        <button>{i18n.t(text)}</button>
    };
    view! {
        <section>
            <h2>{i18n.show(Key::ShelfShare)}</h2>
            {p("", i18n.t(Key::ShelfShareLead))}
            {shared}
            {native_form::<ShareList>("stack", fields.erased())}
        </section>
    }
    .erased()
}
