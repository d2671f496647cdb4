//! The file in which a patron gets what is kept of them. It is a link and no server function: a browser that is to save
//! a file wants an address.

use app::ssr::visit::Visit;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{StatusCode, header};
use library::Library;
use tower_sessions::Session;

use super::plain;
use crate::terminal;

/// Its address.
const ADDRESS: &str = app::account::data::FILE;

/// The one address, with what it needs.
pub(super) fn router<S: Clone + Send + Sync + 'static>(library: &Library) -> Router<S> {
    Router::new().route(ADDRESS, get(file)).with_state(library.clone())
}

/// Only the patron who is signed in gets it, and only what is theirs.
async fn file(State(library): State<Library>, session: Session) -> Response {
    let patron = match Visit::of(library.clone(), session).await {
        Ok(visit) => visit.patron(),
        Err(_) => return plain::page(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let Some(patron) = patron else { return Redirect::to("/login?next=%2Faccount%2Fdata").into_response() };
    let written = match library.own_data(patron).await {
        Ok(Some(data)) => serde_json::to_string_pretty(&data).map_err(|error| terminal::with_causes(&error)),
        Ok(None) => return plain::page(StatusCode::NOT_FOUND),
        Err(error) => Err(terminal::with_causes(&error)),
    };
    match written {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"my-library-data.json\""),
            ];
            (headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(error, "a patron's own data");
            plain::page(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
