//! What every page knows of the library: sent once with the page, never asked for.

use chrono::NaiveDate;
use domain::{
    PlaceCode,
    catalog::ShelfSpot,
    display::Display,
    messages::{Language, Messages},
    policy::{AccountPolicy, LoanPolicy, Place, ReservationPolicy},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The part of the policy that pages show or decide by, and today.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// The library's name in Japanese.
    pub name: String,
    /// The library's name in English.
    pub name_en: String,
    /// Telephone of the library.
    pub telephone: String,
    /// The address mails come from (R6).
    pub mail_from: String,
    /// Branches and pickup places.
    pub places: Vec<SitePlace>,
    /// Limits of loans (R16).
    pub loans: LoanPolicy,
    /// Limits of reservations and how long a copy is kept (R11, R17).
    pub reservations: ReservationPolicy,
    /// What a password may be, and how long what is mailed can be used (R3, R5).
    pub accounts: SiteAccounts,
    /// Whether the device says it is a kiosk.
    pub kiosk: bool,
    /// Whether this browser is offered passkeys.
    pub passkeys: bool,
    /// The day it is in the library. The browser's own clock may be wrong, and may be elsewhere.
    pub today: NaiveDate,
    /// How whoever looks wants the pages to look.
    pub display: Display,
    /// Whether this is the demo, where the desk can read the mails.
    pub demo: bool,
    /// The language of the page.
    pub language: Language,
}

/// What pages say of passwords and links. How guessing is slowed down stays on the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SiteAccounts {
    /// Fewest characters of a password.
    pub password_min: u32,
    /// Most characters of a password.
    pub password_max: u32,
    /// Whether a password may have any characters.
    pub passphrases: bool,
    /// From which age somebody has a password of their own.
    pub own_password_age: u32,
    /// How long somebody stays signed in at a kiosk without using it, in minutes.
    pub kiosk_idle_minutes: u32,
    /// How long the link of a mail can be used, in minutes.
    pub link_minutes: u32,
    /// How long a one-time password can be used, in hours.
    pub one_time_hours: u32,
}

impl From<&AccountPolicy> for SiteAccounts {
    fn from(policy: &AccountPolicy) -> Self {
        Self {
            password_min: policy.password_min,
            password_max: policy.password_max,
            passphrases: policy.passphrases,
            own_password_age: policy.own_password_age,
            kiosk_idle_minutes: policy.kiosk_idle_minutes,
            link_minutes: policy.link_minutes,
            one_time_hours: policy.one_time_hours,
        }
    }
}

/// What pages know of a place. Its closed days stay on the server, which makes the calendar of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SitePlace {
    /// Code used in files and in the database.
    pub code: PlaceCode,
    /// Name in Japanese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Whether reserved copies can be picked up there.
    pub pickup: bool,
}

impl From<&Place> for SitePlace {
    fn from(place: &Place) -> Self {
        let Place { code, name, name_en, pickup, .. } = place;
        Self { code: code.clone(), name: name.clone(), name_en: name_en.clone(), pickup: *pickup }
    }
}

/// [`Site`], for everything below.
#[derive(Clone, Copy)]
pub struct UseSite(StoredValue<Site>);

impl UseSite {
    /// Keeps it.
    pub fn new(site: Site) -> Self {
        Self(StoredValue::new(site))
    }

    /// Reads from it.
    pub fn with<T>(self, read: impl FnOnce(&Site) -> T) -> T {
        self.0.with_value(read)
    }

    /// The library's name in the language of the page.
    pub fn name(self) -> String {
        self.with(|site| site.language.of(&site.name, &site.name_en).to_owned())
    }

    /// A place's name in the language of the page; the code when the policy no longer has the place.
    pub fn place(self, code: &PlaceCode) -> String {
        self.with(|site| {
            site.places
                .iter()
                .find(|place| place.code == *code)
                .map_or_else(|| code.0.clone(), |place| site.language.of(&place.name, &place.name_en).to_owned())
        })
    }

    /// Floor and shelf in the language of the page.
    pub fn spot(self, spot: &ShelfSpot) -> (String, String) {
        self.with(|site| {
            let floor = site.language.of(&spot.floor, &spot.floor_en).to_owned();
            (floor, site.language.of(&spot.shelf, &spot.shelf_en).to_owned())
        })
    }

    /// The places where reserved copies can be picked up.
    pub fn pickup_places(self) -> Vec<PlaceCode> {
        self.with(|site| site.places.iter().filter(|place| place.pickup).map(|place| place.code.clone()).collect())
    }

    /// Every place, as the desk may stand in any of them.
    pub fn places(self) -> Vec<PlaceCode> {
        self.with(|site| site.places.iter().map(|place| place.code.clone()).collect())
    }
}

/// What every page knows of the library.
pub fn use_site() -> UseSite {
    expect_context()
}

/// The id of the element that carries [`Site`].
pub(crate) const SITE_DATA: &str = "site";
/// The id of the link to those texts of the page's language that every page needs. It names the others as well.
pub(crate) const TEXTS_LINK: &str = "texts";

/// The library and its texts, on the server from the document around the page, in the browser from the page.
#[cfg(feature = "ssr")]
pub(crate) fn around_us() -> (Site, Messages) {
    // There is no document while the routes are listed.
    let site = take_context::<Site>().unwrap_or_else(Site::unknown);
    let messages = Messages::of(site.language);
    (site, messages)
}

/// The library and its texts, on the server from the request and the policy, in the browser from the page and its file of
/// texts.
#[cfg(not(feature = "ssr"))]
pub(crate) fn around_us() -> (Site, Messages) {
    let site = of_page();
    let missing = |key| leptos::logging::error!("text {} has not come", key as u16);
    let messages = Messages::from_list(site.language, crate::browser::texts(), missing);
    (site, messages)
}

/// The library, from the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn of_page() -> Site {
    let site = crate::browser::page_data(SITE_DATA).and_then(|data| crate::load::read(&data).ok());
    site.unwrap_or_else(Site::unknown)
}

impl Site {
    /// What is shown when nothing is known: in the browser when a page came without its data, on the server while the
    /// routes are listed and there is no request.
    pub(crate) fn unknown() -> Self {
        Self {
            name: String::new(),
            name_en: String::new(),
            telephone: String::new(),
            mail_from: String::new(),
            places: Vec::new(),
            loans: LoanPolicy::default(),
            reservations: ReservationPolicy::default(),
            accounts: SiteAccounts::from(&AccountPolicy::default()),
            kiosk: false,
            passkeys: false,
            today: NaiveDate::default(),
            display: Display::default(),
            demo: false,
            language: Language::default(),
        }
    }
}
