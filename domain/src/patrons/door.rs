//! How a patron comes by a password and keeps it: what is typed on the way, and why it may not go on (R2–R6).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{MailOfCard, PasskeyRefusal, PasskeyView, Wait, card::is_mail};
use crate::{
    circulation::barcode,
    dates::read_date,
    notices::{DeviceRefusal, Devices},
    text,
    words::words,
};

/// 新規パスワード登録 and 再発行, one form for both (R3, R4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    /// 利用者番号
    pub card: String,
    /// 氏名カナ
    pub kana: String,
    /// 生年月日, in any way of writing it.
    pub birth_date: String,
    /// 電話番号
    pub telephone: String,
    /// The address to register; it counts only where the record has none that is confirmed.
    pub mail: String,
}

/// A password of one use, from the desk, and the one to be used from now on.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OneTimeForm {
    /// 利用者番号
    pub card: String,
    /// 仮パスワード
    pub once: String,
    /// 生年月日, in any way of writing it.
    pub birth_date: String,
    /// The new password.
    pub password: String,
    /// The new password again.
    pub again: String,
}

impl std::fmt::Debug for OneTimeForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // All of it is secret or names a person.
        f.write_str("OneTimeForm")
    }
}

words! {
    /// A field of these forms.
    DoorField, "field of a form" {
        /// 利用者番号
        Card = "card",
        /// 氏名カナ
        Kana = "kana",
        /// 生年月日
        BirthDate = "birth_date",
        /// 電話番号
        Telephone = "telephone",
        /// メールアドレス
        Mail = "mail",
        /// The password in use.
        Old = "old",
        /// The new password.
        Password = "password",
        /// The new password again.
        Again = "again",
    }
}

words! {
    /// What is wrong with what was typed. Nothing here depends on whether there is such a card.
    DoorProblem, "problem of a form" {
        /// No card number.
        Card = "card",
        /// No name, or not in kana.
        Kana = "kana",
        /// The date can't be read.
        BirthDate = "birth-date",
        /// No telephone number.
        Telephone = "telephone",
        /// No mail address.
        Mail = "mail",
        /// The address is the patron's other one.
        MailTwice = "mail-twice",
        /// The password in use is another.
        Old = "old",
        /// Card, one-time password and date of birth don't belong together, or its time is over.
        Once = "once",
        /// At a kiosk: what was typed is not as it is on record, or there is a password already.
        Unmatched = "unmatched",
        /// The password is too short or too long.
        Length = "length",
        /// The password has characters that are not allowed.
        Characters = "characters",
        /// The two new passwords are not the same.
        Differs = "differs",
        /// The password is among the first anybody would try.
        Easy = "easy",
    }
}

impl DoorProblem {
    /// The field it stands beside.
    pub const fn field(self) -> DoorField {
        match self {
            Self::Card | Self::Once | Self::Unmatched => DoorField::Card,
            Self::Kana => DoorField::Kana,
            Self::BirthDate => DoorField::BirthDate,
            Self::Telephone => DoorField::Telephone,
            Self::Mail | Self::MailTwice => DoorField::Mail,
            Self::Old => DoorField::Old,
            Self::Length | Self::Characters | Self::Easy => DoorField::Password,
            Self::Differs => DoorField::Again,
        }
    }
}

/// Why it does not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DoorRefusal {
    /// What was typed.
    Problems(Vec<DoorProblem>),
    /// Tried too often: not looked at until then.
    Slow(Wait),
    /// So many passwords wait to be worked on that this one was not.
    Busy,
    /// The link of a mail leads nowhere any more.
    Link(LinkGone),
    /// The device is no kiosk, or not any more.
    NoKiosk,
    /// A passkey.
    Passkey(PasskeyRefusal),
    /// A device that was to get notices.
    Device(DeviceRefusal),
}

words! {
    /// What the link of a mail is for.
    LinkPurpose, "purpose of a link" {
        /// To choose a password.
        Password = "password",
        /// To confirm that the address is the patron's.
        Address = "address",
    }
}

words! {
    /// Why a link leads nowhere.
    LinkGone, "end of a link" {
        /// It was used.
        Used = "used",
        /// Its time is over, or another one took its place.
        Expired = "expired",
        /// There is no such link: it was cut on its way, or forgotten long ago.
        Unknown = "unknown",
    }
}

