//! The forms of a card: a new one, a correction, a new number for a lost one.

use domain::{
    messages::Key,
    patrons::{CardForm, CardPage},
};
use leptos::prelude::*;

use super::{
    super::room::{Input, Offer, Room, hidden, room_page, submit, way},
    api::{self, EditCard, IssueCard, ReplaceCard},
};
use crate::{
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
};

/// `/desk/cards/new`
pub(super) fn new_page() -> ErasedView {
    room_page("/desk/cards/new".to_owned(), load(|| (), |()| api::new_card()), |room| new(&room))
}

fn new(room: &Room<Offer<()>>) -> ErasedView {
    let i18n = use_i18n();
    let form = CardForm::default();
    let fields = view! {
        {hidden("op", room.loaded.op)}
        {room.field(Input::digits("number", Key::CardNumber, &form.number).required().focused(true))}
        {person(room, &form, false)}
        <div class="buttons">{submit(Key::CardIssue)} {way("/desk/cards".to_owned(), Key::DeskBack)}</div>
    };
    room.page(i18n.t(Key::CardsNew), native_form::<IssueCard>("stack", fields.erased()))
}

/// `/desk/cards/{id}/edit`
pub(super) fn edit_page(id: String) -> ErasedView {
    let address = format!("/desk/cards/{id}/edit");
    room_page(address, load(|| (), move |()| api::card(id.clone())), |room| edit(&room))
}

fn edit(room: &Room<Offer<CardPage>>) -> ErasedView {
    let i18n = use_i18n();
    let page = &room.loaded.shown;
    let form = page.form();
    let fields = view! {
        {hidden("card", page.card.id)}
        {hidden("number", &form.number)}
        {person(room, &form, true)}
        <div class="buttons">
            {submit(Key::CardSave)} {way(api::address_of(page.card.id), Key::DeskBack)}
        </div>
    };
    room.page(i18n.t(Key::CardEditTitle), native_form::<EditCard>("stack", fields.erased()))
}

/// The fields that say who somebody is and how they are reached.
fn person<T>(room: &Room<T>, form: &CardForm, first: bool) -> ErasedView {
    let i18n = use_i18n();
    let addresses = ["1", "2"].map(|n| (n.to_owned(), i18n.t(if n == "1" { Key::CardMail1 } else { Key::CardMail2 })));
    view! {
        {room.field(Input::text("name", Key::CardName, &form.name).required().focused(first))}
        {room.field(Input::text("kana", Key::CardKana, &form.kana).required().hint(Key::CardKanaHint))}
        {room
            .field(Input::text("birth_date", Key::CardBirthDate, &form.birth_date).required().hint(Key::CardBirthDateHint))}
        {room.field(Input::text("telephone", Key::CardTelephone, &form.telephone).required())}
        {room.field(Input::text("mail1", Key::CardMail1, &form.mail1).hint(Key::CardMailHint))}
        {room.field(Input::text("mail2", Key::CardMail2, &form.mail2))}
        {room.select("ready_mail", Key::CardReadyMail, addresses.to_vec(), &form.ready_mail)}
    }
    .erased()
}

/// `/desk/cards/{id}/replace`
pub(super) fn replace_page(id: String) -> ErasedView {
    let address = format!("/desk/cards/{id}/replace");
    room_page(address, load(|| (), move |()| api::card(id.clone())), |room| replace(&room))
}

fn replace(room: &Room<Offer<CardPage>>) -> ErasedView {
    let i18n = use_i18n();
    let card = &room.loaded.shown.card;
    let fields = view! {
        {hidden("card", card.id)}
        {p("", i18n.fill(Key::CardReplaceLead, &[("name", &card.name), ("number", &card.number)]))}
        {room.field(Input::digits("number", Key::CardNewNumber, "").required().focused(true))}
        <div class="buttons">{submit(Key::CardReplace)} {way(api::address_of(card.id), Key::DeskBack)}</div>
    };
    room.page(i18n.t(Key::CardReplaceTitle), native_form::<ReplaceCard>("stack", fields.erased()))
}
