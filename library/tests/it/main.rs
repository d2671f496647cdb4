//! Every use case on both engines, from one text: see [`support::on_both_engines`].
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod act;
mod bench;
mod calendar;
mod cart;
mod catalog;
mod check_in;
mod crash;
mod daily;
mod demo;
mod going_live;
mod invariants;
mod model;
mod not_owned;
mod notices;
mod plans;
mod real_sources;
mod reserve;
mod sign_in;
mod support;
