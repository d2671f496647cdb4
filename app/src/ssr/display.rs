//! The cookie that remembers how somebody wants the pages to look. It says nothing of who they are, so it outlives the
//! sign-out; at a kiosk, where the next person stands soon, it does not last.

use axum::http::request::Parts;
use domain::display::Display;
use leptos::prelude::with_context;

use super::cookie;

/// The cookie.
const COOKIE: &str = "display";
/// How whoever asks wants the page to look.
pub(crate) fn wanted() -> Display {
    let word = with_context(|parts: &Parts| cookie::read(&parts.headers, COOKIE)).flatten();
    word.map(|word| Display::read(&word)).unwrap_or_default()
}

/// Makes the browser remember it.
pub(crate) fn remember(display: Display) {
    cookie::give_choice(COOKIE, &display.word());
}

/// Makes the browser forget it.
pub(super) fn forget() {
    cookie::drop_choice(COOKIE);
}
