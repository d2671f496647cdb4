//! 図書館の管理: closures, policy, staff, figures, seasons of the reading marathon.

pub mod api;
mod audit;
pub mod audit_api;
mod bulletins;
pub mod bulletins_api;
mod closures;
pub(super) mod factor;
pub mod factor_api;
mod figures;
pub mod kiosk_api;
mod kiosks;
mod own;
pub mod own_api;
mod policy;
mod seasons;
pub mod seasons_api;
mod staff;

use domain::messages::Key;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::room::{Room, room_page};
use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::NotFound,
    load::load,
};

/// `/desk/library` and what is below it
pub(crate) fn library_page() -> ErasedView {
    let params = use_params_map();
    let page = move || match params.read().get("id").unwrap_or_default().as_str() {
        "" => {
            let policy = load(|| (), |()| api::policy());
            room_page("/desk/library".to_owned(), policy, |room: Room<api::PolicyView>| {
                let title = use_i18n().t(Key::HouseTitle);
                room.page(title, ways(&room))
            })
        }
        "policy" => policy::page(),
        "closures" => closures::page(),
        "bulletins" => bulletins::page(),
        "figures" => figures::page(),
        "staff" => staff::list_page(),
        "kiosks" => kiosks::page(),
        "password" => staff::password_page(),
        "seasons" => seasons::page(),
        "audit" => audit::page(),
        "factor" => factor::page(),
        "own" => own::page(),
        _ => view! { <NotFound /> }.erased(),
    };
    view! { {page} }.erased()
}

/// The ways to what concerns the library; those of managers for managers.
fn ways<T>(room: &Room<T>) -> ErasedView {
    let i18n = use_i18n();
    let links = [
        ("/calendar", Key::CalendarTitle, false),
        (bulletins::ADDRESS, Key::BulletinTitle, false),
        ("/desk/library/policy", Key::HousePolicy, false),
        ("/desk/library/closures", Key::HouseClosures, true),
        ("/desk/library/figures", Key::HouseFigures, true),
        (seasons::ADDRESS, Key::SeasonTitle, true),
        ("/desk/library/staff", Key::HouseStaff, true),
        (kiosk_api::KIOSKS, Key::KioskTitle, true),
        ("/desk/library/audit", Key::AuditTitle, true),
        (own::ADDRESS, Key::StaffOwnTitle, false),
        (factor::ADDRESS, Key::FactorTitle, false),
    ];
    let links = links
        .into_iter()
        .filter(|(.., managers)| room.staff.manager || !managers)
        .map(|(href, name, _)| view! { <li><a class="button" href=href>{i18n.t(name)}</a></li> })
        .collect_view();
    view! { <ul class="chips">{links}</ul> }.erased()
}