/// What a link of a mail leads to. Looking changes nothing: mail programs look before people do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkState {
    /// To a password to be chosen.
    Password,
    /// To this address, to be confirmed.
    Address(String),
    /// Nowhere.
    Gone(LinkGone),
}

words! {
    /// Which of the two addresses of a patron.
    Slot, "slot of an address" {
        /// メールアドレス1
        First = "first",
        /// メールアドレス2
        Second = "second",
    }
}

impl Slot {
    /// Where it stands among the two.
    pub const fn index(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second => 1,
        }
    }
}

/// What a patron keeps on 利用者情報 (R5, R6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// メールアドレス1, 2
    pub mails: [Option<MailOfCard>; 2],
    /// Addresses that wait for their mail to be answered.
    pub pending: [Option<String>; 2],
    /// The keys they sign in with in place of the password, the oldest first.
    pub passkeys: Vec<PasskeyView>,
    /// The devices that get the ready notice.
    pub devices: Devices,
}

/// Checks that every field of the form can be meant as what it is; whether they are somebody's is never said.
///
/// # Errors
/// What is wrong, in the order of the fields.
pub fn check_register(form: &RegisterForm) -> Result<(), Vec<DoorProblem>> {
    let letters = |typed: &str| text::one_width(typed).chars().any(char::is_alphanumeric);
    let in_kana = text::key(&form.kana).chars().all(text::is_kana) && letters(&form.kana);
    let checks = [
        (letters(&form.card), DoorProblem::Card),
        (in_kana, DoorProblem::Kana),
        (read_date(&form.birth_date).is_some(), DoorProblem::BirthDate),
        (text::one_width(&form.telephone).chars().any(|c| c.is_ascii_digit()), DoorProblem::Telephone),
        (form.mail.trim().is_empty() || read_mail(&form.mail).is_some(), DoorProblem::Mail),
    ];
    let problems: Vec<_> = checks.into_iter().filter(|(sound, _)| !sound).map(|(_, problem)| problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// A mail address as typed. `None` when it can't be one; whether it is one, only a mail to it tells.
pub fn read_mail(typed: &str) -> Option<String> {
    Some(barcode(typed)).filter(|address| is_mail(address))
}

/// Whether the four matching fields alone are enough to set a password: on a kiosk that is registered, and while there is
/// none (R3). Never for a new one in place of one that was forgotten: a found card and family facts must not open an
/// account (R4).
pub const fn may_register_here(registered_kiosk: bool, has_password: bool) -> bool {
    registered_kiosk && !has_password
}

/// Whether somebody born then is old enough to have a password of their own; the age is policy.
pub fn may_set_own_password(birth_date: NaiveDate, today: NaiveDate, age: u32) -> bool {
    let birthday_to_come = (today.month(), today.day()) < (birth_date.month(), birth_date.day());
    let years = today.year() - birth_date.year() - i32::from(birthday_to_come);
    u32::try_from(years).is_ok_and(|years| years >= age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_registered_kiosk_and_only_the_first_password() {
        assert!(may_register_here(true, false));
        assert!(!may_register_here(true, true), "R4: never a reissue without mail");
        assert!(!may_register_here(false, false), "a browser at home");
        assert!(!may_register_here(false, true));
    }

    #[test]
    fn a_child_is_old_enough_on_its_birthday() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default();
        assert!(may_set_own_password(day(2014, 8, 5), day(2026, 8, 5), 12));
        assert!(!may_set_own_password(day(2014, 8, 5), day(2026, 8, 4), 12));
        assert!(may_set_own_password(day(2026, 4, 1), day(2026, 4, 1), 0));
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it_and_nothing_else() {
        let form = RegisterForm {
            card: "１０００００１".into(),
            kana: "ほんま しずえ".into(),
            birth_date: "昭和16年3月14日".into(),
            telephone: "00-0001".into(),
            mail: String::new(),
        };
        assert_eq!(check_register(&form), Ok(()));
        let empty = [DoorProblem::Card, DoorProblem::Kana, DoorProblem::BirthDate, DoorProblem::Telephone];
        assert_eq!(check_register(&RegisterForm::default()), Err(empty.to_vec()));
        let kanji = RegisterForm { kana: "本間 静江".into(), mail: "shizue".into(), ..form };
        assert_eq!(check_register(&kanji), Err(vec![DoorProblem::Kana, DoorProblem::Mail]));
        assert_eq!(read_mail(" shizue＠example.jp "), Some("shizue@example.jp".to_owned()));
    }
}
