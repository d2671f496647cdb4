//! 自分のアカウント: where a member of staff is signed in, and their password.

use domain::{messages::Key, patrons::SessionView};
use leptos::prelude::*;

use super::{
    super::room::{Input, Room, room_page, section, submit, way},
    own_api::{self, ChangeStaffPassword, EndOtherStaffSessions},
};
use crate::{
    account::data::browser,
    components::{native_form, p},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
};

/// The page's address.
pub(super) const ADDRESS: &str = "/desk/library/own";

/// The page.
pub(super) fn page() -> ErasedView {
    room_page(ADDRESS.to_owned(), load(|| (), |()| own_api::staff_sessions()), |room| own(&room))
}

fn own(room: &Room<Vec<SessionView>>) -> ErasedView {
    let i18n = use_i18n();
    let list = room.loaded.iter().map(|session| browser(i18n, session, None)).collect_view();
    let others = room.loaded.iter().any(|session| !session.here).then(|| {
        let button = view! { <button>{i18n.show(Key::OwnSessionsEndOthers)}</button> };
        native_form::<EndOtherStaffSessions>("inline", button.erased())
    });
    let sessions = view! {
        {p("", i18n.t(Key::StaffOwnSessionsLead))}
        <ul class="sessions">{list}</ul>
        {others}
    };
    let fields = view! {
        {p("", i18n.t(Key::StaffOwnPasswordLead))}
        {room.field(Input::password("old", Key::StaffOwnOld))}
        {room.field(Input::new_password("password", Key::StaffPassword))}
        {room.field(Input::new_password("again", Key::StaffOwnAgain))}
        {submit(Key::StaffOwnPassword)}
    };
    let rest = view! {
        {section(Key::OwnSessions, sessions.erased())}
        {section(Key::StaffOwnPassword, native_form::<ChangeStaffPassword>("stack", fields.erased()))}
        <p>{way("/desk/library".to_owned(), Key::DeskBack)}</p>
    };
    room.page(i18n.t(Key::StaffOwnTitle), rest.erased())
}
