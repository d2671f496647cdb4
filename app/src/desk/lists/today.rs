//! 今日の仕事: what there is to do at this place.

use domain::{circulation::DeskList, messages::Key};
use leptos::prelude::*;

use super::{Page as _, Room, api, list_page};
use crate::{
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    load::load,
    site::use_site,
    visit::StaffHere,
};

/// `/desk/today`
pub(crate) fn today_page() -> ErasedView {
    list_page(Room::Today, load(|| (), |()| api::load_counts()), show)
}

fn show(staff: &StaffHere, list: DeskList<()>) -> ErasedView {
    let i18n = use_i18n();
    let place = staff.place.as_ref().map(|place| use_site().place(place)).unwrap_or_default();
    let lines = Room::ALL
        .iter()
        .copied()
        .filter_map(|room| Some((room, room.count(list.counts)?)))
        .map(|(room, count)| {
            view! {
                <li>
                    <a href=room.address() rel="external">{i18n.t(room.title())}</a>
                    " "
                    <strong class="count" class:none=count == 0>{i18n.number(Key::ListsCount, count)}</strong>
                </li>
            }
        })
        .collect_view();
    view! {
        <p>{i18n.fill(Key::ListsLead, &[("place", &place)])}</p>
        <ul class="overview">{lines}</ul>
    }
    .erased()
}
