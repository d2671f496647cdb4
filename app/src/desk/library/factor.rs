//! 確認コード: the second factor of staff, set up and taken away by its owner, and the second step of a sign-in.

use domain::{
    messages,
    messages::Key,
    patrons::{FactorProblem, SecondStep},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        room::{Input, Room, room_page, section, submit, way},
        said::{Done, Said},
    },
    factor_api::{self, FactorView, GiveCode, RemoveFactor, SetFactor},
};
use crate::{
    account::api::SignOut,
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::load,
    visit::{Flash, Outcome},
};

/// The page's address.
pub(in crate::desk) const ADDRESS: &str = "/desk/library/factor";

/// The page.
pub(super) fn page() -> ErasedView {
    room_page(ADDRESS.to_owned(), load(|| (), |()| factor_api::second_factor()), |room| factor(&room))
}

fn factor(room: &Room<FactorView>) -> ErasedView {
    let i18n = use_i18n();
    let due = room.staff.step == SecondStep::SetUp;
    let rest = match (&room.said, &room.loaded) {
        (Some(Said { done: Some(Done::FactorSet { codes }), .. }), _) => codes_view(codes),
        (_, FactorView::On(left)) => on(room, *left),
        (_, FactorView::Offer { secret, picture }) => offer(room, secret, picture),
    };
    let rest = view! {
        {due.then(|| p("notice", i18n.t(Key::FactorDue)))}
        {rest}
        {(!due).then(|| view! { <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p> })}
    };
    room.page(i18n.t(Key::FactorTitle), rest.erased())
}

fn offer(room: &Room<FactorView>, secret: &str, (size, path): &(usize, String)) -> ErasedView {
    let i18n = use_i18n();
    let fields = view! {
        {p("", i18n.t(Key::FactorThen))}
        {room.field(code_field())}
        {room.field(Input::password("password", Key::Password))}
        {submit(Key::FactorSetButton)}
    };
    view! {
        {p("", i18n.t(Key::FactorLead))}
        {p("", i18n.t(Key::FactorHow))}
        <svg class="qr" role="img" aria-label=i18n.t(Key::FactorPicture) viewBox=format!("-4 -4 {0} {0}", size + 8)>
            <path d=path.clone()></path>
        </svg>
        {p("", i18n.t(Key::FactorSecret))}
        <p><code class="secret">{secret.to_owned()}</code></p>
        {native_form::<SetFactor>("stack", fields.erased())}
    }
    .erased()
}

fn on(room: &Room<FactorView>, left: u64) -> ErasedView {
    let i18n = use_i18n();
    let fields = view! {
        {p("", i18n.t(Key::FactorOffLead))}
        {room.field(code_field())}
        {submit(Key::FactorOffButton)}
    };
    view! {
        {p("", i18n.number(Key::FactorOn, left))}
        {native_form::<RemoveFactor>("stack", fields.erased())}
    }
    .erased()
}

fn codes_view(codes: &[String]) -> ErasedView {
    let i18n = use_i18n();
    let list = codes.iter().map(|code| view! { <li><code>{code.clone()}</code></li> }).collect_view();
    let content = view! {
        {p("", i18n.t(Key::FactorCodesLead))}
        <ul class="secrets">{list}</ul>
        <p>{way("/desk".to_owned(), Key::FactorGoOn)}</p>
    };
    section(Key::FactorCodes, content.erased())
}

fn code_field() -> Input {
    Input::digits("code", Key::FactorCode, "").required()
}

/// A code of the second factor was not accepted.
#[derive(Serialize, Deserialize)]
pub(super) struct CodeFlash(pub(super) FactorProblem);

impl Outcome for CodeFlash {
    const ROOM: &'static str = "code";
}

/// The second step of a sign-in, in place of any page of the desk.
pub(in crate::desk) fn code_page(flash: Option<&Flash>) -> ErasedView {
    let i18n = use_i18n();
    let problem = match flash {
        Some(Flash::Fault) => Some(alert(i18n.t(Key::TroubleFault))),
        flash => CodeFlash::of(flash).map(|CodeFlash(problem)| alert(i18n.t(messages::factor_problem(problem)))),
    };
    let fields = view! {
        <div class="field">
            <label for="code">{i18n.show(Key::FactorCode)}</label>
            <input
                id="code"
                name="code"
                autocomplete="one-time-code"
                autocapitalize="characters"
                spellcheck="false"
                required
                autofocus
            />
        </div>
        {submit(Key::FactorGiveButton)}
    };
    let other = view! { <button class="quiet">{i18n.show(Key::FactorOther)}</button> };
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::FactorTitle) />
            {problem}
            {p("", i18n.t(Key::FactorAsk))}
            {native_form::<GiveCode>("stack", fields.erased())}
            {native_form::<SignOut>("inline", other.erased())}
        </div>
    }
    .erased()
}
