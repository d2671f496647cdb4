//! The library's policy: every number and place another library may want otherwise, as values.
//!
//! The file it is read from, with its defaults and comments, is `hondana.toml` in the root of the repository;
//! reading and reporting the faulty line is the program's task, what is allowed is decided here.

mod notices;
mod shelves;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    PlaceCode,
    calendar::{ClosedDayRule, Closing, Holiday, HolidayRule, OpeningHours},
    catalog::LimitGroup,
    patrons::{Pace, StaffRole},
    words::words,
};

pub use notices::NoticePolicy;
pub use shelves::ShelfRange;

/// Everything about a library that is a choice and not a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Name, addresses of mail and web, zone of time.
    pub library: LibraryPolicy,
    /// Branches and pickup places, in the order shown.
    #[serde(rename = "place")]
    pub places: Vec<Place>,
    /// Where the books stand in the branches (R32).
    #[serde(default)]
    pub shelves: Vec<ShelfRange>,
    /// Loans (R16, R24).
    #[serde(default)]
    pub loans: LoanPolicy,
    /// Reservations (R11, R17).
    #[serde(default)]
    pub reservations: ReservationPolicy,
    /// The work of each day.
    #[serde(default)]
    pub daily: DailyPolicy,
    /// What patrons are told (R11, R13, R15).
    #[serde(default)]
    pub notices: NoticePolicy,
    /// Sign-in and passwords (R5).
    #[serde(default)]
    pub accounts: AccountPolicy,
    /// Closed days and what they do to due dates and deadlines (R30).
    #[serde(default)]
    pub calendar: CalendarPolicy,
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
    /// Area codes around here, which people leave out of their telephone numbers (R3).
    #[serde(default)]
    pub area_codes: Vec<String>,
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
    /// When it is closed (R30).
    #[serde(default)]
    pub closing: Closing,
    /// From when until when it is open.
    #[serde(default)]
    pub hours: OpeningHours,
}

fn yes() -> bool {
    true
}

impl Place {
    /// Checks that it is open sometimes, and that its closed days make sense.
    fn check_closing(&self) -> Result<(), PolicyError> {
        if !self.closing.ever_opens() {
            return Err(PolicyError::NeverOpen(self.code.clone()));
        }
        if let Some(span) = self.closing.dated.iter().find(|span| span.until < span.from) {
            return Err(PolicyError::SpanBackwards { place: self.code.clone(), from: span.from, until: span.until });
        }
        if self.closing.substitute && self.closing.on_holidays != HolidayRule::Open {
            return Err(PolicyError::SubstituteForNothing(self.code.clone()));
        }
        Ok(())
    }
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
    /// How often a loan may be renewed (R24).
    pub renewals: u32,
    /// How long a renewed loan lasts, in days from the day of renewal (R24).
    pub renewal_days: u32,
    /// How many of each group one patron may have.
    pub limits: Limits,
}

impl Default for LoanPolicy {
    fn default() -> Self {
        Self {
            days: 14,
            renewals: 1,
            renewal_days: 14,
            limits: Limits { books_and_magazines: 10, kamishibai: 2, cds: 2, videos: 2 },
        }
    }
}

/// Reservations (R11, R17, R18).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReservationPolicy {
    /// How long a copy is kept, in days after the day it became ready (R11).
    pub hold_days: u32,
    /// By how many days staff can extend a hold, once.
    pub hold_extension_days: u32,
    /// How long a copy may travel before it is looked for, in days.
    pub transit_days: u32,
    /// How long a patron has to say how an ordered set goes on after a member expired, in days.
    pub pause_days: u32,
    /// How long a cancelled reservation is shown, in days (R22); then its tie to the patron is cut.
    pub keep_cancelled_days: u32,
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
            hold_extension_days: 7,
            transit_days: 7,
            pause_days: 14,
            keep_cancelled_days: 30,
            limits: ReservationLimits::default(),
            contact_none: false,
            set_waits_for: SetWaitsFor::Ready,
        }
    }
}

