//! A list with its titles (R27).

use domain::{
    BibId, BookListId,
    bookshelf::{BookEntry, BookList, ENTRY_PAGE, ListQuery, ListSort, ListView},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    SHELF,
    api::{self, ChangeEntry},
    list_address,
    said::title_of,
};
use crate::{
    account::parts::{cell, page_of, row, table},
    address,
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::{I18n, use_i18n},
    load::load,
    page::patron_page,
};

/// `/account/bookshelf/{list}`
#[component]
pub fn ListPage() -> ErasedView {
    let params = use_params_map();
    let asked = use_query_map();
    let list = Memo::new(move |_| params.read().get_str("list").and_then(|id| id.parse::<BookListId>().ok()));
    let query = Memo::new(move |_| {
        let asked = asked.read();
        ListQuery {
            q: asked.get("q").unwrap_or_default(),
            sort: asked.get_str("sort").and_then(|sort| sort.parse().ok()).unwrap_or(ListSort::Hand),
            page: asked.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        }
    });
    let answer = load(
        move || (list.get(), query.get()),
        |(list, query)| async move {
            match list {
                Some(list) => api::load_list(list, query).await,
                None => Err(Failure::NotFound),
            }
        },
    );
    let address = list.get_untracked().map_or_else(|| SHELF.to_owned(), list_address);
    patron_page(address, answer, move |own| {
        let title = title_of(use_i18n(), own.loaded.list.kind, &own.loaded.list.name);
        page_of(title, &own, shown(&own.loaded, &query.get_untracked()))
    })
}

/// The address of a list as this query shows it.
fn address_of(list: BookListId, query: &ListQuery) -> String {
    format!("{}?sort={}&q={}&page={}", list_address(list), query.sort, address::encode(&query.q), query.page)
}

fn shown(view: &ListView, query: &ListQuery) -> ErasedView {
    let i18n = use_i18n();
    let id = view.list.id;
    let ways = view! {
        <p class="buttons">
            <a class="button" href=SHELF>{i18n.show(Key::ShelfBack)}</a>
            <a class="button" href=format!("{}/cart", list_address(id))>{i18n.show(Key::ShelfToCart)}</a>
            <a class="button" href=format!("{}/settings", list_address(id))>{i18n.show(Key::ShelfSettings)}</a>
        </p>
    };
    if view.list.entries == 0 {
        return view! { {p("empty", i18n.t(Key::ShelfEmpty))} {ways} }.erased();
    }
    let sorts = ListSort::ALL
        .iter()
        .map(|sort| {
            let current = (*sort == query.sort).then_some("true");
            let href = address_of(id, &ListQuery { sort: *sort, page: 1, q: query.q.clone() });
            view! { <li><a href=href aria-current=current>{i18n.t(messages::list_sort(*sort))}</a></li> }
        })
        .collect_view();
    let rest = if view.entries.is_empty() {
        p("empty", i18n.t(Key::ShelfNothingFound))
    } else {
        let by_hand = query.sort == ListSort::Hand && query.q.is_empty();
        let rows = view.entries.iter().map(|one| entry(i18n, one, view, by_hand)).collect();
        table(&[Key::ColumnTitle, Key::ShelfColumnNote, Key::ColumnActions], rows)
    };
    view! {
        {ways}
        <form class="list-search" method="get" action=list_address(id) role="search">
            <label for="list-q">{i18n.show(Key::ShelfSearch)}</label>
            <input id="list-q" type="search" name="q" value=query.q.clone() />
            <input type="hidden" name="sort" value=query.sort.as_str() />
            <button>{i18n.show(Key::ShelfSearchButton)}</button>
        </form>
        <nav class="sorts" aria-label=i18n.t(Key::SortLabel)><ul>{sorts}</ul></nav>
        {rest}
        {paging(i18n, view.found.div_ceil(ENTRY_PAGE), view.page, |page| {
            address_of(id, &ListQuery { page, ..query.clone() })
        })}
    }
    .erased()
}

