//! 貸出状況 (R23–R26).

use domain::{circulation::LoanView, messages::Key};
use leptos::prelude::*;

use super::{
    api::{self, LOANS, Offer, Renew},
    parts::{Titled, button, cell, hidden, link, nothing, own_page, row, table, why_not},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    page::patron_page,
    receipt::{Receipt, print_button},
};

/// `/account/loans`
#[component]
pub fn LoansPage() -> ErasedView {
    let answer = load(|| (), |()| api::loans());
    patron_page(LOANS.to_owned(), answer, |own| own_page(Key::LoansTitle, &own, list(&own.loaded)))
}

fn list(offer: &Offer<Vec<LoanView>>) -> ErasedView {
    let i18n = use_i18n();
    let loans = &offer.shown;
    if loans.is_empty() {
        return nothing(Key::LoansNone);
    }
    let overdue = loans.iter().filter(|one| one.overdue).count();
    let overdue = (overdue > 0).then(|| p("notice", i18n.number(Key::LoansOverdue, overdue)));
    let wanted = loans.iter().any(|one| one.others_wait).then(|| p("hint", i18n.t(Key::AttentionNote)));
    let columns = [Key::ColumnTitle, Key::ColumnDue, Key::ColumnAttention, Key::Renew, Key::ReturnTitle];
    let rows = loans.iter().map(|one| loan(offer, one)).collect();
    view! {
        {overdue}
        {table(&columns, rows)}
        {wanted}
        {receipt(loans)}
        {print_button(Key::ReceiptPrint)}
    }
    .erased()
}

/// What is on loan and until when, to take along.
fn receipt(loans: &[LoanView]) -> ErasedView {
    let i18n = use_i18n();
    let line = |one: &LoanView| {
        let due = i18n.fill(Key::ReceiptDue, &[("date", &i18n.date(one.due_on))]);
        let overdue = one.overdue.then(|| i18n.t(Key::AttentionOverdue));
        (one.title.clone(), [due].into_iter().chain(overdue).collect())
    };
    let lines = loans.iter().map(line).collect();
    Receipt { title: Key::LoansTitle, lines, facts: Vec::new(), note: None }.view()
}

fn loan(offer: &Offer<Vec<LoanView>>, one: &LoanView) -> ErasedView {
    let i18n = use_i18n();
    let named = |key: Key| i18n.fill(key, &[("title", &one.title)]);
    let marks: Vec<_> =
        [(one.overdue, Key::AttentionOverdue, "overdue"), (one.others_wait, Key::AttentionReserved, "reserved")]
            .into_iter()
            .filter(|(so, ..)| *so)
            .map(|(_, key, word)| view! { <strong class="mark" data-attention=word>{i18n.t(key)}</strong> " " })
            .collect();
    let renewal = match &one.renewal {
        Err(refusal) => why_not(refusal),
        Ok(day) => {
            let until = i18n.fill(Key::RenewUntil, &[("date", &i18n.date(*day))]);
            let fields = vec![
                hidden(offer.op, "loan", one.id.to_string()),
                button("", None, i18n.t(Key::Renew), Some(named(Key::RenewOf))),
                p("", until),
            ];
            native_form::<Renew>("inline", fields.erased())
        }
    };
    let returned = if one.return_said {
        i18n.t(Key::ReturnSaid).erased()
    } else {
        link("", format!("{LOANS}/{}/return", one.id), i18n.t(Key::ReturnTitle), Some(named(Key::ReturnOf)))
    };
    let titled = Titled {
        id: one.id.to_string(),
        bib: one.bib,
        part: one.part,
        title: &one.title,
        creators: &one.creators,
        material: one.material,
    };
    row(vec![
        titled.cell(().erased()),
        cell(Key::ColumnDue, i18n.date(one.due_on).erased()),
        cell(Key::ColumnAttention, marks.erased()),
        cell(Key::Renew, renewal),
        cell(Key::ReturnTitle, returned),
    ])
}
