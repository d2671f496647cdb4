//! The card on the screen of a phone (R33): its number, and the barcode that desks read.

use std::fmt::Write as _;

use domain::{
    messages::Key,
    patrons::{Barcode, codabar},
};
use leptos::prelude::*;

use super::{api, parts::own_page};
use crate::{
    components::p,
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    page::patron_page,
};

/// Height of the bars, in the modules their widths are in.
const HEIGHT: u32 = 80;
/// White above and below them.
const MARGIN: u32 = 20;

/// `/account/card`
#[component]
pub fn CardPage() -> ErasedView {
    let answer = load(|| (), |()| api::card());
    patron_page("/account/card".to_owned(), answer, |own| {
        own_page(Key::PhoneCardTitle, &own, card(&own.account.name, &own.loaded))
    })
}

fn card(name: &str, number: &str) -> ErasedView {
    let i18n = use_i18n();
    let barcode = codabar(number);
    let lead = if barcode.is_some() { Key::PhoneCardLead } else { Key::PhoneCardNone };
    let hint = barcode.is_some().then(|| p("hint", i18n.t(Key::PhoneCardHint)));
    let bars = barcode.map(|barcode| bars(&barcode, i18n.fill(Key::PhoneCardLabel, &[("number", number)])));
    view! {
        {p("", i18n.t(lead))}
        <div class="own-card">
            {bars}
            <p class="number" translate="no">{number.to_owned()}</p>
            <p class="name">{name.to_owned()}</p>
        </div>
        {hint}
    }
    .erased()
}

/// The bars, on white: what a scanner reads is the difference, whatever the colours of the page.
fn bars(barcode: &Barcode, label: String) -> ErasedView {
    let mut path = String::new();
    for (at, width) in &barcode.bars {
        // Writing into a text can't fail.
        let _ = write!(path, "M{at} {MARGIN}h{width}v{HEIGHT}h-{width}z");
    }
    let (width, height) = (barcode.width, HEIGHT + 2 * MARGIN);
    view! {
        <svg class="barcode" viewBox=format!("0 0 {width} {height}") role="img" aria-label=label>
            <path class="white" d=format!("M0 0h{width}v{height}h-{width}z")></path>
            <path class="bars" d=path></path>
        </svg>
    }
    .erased()
}
