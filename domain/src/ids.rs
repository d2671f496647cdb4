//! Identifiers as types of their own, so that a patron's id cannot be handed where a bib's is wanted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// A UUID made by the program that writes the row: of version 7, but for what is cut from its patron and what stands
        /// beside one, which is drawn at random.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(s).map(Self)
            }
        }
    )+};
}

id! {
    /// A title in the catalogue (書誌).
    BibId,
    /// The part of a bib whose copies are alike (volume, issue); every bib has at least one.
    PartId,
    /// A physical copy with a barcode (資料).
    ItemId,
    /// A card holder (利用者).
    PatronId,
    /// A member of staff.
    StaffId,
    /// A reservation (予約).
    ReservationId,
    /// Reservations to be received in a chosen order (順番予約).
    OrderedSetId,
    /// A loan (貸出).
    LoanId,
    /// A cart (予約カート).
    CartId,
    /// A device in the library that everybody may use (館内OPAC).
    KioskId,
    /// A row of the event log.
    EventId,
    /// A notice in the outbox.
    NoticeId,
    /// Something the library tells everybody on its home page.
    BulletinId,
    /// A list of a bookshelf (R27).
    BookListId,
    /// A title in such a list.
    BookEntryId,
    /// A sealed entry of a history (R28).
    HistoryEntryId,
    /// One request of a person; the same id gets the same answer however often it arrives.
    OpId,
    /// A reading marathon of a patron (読書マラソン).
    MarathonId,
    /// A book entered into a reading marathon.
    ReadId,
    /// A time of the library in which patrons may join a reading marathon.
    SeasonId,
}

impl OpId {
    /// An id made in a browser at that moment, in milliseconds since 1970, of ten bytes it drew: a UUID of version 7, so
    /// that what was made later comes later.
    pub fn new(millis: u64, drawn: &[u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(millis, drawn).into_uuid())
    }
}

/// The code of a branch or pickup place, as written in the policy file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaceCode(pub String);

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
