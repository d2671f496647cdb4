//! The language of a page: `?lang=`, then the cookie it leaves behind, then Japanese.

use axum::http::{HeaderMap, Uri, request::Parts};
use domain::messages::Language;
use leptos::prelude::with_context;

use super::cookie;

/// The cookie that remembers the language.
const COOKIE: &str = "lang";

/// The language the reader wants.
pub(crate) fn wanted() -> Language {
    chosen().unwrap_or_default()
}

/// The language the reader has said they want, if they ever did.
pub(crate) fn chosen() -> Option<Language> {
    with_context(|parts: &Parts| named_in(&parts.uri, &parts.headers))?
}

/// The language a request names, for answers that are no pages of the app.
pub fn named_in(uri: &Uri, headers: &HeaderMap) -> Option<Language> {
    asked_for(uri).or_else(|| Language::from_code(&cookie::read(headers, COOKIE)?))
}

/// Leaves the cookie when the address asked for a language.
pub(crate) fn remember() {
    if let Some(language) = with_context(|parts: &Parts| asked_for(&parts.uri)).flatten() {
        cookie::give_choice(COOKIE, language.code());
    }
}

/// Makes the browser forget it.
pub(super) fn forget() {
    cookie::drop_choice(COOKIE);
}

fn asked_for(uri: &Uri) -> Option<Language> {
    let pairs = uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Language::from_code)
}
