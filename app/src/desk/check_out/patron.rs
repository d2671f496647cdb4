//! The patron before the desk: who it is, what they have, what stands ready for them.

use domain::{
    circulation::{AtCounter, LoanAtCounter},
    messages::Key,
    patrons::CardState,
};
use leptos::prelude::*;

use super::{
    super::counter_parts::{Part, print_button},
    state::Before,
};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
};

/// Whose turn it is.
pub(super) fn patron_view(before: &Before) -> ErasedView {
    let i18n = use_i18n();
    let (name, content) = match before {
        Before::Known(patron) => (i18n.fill(Key::CounterBegun, &[("name", &patron.name)]), known(patron)),
        Before::Unchecked { card, lent } => {
            let rows = lent.iter().map(|barcode| view! { <li>{barcode.clone()}</li> }).collect_view();
            let list = view! { {p("", i18n.t(Key::LineCardLead))} <ol>{rows}</ol> }.erased();
            (i18n.fill(Key::LineCard, &[("card", card)]), list)
        }
    };
    view! {
        <section class="patron" aria-label=i18n.t(Key::CounterPatron)>
            <h2>{name}</h2>
            {content}
        </section>
    }
    .erased()
}

fn known(patron: &AtCounter) -> ErasedView {
    let i18n = use_i18n();
    let (card, barred) = match patron.card {
        CardState::Active => (Key::CounterCardOk, false),
        CardState::Suspended => (Key::CounterCardSuspended, true),
        CardState::Expired => (Key::CounterCardExpired, true),
    };
    let overdue = (patron.overdue() > 0).then(|| {
        view! { <li class="bad">{i18n.number(Key::CounterOverdue, patron.overdue())}</li> }
    });
    let elsewhere = (patron.ready_elsewhere > 0).then(|| {
        view! { <li>{i18n.number(Key::CounterReadyElsewhere, patron.ready_elsewhere)}</li> }
    });
    let (now, before): (Vec<_>, Vec<_>) = patron.loans.iter().partition(|loan| loan.now);
    view! {
        <ul class="patron-facts">
            <li>{patron.card_number.clone()}</li>
            <li class:bad=barred>{i18n.t(card)}</li>
            <li>{i18n.number(Key::CounterOnLoan, patron.loans.len())}</li>
            {overdue}
            {elsewhere}
        </ul>
        {ready(patron)}
        {loans(Key::CounterNow, &now)}
        {loans(Key::CounterLoans, &before)}
        {(!patron.loans.is_empty()).then(|| print_button(Key::CounterPrint, Part::Receipt))}
    }
    .erased()
}

/// What the desk hands them from the hold shelf.
fn ready(patron: &AtCounter) -> Option<ErasedView> {
    let i18n = use_i18n();
    if patron.ready_here.is_empty() {
        return None;
    }
    let rows = patron
        .ready_here
        .iter()
        .map(|ready| {
            let until = i18n.fill(Key::StatusReadyUntil, &[("date", &i18n.date(ready.until))]);
            row(&ready.barcode, &ready.title, until, false)
        })
        .collect::<Vec<_>>();
    let text = i18n.number(Key::CounterReadyHere, patron.ready_here.len());
    Some(view! { <div class="notice good"><h3>{text}</h3> <ul class="copies-list">{rows}</ul></div> }.erased())
}

fn loans(title: Key, loans: &[&LoanAtCounter]) -> Option<ErasedView> {
    let i18n = use_i18n();
    if loans.is_empty() {
        return None;
    }
    let rows = loans
        .iter()
        .map(|loan| {
            let due = i18n.fill(Key::CheckOutDue, &[("date", &i18n.date(loan.due_on))]);
            let due = if loan.overdue { format!("{}　{due}", i18n.t(Key::CounterLate)) } else { due };
            row(&loan.barcode, &loan.title, due, loan.overdue)
        })
        .collect::<Vec<_>>();
    let text = format!("{}（{}）", i18n.t(title), loans.len());
    Some(view! { <h3>{text}</h3> <ul class="copies-list">{rows}</ul> }.erased())
}

fn row(barcode: &str, title: &str, when: String, bad: bool) -> ErasedView {
    let (barcode, title) = (barcode.to_owned(), title.to_owned());
    view! {
        <li>
            <span class="shelf-mark">{barcode}</span>
            <span>{title}</span>
            <strong class:bad=bad>{when}</strong>
        </li>
    }
    .erased()
}
