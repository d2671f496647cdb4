//! Cookies of ours beside the session's.

use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use library::Library;

use super::kiosk;

/// What the browser keeps under a name.
pub(super) fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(of, value)| *of == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// Gives the browser a cookie, whole as its header has it.
pub(super) fn give(cookie: String) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
        // Not even by mistake does it stand in a log.
        cookie.set_sensitive(true);
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// How long a browser keeps what somebody chose, in seconds: a year.
const KEPT: u32 = 365 * 24 * 60 * 60;
/// How long a kiosk does: as long as somebody stands there.
const KEPT_AT_KIOSK: u32 = 10 * 60;

/// Gives the browser a cookie with what somebody chose for the pages they see.
pub(super) fn give_choice(name: &str, value: &str) {
    let at_kiosk = use_context::<Library>().is_some_and(|library| kiosk::token(&library).is_some());
    let age = if at_kiosk { KEPT_AT_KIOSK } else { KEPT };
    give(format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax"));
}

/// Makes the browser forget it.
pub(super) fn drop_choice(name: &str) {
    give(format!("{name}=; Path=/; Max-Age=0; SameSite=Lax"));
}

/// A cookie that holds a secret: no script reads it, and no other site sends it along with what it writes.
pub(super) struct Secret<'a> {
    pub(super) library: &'a Library,
    pub(super) name: &'static str,
}

impl Secret<'_> {
    /// What the browser keeps.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<String> {
        read(headers, &self.full_name())
    }

    /// Makes the browser keep it, for so many seconds; without an age until the browser is closed.
    pub(super) fn give(&self, value: &str, age: Option<u32>) {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let age = age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        give(format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.full_name()));
    }

    fn is_secure(&self) -> bool {
        self.library.policy().library.web_address.starts_with("https://")
    }

    /// Under https the name itself makes browsers refuse a cookie that a neighbouring host or a plain connection has set.
    fn full_name(&self) -> String {
        if self.is_secure() { format!("__Host-{}", self.name) } else { self.name.to_owned() }
    }
}
