//! The language of a page: `?lang=`, then the cookie it leaves behind, then Japanese.

use axum::http::request::Parts;
use domain::messages::Language;
use leptos::prelude::use_context;

use super::cookie;

/// The cookie that remembers the language.
const COOKIE: &str = "lang";

/// The language the reader wants.
pub(crate) fn wanted() -> Language {
    chosen().unwrap_or_default()
}

/// The language the reader has said they want, if they ever did.
pub(crate) fn chosen() -> Option<Language> {
    let parts = use_context::<Parts>()?;
    asked_for(&parts).or_else(|| remembered(&parts))
}

/// Leaves the cookie when the address asked for a language.
pub(crate) fn remember() {
    if let Some(language) = use_context::<Parts>().as_ref().and_then(asked_for) {
        cookie::give_choice(COOKIE, language.code());
    }
}

/// Makes the browser forget it.
pub(super) fn forget() {
    cookie::drop_choice(COOKIE);
}

fn asked_for(parts: &Parts) -> Option<Language> {
    let pairs = parts.uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Language::from_code)
}

fn remembered(parts: &Parts) -> Option<Language> {
    Language::from_code(&cookie::read(&parts.headers, COOKIE)?)
}
