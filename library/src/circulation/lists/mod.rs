//! The desk's working lists at a place: what is to be fetched, cleared, expected, decided and written to people.
//!
//! Each is read from the present state and kept nowhere; what is done with a line is judged again under its locks, since
//! the page it stands on may be old.

mod decisions;
mod holds;
mod letters;
mod overview;
mod pulls;
mod transit;

pub(super) use transit::note_departure;
