//! Why something is refused. The same value comes from the browser before the click and from the server after it.

use serde::{Deserialize, Serialize};

use crate::catalog::{LimitGroup, MaterialType};

/// Why something is refused. The sentence a person reads is `messages::refusal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    /// DVDs and LDs can't be reserved (R18).
    MaterialNotReservable {
        /// The kind that is refused, to be named to the person.
        material: MaterialType,
    },
    /// The newest issue of a magazine can't be reserved (R18).
    NewestIssue,
    /// No copy of it may leave the library (R18).
    InLibraryOnly,
    /// The library has no living copy.
    NoCopy,
    /// The title is not, or no longer, in the catalogue.
    UnknownTitle,
    /// The patron has it reserved already.
    AlreadyReserved,
    /// The patron has it on loan.
    OnLoanToYou,
    /// The limit of reservations is reached (R17).
    LimitReached {
        /// The group whose limit it is.
        group: LimitGroup,
        /// The limit.
        limit: u32,
    },
    /// Another title of the ordered set was refused, and a set is reserved all or nothing (R12).
    SetRefused,
    /// The card is suspended.
    CardSuspended,
    /// The card has expired.
    CardExpired,
    /// The place can't be chosen.
    UnknownPlace,
    /// Mail needs a confirmed address (R13).
    MailNotConfirmed,
    /// 連絡不要 is not offered by this library.
    ContactNotOffered,
    /// There is nothing in the cart.
    EmptyCart,
    /// No copy has this barcode.
    UnknownBarcode,
    /// The copy was withdrawn from the stock.
    ItemWithdrawn,
    /// The copy is captured for somebody else.
    CapturedForAnother,
    /// The copy is on loan already and has to be checked in first.
    NotCheckedIn,
    /// The limit of loans is reached (R16).
    LoanLimitReached {
        /// The group whose limit it is.
        group: LimitGroup,
        /// The limit.
        limit: u32,
    },
    /// The copy may be read in the library only.
    ItemInLibraryOnly,
}
