//! The cookie by which a device is known as a kiosk.

use axum::http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use library::Library;

use super::fault;
use crate::failure::Failure;

/// As long as browsers keep a cookie at most, in seconds; it is given anew at every sign-in.
const KEPT: u32 = 400 * 24 * 60 * 60;

/// Its name. Under https the name itself makes browsers refuse one that a neighbouring host or a plain connection has set.
fn name(library: &Library) -> &'static str {
    if is_secure(library) { "__Host-hondana-kiosk" } else { "hondana-kiosk" }
}

fn is_secure(library: &Library) -> bool {
    library.policy().library.web_address.starts_with("https://")
}

/// What the device that asks says of itself. It proves nothing before [`of_request`] has looked.
pub(crate) fn token(library: &Library) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let name = name(library);
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(of, _)| *of == name)
        .map(|(_, token)| token.to_owned())
}

/// The name of the kiosk that asks, when it is one; it stays one for as long as it is used.
pub(crate) async fn of_request(library: &Library) -> Result<Option<String>, Failure> {
    let Some(token) = token(library) else { return Ok(None) };
    let kiosk = library.kiosk(&token).await.map_err(fault)?;
    if kiosk.is_some() {
        keep(library, &token);
    }
    Ok(kiosk)
}

/// Makes the device that asks keep the token.
pub(crate) fn keep(library: &Library, token: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let secure = if is_secure(library) { "; Secure" } else { "" };
    let cookie = format!("{}={token}; Path=/; Max-Age={KEPT}; HttpOnly; SameSite=Lax{secure}", name(library));
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.append_header(header::SET_COOKIE, value);
    }
}
