//! Every use case on both engines, from one text: see [`support::on_both_engines`].
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod cart;
mod catalog;
mod check_in;
mod demo;
mod notices;
mod real_sources;
mod reserve;
mod sign_in;
mod support;
