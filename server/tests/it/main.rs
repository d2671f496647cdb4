//! Tests of the program from outside: its router and its commands.

mod access;
mod access_table;
mod channels;
mod commands;
mod connections;
mod going_live;
mod live;
mod live_bench;
mod pages;
#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#[path = "../../../library/tests/it/support/postgres.rs"]
mod postgres;
mod sessions;
mod streams;
mod walls;
