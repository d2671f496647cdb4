//! Which requests are refused before anybody looks at them.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, StatusCode, Uri, header};

use super::plain;

/// Refuses writes that another site's page asked the browser for (cross-site request forgery). The session cookie is
/// `SameSite=Lax` as well; this holds where a browser or a neighbouring subdomain gets around that.
pub(super) async fn same_site(State(web_address): State<Arc<str>>, request: Request, next: Next) -> Response {
    if is_own(request.method(), request.uri(), request.headers(), &web_address) {
        next.run(request).await
    } else {
        // The address as it was asked for may hold anything.
        let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        tracing::info!(route, "write from another site refused");
        plain::page(StatusCode::FORBIDDEN)
    }
}

/// Whether a request may change something, judged by who made the browser send it.
fn is_own(method: &Method, uri: &Uri, headers: &HeaderMap, web_address: &str) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    // Only browsers can set this one, and all of today's do, where the connection can be trusted.
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else { return false };
    if origin == web_address {
        return true;
    }
    // HTTP/2 has the host in the address of the request.
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.authority().map(|authority| authority.as_str()),
    };
    let origin_host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.is_some() && host == origin_host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)))
            .collect();
        is_own(&method, &Uri::from_static("/api/reserve"), &headers, "https://library.example.jp")
    }

    #[test]
    fn reading_is_open_to_all() {
        assert!(judged(Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(judged(Method::HEAD, &[]));
    }

    #[test]
    fn writing_is_for_our_own_pages() {
        assert!(judged(Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(judged(Method::POST, &[("sec-fetch-site", "none")]));
        assert!(!judged(Method::POST, &[("sec-fetch-site", "same-site")]));
        assert!(!judged(Method::DELETE, &[("sec-fetch-site", "cross-site")]));
        let contradiction = [("sec-fetch-site", "cross-site"), ("origin", "https://library.example.jp")];
        assert!(!judged(Method::POST, &contradiction), "what the browser says itself counts more");
    }

    #[test]
    fn an_older_browser_is_judged_by_its_origin() {
        assert!(judged(Method::POST, &[("origin", "http://localhost:3000"), ("host", "localhost:3000")]));
        assert!(
            judged(Method::POST, &[("origin", "https://library.example.jp"), ("host", "10.0.0.1:3000")]),
            "a proxy"
        );
        assert!(!judged(Method::POST, &[("origin", "http://localhost:4000"), ("host", "localhost:3000")]));
        assert!(!judged(Method::POST, &[("origin", "null"), ("host", "null")]));
        assert!(!judged(Method::POST, &[("host", "localhost:3000")]), "nothing is known");
    }
}
