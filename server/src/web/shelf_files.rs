//! Lists and the opened history as files. They are links and a plain form, no server functions: a browser that is to save a
//! file wants an address, and one that sends a file sends it in parts.

use app::{
    address,
    bookshelf::{HISTORY_FILE, LIST_FILE, LIST_IMPORT, list_address},
    ssr::visit::Visit,
    visit::Flash,
};
use axum::{
    Router,
    extract::{
        DefaultBodyLimit, Multipart, Query, State,
        multipart::{Field, MultipartError},
    },
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use domain::{
    BookListId, PatronId,
    bookshelf::{MAX_FILE_MB, ShelfRefusal},
};
use http::{HeaderMap, StatusCode, header};
use library::{Fault, Library};
use serde::Deserialize;
use tower_http::limit::RequestBodyLimitLayer;
use tower_sessions::Session;

use super::plain;
use crate::terminal;

const MEGABYTE: usize = 1024 * 1024;

/// Most bytes that are read of what is sent as a file, to be able to say that it is too large.
const MOST_SENT: usize = 64 * MEGABYTE;

/// The addresses, with what they need.
pub(super) fn router<S: Clone + Send + Sync + 'static>(library: &Library) -> Router<S> {
    Router::new().route(LIST_FILE, get(list)).route(HISTORY_FILE, get(history)).with_state(library.clone())
}

/// The one address that may be sent more than a form has.
pub(super) fn import_router<S: Clone + Send + Sync + 'static>(library: &Library) -> Router<S> {
    Router::new()
        .route(LIST_IMPORT, post(import))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(MOST_SENT))
        .with_state(library.clone())
}

#[derive(Deserialize)]
struct Asked {
    list: BookListId,
}

/// Only a patron who is signed in may ask, about themselves; others are led to the sign-in, and from there to `next`.
async fn patron(library: &Library, session: Session, next: &str) -> Result<(Visit, PatronId), Response> {
    let visit = Visit::of(library.clone(), session).await;
    let visit = visit.map_err(|_| plain::page(StatusCode::INTERNAL_SERVER_ERROR))?;
    match visit.patron() {
        Some(patron) => Ok((visit, patron)),
        None => Err(Redirect::to(&format!("/login?next={}", address::encode(next))).into_response()),
    }
}

fn csv(written: Result<Option<String>, Fault>, name: &str) -> Response {
    match written {
        Ok(Some(text)) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
            ];
            (headers, text).into_response()
        }
        Ok(None) => plain::page(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(error = terminal::with_causes(&error), "a patron's file");
            plain::page(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A list of the patron as CSV.
async fn list(State(library): State<Library>, session: Session, Query(asked): Query<Asked>) -> Response {
    match patron(&library, session, "/account/bookshelf").await {
        Ok((_, patron)) => csv(library.list_as_csv(patron, asked.list).await, "book-list"),
        Err(response) => response,
    }
}

/// The history as CSV, in the browser that has opened it.
async fn history(State(library): State<Library>, session: Session, headers: HeaderMap) -> Response {
    let (visit, patron) = match patron(&library, session, "/account/history").await {
        Ok(asks) => asks,
        Err(response) => return response,
    };
    match visit.history_key(&headers) {
        Some(key) => csv(library.history_as_csv(patron, &key).await.map(Some), "loan-history"),
        // Its page asks for the password.
        None => Redirect::to("/account/history").into_response(),
    }
}

/// Takes a file into a list of the patron.
async fn import(State(library): State<Library>, session: Session, mut form: Multipart) -> Response {
    let (mut visit, patron) = match patron(&library, session, "/account/bookshelf").await {
        Ok(asks) => asks,
        Err(response) => return response,
    };
    let (mut list, mut file) = (None, None);
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => return plain::page(error.status()),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = match up_to_most(field).await {
            Ok(bytes) => bytes,
            Err(error) => return plain::page(error.status()),
        };
        match name.as_str() {
            "list" => list = bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.parse::<BookListId>().ok()),
            "file" => file = Some(bytes),
            _ => {}
        }
    }
    let (Some(list), Some(file)) = (list, file) else { return plain::page(StatusCode::BAD_REQUEST) };
    let answer = match file {
        Some(file) => library.take_in_list(patron, list, &file).await,
        None => Ok(Err(ShelfRefusal::FileTooBig(MAX_FILE_MB))),
    };
    let answer = match answer {
        Ok(answer) => Flash::Shelf(answer),
        Err(error) => {
            tracing::error!(error = terminal::with_causes(&error), "a file for a list");
            Flash::Fault
        }
    };
    match visit.tell(answer).await {
        Ok(()) => Redirect::to(&list_address(list)).into_response(),
        Err(_) => plain::page(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// What a field holds; `None` when that is more than a file may have. The rest is read and dropped, because a browser that
/// is interrupted while it sends shows no answer.
async fn up_to_most(mut field: Field<'_>) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut held = Some(Vec::new());
    while let Some(piece) = field.chunk().await? {
        held = held.filter(|held| held.len() + piece.len() <= MAX_FILE_MB * MEGABYTE);
        if let Some(held) = &mut held {
            held.extend_from_slice(&piece);
        }
    }
    Ok(held)
}
