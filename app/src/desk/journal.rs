//! 控えた記録: what was scanned while the line was down and needs staff's eye.

use std::sync::Arc;

use domain::{
    OpId,
    circulation::{LateTrouble, Settle},
    messages::Key,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    DeskFlash,
    counter_api::{SettleLate, late_troubles},
    frame::{frame, staff_page},
    line::Line,
};
use crate::{
    components::{alert, form, p},
    erase::{Erase as _, ErasedView},
    field::TextField,
    i18n::use_i18n,
    load::{self, load},
    site::use_site,
    visit::{Flash, StaffHere},
};

/// `/desk/journal`
pub(crate) fn journal_page() -> ErasedView {
    let troubles = load(|| (), |()| late_troubles()).text();
    let show = |staff, flash, text: &str| Ok(page(&staff, flash, load::read(text)?));
    staff_page("/desk/journal".to_owned(), troubles, Arc::new(show))
}

/// What staff wrote for a scan that could not be settled so, and why.
type Typed = Option<(OpId, Settle, String)>;

fn page(staff: &StaffHere, flash: Option<Flash>, troubles: Vec<LateTrouble>) -> ErasedView {
    let i18n = use_i18n();
    let line = Line::of(staff, false);
    let (done, typed): (_, Typed) = match DeskFlash::read(flash.as_ref()) {
        Ok(Some(DeskFlash::Settled { answer: Ok(()), .. })) => (Some(i18n.t(Key::LateDone)), None),
        Ok(Some(DeskFlash::Settled { scan, settle, answer: Err(refusal) })) => {
            (None, Some((scan, settle, i18n.refusal(&refusal))))
        }
        Ok(_) => (None, None),
        Err(_) => (Some(i18n.t(Key::TroubleFault)), None),
    };
    // One that is gone meanwhile has no place of its own to say so.
    let gone = typed.as_ref().filter(|(scan, ..)| troubles.iter().all(|one| one.op != *scan));
    let gone = gone.map(|(_, _, why)| alert(why.clone()));
    let lead = i18n.t(if troubles.is_empty() { Key::LateNone } else { Key::LateLead });
    let rows = troubles
        .into_iter()
        .map(|one| {
            let own = typed.as_ref().filter(|(scan, ..)| *scan == one.op);
            let own = own.map(|(_, settle, why)| (settle, why.as_str()));
            view! { <li>{trouble_view(&one, own)}</li> }
        })
        .collect_view();
    let rest = view! {
        <div class="instruction" role="status">{done.map(|done| p("large", done))}</div>
        {gone}
        {line.results()}
        {p("lead", lead)}
        <ul class="late">{rows}</ul>
    };
    frame("", staff, line, None, i18n.t(Key::LateTitle), rest.erased())
}

/// One scan: what the matter is, and what can be done.
fn trouble_view(one: &LateTrouble, typed: Option<(&Settle, &str)>) -> ErasedView {
    let i18n = use_i18n();
    let at = one.scanned_at;
    let when = [
        ("date", i18n.date(at.date())),
        ("time", at.format("%H:%M").to_string()),
        ("place", use_site().place(&one.place)),
    ];
    let when: Vec<_> = when.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let kind = i18n.t(if one.lent { Key::LateLent } else { Key::LateTakenBack });
    let card = one.card.as_ref().map(|card| i18n.fill(Key::LineCard, &[("card", card)]));
    let card = card.or_else(|| (one.lent && !one.recorded).then(|| i18n.t(Key::LateNoCard)));
    let facts = [Some(one.barcode.clone()), one.title.clone(), card].into_iter().flatten();
    let facts = facts.map(|fact| view! { <span>{fact}</span> " " }).collect_view();
    let state = i18n.t(if one.recorded { Key::LateRecorded } else { Key::LateWaits });
    let refused = typed.map(|(_, why)| alert(why.to_owned()));
    view! {
        <article class="trouble">
            <h2>{kind}" "{i18n.fill(Key::LateScanned, &when)}</h2>
            <p class="facts">{facts}</p>
            <p class="large">{i18n.refusal(&one.why)}</p>
            <p>{state}</p>
            {refused}
            {settle_form(one, typed.map(|(settle, _)| settle))}
        </article>
    }
    .erased()
}

fn settle_form(one: &LateTrouble, typed: Option<&Settle>) -> ErasedView {
    let i18n = use_i18n();
    let scan = view! { <input type="hidden" name="scan" value=one.op.to_string() /> };
    if one.recorded {
        let reason = i18n.t(Key::LateSeen);
        let fields = view! {
            {scan}
            <input type="hidden" name="reason" value=reason.clone() />
            <button class="primary">{reason}</button>
        };
        return form(SettleLate::PATH, "buttons", None, fields.erased());
    }
    let (card, barcode, reason) = match typed {
        Some(Settle::Lend { card, barcode, reason }) => (card.clone(), barcode.clone(), reason.clone()),
        Some(Settle::Dismiss { reason }) => (one.card.clone().unwrap_or_default(), one.barcode.clone(), reason.clone()),
        None => (one.card.clone().unwrap_or_default(), one.barcode.clone(), String::new()),
    };
    let id = |name: &str| format!("{name}-{}", one.op);
    let lend = one.lent.then(|| {
        view! {
            {field(id("card"), "card", i18n.t(Key::CardNumber), card, false)}
            {field(id("barcode"), "barcode", i18n.t(Key::Barcode), barcode, false)}
        }
    });
    let lend_button = one.lent.then(|| {
        view! { <button class="primary" name="deed" value="lend">{i18n.show(Key::LateLend)}</button> }
    });
    let fields = view! {
        {scan}
        {lend}
        {field(id("reason"), "reason", i18n.t(Key::OverruleReason), reason, true)}
        <div class="buttons">{lend_button} <button name="deed" value="dismiss">{i18n.show(Key::LateDismiss)}</button></div>
    };
    form(SettleLate::PATH, "stack", None, fields.erased())
}

fn field(id: String, name: &'static str, label: String, value: String, required: bool) -> ErasedView {
    TextField { id, value, required, ..TextField::text(name, label) }.view()
}
