//! 確かめること: what staff have to decide on.

use domain::{
    OpId,
    circulation::{Decisions, DeskList, DoubtfulQueue, MissingCopy, RefusedMail, SaidReturned},
    messages::Key,
};
use leptos::prelude::*;

use super::{
    Room,
    api::{self, CancelQueue, GiveUpMissing, RefusedMail as RefusedMailForm, SaidReturned as SaidReturnedForm},
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

/// `/desk/decisions`
pub(crate) fn decisions_page() -> ErasedView {
    list_page(Room::Decisions, load(|| (), |()| api::load_decisions()), show)
}

fn show(_: &StaffHere, list: DeskList<Decisions>) -> ErasedView {
    let i18n = use_i18n();
    let DeskList { op, list: Decisions { queues, refused_mails, said_returned, missing }, .. } = list;
    let mut sections = Vec::new();
    if !said_returned.is_empty() {
        let columns = [Key::ListsColumnMark, Key::ColumnTitle, Key::ListsColumnSince, Key::ColumnActions];
        let rows = said_returned.into_iter().map(said).collect();
        sections.push(section(Key::DecisionsSaid, Some(i18n.t(Key::DecisionsSaidLead)), table(&columns, rows)));
    }
    if !queues.is_empty() {
        let columns = [Key::ColumnTitle, Key::ListsColumnSlip, Key::ColumnActions];
        let rows = queues.into_iter().map(queue).collect();
        sections.push(section(Key::DecisionsQueues, Some(i18n.t(Key::DecisionsQueuesLead)), table(&columns, rows)));
    }
    if !refused_mails.is_empty() {
        let columns = [Key::ListsColumnName, Key::DecisionsColumnMail, Key::ListsColumnSince, Key::ColumnActions];
        let rows = refused_mails.into_iter().map(|of| mail(op, of)).collect();
        sections.push(section(Key::DecisionsMails, None, table(&columns, rows)));
    }
    if !missing.is_empty() {
        let columns = [Key::ListsColumnMark, Key::ColumnTitle, Key::ListsColumnSince, Key::ColumnActions];
        let rows = missing.into_iter().map(copy).collect();
        sections.push(section(Key::DecisionsMissing, Some(i18n.t(Key::DecisionsMissingLead)), table(&columns, rows)));
    }
    if sections.is_empty() {
        sections.push(p("empty", i18n.t(Key::DecisionsNone)));
    }
    sections.erased()
}

fn shelf_mark(mark: String) -> ErasedView {
    cell(Key::ListsColumnMark, view! { <span class="shelf-mark">{mark}</span> }.erased())
}

/// 返却申出 (R26)
fn said(of: SaidReturned) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let said_on = i18n.fill(Key::DecisionsSaidOn, &[("date", &i18n.date(of.said_on))]);
    let searched = of.searched_on.map(|day| p("", i18n.fill(Key::DecisionsSearchedOn, &[("date", &i18n.date(day))])));
    let lent_at = i18n.fill(Key::DecisionsLentAt, &[("place", &site.place(&of.lent_at))]);
    let fields = view! {
        {hidden("loan", of.loan.to_string())}
        <div class="deeds">
            {button(
                Key::DecisionsSearched,
                about(Key::DecisionsSearchedName, &of.title, &of.barcode),
                Some(("deed", "searched")),
            )}
            {button(Key::DecisionsLost, about(Key::DecisionsLostName, &of.title, &of.barcode), Some(("deed", "lost")))}
        </div>
    };
    let deeds = native_form::<SaidReturnedForm>("inline", fields.erased());
    row(vec![
        shelf_mark(of.shelf_mark),
        titled(of.title, vec![of.barcode, site.place(&of.branch), lent_at]),
        cell(Key::ListsColumnSince, view! { {p("", said_on)} {searched} }.erased()),
        cell(Key::ColumnActions, deeds),
    ])
}

/// Cancelling people's reservations can't be undone, so it takes a second step.
fn queue(of: DoubtfulQueue) -> ErasedView {
    let i18n = use_i18n();
    let waiting = of.waiting.len();
    let missing = (of.missing > 0).then(|| p("", i18n.number(Key::DecisionsMissingCopies, of.missing)));
    let fields = view! {
        {hidden("part", of.part.to_string())}
        <p>{i18n.show(Key::DecisionsCancelLead)}</p>
        <button>{i18n.number(Key::DecisionsCancelButton, waiting)}</button>
    };
    let cancel = view! {
        <details>
            <summary>{i18n.show(Key::DecisionsCancel)}</summary>
            {native_form::<CancelQueue>("stack", fields.erased())}
        </details>
    };
    let people = view! { {p("", i18n.number(Key::DecisionsWaiting, waiting))} {p("", of.waiting.join("、"))} };
    row(vec![
        titled(of.title, Vec::new()),
        cell(Key::ListsColumnSlip, people.erased()),
        cell(Key::ColumnActions, view! { {missing} {cancel} }.erased()),
    ])
}

fn mail(op: OpId, of: RefusedMail) -> ErasedView {
    let i18n = use_i18n();
    let named = |key: Key| i18n.fill(key, &[("address", &of.address)]);
    let fields = view! {
        {hidden("op", op.to_string())}
        {hidden("notice", of.notice.to_string())}
        <div class="deeds">
            {button(Key::DecisionsMailAgain, named(Key::DecisionsMailAgainName), Some(("deed", "again")))}
            {button(Key::DecisionsMailDrop, named(Key::DecisionsMailDropName), Some(("deed", "give-up")))}
        </div>
    };
    let deeds = native_form::<RefusedMailForm>("inline", fields.erased());
    row(vec![
        titled(of.name_kana, vec![of.card_number, of.telephone]),
        cell(Key::DecisionsColumnMail, view! { {p("", of.subject)} {p("", of.address)} }.erased()),
        cell(Key::ListsColumnSince, i18n.date(of.made_on).erased()),
        cell(Key::ColumnActions, deeds),
    ])
}

fn copy(of: MissingCopy) -> ErasedView {
    let i18n = use_i18n();
    let since = of.since.map_or_else(|| i18n.t(Key::DecisionsSinceUnknown), |day| i18n.date(day));
    let long = of.long.then(|| mark(i18n.t(Key::DecisionsMissingLong)));
    let fields = view! {
        {hidden("barcode", of.barcode.clone())}
        {button(Key::DecisionsLost, about(Key::DecisionsLostName, &of.title, &of.barcode), None)}
    };
    let lost = native_form::<GiveUpMissing>("inline", fields.erased());
    row(vec![
        shelf_mark(of.shelf_mark),
        titled(of.title, vec![of.barcode]),
        cell(Key::ListsColumnSince, view! { {since} " " {long} }.erased()),
        cell(Key::ColumnActions, lost),
    ])
}
