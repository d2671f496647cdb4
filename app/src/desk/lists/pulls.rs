//! 集める資料: copies on the shelves that somebody waits for, in the order a shelver walks.

use domain::{
    circulation::{DeskList, PullLine, ReservationState},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    super::counter_parts::{Part, print_button},
    Room,
    api::{self, CopyNotFound, GatherPulls},
    list_page,
    parts::{about, button, hidden, titled},
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

/// `/desk/pulls`
pub(crate) fn pulls_page() -> ErasedView {
    list_page(Room::Pulls, load(|| (), |()| api::load_pulls()), show)
}

fn show(staff: &StaffHere, list: DeskList<Vec<PullLine>>) -> ErasedView {
    let i18n = use_i18n();
    let gather = view! { <button>{i18n.show(Key::PullsGather)}</button> };
    let columns =
        [Key::ListsColumnMark, Key::ColumnTitle, Key::ListsColumnPlace, Key::ListsColumnSince, Key::ColumnActions];
    let lines = if list.list.is_empty() {
        p("empty", i18n.t(Key::PullsNone))
    } else {
        let rows = list.list.into_iter().map(|copy| line(staff, copy)).collect();
        view! {
            <p>{i18n.show(Key::PullsLead)}</p>
            {table(&columns, rows)}
            {print_button(Key::ListsPrint, Part::List)}
        }
        .erased()
    };
    view! {
        {native_form::<GatherPulls>("no-print", gather.erased())}
        {lines}
    }
    .erased()
}

fn line(staff: &StaffHere, copy: PullLine) -> ErasedView {
    let i18n = use_i18n();
    let goes_to = if staff.place.as_ref() == Some(&copy.goes_to) {
        i18n.t(Key::ListsHere)
    } else {
        use_site().place(&copy.goes_to)
    };
    let fields = view! {
        {hidden("reservation", copy.reservation.to_string())}
        {hidden("state", ReservationState::Assigned.to_string())}
        {button(Key::ListsNotThere, about(Key::ListsNotThereName, &copy.title, &copy.barcode), None)}
    };
    let not_there = native_form::<CopyNotFound>("inline", fields.erased());
    row(vec![
        cell(Key::ListsColumnMark, view! { <span class="shelf-mark">{copy.shelf_mark}</span> }.erased()),
        titled(copy.title, vec![copy.barcode]),
        cell(Key::ListsColumnPlace, goes_to.erased()),
        cell(Key::ListsColumnSince, i18n.date(copy.since).erased()),
        cell(Key::ColumnActions, not_there),
    ])
}
