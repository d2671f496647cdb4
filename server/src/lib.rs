//! The axum host and the command line.
//!
//! [`cli`] reads the command line, [`config`] the settings; each command is a module of [`commands`]. [`web`] puts the
//! pages of `app` behind everything a browser needs and nothing a stranger may: sessions, security headers, static
//! files, limits. What the library itself means and does is in `domain` and `library`.

pub mod cli;
pub mod commands;
pub mod config;
pub mod telemetry;
pub mod terminal;
pub mod web;
