//! The catalogue as patrons see it: home, search, record.

pub mod api;
pub mod cart_button;
pub mod home;
pub mod record;
pub mod search;
pub mod search_box;
