//! Circulation at work: reserving, lending, checking in, and what a patron has.

mod check_in;
mod check_out;
mod facts;
mod reserve;
mod status;

pub(crate) use facts::{claims, patron_facts};