/// The work of each day: what has run out, reminders, what privacy says must go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DailyPolicy {
    /// The hour at which the server does it, from 0 to 23, in the library's zone.
    pub hour: u32,
    /// A reminder is mailed so many days before the due date; 0 is never.
    pub remind_before_days: u32,
    /// A reminder is mailed when a loan is so many days overdue; 0 is never.
    pub remind_after_days: u32,
    /// How long a delivered mail is kept, in days.
    pub keep_mail_days: u32,
    /// How long it is kept that a mail went to an address, without its text, so that it counts when it comes back; in days.
    pub keep_sent_days: u32,
    /// How long the answer to a request is kept, so that the same request gets it again, in days.
    pub keep_answers_days: u32,
    /// How long the cart of somebody who never signed in is kept, in days.
    pub keep_carts_days: u32,
    /// How long it is kept what staff did to which card, in days.
    pub keep_audit_days: u32,
    /// A mail that failed so often counts as refused: the desk telephones (R14).
    pub mail_tries: u32,
    /// An overdue letter is printed when a loan is more than so many days overdue.
    pub letter_after_days: u32,
    /// A copy that was missing for so many days is for staff to decide on.
    pub search_days: u32,
}

impl Default for DailyPolicy {
    fn default() -> Self {
        Self {
            hour: 3,
            remind_before_days: 2,
            remind_after_days: 7,
            keep_mail_days: 3,
            keep_sent_days: 14,
            keep_answers_days: 7,
            keep_carts_days: 90,
            keep_audit_days: 365,
            mail_tries: 8,
            letter_after_days: 14,
            search_days: 30,
        }
    }
}

/// Sign-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountPolicy {
    /// How long a patron's browser stays signed in without being used, in days.
    pub patron_idle_days: u32,
    /// How long it stays signed in at most, used or not, in days.
    pub patron_days: u32,
    /// How long somebody stays signed in at a kiosk without using it, in minutes.
    pub kiosk_idle_minutes: u32,
    /// How long they stay signed in there at most, used or not, in minutes.
    pub kiosk_minutes: u32,
    /// How long a staff browser stays signed in without being used, in minutes.
    pub staff_idle_minutes: u32,
    /// How long it stays signed in at most, used or not, in hours.
    pub staff_hours: u32,
    /// Who of the staff has to give a code beside the password.
    pub second_factor: SecondFactor,
    /// How many passwords are checked at once; each takes tens of milliseconds of one core and `hash_memory_kib`.
    pub hash_at_once: u32,
    /// Memory argon2id uses for one hash, in KiB.
    pub hash_memory_kib: u32,
    /// Passes argon2id makes over that memory.
    pub hash_passes: u32,
    /// How many more may wait for that; who comes then is told to try again in a moment.
    pub hash_queue: u32,
    /// Fewest characters of a patron's password (R5).
    pub password_min: u32,
    /// Most characters of a patron's password (R5).
    pub password_max: u32,
    /// Whether a patron's password may have any characters, spaces included, and not letters and digits only.
    pub passphrases: bool,
    /// From which age somebody has a password of their own, in years.
    pub own_password_age: u32,
    /// How long the link of a mail leads somewhere, in minutes.
    pub link_minutes: u32,
    /// How long a one-time password of the desk can be used, in hours.
    pub one_time_hours: u32,
    /// How guessing is slowed down.
    pub guesses: GuessPolicy,
}

impl Default for AccountPolicy {
    fn default() -> Self {
        Self {
            patron_idle_days: 14,
            patron_days: 90,
            kiosk_idle_minutes: 3,
            kiosk_minutes: 30,
            staff_idle_minutes: 60,
            staff_hours: 14,
            second_factor: SecondFactor::Optional,
            // The parameters OWASP recommends for argon2id: 19 MiB, two passes, one lane.
            hash_at_once: 2,
            hash_memory_kib: 19_456,
            hash_passes: 2,
            hash_queue: 32,
            password_min: 4,
            password_max: 8,
            passphrases: false,
            own_password_age: 0,
            link_minutes: 60,
            one_time_hours: 24,
            guesses: GuessPolicy::default(),
        }
    }
}

