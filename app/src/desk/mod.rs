//! The desk: staff sign in, say where they work, lend, check in what comes back, and note what became of copies.

pub mod api;
pub mod cards;
pub mod catalogue;
mod check_in;
pub mod check_out;
pub mod copies;
pub mod counter_api;
mod counter_parts;
mod frame;
pub mod journal;
mod leave;
pub mod library;
mod line;
pub mod lists;
pub mod mail;
mod patience;
pub mod requests;
pub mod room;
mod said;
mod sound;

use domain::{
    OpId,
    circulation::{CheckIn, CounterAnswer, Refusal, Settle, Undone, WriteOff},
    messages::Key,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use self::{
    api::{ChoosePlace, StaffSignIn},
    frame::{desk_page, key_mark, menu},
    leave::unsent_note,
};
use crate::{
    components::{alert, native_form},
    door::parts::not_now,
    erase::{Erase as _, ErasedView},
    failure::Failure,
    i18n::use_i18n,
    layout::Heading,
    site::use_site,
    visit::{Flash, Outcome, StaffHere},
};

/// Where the scanner's numbers go, on the pages that take them one after the other.
const SCAN_FIELD: &str = ".scan input[type=text]";

/// How long the server may take before a scan is kept in the browser, in seconds.
const PATIENCE: u64 = 5;

/// The keys of the first places; the others are reached by Tab.
const PLACE_KEYS: [&str; 9] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// What came of a form of the desk; see [`Outcome`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum DeskFlash {
    /// A barcode was scanned.
    Scanned {
        /// As it came from the scanner.
        barcode: String,
        /// What to do with the copy.
        answer: Result<CheckIn, Refusal>,
    },
    /// A card or a copy was scanned on the page 貸出.
    Counter(Box<CounterAnswer>),
    /// The last scan of a copy was to be undone on the page 返却.
    Undone {
        /// Its barcode.
        barcode: String,
        /// Whether it is undone.
        answer: Result<Undone, Refusal>,
    },
    /// A late scan was to be taken off the list.
    Settled {
        /// Which.
        scan: OpId,
        /// As staff said.
        settle: Settle,
        /// Whether it is off.
        answer: Result<(), Refusal>,
    },
    /// A copy was to be noted as missing, lost or withdrawn.
    WrittenOff {
        /// As it came from the scanner.
        barcode: String,
        /// What became of it.
        fate: WriteOff,
        /// Whether it was noted.
        answer: Result<(), Refusal>,
    },
}

impl Outcome for DeskFlash {
    const ROOM: &'static str = "desk";
}

impl DeskFlash {
    /// Reads it; `Err` is our failure.
    fn read(flash: Option<&Flash>) -> Result<Option<Self>, Failure> {
        match flash {
            Some(Flash::Fault) => Err(Failure::Fault),
            flash => Ok(Self::of(flash)),
        }
    }
}

/// `/desk`
pub(crate) fn check_in_page() -> ErasedView {
    desk_page(check_in::page)
}

/// Said to staff who were led to the desk because they may not do what they wished.
fn refused_note() -> ErasedView {
    let refused = use_query_map().read_untracked().get("refused").is_some();
    refused.then(|| view! { <div class="page desk-note">{alert(use_i18n().t(Key::DeskRefused))}</div> }).erased()
}

/// The sign-in of staff, a form of its own.
fn sign_in(flash: Option<Flash>) -> ErasedView {
    let i18n = use_i18n();
    let (problem, login) = match flash {
        Some(Flash::StaffWrong { login }) => (Some(alert(i18n.t(Key::StaffWrong))), login),
        Some(Flash::SignInHeld { typed, wait }) => (Some(alert(not_now(wait))), typed),
        Some(Flash::Fault) => (Some(alert(i18n.t(Key::TroubleFault))), String::new()),
        _ => (None, String::new()),
    };
    let fields = view! {
        <div class="field">
            <label for="login">{i18n.show(Key::StaffLogin)}</label>
            <input
                id="login"
                name="login"
                autocomplete="username"
                autocapitalize="none"
                required
                autofocus
                value=login
            />
        </div>
        <div class="field">
            <label for="password">{i18n.show(Key::Password)}</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required />
        </div>
        <button class="primary">{i18n.show(Key::SignInButton)}</button>
    }
    .erased();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::StaffTitle) />
            {problem}
            {unsent_note()}
            {native_form::<StaffSignIn>("stack", fields)}
        </div>
    }
    .erased()
}

/// Where the member of staff works today: it decides between hold shelf and transit.
fn choose_place(staff: &StaffHere) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let places = site
        .places()
        .into_iter()
        .enumerate()
        .map(|(n, place)| {
            let key = PLACE_KEYS.get(n).copied();
            view! {
                <button name="place" value=place.0.clone() accesskey=key autofocus=n == 0>
                    {site.place(&place)}
                    {key.map(key_mark)}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="page narrow">
            <Heading text=i18n.t(Key::DeskPlaceTitle) />
            <p>{i18n.show(Key::DeskPlaceLead)}</p>
            {native_form::<ChoosePlace>("stack", places.erased())}
            {menu(staff)}
        </div>
    }
    .erased()
}

/// Why the server gave no answer to a scan.
fn failure_text(failure: Failure) -> String {
    let i18n = use_i18n();
    match failure {
        Failure::Offline => i18n.t(Key::TroubleOffline),
        Failure::StaffOnly => i18n.t(Key::DeskSignedOut),
        _ => i18n.t(Key::TroubleFault),
    }
}

/// The field バーコード of a plain form.
fn barcode_field(autofocus: bool) -> ErasedView {
    let i18n = use_i18n();
    view! {
        <div class="field">
            <label for="barcode">{i18n.show(Key::Barcode)}</label>
            <input
                id="barcode"
                name="barcode"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                required
                autofocus=autofocus
            />
        </div>
    }
    .erased()
}

/// Why something was not done with a copy.
fn refused(refusal: &Refusal, barcode: String) -> ErasedView {
    view! {
        <div class="desk-alert" role="alert">
            <p class="verb">{use_i18n().refusal(refusal)}</p>
            <p>{barcode}</p>
        </div>
    }
    .erased()
}
