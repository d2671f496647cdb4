//! My本棚: the lists there are.

use domain::{bookshelf::BookList, messages::Key};
use leptos::prelude::*;

use super::{
    HISTORY, SHELF,
    api::{self, MakeList},
    list_address,
    said::title_of,
};
use crate::{
    account::parts::own_page,
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    page::patron_page,
};

/// `/account/bookshelf`
#[component]
pub fn ShelfPage() -> ErasedView {
    let answer = load(|| (), |()| api::load_lists());
    patron_page(SHELF.to_owned(), answer, |own| own_page(Key::ShelfTitle, &own, lists(&own.loaded)))
}

fn lists(lists: &[BookList]) -> ErasedView {
    let i18n = use_i18n();
    let items = lists
        .iter()
        .map(|list| {
            let shared =
                list.share.is_some().then(|| view! { <span class="mark">{i18n.show(Key::ShelfSharedMark)}</span> });
            view! {
                <li>
                    <a href=list_address(list.id)>{title_of(i18n, list.kind, &list.name)}</a>
                    <span class="count">{i18n.number(Key::ShelfCount, list.entries)}</span>
                    {shared}
                </li>
            }
        })
        .collect_view();
    let fields = view! {
        <div class="field">
            <label for="list-name">{i18n.show(Key::ShelfName)}</label>
            <input id="list-name" name="name" required maxlength="40" autocomplete="off" />
        </div>
        <button>{i18n.show(Key::ShelfMake)}</button>
    };
    view! {
        {p("", i18n.t(Key::ShelfLead))}
        <ul class="shelf-lists">{items}</ul>
        <section>
            <h2>{i18n.show(Key::ShelfNew)}</h2>
            {native_form::<MakeList>("stack", fields.erased())}
        </section>
        <section>
            <h2>{i18n.show(Key::ShelfToHistory)}</h2>
            {p("", i18n.t(Key::ShelfHistoryLead))}
            <p><a class="button" href=HISTORY>{i18n.show(Key::ShelfToHistory)}</a></p>
        </section>
    }
    .erased()
}
