//! 予約取消一覧 (R22).

use domain::{
    circulation::{CancelReason, CancelledView},
    messages::{self, Key},
};
use leptos::prelude::*;

use super::{
    api,
    parts::{Titled, cell, nothing, own_page, row, table},
};
use crate::{
    cart::state::use_cart,
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    opac::cart_button::{Offered, alive, cart_button, with_cart},
    page::patron_page,
    site::use_site,
};

/// `/account/cancelled`
#[component]
pub fn CancelledPage() -> ErasedView {
    let answer = load(|| (), |()| api::cancelled());
    patron_page("/account/cancelled".to_owned(), answer, |own| own_page(Key::CancelledTitle, &own, list(&own.loaded)))
}

fn list(cancelled: &[CancelledView]) -> ErasedView {
    let i18n = use_i18n();
    if cancelled.is_empty() {
        return nothing(Key::CancelledNone);
    }
    let days = use_site().with(|site| site.reservations.keep_cancelled_days);
    let columns = [Key::ColumnTitle, Key::ColumnCancelled, Key::ColumnReason, Key::ColumnAgain];
    let rows = cancelled
        .iter()
        .enumerate()
        .map(|(n, one)| {
            // Cancelled more than once, it is offered once.
            let offered = is_offered(one.reason) && cancelled.iter().take(n).all(|later| later.part != one.part);
            reservation(one, offered)
        })
        .collect();
    alive(vec![p("", i18n.number(Key::CancelledLead, days)), table(&columns, rows)].erased())
}

/// Whether reserving again makes sense: not where there is nothing to reserve, nor where the reservation goes on as
/// another one.
fn is_offered(reason: CancelReason) -> bool {
    !matches!(reason, CancelReason::Declined | CancelReason::Withdrawn | CancelReason::Merged)
}

fn reservation(one: &CancelledView, offered: bool) -> ErasedView {
    let i18n = use_i18n();
    let reason = p("", i18n.t(messages::cancel_reason(one.reason)));
    let note = one.note.clone().map_or_else(|| ().erased(), |note| p("", note));
    let again = offered.then(|| {
        let offered = Offered {
            bib: one.bib,
            part: Some(one.part),
            title: one.title.clone(),
            named_by: format!("title-{}", one.id),
            refusal: None,
        };
        let button = with_cart(cart_button(i18n, &offered), &use_cart().arrangement_now());
        view! { <div inner_html=button></div> }
    });
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
        cell(Key::ColumnCancelled, i18n.date(one.cancelled_on).erased()),
        cell(Key::ColumnReason, vec![reason, note].erased()),
        cell(Key::ColumnAgain, again.erased()),
    ])
}
