//! How plain forms are answered: always with 303 and a page of ours, so that reloading it sends nothing twice.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::prelude::{use_context, with_context};
use leptos_axum::ResponseOptions;

use super::visit;
use crate::{address, failure::Failure, visit::Flash};

/// Where staff are led who asked for what they may not do, or are not signed in any more.
const REFUSED: &str = "/desk?refused";

/// Whether a page is being rendered, and not a server function called.
pub(crate) fn is_page() -> bool {
    with_context(|parts: &Parts| matches!(parts.method, Method::GET | Method::HEAD)).unwrap_or_default()
}

/// Answers a plain form: goes on to the page that the form's work names. When that fails, leads to the sign-in, or
/// back with a word of apology; the error never stands in the address.
pub(crate) async fn answer(work: impl Future<Output = Result<String, Failure>>) -> Result<(), Failure> {
    let to = match work.await {
        Ok(to) => to,
        Err(Failure::SignIn) => format!("/login?next={}", address::encode(&came_from("/"))),
        Err(Failure::StaffOnly) => REFUSED.to_owned(),
        Err(_) => {
            // When not even the session can be written, the page we lead to will say so itself.
            if let Ok(mut visit) = visit::anyone().await {
                let _ = visit.tell(Flash::Fault).await;
            }
            came_from("/")
        }
    };
    see_other(&to);
    Ok(())
}

/// Leads the browser on to a page of ours.
fn see_other(to: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let to = address::own_page(to).unwrap_or("/");
    if let Ok(location) = HeaderValue::from_str(to) {
        response.set_status(StatusCode::SEE_OTHER);
        response.insert_header(header::LOCATION, location);
    }
}

/// The page of ours the form stands on, else `otherwise`.
pub(crate) fn came_from(otherwise: &str) -> String {
    with_context(|parts: &Parts| referring_page(&parts.headers)).flatten().unwrap_or_else(|| otherwise.to_owned())
}

/// Path and query of the Referer. Its host is dropped: we lead to our own pages only.
fn referring_page(headers: &HeaderMap) -> Option<String> {
    let referer = headers.get(header::REFERER)?.to_str().ok()?;
    let (_, rest) = referer.split_once("://")?;
    let path = &rest[rest.find('/')?..];
    let path = path.split('#').next()?;
    address::own_page(path).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_path_and_query_of_the_referer_count() {
        let page = |referer: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::REFERER, HeaderValue::from_str(referer).expect("a header"));
            referring_page(&headers)
        };
        assert_eq!(page("http://127.0.0.1:3000/search?q=a&page=2#x"), Some("/search?q=a&page=2".to_owned()));
        assert_eq!(page("https://evil.example//other.example/"), None);
        assert_eq!(page("about:blank"), None);
    }
}
