//! A patron's own pages: sign-in, reservations and ordered sets, cancelled reservations, loans, sign-ins and
//! personal data.

pub mod api;
pub mod cancelled;
pub mod card;
pub mod data;
pub mod data_api;
pub mod deeds;
pub mod loans;
pub mod login;
pub mod order;
pub(crate) mod parts;
pub mod reservations;
