//! The cookie that remembers how somebody wants the pages to look. It says nothing of who they are, so it outlives the
//! sign-out; at a kiosk, where the next person stands soon, it does not last.

use axum::http::request::Parts;
use domain::display::Display;
use leptos::prelude::use_context;
use library::Library;

use super::{cookie, kiosk};

/// The cookie.
const COOKIE: &str = "display";
/// How long a browser keeps it, in seconds: a year.
const KEPT: u32 = 365 * 24 * 60 * 60;
/// How long a kiosk does: as long as somebody stands there.
const KEPT_AT_KIOSK: u32 = 10 * 60;

/// How whoever asks wants the page to look.
pub(crate) fn wanted() -> Display {
    let word = use_context::<Parts>().and_then(|parts| cookie::read(&parts.headers, COOKIE));
    word.map(|word| Display::read(&word)).unwrap_or_default()
}

/// Makes the browser remember it.
pub(crate) fn remember(display: Display) {
    let at_kiosk = use_context::<Library>().is_some_and(|library| kiosk::token(&library).is_some());
    let age = if at_kiosk { KEPT_AT_KIOSK } else { KEPT };
    cookie::give(format!("{COOKIE}={}; Path=/; Max-Age={age}; SameSite=Lax", display.word()));
}
