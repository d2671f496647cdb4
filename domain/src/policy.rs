//! The library's policy: every number and place another library may want otherwise, as values.
//!
//! The file it is read from, with its defaults and comments, is `hondana.toml` in the root of the repository;
//! reading and reporting the faulty line is the program's task, what is allowed is decided here.

use serde::{Deserialize, Serialize};

use crate::{PlaceCode, catalog::LimitGroup};

/// Everything about a library that is a choice and not a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name, addresses of mail and web, zone of time.
    pub library: LibraryPolicy,
    /// Branches and pickup places, in the order shown.
    #[serde(rename = "place")]
    pub places: Vec<Place>,
    /// Loans (R16, R24).
    #[serde(default)]
    pub loans: LoanPolicy,
    /// Reservations (R11, R17).
    #[serde(default)]
    pub reservations: ReservationPolicy,
    /// Sign-in and passwords (R5).
    #[serde(default)]
    pub accounts: AccountPolicy,
}

/// Who the library is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryPolicy {
    /// Name in Japanese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// IANA zone in which the library's days begin and end, `Asia/Tokyo`.
    pub zone: String,
    /// The address mails come from; shown wherever mail is promised (R6).
    pub mail_from: String,
    /// The address of the service in links of mails, without a slash at the end.
    pub web_address: String,
    /// Telephone of the library, for what has to be done at the desk.
    pub telephone: String,
}

/// A branch, or a place without stock where reserved copies are handed out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Code used in files and in the database.
    pub code: PlaceCode,
    /// Name in Japanese.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Whether it has shelves of its own.
    #[serde(default = "yes")]
    pub holds_stock: bool,
    /// Whether reserved copies can be picked up there.
    #[serde(default = "yes")]
    pub pickup: bool,
}

fn yes() -> bool {
    true
}

/// Limits by group of material (R16, R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Books and magazines together.
    pub books_and_magazines: u32,
    /// Picture-story cards.
    pub kamishibai: u32,
    /// CDs.
    pub cds: u32,
    /// DVDs and LDs.
    pub videos: u32,
}

impl Limits {
    /// The limit of a group.
    pub const fn of(&self, group: LimitGroup) -> u32 {
        match group {
            LimitGroup::BooksAndMagazines => self.books_and_magazines,
            LimitGroup::Kamishibai => self.kamishibai,
            LimitGroup::Cds => self.cds,
            LimitGroup::Videos => self.videos,
        }
    }
}

/// Loans (R16, R24).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoanPolicy {
    /// How long a loan lasts, in days.
    pub days: u32,
    /// How many of each group one patron may have.
    pub limits: Limits,
}

impl Default for LoanPolicy {
    fn default() -> Self {
        Self { days: 14, limits: Limits { books_and_magazines: 10, kamishibai: 2, cds: 2, videos: 2 } }
    }
}

/// Reservations (R11, R17, R18).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReservationPolicy {
    /// How long a copy is kept, in days after the day it became ready (R11).
    pub hold_days: u32,
    /// How many of each group one patron may have reserved, ready ones included (R17).
    pub limits: ReservationLimits,
    /// Whether one may choose 連絡不要, to be told by nobody.
    pub contact_none: bool,
    /// What an earlier member of an ordered set must have reached for the next to be served.
    pub set_waits_for: SetWaitsFor,
}

/// How many reservations of each group one patron may have (R17). Videos can't be reserved at all (R18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReservationLimits {
    /// Books and magazines together.
    pub books_and_magazines: u32,
    /// Picture-story cards.
    pub kamishibai: u32,
    /// CDs.
    pub cds: u32,
}

impl Default for ReservationLimits {
    fn default() -> Self {
        Self { books_and_magazines: 10, kamishibai: 2, cds: 2 }
    }
}

impl ReservationLimits {
    /// The limit of a group.
    pub const fn of(&self, group: LimitGroup) -> u32 {
        match group {
            LimitGroup::BooksAndMagazines => self.books_and_magazines,
            LimitGroup::Kamishibai => self.kamishibai,
            LimitGroup::Cds => self.cds,
            LimitGroup::Videos => 0,
        }
    }
}

/// What an earlier member of an ordered set must have reached for the next to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetWaitsFor {
    /// It stands on the hold shelf.
    Ready,
    /// The patron has borrowed it.
    Lent,
}

impl Default for ReservationPolicy {
    fn default() -> Self {
        Self {
            hold_days: 14,
            limits: ReservationLimits::default(),
            contact_none: false,
            set_waits_for: SetWaitsFor::Ready,
        }
    }
}

