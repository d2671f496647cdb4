//! The cookie by which a device is known as a kiosk.

use axum::http::request::Parts;
use leptos::prelude::with_context;
use library::Library;

use super::{cookie::Secret, fault};
use crate::failure::Failure;

/// As long as browsers keep a cookie at most, in seconds; it is given anew at every sign-in.
const KEPT: u32 = 400 * 24 * 60 * 60;

const fn cookie(library: &Library) -> Secret<'_> {
    Secret { library, name: "hondana-kiosk" }
}

/// What the device that asks says of itself. It proves nothing before [`of_request`] has looked.
pub(crate) fn token(library: &Library) -> Option<String> {
    with_context(|parts: &Parts| cookie(library).read(&parts.headers))?
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
    cookie(library).give(token, Some(KEPT));
}