/// Links to the other pages of a list, when there are any.
pub(super) fn paging(i18n: I18n, last: usize, page: usize, to: impl Fn(usize) -> String) -> Option<ErasedView> {
    if last <= 1 {
        return None;
    }
    let near = (page.saturating_sub(2).max(1)..=(page + 2).min(last)).map(|n| {
        let label = i18n.number(Key::PageNumber, n);
        view! { <li><a href=to(n) aria-label=label aria-current=(n == page).then_some("page")>{n}</a></li> }
    });
    let previous =
        (page > 1).then(|| view! { <li><a rel="prev" href=to(page - 1)>{i18n.show(Key::PagePrevious)}</a></li> });
    let next = (page < last).then(|| view! { <li><a rel="next" href=to(page + 1)>{i18n.show(Key::PageNext)}</a></li> });
    Some(
        view! {
            <nav class="paging" aria-label=i18n.t(Key::PagesLabel)>
                <ul>{previous} {near.collect_view()} {next}</ul>
            </nav>
        }
        .erased(),
    )
}

fn entry(i18n: I18n, entry: &BookEntry, view: &ListView, by_hand: bool) -> ErasedView {
    let note = (!entry.note.is_empty()).then(|| p("note", entry.note.clone()));
    let held = entry.bib.filter(|_| entry.held);
    row(vec![
        titled(i18n, Some(format!("title-{}", entry.id)), held, &entry.title, &entry.creators),
        cell(Key::ShelfColumnNote, view! { {note} {p("hint", i18n.date(entry.day))} }.erased()),
        cell(Key::ColumnActions, deeds(i18n, entry, &view.lists, view.list.id, by_hand)),
    ])
}

/// The cell that names a title; a link where the library has it, else its text. What is beside it may refer to the name by its
/// id.
pub(super) fn titled(i18n: I18n, id: Option<String>, held: Option<BibId>, title: &str, creators: &str) -> ErasedView {
    let title = title.to_owned();
    let name = match held {
        Some(bib) => view! { <a id=id href=format!("/bibs/{bib}")>{title}</a> }.erased(),
        None => view! { <span id=id>{title}</span> }.erased(),
    };
    let not_held = held.is_none().then(|| view! { <span class="mark">{i18n.show(Key::ShelfNotHeld)}</span> });
    view! {
        <th scope="row">
            {name}
            <p class="facts"><span>{creators.to_owned()}</span> {not_held}</p>
        </th>
    }
    .erased()
}

/// All that can be done with an entry: one form, whose buttons say what.
fn deeds(i18n: I18n, entry: &BookEntry, lists: &[BookList], here: BookListId, by_hand: bool) -> ErasedView {
    let named = |key: Key| i18n.fill(key, &[("title", &entry.title)]);
    let field = |name: &str| format!("{name}-{}", entry.id);
    let others = lists
        .iter()
        .filter(|list| list.id != here)
        .map(|list| view! { <option value=list.id.to_string()>{title_of(i18n, list.kind, &list.name)}</option> })
        .collect_view();
    let order = by_hand.then(|| {
        [
            ("first", Key::ShelfFirst, Key::ShelfFirstOf),
            ("up", Key::ShelfUp, Key::ShelfUpOf),
            ("down", Key::ShelfDown, Key::ShelfDownOf),
        ]
        .map(|(deed, text, name)| {
            view! { <button name="deed" value=deed aria-label=named(name)>{i18n.t(text)}</button> }
        })
        .collect_view()
    });
    let fields = view! {
        <input type="hidden" name="entry" value=entry.id.to_string() />
        <div class="field">
            <label for=field("note")>{i18n.show(Key::ShelfNote)}</label>
            <input id=field("note") name="note" maxlength="500" value=entry.note.clone() autocomplete="off" />
        </div>
        <div class="field">
            <label for=field("day")>{i18n.show(Key::ShelfDay)}</label>
            <input id=field("day") name="day" value=entry.day.to_string() autocomplete="off" />
            <p class="hint">{i18n.show(Key::ShelfDayHint)}</p>
        </div>
        <button class="primary" name="deed" value="write">{i18n.show(Key::ShelfSave)}</button>
        <div class="field">
            <label for=field("to")>{i18n.show(Key::ShelfMoveTo)}</label>
            <select id=field("to") name="to">{others}</select>
        </div>
        <div class="buttons">
            <button name="deed" value="move">{i18n.show(Key::ShelfMove)}</button>
            {order}
            <button name="deed" value="remove" aria-label=named(Key::ShelfRemoveOf)>{i18n.show(Key::ShelfRemove)}</button>
        </div>
    };
    view! {
        <details class="entry">
            <summary aria-label=named(Key::ShelfEditOf)>{i18n.show(Key::ShelfEdit)}</summary>
            {native_form::<ChangeEntry>("stack", fields.erased())}
        </details>
    }
    .erased()
}
