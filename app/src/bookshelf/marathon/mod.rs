//! 読書マラソン (R29, R36): `/account/marathon` and what is below it.

pub mod api;
mod borrowed;
mod certificate;
mod chart;
mod forms;
pub mod list;
mod one;
mod parts;
mod route;

use domain::{
    MarathonId, SeasonId,
    bookshelf::marathon::{MarathonPage, MarathonProblem},
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use crate::{
    account::api::Offer,
    erase::{Erase as _, ErasedView},
    layout::NotFound,
    load::load,
    page::{Own, patron_page},
    visit::Outcome,
};

/// Where they all are.
pub(crate) const ADDRESS: &str = "/account/marathon";

/// Where one joins a season.
pub(crate) fn season_address(season: SeasonId) -> String {
    format!("{ADDRESS}/new?season={season}")
}

/// The page of one.
fn address_of(id: MarathonId) -> String {
    format!("{ADDRESS}/{id}")
}

/// What came of a form of these pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarathonFlash {
    /// What was done, or all that was wrong.
    pub answer: Result<MarathonSaid, Vec<MarathonProblem>>,
    /// The fields as typed, by their names, where they have to be typed again.
    pub typed: Vec<(String, String)>,
}

impl Outcome for MarathonFlash {
    const ROOM: &'static str = "marathon";
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarathonSaid {
    /// A marathon was begun.
    Begun,
    /// Its goal was changed.
    Changed,
    /// It was deleted.
    Deleted,
    /// A book was noted.
    Entered,
    /// A note was deleted.
    Dropped,
    /// A borrowed book counts as read, or does not.
    Counted(bool),
}

impl MarathonSaid {
    const fn text(self) -> Key {
        match self {
            Self::Begun => Key::MarathonSaidBegun,
            Self::Changed => Key::MarathonSaidChanged,
            Self::Deleted => Key::MarathonSaidDeleted,
            Self::Entered => Key::MarathonSaidEntered,
            Self::Dropped => Key::MarathonSaidDropped,
            Self::Counted(true) => Key::MarathonSaidRead,
            Self::Counted(false) => Key::MarathonSaidUnread,
        }
    }
}

/// A page about one marathon.
type One = Own<Offer<MarathonPage>>;

/// `/account/marathon/:id`, where `new` is the form for another one.
#[component]
pub fn OnePage() -> ErasedView {
    let params = use_params_map();
    let page = move || match params.read().get("id").unwrap_or_default().as_str() {
        "new" => forms::new_page(),
        id => about(id, "", one::page),
    };
    view! { {page} }.erased()
}

/// `/account/marathon/:id/:deed`
#[component]
pub fn DeedPage() -> ErasedView {
    let params = use_params_map();
    let page = move || {
        let get = |name: &str| params.read().get(name).unwrap_or_default();
        match get("deed").as_str() {
            "edit" => about(&get("id"), "/edit", forms::edit_page),
            "certificate" => about(&get("id"), "/certificate", certificate::page),
            _ => view! { <NotFound /> }.erased(),
        }
    };
    view! { {page} }.erased()
}

fn about(id: &str, deed: &str, show: fn(&One) -> ErasedView) -> ErasedView {
    let of = id.to_owned();
    let loaded = load(move || of.clone(), api::marathon);
    patron_page(format!("{ADDRESS}/{id}{deed}"), loaded, move |own| show(&own))
}
