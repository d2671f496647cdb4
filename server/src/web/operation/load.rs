//! How much is done at once: beyond it people wait for a moment, and beyond that they are told to come again.
//!
//! Past what two cores can do, taking everything on would make everybody wait until all give up. So only so many requests
//! are worked on at once, a bounded number waits, and the rest is answered at once with 503 and `Retry-After`: what is
//! accepted stays quick.
//!
//! A place is held until the head of the answer is there. Pages are rendered by then; a reader who takes the rest slowly, or
//! a stream that goes on for hours, holds none.
//!
//! What changes something is done on threads of its own. It waits for the database again and again, and holds what others wait
//! for while it does; among the pages, each of which takes its thread for some milliseconds, it would stand in line behind them
//! each time. The system's scheduler shares the processors between the two.
//!
//! It is not tower's `ConcurrencyLimit` and `LoadShed`: those know no queue with an end, and decide before the request is seen.

use std::{error::Error, num::NonZeroUsize, panic::resume_unwind, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::messages::Key;
use http::{Method, StatusCode};
use http_body_util::LengthLimitError;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tower_http::timeout::TimeoutError;
use tracing::Instrument as _;

use super::{Operation, later, readiness::Phase};
use crate::{
    config::LoadSettings,
    web::{MOST_BODY, plain},
};

/// How long a search waits for a place: whoever has waited longer has gone elsewhere.
const READING: Duration = Duration::from_secs(5);

/// How long a deed waits: somebody stands at the desk for it, or has decided on it. As long as for a connection to the database.
const CHANGING: Duration = Duration::from_secs(30);

/// How long the whole body of a request may take to come.
const WHOLE_BODY: Duration = Duration::from_secs(60);

/// When to come again, in seconds.
const COME_AGAIN: u32 = 5;

/// Server functions that only read, though scripts post what they ask: those of the catalogue, which are most of what is asked.
const READING_FUNCTIONS: [&str; 6] =
    ["/api/calendar", "/api/guide", "/api/home", "/api/record", "/api/search", "/api/suggest"];

/// Server functions by which copies are scanned at the desk. Somebody stands there and waits, and a rush on a new book must not
/// make them wait behind two thousand who sit at home.
const DESK_FUNCTIONS: [&str; 8] = [
    "/api/check-in",
    "/api/check-in-form",
    "/api/counter",
    "/api/counter-form",
    "/api/counter-undo",
    "/api/list-scan",
    "/api/undo",
    "/api/undo-form",
];

/// The places of a server.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) reading: Lane,
    pub(super) changing: Lane,
    pub(super) desk: Lane,
}

/// The places of one kind of requests, and the queue for them.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) name: &'static str,
    places: Arc<Semaphore>,
    of_places: usize,
    queue: Semaphore,
    of_queue: usize,
    patience: Duration,
    /// Whose threads do it; none for those that took the request in.
    threads: Option<Handle>,
}

impl Load {
    /// The places of a server that changes things on these threads.
    pub(super) fn new(settings: &LoadSettings, changing: &Handle) -> Self {
        let lane = |name, places: NonZeroUsize, queue, patience, threads| Lane {
            name,
            places: Arc::new(Semaphore::new(places.get())),
            of_places: places.get(),
            queue: Semaphore::new(queue),
            of_queue: queue,
            patience,
            threads,
        };
        Self {
            reading: lane("reading", settings.at_once, settings.reading_queue, READING, None),
            changing: lane(
                "changing",
                settings.changing_at_once,
                settings.changing_queue,
                CHANGING,
                Some(changing.clone()),
            ),
            desk: lane("desk", settings.at_once, settings.changing_queue, CHANGING, Some(changing.clone())),
        }
    }

    fn lane(&self, request: &Request) -> &Lane {
        match request.uri().path() {
            path if DESK_FUNCTIONS.contains(&path) => &self.desk,
            path if READING_FUNCTIONS.contains(&path) => &self.reading,
            _ if matches!(*request.method(), Method::GET | Method::HEAD) => &self.reading,
            _ => &self.changing,
        }
    }
}

impl Lane {
    /// A place, at once or after a wait; `None` when too many wait already, or it took too long.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let _waiting = self.queue.try_acquire().ok()?;
        timeout(self.patience, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()
    }

    /// Answers a request that has this place, on the threads of the lane. There it is done to its end, also when whoever sent it
    /// has gone away meanwhile. `None` when the program ends before.
    async fn answer(&self, place: OwnedSemaphorePermit, request: Request, next: Next) -> Option<Response> {
        let answered = async move {
            let response = next.run(request).await;
            drop(place);
            response
        };
        let Some(threads) = &self.threads else { return Some(answered.await) };
        match threads.spawn(answered.in_current_span()).await {
            Ok(response) => Some(response),
            Err(error) => error.try_into_panic().map_or(None, |panicked| resume_unwind(panicked)),
        }
    }

    /// Requests that are worked on now.
    pub(super) fn at_work(&self) -> usize {
        self.of_places - self.places.available_permits()
    }

    /// Requests that wait now.
    pub(super) fn waiting(&self) -> usize {
        self.of_queue - self.queue.available_permits()
    }
}

/// Lets a request in when there is a place for it.
pub(in crate::web) async fn admit(State(operation): State<Operation>, request: Request, next: Next) -> Response {
    let Operation(inner) = &operation;
    let page = later(&request, COME_AGAIN);
    if inner.readiness.phase() == Phase::Starting {
        inner.metrics.shed("starting");
        return page.saying(StatusCode::SERVICE_UNAVAILABLE, Key::StartingTitle, Key::StartingText);
    }
    let lane = inner.load.lane(&request);
    let request = match whole(request).await {
        Ok(request) => request,
        Err(status) => return plain::page(status),
    };
    let Some(place) = lane.place().await else {
        inner.metrics.shed(lane.name);
        return page.saying(StatusCode::SERVICE_UNAVAILABLE, Key::BusyTitle, Key::BusyText);
    };
    match lane.answer(place, request, next).await {
        Some(response) => response,
        None => page.saying(StatusCode::SERVICE_UNAVAILABLE, Key::BusyTitle, Key::BusyText),
    }
}

/// The request with all of its body, so that one that comes slowly holds no place.
async fn whole(request: Request) -> Result<Request, StatusCode> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    let (head, body) = request.into_parts();
    match timeout(WHOLE_BODY, to_bytes(body, MOST_BODY)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(head, Body::from(bytes))),
        Ok(Err(error)) => Err(reason(&error)),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Why a body could not be read.
fn reason(error: &axum::Error) -> StatusCode {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return StatusCode::PAYLOAD_TOO_LARGE;
        }
        if error.is::<TimeoutError>() {
            return StatusCode::REQUEST_TIMEOUT;
        }
        cause = error.source();
    }
    StatusCode::BAD_REQUEST
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function of another name would be taken for any that changes something.
    #[test]
    fn the_functions_that_are_told_apart_are_there() {
        let known: Vec<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
        for path in READING_FUNCTIONS.iter().chain(&DESK_FUNCTIONS) {
            assert!(known.contains(path), "{path}");
        }
    }
}
