//! Headers that tell the browser what our pages may do, so that a hole in one of them leads nowhere.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};
use leptos::{nonce::use_nonce, prelude::use_context};
use leptos_axum::ResponseOptions;

use super::proxy::InTheClear;

/// For everything that is not a page: it may do nothing at all.
const POLICY_OF_FILES: &str = "default-src 'none'; frame-ancestors 'none'";

/// For two years browsers ask this host by TLS only. Whoever has set this up once can go back by serving 0 for a while.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Sent with every answer.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // For browsers that don't know `frame-ancestors` yet.
    ("x-frame-options", "DENY"),
];

/// Gives the page that is being rendered its content security policy. It has to happen inside the render, because
/// Leptos makes the nonce there and writes it into the scripts of the page.
///
/// `'self'` stands beside the nonce because the browser fetches modules ahead by links, which carry no nonce; nothing
/// that people send us is ever served as a script.
pub(super) fn allow_own_scripts() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         font-src 'self'; connect-src 'self'{}; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
        if is_watched() { " ws:" } else { "" }
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Whether cargo-leptos rebuilds while we run; its reload script talks to it over a web socket.
fn is_watched() -> bool {
    std::env::var_os("LEPTOS_WATCH").is_some()
}

/// Adds the headers that every answer has; that about TLS where there is TLS.
pub(super) async fn secure(State(web_address): State<Arc<str>>, request: Request, next: Next) -> Response {
    let clear = request.extensions().get::<InTheClear>().is_some_and(|clear| clear.0);
    let mut response = next.run(request).await;
    if web_address.starts_with("https://") && !clear {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY_OF_FILES));
    response
}

/// Keeps pages and answers of server functions out of every cache, the browser's included: at a computer in the
/// library the next person must not find the last one's page behind the back button. What says otherwise itself,
/// the static files, is left as it is.
pub(super) async fn keep_out_of_caches(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