/// Sign-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountPolicy {
    /// How long a patron's browser stays signed in without being used, in days.
    pub patron_idle_days: u32,
    /// How long a staff browser stays signed in without being used, in minutes.
    pub staff_idle_minutes: u32,
    /// How many passwords are checked at once; each takes tens of milliseconds of one core and `hash_memory_kib`.
    pub hash_at_once: u32,
    /// Memory argon2id uses for one hash, in KiB.
    pub hash_memory_kib: u32,
    /// Passes argon2id makes over that memory.
    pub hash_passes: u32,
}

impl Default for AccountPolicy {
    fn default() -> Self {
        // The parameters OWASP recommends for argon2id: 19 MiB, two passes, one lane.
        Self { patron_idle_days: 14, staff_idle_minutes: 600, hash_at_once: 2, hash_memory_kib: 19_456, hash_passes: 2 }
    }
}

/// A policy that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Two places have one code.
    #[error("place code `{0}` stands twice")]
    DoublePlace(PlaceCode),
    /// A code that could not stand in an address or a file.
    #[error("place code `{0}` may have only a–z, 0–9 and -")]
    BadPlaceCode(PlaceCode),
    /// Nobody could receive anything.
    #[error("no place has `pickup = true`")]
    NoPickupPlace,
    /// Nobody could keep anything.
    #[error("no place has `holds_stock = true`")]
    NoBranch,
    /// A number that would switch the library off.
    #[error("`{0}` must be at least 1")]
    Zero(&'static str),
    /// Less memory than argon2 works with.
    #[error("`accounts.hash_memory_kib` must be at least 8")]
    HashMemory,
}

impl Policy {
    /// Checks what the types can't.
    ///
    /// # Errors
    /// The first rule the policy breaks.
    pub fn check(&self) -> Result<(), PolicyError> {
        for (n, place) in self.places.iter().enumerate() {
            let code = &place.code.0;
            if code.is_empty() || !code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                return Err(PolicyError::BadPlaceCode(place.code.clone()));
            }
            if self.places[..n].iter().any(|other| other.code == place.code) {
                return Err(PolicyError::DoublePlace(place.code.clone()));
            }
        }
        if !self.places.iter().any(|place| place.pickup) {
            return Err(PolicyError::NoPickupPlace);
        }
        if !self.places.iter().any(|place| place.holds_stock) {
            return Err(PolicyError::NoBranch);
        }
        for (name, value) in [
            ("loans.days", self.loans.days),
            ("reservations.hold_days", self.reservations.hold_days),
            ("accounts.patron_idle_days", self.accounts.patron_idle_days),
            ("accounts.staff_idle_minutes", self.accounts.staff_idle_minutes),
            ("accounts.hash_at_once", self.accounts.hash_at_once),
            ("accounts.hash_passes", self.accounts.hash_passes),
        ] {
            if value == 0 {
                return Err(PolicyError::Zero(name));
            }
        }
        if self.accounts.hash_memory_kib < 8 {
            return Err(PolicyError::HashMemory);
        }
        Ok(())
    }

    /// The place with this code.
    pub fn place(&self, code: &PlaceCode) -> Option<&Place> {
        self.places.iter().find(|place| place.code == *code)
    }

    /// Places where reserved copies can be picked up, in the order shown.
    pub fn pickup_places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.pickup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(code: &str) -> Place {
        Place { code: PlaceCode(code.into()), name: code.into(), name_en: code.into(), holds_stock: true, pickup: true }
    }

    fn policy(places: Vec<Place>) -> Policy {
        Policy {
            library: LibraryPolicy {
                name: "本棚町立図書館".into(),
                name_en: "Hondana Town Library".into(),
                zone: "Asia/Tokyo".into(),
                mail_from: "library@example.jp".into(),
                web_address: "http://localhost".into(),
                telephone: "048-000-0000".into(),
            },
            places,
            loans: LoanPolicy::default(),
            reservations: ReservationPolicy::default(),
            accounts: AccountPolicy::default(),
        }
    }

    #[test]
    fn a_sound_policy_passes() {
        assert_eq!(policy(vec![place("central"), place("south-hall")]).check(), Ok(()));
    }

    #[test]
    fn each_fault_is_named() {
        assert_eq!(policy(vec![place("a"), place("a")]).check(), Err(PolicyError::DoublePlace(PlaceCode("a".into()))));
        assert_eq!(policy(vec![place("A b")]).check(), Err(PolicyError::BadPlaceCode(PlaceCode("A b".into()))));
        let mut no_pickup = place("a");
        no_pickup.pickup = false;
        assert_eq!(policy(vec![no_pickup]).check(), Err(PolicyError::NoPickupPlace));
        let mut no_shelves = place("a");
        no_shelves.holds_stock = false;
        assert_eq!(policy(vec![no_shelves]).check(), Err(PolicyError::NoBranch));
        let mut zero = policy(vec![place("a")]);
        zero.reservations.hold_days = 0;
        assert_eq!(zero.check(), Err(PolicyError::Zero("reservations.hold_days")));
    }
}
