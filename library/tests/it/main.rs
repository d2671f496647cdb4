//! Every use case on both engines, from one text: see [`support::on_both_engines`].
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod act;
mod bench;
mod calendar;
mod cards;
mod cart;
mod catalog;
mod check_in;
mod counter;
mod counter_bench;
mod crash;
mod daily;
mod demo;
mod desk_lists;
mod door;
mod door_bench;
mod going_live;
mod guesses;
mod house;
mod invariants;
mod keeping;
mod late;
mod model;
mod not_owned;
mod notices;
mod passkeys;
mod plans;
mod real_sources;
mod reserve;
mod shared_commits;
mod sign_in;
mod support;
mod telephone;
mod undo;
mod walls;
