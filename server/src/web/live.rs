//! Pages that follow what happens (R34): server-sent events with the present state, again whenever it changed.
//!
//! Four kinds of event: `state`, with the version as its id; `beat`, that all is as it was; `end`, that nobody is signed in
//! here any more, or works elsewhere now; `full`, that newer streams have taken the place of this one. A browser that comes back names the version it has, as `Last-Event-ID` or in the address.

use std::convert::Infallible;

use app::{failure::Failure, ssr::watching};
use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    response::{IntoResponse as _, Response},
    routing::get,
};
use domain::{PlaceCode, circulation::DeskRoom};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use library::{
    Library,
    live::{News, NoRoom, Topic, Watcher, Watching},
};
use serde::Deserialize;
use tower_sessions::Session;

/// A proxy that gathers an answer before it hands it on would hold the events back; nginx is told not to by this.
const UNGATHERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How long a browser waits before it comes back by itself, in milliseconds. Ours have their own, drawn at random.
const RETRY: &str = "retry: 2000\n\n";

/// What a page asks for.
#[derive(Deserialize)]
struct Asked {
    /// The version it has.
    since: Option<String>,
    /// The list of the desk.
    room: Option<DeskRoom>,
    /// The place whose list the page shows.
    place: Option<PlaceCode>,
}

/// The two addresses, with what they need.
pub(super) fn router<S: Clone + Send + Sync + 'static>(library: &Library) -> Router<S> {
    Router::new().route("/live", get(own)).route("/live/desk", get(desk)).with_state(library.clone())
}

/// The reservations of the patron who is signed in.
async fn own(State(library): State<Library>, session: Session, asked: Query<Asked>, headers: HeaderMap) -> Response {
    follow(&library, watching::of_patron(&session).await, &asked, &headers)
}

/// A list of the desk, at the place where whoever asks works.
async fn desk(State(library): State<Library>, session: Session, asked: Query<Asked>, headers: HeaderMap) -> Response {
    let room = asked.room.unwrap_or(DeskRoom::Today);
    let who = watching::at_desk(&session, room).await;
    // Whoever has moved on gets the other place's list by another page, and not under the name of this one.
    let is_there = |topic: &Topic| match (topic, &asked.place) {
        (Topic::Desk(here, _), Some(place)) => here == place,
        _ => true,
    };
    if who.as_ref().is_ok_and(|(topic, _)| !is_there(topic)) {
        return events(Body::from(END));
    }
    follow(&library, who, &asked, &headers)
}

fn follow(library: &Library, who: Result<(Topic, Watcher), Failure>, asked: &Asked, headers: &HeaderMap) -> Response {
    let version = || {
        let named = headers.get("last-event-id").and_then(|version| version.to_str().ok()).map(ToOwned::to_owned);
        named.or_else(|| asked.since.clone())
    };
    let watching = match who {
        Ok((topic, watcher)) => library.watch(topic, watcher, version()),
        // Said as an event: a browser does not tell a page why a stream could not be had.
        Err(Failure::SignIn | Failure::StaffOnly) => return events(Body::from(END)),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    match watching {
        Ok(watching) => events(Body::from_stream(stream::unfold(Line::New(watching), next))),
        Err(NoRoom) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")]).into_response(),
    }
}

fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(UNGATHERED, HeaderValue::from_static("no"));
    response
}

const END: &str = "event: end\ndata: end\n\n";
const FULL: &str = "event: full\ndata: full\n\n";

enum Line {
    /// Nothing was said yet. Something is at once, so that what lies between hands the answer on.
    New(Watching),
    Going(Watching),
}

async fn next(line: Line) -> Option<(Result<String, Infallible>, Line)> {
    let mut watching = match line {
        Line::New(watching) => return Some((Ok(RETRY.to_owned()), Line::Going(watching))),
        Line::Going(watching) => watching,
    };
    let event = match watching.next().await? {
        News::State { version, fields, at } => {
            let state = app::live::state(watching.op(), &at, &fields)
                .inspect_err(|error| tracing::error!(%error, "writing what is watched"))
                .ok()?;
            format!("id: {version}\nevent: state\ndata: {state}\n\n")
        }
        News::Beat { at } => format!("event: beat\ndata: {at}\n\n"),
        News::Over => END.to_owned(),
        News::Displaced => FULL.to_owned(),
    };
    Some((Ok(event), Line::Going(watching)))
}
