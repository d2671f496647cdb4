//! The cart (予約カート) and the way from it to a reservation: place and contact, confirmation, done.

pub mod api;
pub mod confirm;
pub mod done;
mod drag;
pub mod page;
pub mod place;
pub mod state;
