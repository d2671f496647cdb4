//! 移送: what is on its way here, and what left here and has not arrived.

use domain::{
    circulation::{DeskList, Transit, TransitLine},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    super::counter_parts::{Part, print_button},
    Room,
    api::{self, NotArrived},
    list_page,
    parts::{about, button, hidden, mark, section, titled},
};
use crate::{
    account::parts::{cell, row, table},
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
    visit::StaffHere,
};

/// `/desk/transit`
pub(crate) fn transit_page() -> ErasedView {
    list_page(Room::Transit, load(|| (), |()| api::load_transit()), show)
}

fn show(_: &StaffHere, list: DeskList<Transit>) -> ErasedView {
    let Transit { expected, sent } = list.list;
    view! {
        {section(Key::TransitExpected, None, lines(expected, true))}
        {section(Key::TransitSent, None, lines(sent, false))}
        {print_button(Key::ListsPrint, Part::List)}
    }
    .erased()
}

fn lines(lines: Vec<TransitLine>, expected: bool) -> ErasedView {
    if lines.is_empty() {
        return p("empty", use_i18n().t(Key::TransitNone));
    }
    let way = way(expected);
    let columns = [Key::ColumnTitle, Key::ListsColumnSlip, way, Key::ListsColumnSince, Key::ColumnActions];
    table(&columns, lines.into_iter().map(|copy| line(copy, expected)).collect())
}

/// What is said of the way: from where something is expected, or to where it was sent.
const fn way(expected: bool) -> Key {
    if expected { Key::TransitColumnFrom } else { Key::ListsColumnPlace }
}

fn line(copy: TransitLine, expected: bool) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let place = match (expected, copy.from) {
        (false, _) => i18n.fill(Key::TransitTo, &[("place", &site.place(&copy.to))]),
        (true, Some(from)) => i18n.fill(Key::TransitFrom, &[("place", &site.place(&from))]),
        (true, None) => i18n.t(Key::TransitFromUnknown),
    };
    let since = copy.since.map(|since| i18n.date(since)).unwrap_or_default();
    let late = copy.late.then(|| mark(i18n.t(Key::TransitLate)));
    let not_arrived = copy.late.then(|| {
        let name = about(Key::TransitNotArrivedName, &copy.title, &copy.barcode);
        let fields = view! {
            {hidden("barcode", copy.barcode.clone())}
            {button(Key::TransitNotArrived, name, None)}
        };
        native_form::<NotArrived>("inline", fields.erased())
    });
    let label = copy.label.unwrap_or_else(|| i18n.t(Key::TransitHome));
    row(vec![
        titled(copy.title, vec![copy.barcode]),
        cell(Key::ListsColumnSlip, label.erased()),
        cell(way(expected), place.erased()),
        cell(Key::ListsColumnSince, view! { {since} " " {late} }.erased()),
        cell(Key::ColumnActions, not_arrived.erased()),
    ])
}
