//! What the desk does for somebody who can't sign in: a one-time password, and an end to waiting after wrong tries.

use domain::{dates::clock, messages::Key, patrons::CardPage};
use leptos::prelude::*;

use super::{
    super::room::{Offer, Room, hidden, room_page, submit, way},
    api::{self, IssueOneTime, LiftWait},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
};

/// `/desk/cards/{id}/once`
pub(super) fn once_page(id: String) -> ErasedView {
    let address = format!("/desk/cards/{id}/once");
    room_page(address, load(|| (), move |()| api::card(id.clone())), |room| once(&room))
}

fn once(room: &Room<Offer<CardPage>>) -> ErasedView {
    let i18n = use_i18n();
    let card = &room.loaded.shown.card;
    let hours = use_site().with(|site| site.accounts.one_time_hours);
    let fields = view! {
        {hidden("card", card.id)}
        <label class="choice">
            <input type="checkbox" name="checked" value="yes" />
            <span>{i18n.show(Key::CardOnceChecked)}</span>
        </label>
        <div class="buttons">{submit(Key::CardOnceIssue)} {way(api::address_of(card.id), Key::DeskBack)}</div>
    };
    let rest = view! {
        {p("", i18n.fill(Key::CardOnceLead, &[("name", &card.name)]))}
        {p("hint", i18n.number(Key::CardOnceEffect, hours))}
        {p("hint", i18n.t(Key::CardOnceTold))}
        {native_form::<IssueOneTime>("stack", fields.erased())}
    };
    room.page(i18n.t(Key::CardOnceTitle), rest.erased())
}

/// That signing in with this card waits, and the button that ends it.
pub(super) fn held(page: &CardPage) -> Option<ErasedView> {
    let i18n = use_i18n();
    let time = clock(page.held?.from);
    let fields = view! { {hidden("card", page.card.id)} <button>{i18n.show(Key::CardLift)}</button> };
    Some(
        view! {
            {p("notice", i18n.fill(Key::CardLocked, &[("time", &time)]))}
            {native_form::<LiftWait>("buttons", fields.erased())}
        }
        .erased(),
    )
}
