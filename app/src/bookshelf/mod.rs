//! What patrons keep of their reading for themselves.

pub mod marathon;
