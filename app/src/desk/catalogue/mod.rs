//! 目録: titles found, entered, corrected and merged; copies and issues taken in and changed.

pub mod api;
mod copies;
mod forms;
mod merge;

use domain::{
    catalog::{FoundBib, KeptBib, KeptCopy, KeptPart, MaterialType},
    messages::{self, Key},
};
use leptos::prelude::*;
use leptos_router::{
    components::Redirect,
    hooks::{use_params_map, use_query_map},
};

use super::room::{Room, facts, room_page, search, section, table, text, way};
use crate::{
    address,
    components::{creators, material_mark, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    site::use_site,
};

/// `/desk/catalogue` and what is below it
pub(crate) fn catalogue_page() -> ErasedView {
    let params = use_params_map();
    let page = move || {
        let get = |name: &str| params.read().get(name).unwrap_or_default();
        match (get("id"), get("deed")) {
            (id, _) if id.is_empty() => list_page(),
            (id, _) if id == "new" => forms::new_page(),
            (id, deed) => match deed.as_str() {
                "edit" => forms::edit_page(id),
                "copies" => copies::add_page(id),
                "issue" => copies::issue_page(id),
                "copy" => copies::change_page(id),
                "merge" => merge::choose_page(id),
                "" => {
                    let address = format!("/desk/catalogue/{id}");
                    room_page(address, load(|| (), move |()| api::load_bib(id.clone())), |room| bib(&room))
                }
                into => merge::preview_page(id, into.to_owned()),
            },
        }
    };
    view! { {page} }.erased()
}

/// `/desk/catalogue?q=…`
fn list_page() -> ErasedView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("q").unwrap_or_default());
    let found = load(move || asked.get(), api::find_bibs);
    room_page("/desk/catalogue".to_owned(), found, move |room| list(&room, &asked.get_untracked()))
}

fn list(room: &Room<Vec<FoundBib>>, typed: &str) -> ErasedView {
    let i18n = use_i18n();
    // What was scanned is opened at once.
    if let [only] = room.loaded.as_slice() {
        let path = api::address_of(only.id);
        return view! { <Redirect path /> }.erased();
    }
    let isbn = typed.parse::<domain::catalog::isbn::Isbn13>().is_ok();
    let none = (room.loaded.is_empty() && !typed.trim().is_empty())
        .then(|| p("empty", i18n.t(if isbn { Key::CatalogueNewIsbn } else { Key::NothingFound })));
    let rows: Vec<_> = room.loaded.iter().map(found_row).collect();
    let columns = [Key::ColumnTitle, Key::FactCreators, Key::FactPublisher, Key::RecordCopies];
    let found = (!rows.is_empty()).then(|| table(&columns, rows));
    let new = if isbn {
        format!("/desk/catalogue/new?isbn={}", address::encode(typed))
    } else {
        "/desk/catalogue/new".to_owned()
    };
    let rest = view! {
        {search("/desk/catalogue".to_owned(), Key::CatalogueSearch, typed, None)}
        <div role="status">{none}</div>
        {found}
        <p>{way(new, Key::CatalogueNew)}</p>
    };
    room.page(i18n.t(Key::CatalogueTitle), rest.erased())
}

/// A title in a list.
fn found_row(bib: &FoundBib) -> Vec<ErasedView> {
    let record = &bib.record;
    let title = view! {
        <a href=api::address_of(bib.id)>{record.display_title()}</a>
        <p class="facts">{material_mark(record.material)}</p>
    };
    let year = record.year.map(|year| year.to_string()).unwrap_or_default();
    vec![
        title.erased(),
        text(creators(record)),
        text(format!("{} {year}", record.publisher.clone().unwrap_or_default())),
        text(bib.parts.iter().map(|part| part.copies).sum::<u32>().to_string()),
    ]
}

/// The page of a title.
fn bib(room: &Room<KeptBib>) -> ErasedView {
    let i18n = use_i18n();
    let kept = &room.loaded;
    let own = api::address_of(kept.id);
    let record = &kept.record;
    let text_of = |text: &Option<String>| text.clone().unwrap_or_default();
    let known = vec![
        (Key::BibReading, text_of(&record.title_reading)),
        (Key::FactCreators, creators(record)),
        (Key::FactPublisher, text_of(&record.publisher)),
        (Key::FactYear, record.year.map(|year| year.to_string()).unwrap_or_default()),
        (Key::FactIsbn, record.isbns.join(" ")),
        (Key::FactNdc, record.ndc.join(" ")),
    ];
    let issue = (record.material == MaterialType::Magazine).then(|| way(format!("{own}/issue"), Key::IssueReceive));
    let parts = kept.parts.iter().map(|part| part_section(i18n, kept, part)).collect_view();
    let rest = view! {
        <p>{material_mark(record.material)}</p>
        {facts(known)}
        <div class="buttons">
            {issue} {way(format!("{own}/copies"), Key::CopyAdd)} {way(format!("{own}/edit"), Key::BibEdit)}
            {way(format!("{own}/merge"), Key::BibMerge)}
        </div>
        {section(Key::BibCopies, parts.erased())}
        <p class="hint">{i18n.show(Key::CopyFateLead)}</p>
        <p><a href=format!("/bibs/{}", kept.id)>{i18n.show(Key::BibPageForPatrons)}</a></p>
    };
    room.page(record.display_title(), rest.erased())
}

fn part_section(i18n: I18n, kept: &KeptBib, part: &KeptPart) -> ErasedView {
    let label = (!part.label.is_empty()).then(|| view! { <h3>{part.label.clone()}</h3> });
    let received = part.received_on.map(|day| p("facts", i18n.fill(Key::ReceivedOn, &[("date", &i18n.date(day))])));
    let waiting = (part.waiting > 0).then(|| p("notice", i18n.number(Key::Waiting, part.waiting)));
    let copies = if part.copies.is_empty() {
        p("empty", i18n.t(Key::BibNoCopies))
    } else {
        let columns =
            [Key::Barcode, Key::CopyBranch, Key::CopyMark, Key::CopyRule, Key::ColumnState, Key::ColumnActions];
        table(&columns, part.copies.iter().map(|copy| copy_row(i18n, kept, copy)).collect())
    };
    view! { {label} {received} {waiting} {copies} }.erased()
}

fn copy_row(i18n: I18n, kept: &KeptBib, copy: &KeptCopy) -> Vec<ErasedView> {
    let site = use_site();
    let state = match (&copy.damage, &copy.lender) {
        (Some(what), _) => i18n.fill(Key::CopyDamaged, &[("what", what)]),
        (None, Some(lender)) => format!("{} {lender}", i18n.t(messages::item_state(copy.state))),
        (None, None) => i18n.t(messages::item_state(copy.state)),
    };
    let elsewhere = if copy.place == copy.branch { String::new() } else { site.place(&copy.place) };
    let name = i18n.fill(Key::CopyChangeOf, &[("barcode", &copy.barcode)]);
    let change = copy.lender.is_none().then(|| {
        let href = api::copy_address(kept.id, &copy.barcode);
        view! { <a class="button" href=href aria-label=name>{i18n.show(Key::CopyChange)}</a> }
    });
    vec![
        text(copy.barcode.clone()),
        text(site.place(&copy.branch)),
        text(copy.shelf_mark.clone()),
        text(i18n.t(messages::loan_rule(copy.loan_rule))),
        text(format!("{state} {elsewhere}")),
        view! { {change} }.erased(),
    ]
}
