//! Circulation at work: reserving, lending, checking in, and what a patron has.
//!
//! Every use case here locks in one order, patron before cart before bibs, bibs by id, reads what the rule needs, lets the rule
//! of `domain` decide, and writes the outcome with its events and notices in the same transaction.

mod act;
mod check_in;
mod check_out;
mod counter;
mod damage;
mod facts;
mod holds;
mod items;
mod last_copy;
mod late;
mod late_list;
mod lists;
mod loans;
mod merge;
mod not_owned;
mod pulls;
mod requests;
mod reserve;
mod run_out;
mod sets;
mod status;
mod step;
mod together;
mod trace;
mod twice;
mod undo;
mod untie;
mod write_off;

pub(crate) use facts::{Ties, card_of, ties};
pub(crate) use together::Crowds;
pub(crate) use twice::{forget_answers, forget_desk_answers, forget_patrons_answers};
