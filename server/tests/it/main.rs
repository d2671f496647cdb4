//! Tests of the program from outside: its router and its commands.

mod access;
mod access_table;
mod channels;
mod commands;
mod connections;
mod going_live;
mod pages;
mod walls;
