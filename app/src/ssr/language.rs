//! The language of a page: `?lang=`, then the cookie it leaves behind, then Japanese.

use axum::http::{HeaderValue, header, request::Parts};
use domain::messages::Language;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// The cookie that remembers the language.
const COOKIE: &str = "lang";

/// The language the reader wants.
pub(crate) fn wanted() -> Language {
    let Some(parts) = use_context::<Parts>() else { return Language::default() };
    asked_for(&parts).or_else(|| remembered(&parts)).unwrap_or_default()
}

/// Leaves the cookie when the address asked for a language.
pub(crate) fn remember() {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else { return };
    if let Some(language) = asked_for(&parts) {
        let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", language.code());
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            response.append_header(header::SET_COOKIE, value);
        }
    }
}

fn asked_for(parts: &Parts) -> Option<Language> {
    let pairs = parts.uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("lang=")).find_map(Language::from_code)
}

fn remembered(parts: &Parts) -> Option<Language> {
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, code)| Language::from_code(code))
}
