//! What makes the pages an app on a phone (R33): its name, its pictures, and what a long press on it offers.

use axum::{Router, extract::State, response::Response, routing::get};
use domain::messages::{Key, Language, Messages};
use http::{HeaderValue, Uri, header};
use library::Library;
use serde_json::json;

/// Where it is.
const PATH: &str = "/manifest.webmanifest";

/// Characters of a name below an icon.
const SHORT: usize = 12;

/// The ground of the pages in the light, as in style/main.css.
const GROUND: &str = "#ffffff";
/// The green of the library's mark.
const KEY: &str = "#115a36";

/// Serves it.
pub(super) fn router(library: &Library) -> Router {
    Router::new().route(PATH, get(manifest)).with_state(library.clone())
}

async fn manifest(State(library): State<Library>, uri: Uri) -> Response {
    let asked = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("lang="));
    let language = asked.and_then(Language::from_code).unwrap_or_default();
    let house = &library.policy().library;
    let name = if language.is_japanese() || house.name_en.is_empty() { &house.name } else { &house.name_en };
    let texts = Messages::of(language);
    let icon = |purpose: &str, size: u32| {
        json!({
            "src": format!("/icons/{purpose}-{size}.png"),
            "sizes": format!("{size}x{size}"),
            "type": "image/png",
            "purpose": purpose,
        })
    };
    let shortcut = |key: Key, url: &str| json!({ "name": texts.text(key), "url": url, "icons": [icon("any", 192)] });
    let screenshot = |form: &str, size: &str| {
        json!({
            "src": format!("/icons/{form}.png"),
            "sizes": size,
            "type": "image/png",
            "form_factor": form,
            "label": name,
        })
    };
    let manifest = json!({
        "id": "/",
        "name": name,
        "short_name": name.chars().take(SHORT).collect::<String>(),
        "lang": language.code(),
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": KEY,
        "categories": ["books", "education"],
        "icons": [icon("any", 192), icon("any", 512), icon("maskable", 192), icon("maskable", 512)],
        "shortcuts": [
            shortcut(Key::NavSearch, "/"),
            shortcut(Key::NavReservations, "/account/reservations"),
            shortcut(Key::PhoneCardTitle, "/account/card"),
        ],
        "screenshots": [screenshot("narrow", "780x1688"), screenshot("wide", "1280x800")],
    });
    let mut response = Response::new(manifest.to_string().into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}
