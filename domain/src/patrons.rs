//! Card holders and how they are told.

mod audit;
mod card;
mod codabar;
mod door;
mod factor;
mod guessing;
mod identity;
mod kiosk;
mod passkey;
mod password;
mod sessions;
mod staff;
mod telephone;

pub use audit::{AuditPage, AuditQuery, AuditRow, Deed};
pub use card::{
    CardDetails, CardField, CardForm, CardPage, CardProblem, CardSummary, CardsFound, MailOfCard, card_keys,
    card_query, read_card, read_card_number,
};
pub use codabar::{Barcode, codabar};
pub use door::{
    DoorField, DoorProblem, DoorRefusal, LinkGone, LinkPurpose, LinkState, OneTimeForm, RegisterForm, Settings, Slot,
    check_register, may_register_here, may_set_own_password, read_mail,
};
pub use factor::{FactorProblem, SecondStep, read_code, read_recovery, wait_until};
pub use guessing::{Pace, Tallies, Tally, Wait, may_try, origin_of};
pub use identity::{Claimed, Recorded, is_same_person};
pub use kiosk::{KioskForm, KioskView, read_kiosk_name};
pub use passkey::{
    MOST_PASSKEYS, MOST_QUESTIONS, PasskeyRefusal, PasskeyView, RelyingParty, SignedInBy, may_follow, may_use_passkeys,
    passkey_name, relying_party,
};
pub use password::{OwnFacts, one_time_letters, password_as_typed, read_password};
pub use sessions::{SessionView, browser_words};
pub use staff::{StaffAccount, StaffForm, StaffMember, StaffProblem, StaffRole, read_staff};
pub use telephone::{is_telephone_of, read_telephones, telephones};

use serde::{Deserialize, Serialize};

use crate::{PatronId, text::one_width, words::words};

words! {
    /// Whether a card may be used.
    CardState, "card state" {
        /// In use.
        Active = "active",
        /// Barred by the library: no reserving, no borrowing.
        Suspended = "suspended",
        /// Past its date: no reserving, no borrowing.
        Expired = "expired",
    }
}

words! {
    /// How a patron is told that a copy is ready (連絡方法, R10).
    Contact, "contact method" {
        /// メール; needs a confirmed address (R13).
        Mail = "mail",
        /// 電話
        Telephone = "telephone",
        /// 連絡不要; a setting, off.
        None = "none",
    }
}

/// A patron's own account, as their pages need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The patron.
    pub id: PatronId,
    /// Name as on the card.
    pub name: String,
    /// Whether the card may be used.
    pub card: CardState,
    /// The confirmed address ready notices go to, if there is one.
    pub ready_mail: Option<String>,
    /// Whether mail to an address of theirs is refused, so that it is written to no more until it is confirmed anew (R13).
    pub mail_refused: bool,
    /// Rises with every new password; a session that began with an older one is over. The browser has no use for it.
    #[serde(skip)]
    pub generation: i64,
}

/// Who is looking at a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Visitor {
    /// Not signed in.
    Anonymous,
    /// A patron.
    Patron(Account),
}

impl Visitor {
    /// The account, when a patron is signed in.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Anonymous => None,
            Self::Patron(account) => Some(account),
        }
    }
}

/// What came of an attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignIn<T> {
    /// Signed in.
    Done(T),
    /// Number or password wrong; which of the two is never said (R7).
    Wrong,
    /// Guessed wrong too often: not looked at until then.
    Slow(Wait),
    /// So many passwords wait to be checked that this one was not.
    Busy,
}

/// A card number as a person may type it: full-width digits, spaces and hyphens of all kinds are forgiven.
pub fn card_number(typed: &str) -> String {
    let dash = |c: char| matches!(c, '-' | 'ー' | '−' | '\u{2010}'..='\u{2015}' | '\u{200B}' | '\u{FEFF}');
    let kept = one_width(typed).chars().filter(|c| !c.is_whitespace() && !dash(*c)).collect::<String>();
    kept.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::card_number;

    #[test]
    fn a_card_number_is_read_as_people_type_it() {
        for typed in ["1000004", "１０００００４", " 100-0004 ", "1000 004", "１００－０００４", "100ー0004"]
        {
            assert_eq!(card_number(typed), "1000004", "{typed:?}");
        }
        assert_ne!(card_number("1000005"), "1000004");
    }
}
