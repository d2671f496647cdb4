//! What a library means and allows: values and pure rules, compiled into the browser and the server alike.
//!
//! Nothing in this crate does IO, reads a clock, makes a random number, knows SQL or Leptos. Time comes in as
//! an argument; a rule answers with a new state or with a [`Refusal`](circulation::Refusal).

pub mod bookshelf;
pub mod bulletin;
pub mod calendar;
pub mod cart;
pub mod catalog;
pub mod circulation;
pub mod dates;
pub mod display;
pub mod figures;
pub mod home;
mod ids;
pub mod messages;
pub mod notices;
pub mod patrons;
pub mod policy;
mod tagged;
pub mod text;
mod words;

pub use ids::{
    BibId, BookEntryId, BookListId, BulletinId, CartId, EventId, HistoryEntryId, ItemId, KioskId, LoanId, MarathonId,
    NoticeId, OpId, OrderedSetId, PartId, PatronId, PlaceCode, ReadId, ReservationId, SeasonId, StaffId,
};
pub use words::UnknownWord;
