//! A patron's own pages: sign-in, reservations.

pub mod api;
pub mod login;
pub mod reservations;
