//! 職員: accounts made, disabled, given a role or a password. Managers only.

use domain::{
    StaffId,
    messages::{self, Key},
    patrons::{StaffAccount, StaffProblem, StaffRole},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    super::room::{Input, Room, hidden, room_page, section, submit, table, text, way},
    api::{self, AddStaff, Enable, RemoveStaffFactor, SetPassword, SetRole},
};
use crate::{
    components::{alert, native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    load::load,
};

/// `/desk/library/staff`
pub(super) fn list_page() -> ErasedView {
    room_page("/desk/library/staff".to_owned(), load(|| (), |()| api::accounts()), |room| list(&room))
}

fn list(room: &Room<Vec<StaffAccount>>) -> ErasedView {
    let i18n = use_i18n();
    let columns = [Key::StaffLogin, Key::StaffRole, Key::ColumnState, Key::ColumnActions];
    let rows = room.loaded.iter().map(|account| row(i18n, account)).collect();
    let roles = StaffRole::ALL.iter().map(|role| (role.as_str().to_owned(), i18n.t(messages::staff_role(*role))));
    let fields = view! {
        {room.field(Input::text("login", Key::StaffLogin, "").required())}
        {room.field(Input::new_password("password", Key::Password))}
        {room.select("role", Key::StaffRole, roles.collect(), StaffRole::Desk.as_str())}
        {submit(Key::StaffAddButton)}
    };
    let rest = view! {
        {p("hint", i18n.t(Key::StaffLead))}
        {table(&columns, rows)}
        {section(Key::StaffAdd, native_form::<AddStaff>("stack", fields.erased()))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::HouseStaff), rest.erased())
}

fn row(i18n: I18n, account: &StaffAccount) -> Vec<ErasedView> {
    let (role, other) = match account.role {
        StaffRole::Desk => (StaffRole::Manager, Key::StaffMakeManager),
        StaffRole::Manager => (StaffRole::Desk, Key::StaffMakeDesk),
    };
    let turn = if account.enabled { Key::StaffDisable } else { Key::StaffEnable };
    let named = |deed: Key| i18n.fill(Key::StaffOf, &[("login", &account.login), ("deed", &i18n.t(deed))]);
    let change_role = view! {
        {hidden("account", account.id)} <button name="role" value=role.as_str() aria-label=named(other)>{i18n.t(other)}</button>
    };
    let enable = view! {
        {hidden("account", account.id)}
        <button name="enabled" value=(!account.enabled).to_string() aria-label=named(turn)>{i18n.t(turn)}</button>
    };
    let password = format!("/desk/library/password?of={}", account.id);
    let deeds = view! {
        <div class="deeds">
            {native_form::<SetRole>("inline", change_role.erased())} {native_form::<Enable>("inline", enable.erased())}
            <a class="button" href=password aria-label=named(Key::StaffPasswordSet)>{i18n.show(Key::StaffPasswordSet)}</a>
            {account
                .factor
                .then(|| {
                    let off = view! {
                        {hidden("account", account.id)}
                        <button aria-label=named(Key::StaffFactorOff)>{i18n.show(Key::StaffFactorOff)}</button>
                    };
                    native_form::<RemoveStaffFactor>("inline", off.erased())
                })}
        </div>
    };
    vec![
        text(account.login.clone()),
        text(i18n.t(messages::staff_role(account.role))),
        state(i18n, account),
        deeds.erased(),
    ]
}

/// Whether an account may be used, and whether it has a second factor.
fn state(i18n: I18n, account: &StaffAccount) -> ErasedView {
    let enabled = i18n.t(if account.enabled { Key::StaffEnabled } else { Key::StaffDisabled });
    let factor = account.factor.then(|| view! { <p>{i18n.show(Key::StaffFactorOn)}</p> });
    view! { {enabled} {factor} }.erased()
}

/// `/desk/library/password?of=…`
pub(super) fn password_page() -> ErasedView {
    let of: Option<StaffId> = use_query_map().read_untracked().get("of").and_then(|id| id.parse().ok());
    let accounts = load(|| (), |()| api::accounts());
    room_page("/desk/library/password".to_owned(), accounts, move |room: Room<Vec<StaffAccount>>| {
        let i18n = use_i18n();
        let title = i18n.t(Key::StaffPasswordSet);
        let Some(account) = room.loaded.iter().find(|account| Some(account.id) == of) else {
            return room.page(title, alert(i18n.t(messages::staff_problem(StaffProblem::Unknown))));
        };
        let fields = view! {
            {hidden("account", account.id)}
            {p("", i18n.fill(Key::StaffPasswordFor, &[("login", &account.login)]))}
            {room.field(Input::new_password("password", Key::StaffPassword).focused(true))}
            <div class="buttons">
                {submit(Key::StaffPasswordSet)} {way("/desk/library/staff".to_owned(), Key::DeskBack)}
            </div>
        };
        room.page(title, native_form::<SetPassword>("stack", fields.erased()))
    })
}