/// How guessing is slowed down; see [`may_try`](crate::patrons::may_try).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuessPolicy {
    /// One card from one origin.
    pub here: Pace,
    /// One card from everywhere.
    pub card: Pace,
    /// All cards from one origin.
    pub origin: Pace,
    /// How long an origin from which a card was signed in is known, in days.
    pub known_days: u32,
}

impl Default for GuessPolicy {
    fn default() -> Self {
        let day = 24 * 60;
        Self {
            here: Pace { free: 5, first_wait_seconds: 30, longest_wait_seconds: 60 * 60, window_minutes: day },
            card: Pace { free: 10, first_wait_seconds: 15, longest_wait_seconds: 15 * 60, window_minutes: day },
            origin: Pace { free: 30, first_wait_seconds: 10, longest_wait_seconds: 5 * 60, window_minutes: 60 },
            known_days: 90,
        }
    }
}

impl AccountPolicy {
    /// Whether a patron who signed in at `begun` and was last here at `seen` has to sign in again.
    pub fn patron_is_over(&self, begun: DateTime<Utc>, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - seen > TimeDelta::days(self.patron_idle_days.into())
            || now - begun > TimeDelta::days(self.patron_days.into())
    }

    /// Whether a patron who signed in at a kiosk has to sign in again.
    pub fn kiosk_is_over(&self, begun: DateTime<Utc>, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - seen > TimeDelta::minutes(self.kiosk_idle_minutes.into()) || now > self.kiosk_ends(begun)
    }

    /// When the visit of a patron ends who signed in at a kiosk then, however much they do there.
    pub fn kiosk_ends(&self, begun: DateTime<Utc>) -> DateTime<Utc> {
        begun + TimeDelta::minutes(self.kiosk_minutes.into())
    }

    /// Whether a member of staff has to sign in again.
    pub fn staff_is_over(&self, begun: DateTime<Utc>, seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - seen > TimeDelta::minutes(self.staff_idle_minutes.into())
            || now - begun > TimeDelta::hours(self.staff_hours.into())
    }
}

words! {
    /// Who of the staff has to give a code beside the password.
    SecondFactor, "rule for the second factor" {
        /// Whoever has chosen to.
        Optional = "optional",
        /// Managers, and whoever has chosen to.
        Managers = "managers",
        /// All staff.
        Everyone = "everyone",
    }
}

impl SecondFactor {
    /// Whether a member of staff with this role has to.
    pub fn is_due_from(self, role: StaffRole) -> bool {
        match self {
            Self::Optional => false,
            Self::Managers => role == StaffRole::Manager,
            Self::Everyone => true,
        }
    }
}

/// Closed days (R30). When each place is closed stands with the place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarPolicy {
    /// Where a due date (返却期限日) goes that falls on a day the branch is closed.
    pub due_on_closed_day: ClosedDayRule,
    /// Where a hold's deadline (取置期限日) goes that falls on a day the pickup place is closed.
    pub hold_on_closed_day: ClosedDayRule,
    /// National holidays, from the list the settings name or the one built in.
    #[serde(skip)]
    pub holidays: Vec<Holiday>,
}

