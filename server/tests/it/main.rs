//! Tests of the program from outside: its router, and its streams in the hands of one program or two.

mod access;
mod access_table;
mod channels;
mod connections;
mod live;
mod live_bench;
mod operation;
mod pages;
#[expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#[path = "../../../library/tests/it/support/postgres.rs"]
mod postgres;
mod sessions;
mod streams;
mod walls;
