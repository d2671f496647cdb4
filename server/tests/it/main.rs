//! Tests of the program from outside: its router and its commands.

mod commands;
mod connections;
mod going_live;
mod pages;