/// Most characters any policy lets a password have.
const MOST_PASSWORD: u32 = 128;

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
    /// An hour the day does not have.
    #[error("`{0}` must be from 0 to 23")]
    NoSuchHour(&'static str),
    /// No password would be allowed, or one that is longer than anybody types.
    #[error("`accounts.password_max` must be from `accounts.password_min` to {MOST_PASSWORD}")]
    PasswordLengths,
    /// Less memory than argon2 works with.
    #[error("`accounts.hash_memory_kib` must be at least 8")]
    HashMemory,
    /// A place that its weekdays and yearly spans leave no open day.
    #[error("place `{0}` would be closed on every day of the year")]
    NeverOpen(PlaceCode),
    /// A span of closed days that ends before it begins.
    #[error("the closed days of place `{place}` from {from} end before they begin, on {until}")]
    SpanBackwards {
        /// Whose.
        place: PlaceCode,
        /// Its first day.
        from: NaiveDate,
        /// Its last day.
        until: NaiveDate,
    },
    /// Closed days made up for that were never given up.
    #[error("place `{0}` has `substitute = true`, which needs `on_holidays = \"open\"`")]
    SubstituteForNothing(PlaceCode),
    /// Shelves where there is nothing to stand on them.
    #[error("`shelves` names `{branch}`, which is no place that holds stock")]
    ShelvesElsewhere {
        /// Which range, from 0.
        n: usize,
        /// The place it names.
        branch: PlaceCode,
    },
    /// A range of shelf marks that holds nothing.
    #[error("this range of shelf marks ends before it begins")]
    ShelvesBackwards {
        /// Which range, from 0.
        n: usize,
    },
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
            place.check_closing()?;
        }
        if !self.places.iter().any(|place| place.pickup) {
            return Err(PolicyError::NoPickupPlace);
        }
        if !self.places.iter().any(|place| place.holds_stock) {
            return Err(PolicyError::NoBranch);
        }
        self.check_shelves()?;
        for (name, value) in [
            ("loans.days", self.loans.days),
            ("loans.renewal_days", self.loans.renewal_days),
            ("reservations.hold_days", self.reservations.hold_days),
            ("reservations.hold_extension_days", self.reservations.hold_extension_days),
            ("reservations.transit_days", self.reservations.transit_days),
            ("reservations.pause_days", self.reservations.pause_days),
            ("reservations.keep_cancelled_days", self.reservations.keep_cancelled_days),
            ("daily.keep_mail_days", self.daily.keep_mail_days),
            ("daily.keep_answers_days", self.daily.keep_answers_days),
            ("daily.keep_carts_days", self.daily.keep_carts_days),
            ("daily.mail_tries", self.daily.mail_tries),
            ("daily.search_days", self.daily.search_days),
            ("daily.keep_audit_days", self.daily.keep_audit_days),
            ("accounts.patron_idle_days", self.accounts.patron_idle_days),
            ("accounts.patron_days", self.accounts.patron_days),
            ("accounts.kiosk_idle_minutes", self.accounts.kiosk_idle_minutes),
            ("accounts.kiosk_minutes", self.accounts.kiosk_minutes),
            ("accounts.staff_idle_minutes", self.accounts.staff_idle_minutes),
            ("accounts.staff_hours", self.accounts.staff_hours),
            ("accounts.hash_at_once", self.accounts.hash_at_once),
            ("accounts.hash_passes", self.accounts.hash_passes),
            ("accounts.hash_queue", self.accounts.hash_queue),
            ("accounts.password_min", self.accounts.password_min),
            ("accounts.link_minutes", self.accounts.link_minutes),
            ("accounts.one_time_hours", self.accounts.one_time_hours),
            ("accounts.guesses.here.free", self.accounts.guesses.here.free),
            ("accounts.guesses.card.free", self.accounts.guesses.card.free),
            ("accounts.guesses.origin.free", self.accounts.guesses.origin.free),
        ] {
            if value == 0 {
                return Err(PolicyError::Zero(name));
            }
        }
        for (name, hour) in [
            ("daily.hour", self.daily.hour),
            ("notices.quiet_from", self.notices.quiet_from),
            ("notices.quiet_until", self.notices.quiet_until),
        ] {
            if hour > 23 {
                return Err(PolicyError::NoSuchHour(name));
            }
        }
        if self.accounts.hash_memory_kib < 8 {
            return Err(PolicyError::HashMemory);
        }
        let lengths = self.accounts.password_min..=self.accounts.password_max;
        if lengths.is_empty() || *lengths.end() > MOST_PASSWORD {
            return Err(PolicyError::PasswordLengths);
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
pub(crate) mod tests {
    use super::*;
    use crate::calendar::{DayOfWeek, Span, YearlySpan};

    /// A policy that can be used.
    pub(crate) fn sound() -> Policy {
        policy(vec![place("central"), place("south-hall")])
    }

    fn place(code: &str) -> Place {
        Place {
            code: PlaceCode(code.into()),
            name: code.into(),
            name_en: code.into(),
            holds_stock: true,
            pickup: true,
            closing: Closing::default(),
            hours: OpeningHours::default(),
        }
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
                area_codes: Vec::new(),
            },
            places,
            shelves: Vec::new(),
            loans: LoanPolicy::default(),
            reservations: ReservationPolicy::default(),
            daily: DailyPolicy::default(),
            notices: NoticePolicy::default(),
            accounts: AccountPolicy::default(),
            calendar: CalendarPolicy::default(),
        }
    }

    #[test]
    fn a_sound_policy_passes() {
        assert_eq!(sound().check(), Ok(()));
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
        let mut no_password = policy(vec![place("a")]);
        no_password.accounts.password_min = 9;
        assert_eq!(no_password.check(), Err(PolicyError::PasswordLengths));
    }

    #[test]
    fn who_is_signed_in_is_so_for_a_while_only() {
        let accounts = AccountPolicy::default();
        let begun: DateTime<Utc> = "2026-04-01T00:00:00Z".parse().expect("sound");
        let day = |n| begun + TimeDelta::days(n);
        assert!(!accounts.patron_is_over(begun, day(80), day(90)));
        assert!(accounts.patron_is_over(begun, day(80), day(95)), "not used for two weeks");
        assert!(accounts.patron_is_over(begun, day(91), day(91)), "used, but too old");
        let minute = |n| begun + TimeDelta::minutes(n);
        assert!(!accounts.kiosk_is_over(begun, minute(27), minute(30)));
        assert!(accounts.kiosk_is_over(begun, minute(1), minute(5)), "not used for minutes");
        assert!(accounts.kiosk_is_over(begun, minute(31), minute(31)), "used, but too old");
        assert!(!accounts.staff_is_over(begun, minute(0), minute(60)));
        assert!(accounts.staff_is_over(begun, minute(0), minute(61)));
        assert!(accounts.staff_is_over(begun, minute(14 * 60 + 1), minute(14 * 60 + 1)));
    }

    #[test]
    fn the_second_factor_is_due_from_those_the_policy_names() {
        use SecondFactor::{Everyone, Managers, Optional};
        let due = |rule: SecondFactor| StaffRole::ALL.iter().map(|role| rule.is_due_from(*role)).collect::<Vec<_>>();
        assert_eq!([Optional, Managers, Everyone].map(due), [[false, false], [false, true], [true, true]]);
    }

    #[test]
    fn closed_days_that_make_no_sense_are_refused() {
        let check = |closing: Closing| policy(vec![place("a"), Place { closing, ..place("b") }]).check();
        let span = |from: &str, until: &str| YearlySpan {
            from: from.parse().expect("sound"),
            until: until.parse().expect("sound"),
            reason: "改修".into(),
            reason_en: None,
        };
        let b = PlaceCode("b".into());
        let weekdays = DayOfWeek::ALL.to_vec();
        assert_eq!(check(Closing { weekdays: weekdays[1..].to_vec(), ..Closing::default() }), Ok(()));
        assert_eq!(check(Closing { weekdays, ..Closing::default() }), Err(PolicyError::NeverOpen(b.clone())));
        // From February to January, over the new year: 31 January is the day that is left.
        let most = Closing { yearly: vec![span("02-01", "01-30")], ..Closing::default() };
        assert_eq!(check(most), Ok(()));
        let all = Closing { yearly: vec![span("02-01", "01-31")], ..Closing::default() };
        assert_eq!(check(all), Err(PolicyError::NeverOpen(b.clone())));

        let day = |day| NaiveDate::from_ymd_opt(2026, 6, day).expect("sound");
        let dated = |from, until| Closing {
            dated: vec![Span { from: day(from), until: day(until), reason: "蔵書点検".into(), reason_en: None }],
            ..Closing::default()
        };
        assert_eq!(check(dated(8, 8)), Ok(()));
        let backwards = PolicyError::SpanBackwards { place: b.clone(), from: day(14), until: day(8) };
        assert_eq!(check(dated(14, 8)), Err(backwards));

        let substitute = |on_holidays| Closing { on_holidays, substitute: true, ..Closing::default() };
        assert_eq!(check(substitute(HolidayRule::Open)), Ok(()));
        assert_eq!(check(substitute(HolidayRule::Closed)), Err(PolicyError::SubstituteForNothing(b.clone())));
        assert_eq!(check(substitute(HolidayRule::AsUsual)), Err(PolicyError::SubstituteForNothing(b)));
    }
}
