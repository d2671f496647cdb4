//! The forms of a title the library does not own: entering it, and what becomes of it.

use domain::{
    PlaceCode, ReservationId,
    catalog::MaterialType,
    circulation::{Refusal, RequestStep, RequestView, may_advance},
    messages::{self, Key},
    patrons::{Account, CardPage, Contact},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::{
        room::{Input, Offer, Room, hidden, room_page, search, section, submit, way},
        said::Said,
    },
    api::{self, AdvanceRequest, DeclineRequest, EnterRequest, RequestArrived, TakeBorrowed, Wanted},
};
use crate::{
    cart::place::{contact_choices, place_choices},
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
};

/// `/desk/requests/new?card=…`
pub(super) fn new_page() -> ErasedView {
    let query = use_query_map();
    // The search field of the page is called as all of them are.
    let asked = Memo::new(move |_| {
        let query = query.read();
        query.get("card").or_else(|| query.get("q")).unwrap_or_default()
    });
    let found = load(move || asked.get(), api::request_for);
    room_page("/desk/requests/new".to_owned(), found, move |room| new(&room, &asked.get_untracked()))
}

fn new(room: &Room<Offer<Option<CardPage>>>, typed: &str) -> ErasedView {
    let i18n = use_i18n();
    let rest = match &room.loaded.shown {
        Some(page) => enter(room, page),
        None => {
            let unknown = (!typed.is_empty()).then(|| alert(i18n.t(Key::UnknownCard)));
            view! {
                <p>{i18n.show(Key::RequestsLead)}</p>
                {unknown}
                {search("/desk/requests/new".to_owned(), Key::CardNumber, "", None)}
            }
            .erased()
        }
    };
    let rest = view! { {rest} <p>{way("/desk/requests".to_owned(), Key::DeskBack)}</p> };
    room.page(i18n.t(Key::RequestsNew), rest.erased())
}

fn enter(room: &Room<Offer<Option<CardPage>>>, page: &CardPage) -> ErasedView {
    let i18n = use_i18n();
    let account = Account {
        id: page.card.id,
        name: page.card.name.clone(),
        card: page.card.card,
        ready_mail: page.ready_mail(),
        mail_refused: false,
        generation: 0,
    };
    let contact = if account.ready_mail.is_some() { Contact::Mail } else { Contact::Telephone };
    let here = room.staff.place.as_ref().map_or("", |place| place.0.as_str());
    let materials = [MaterialType::Book, MaterialType::Magazine, MaterialType::Kamishibai, MaterialType::Cd]
        .map(|kind| (kind.as_str().to_owned(), i18n.t(messages::material(kind))));
    let overrule = room.said.as_ref().is_some_and(Said::may_be_overruled).then(|| {
        view! {
            <div class="field">
                <label for="reason">{i18n.show(Key::ReserveOverrule)}</label>
                <input id="reason" name="reason" autocomplete="off" />
            </div>
        }
    });
    let fields = view! {
        {hidden("card", page.card.id)}
        {p("", page.card.name.clone())}
        {room.field(Input::text("title", Key::RequestBook, "").required().focused(true))}
        {room.field(Input::text("creators", Key::RequestCreators, ""))}
        {room.select("material", Key::BibMaterial, materials.to_vec(), MaterialType::Book.as_str())}
        {place_choices(Some(&PlaceCode(here.to_owned())))}
        {contact_choices(&account, contact)}
        {overrule}
        {submit(Key::RequestEnter)}
    };
    native_form::<EnterRequest>("stack", fields.erased())
}

/// `/desk/requests/{reservation}`
pub(super) fn manage_page(id: String) -> ErasedView {
    let wanted: Option<ReservationId> = id.parse().ok();
    room_page(format!("/desk/requests/{id}"), load(|| (), |()| api::load_wanted()), move |room: Room<Wanted>| {
        let found = room.loaded.requests.iter().find(|one| Some(one.id) == wanted);
        match found {
            Some(one) => manage(&room, one),
            None => {
                let i18n = use_i18n();
                room.page(i18n.t(Key::RequestManage), alert(i18n.refusal(&Refusal::UnknownReservation)))
            }
        }
    })
}

fn manage(room: &Room<Wanted>, one: &RequestView) -> ErasedView {
    let i18n = use_i18n();
    let steps = RequestStep::ALL.iter().filter(|step| may_advance(one.step, **step)).map(|step| {
        view! { <button name="step" value=step.as_str()>{i18n.t(messages::request_step(*step))}</button> }
    });
    let steps = view! { {hidden("reservation", one.id)} {steps.collect_view()} };
    let borrow = view! {
        {hidden("reservation", one.id)}
        {room.field(Input::text("barcode", Key::Barcode, "").required().focused(true))}
        {room.field(Input::text("lender", Key::RequestLender, "").required())}
        {room.field(Input::text("due", Key::RequestLenderDue, "").required())}
        {submit(Key::RequestBorrowButton)}
    };
    let arrived = view! {
        {hidden("reservation", one.id)} {p("", i18n.t(Key::RequestArrivedLead))}
        {one.bib.map(|bib| view! { <p>{way(format!("/desk/catalogue/{bib}"), Key::RequestBib)}</p> })}
        {submit(Key::RequestArrived)}
    };
    let decline = view! {
        {hidden("reservation", one.id)}
        {room.field(Input::text("why", Key::RequestDeclineWhy, "").required())}
        {submit(Key::RequestDecline)}
    };
    let rest = view! {
        <p class="title">{one.title.clone()}</p>
        <p class="facts"><span>{one.creators.clone()}</span> <span>{one.name.clone()}</span></p>
        <p>{i18n.fill(Key::RequestStep, &[("step", &i18n.t(messages::request_step(one.step)))])}</p>
        {native_form::<AdvanceRequest>("buttons", steps.erased())}
        {section(Key::RequestBorrow, native_form::<TakeBorrowed>("stack", borrow.erased()))}
        {section(Key::RequestArrived, native_form::<RequestArrived>("stack", arrived.erased()))}
        {section(Key::RequestDecline, native_form::<DeclineRequest>("stack", decline.erased()))}
        <p>{way("/desk/requests".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::RequestManage), rest.erased())
}
