//! What patrons keep of their reading for themselves. Whatever is asked here is asked by the patron it belongs to; staff
//! have no use case that reads it, and of seasons they get numbers alone.

mod marathon;
mod own;
mod season;

pub use own::{OwnMarathon, OwnRead};
pub(crate) use own::{erase_marathons, own_marathons};
