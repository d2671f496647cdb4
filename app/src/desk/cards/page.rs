//! The page of a card: who it is, what they have on loan and reserved, and what the desk can do for them.

use domain::{
    ReservationId,
    circulation::{LoanView, Refusal, ReservationView, Status, permissions},
    messages::{self, Key},
    patrons::{Account, CardPage, CardState, MailOfCard},
};
use leptos::prelude::*;

use super::{
    super::room::{Offer, Room, facts, hidden, room_page, section, table, text, way},
    api::{self, CancelFor, ChangeFor, SetCardState},
    password::held,
};
use crate::{
    cart::place::{contact_choices, place_choices},
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
    site::use_site,
};

/// `/desk/cards/{id}`
pub(super) fn card_page(id: String) -> ErasedView {
    let address = format!("/desk/cards/{id}");
    room_page(address, load(|| (), move |()| api::card(id.clone())), |room| card(&room))
}

fn card(room: &Room<Offer<CardPage>>) -> ErasedView {
    let i18n = use_i18n();
    let page = &room.loaded.shown;
    let own = api::address_of(page.card.id);
    let barred = match page.card.card {
        CardState::Active => None,
        CardState::Suspended => Some(Key::CardSuspendedDesk),
        CardState::Expired => Some(Key::CardExpiredDesk),
    };
    let rest = view! {
        <p class="reading">{page.card.kana.clone()}</p>
        {barred.map(|key| p("notice", i18n.t(key)))}
        {held(page)}
        {facts(known(i18n, page))}
        <div class="buttons">
            {way(format!("{own}/reserve"), Key::CardReserve)}
            {way(format!("/desk/requests/new?card={}", page.card.id), Key::CardRequest)}
            {way(format!("{own}/edit"), Key::CardEdit)} {way(format!("{own}/replace"), Key::CardReplaceLink)}
            {way(format!("{own}/once"), Key::CardOnce)}
        </div>
        {states(page)}
        {section(Key::CardLoans, loans(i18n, &page.loans))}
        {section(Key::CardReservations, reservations(i18n, page))}
    };
    room.page(page.card.name.clone(), rest.erased())
}

fn known(i18n: I18n, page: &CardPage) -> Vec<(Key, String)> {
    let mail = |mail: &Option<MailOfCard>| match mail {
        None => String::new(),
        Some(mail) if mail.confirmed => mail.address.clone(),
        Some(MailOfCard { address, refused_on: Some(day), .. }) => {
            i18n.fill(Key::CardMailRefused, &[("address", address), ("date", &i18n.date(*day))])
        }
        Some(mail) => i18n.fill(Key::CardMailUnconfirmed, &[("address", &mail.address)]),
    };
    let [mail1, mail2] = page.mails.each_ref().map(mail);
    vec![
        (Key::CardNumber, page.card.number.clone()),
        (Key::ColumnState, i18n.t(messages::card_state(page.card.card))),
        (Key::CardBirthDate, i18n.date(page.card.birth_date)),
        (Key::CardTelephone, page.card.telephone.clone()),
        (Key::CardMail1, mail1),
        (Key::CardMail2, mail2),
    ]
}

/// The states a card could have instead.
fn states(page: &CardPage) -> ErasedView {
    let i18n = use_i18n();
    let buttons = CardState::ALL
        .iter()
        .filter(|state| **state != page.card.card)
        .map(|state| {
            let name = match state {
                CardState::Active => Key::CardReinstate,
                CardState::Suspended => Key::CardSuspend,
                CardState::Expired => Key::CardExpire,
            };
            view! { <button name="state" value=state.as_str()>{i18n.t(name)}</button> }
        })
        .collect_view();
    native_form::<SetCardState>("buttons", view! { {hidden("card", page.card.id)} {buttons} }.erased())
}

fn loans(i18n: I18n, loans: &[LoanView]) -> ErasedView {
    if loans.is_empty() {
        return p("empty", i18n.t(Key::CardNoLoans));
    }
    let rows = loans.iter().map(|loan| {
        let attention = [(loan.overdue, Key::AttentionOverdue), (loan.others_wait, Key::AttentionReserved)];
        let attention = attention.into_iter().filter(|(so, _)| *so).map(|(_, key)| i18n.t(key));
        let attention = attention.collect::<Vec<_>>().join(" ");
        vec![text(loan.title.clone()), text(i18n.date(loan.due_on)), text(attention)]
    });
    table(&[Key::ColumnTitle, Key::ColumnDue, Key::ColumnAttention], rows.collect())
}

