//! 取置棚: what is to be taken off the shelf, and what stands ready, in the order of the slips.

use domain::{
    circulation::{ClearCopy, DeskList, HeldCopy, HoldShelf, ReservationState},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    super::counter_parts::{Part, print_button},
    Room,
    api::{self, CopyNotFound, ExtendHold},
    list_page,
    parts::{about, button, hidden, mark, section, titled},
};
use crate::{
    account::parts::{cell, row, table},
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    visit::StaffHere,
};

/// `/desk/holds`
pub(crate) fn holds_page() -> ErasedView {
    list_page(Room::Holds, load(|| (), |()| api::load_holds()), show)
}

fn show(_: &StaffHere, list: DeskList<HoldShelf>) -> ErasedView {
    let i18n = use_i18n();
    let HoldShelf { to_clear, ready } = list.list;
    let nothing = |text| p("empty", i18n.t(text));
    let to_clear = if to_clear.is_empty() {
        nothing(Key::HoldsClearNone)
    } else {
        let rows = to_clear.into_iter().map(clear).collect();
        vec![p("", i18n.t(Key::HoldsClearLead)), table(&[Key::ListsColumnSlip, Key::ColumnTitle], rows)].erased()
    };
    let ready = if ready.is_empty() {
        nothing(Key::HoldsNone)
    } else {
        let columns = [Key::ListsColumnSlip, Key::ColumnTitle, Key::ListsColumnUntil, Key::ColumnActions];
        let rows = ready.into_iter().map(held).collect();
        vec![p("", i18n.t(Key::HoldsLead)), table(&columns, rows), print_button(Key::ListsPrint, Part::List)].erased()
    };
    view! {
        {section(Key::HoldsClearTitle, None, to_clear)}
        {section(Key::HoldsReadyTitle, None, ready)}
    }
    .erased()
}

fn label(text: String) -> ErasedView {
    cell(Key::ListsColumnSlip, view! { <span class="slip-label">{text}</span> }.erased())
}

fn clear(copy: ClearCopy) -> ErasedView {
    let labels = if copy.labels.is_empty() { use_i18n().t(Key::HoldsSlipUnknown) } else { copy.labels.join("／") };
    row(vec![label(labels), titled(copy.title, vec![copy.barcode])])
}

fn held(copy: HeldCopy) -> ErasedView {
    let i18n = use_i18n();
    let until = i18n.date(copy.until);
    let until = if copy.is_last_day {
        view! { {until} " " {mark(i18n.t(Key::HoldsLastDay))} }.erased()
    } else {
        until.erased()
    };
    let reservation = || hidden("reservation", copy.reservation.to_string());
    let extend = if copy.extended {
        p("why-not", i18n.t(Key::HoldsExtended))
    } else {
        let name = about(Key::HoldsExtendName, &copy.title, &copy.barcode);
        let fields = view! { {reservation()} {button(Key::HoldsExtend, name, None)} };
        native_form::<ExtendHold>("inline", fields.erased())
    };
    let fields = view! {
        {reservation()}
        {hidden("state", ReservationState::Ready.to_string())}
        {button(Key::ListsNotThere, about(Key::ListsNotThereName, &copy.title, &copy.barcode), None)}
    };
    let not_there = native_form::<CopyNotFound>("inline", fields.erased());
    row(vec![
        label(copy.label),
        titled(copy.title, vec![copy.barcode]),
        cell(Key::ListsColumnUntil, until),
        cell(Key::ColumnActions, view! { <div class="deeds">{extend} {not_there}</div> }.erased()),
    ])
}