fn reservations(i18n: I18n, page: &CardPage) -> ErasedView {
    if page.reservations.is_empty() {
        return p("empty", i18n.t(Key::CardNoReservations));
    }
    let site = use_site();
    let rows = page.reservations.iter().map(|one| {
        let href = format!("{}/{}", api::address_of(page.card.id), one.id);
        let name = i18n.fill(Key::CardReservationOf, &[("title", &one.title)]);
        vec![
            text(one.title.clone()),
            text(status(i18n, one.status)),
            text(site.place(&one.pickup_place)),
            text(i18n.t(messages::contact(one.contact))),
            view! { <a class="button" href=href aria-label=name>{i18n.show(Key::CardReservation)}</a> }.erased(),
        ]
    });
    let columns = [Key::ColumnTitle, Key::ColumnState, Key::PickupPlace, Key::ContactMethod, Key::ColumnActions];
    table(&columns, rows.collect())
}

/// Where a reservation stands, in a word.
fn status(i18n: I18n, status: Status) -> String {
    let positioned = |key: Key, position: u32| i18n.fill(key, &[("position", &position.to_string())]);
    match status {
        Status::Waiting { position } => positioned(Key::StatusWaiting, position),
        Status::Dormant { position } => positioned(Key::StatusDormant, position),
        Status::Paused { position, .. } => positioned(Key::StatusPaused, position),
        Status::Assigned => i18n.t(Key::StatusAssigned),
        Status::InTransit => i18n.t(Key::StatusInTransit),
        Status::Ready { until } => {
            let until = i18n.fill(Key::StatusReadyUntil, &[("date", &i18n.date(until))]);
            format!("{} {until}", i18n.t(Key::StatusReady))
        }
        Status::NotOwned { step } => i18n.t(messages::request_step(step)),
    }
}

/// `/desk/cards/{id}/{reservation}`
pub(super) fn reservation_page(id: String, reservation: String) -> ErasedView {
    let address = format!("/desk/cards/{id}/{reservation}");
    let wanted: Option<ReservationId> = reservation.parse().ok();
    room_page(address, load(|| (), move |()| api::card(id.clone())), move |room| {
        let found = room.loaded.shown.reservations.iter().find(|one| Some(one.id) == wanted);
        match found {
            Some(one) => change(&room, one),
            None => room.page(use_i18n().t(Key::ChangeTitle), alert(use_i18n().refusal(&Refusal::UnknownReservation))),
        }
    })
}

/// What staff can do with a reservation for its patron.
fn change(room: &Room<Offer<CardPage>>, one: &ReservationView) -> ErasedView {
    let i18n = use_i18n();
    let page = &room.loaded.shown;
    let ids = || {
        view! {
            {hidden("op", room.loaded.op)} {hidden("card", page.card.id)} {hidden("reservation", one.id)}
        }
        .erased()
    };
    let may = permissions(one.status.standing());
    let change = match (may.contact, may.place) {
        (Some(refusal), _) => p("why-not", i18n.refusal(&refusal)),
        (None, place) => {
            let place = match place {
                None => place_choices(Some(&one.pickup_place)),
                Some(refusal) => {
                    view! { {hidden("place", &one.pickup_place)} {p("why-not", i18n.refusal(&refusal))} }.erased()
                }
            };
            let fields = view! {
                {ids()} {place} {contact_choices(&account(page), one.contact)}
                <button class="primary">{i18n.show(Key::ChangeButton)}</button>
            };
            native_form::<ChangeFor>("stack", fields.erased())
        }
    };
    let cancel = view! {
        {ids()} {p("", i18n.t(Key::CancelQueue))} <button class="primary">{i18n.show(Key::CancelButton)}</button>
    };
    let rest = view! {
        <p class="title">{one.title.clone()}</p>
        <p class="facts">
            <span>{page.card.name.clone()}</span> <span>{status(i18n, one.status)}</span>
        </p>
        {section(Key::Change, change)}
        {section(Key::CancelTitle, native_form::<CancelFor>("stack", cancel.erased()))}
        <p>{way(api::address_of(page.card.id), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::CardReservationTitle), rest.erased())
}

/// The part of a card that decides how its holder can be told.
pub(super) fn account(page: &CardPage) -> Account {
    Account {
        id: page.card.id,
        name: page.card.name.clone(),
        card: page.card.card,
        ready_mail: page.ready_mail(),
        mail_refused: false,
        generation: 0,
    }
}
