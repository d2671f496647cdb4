//! Whether a server is alive, and whether it should be sent requests.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use axum::{extract::State, response::Response};
use http::{HeaderValue, StatusCode, header};

use super::Operation;
use crate::terminal;

/// How long the database may take to answer before the server counts as not ready.
const DATABASE: Duration = Duration::from_secs(5);

/// How far a server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// It makes its files and its index ready.
    Starting,
    /// It answers.
    Serving,
    /// It answers what still comes, and will stop.
    Stopping,
}

/// The phase a server is in.
#[derive(Debug, Default)]
pub(super) struct Readiness(AtomicU8);

impl Readiness {
    pub(super) fn phase(&self) -> Phase {
        match self.0.load(Ordering::Relaxed) {
            phase if phase == Phase::Starting as u8 => Phase::Starting,
            phase if phase == Phase::Serving as u8 => Phase::Serving,
            _ => Phase::Stopping,
        }
    }

    pub(super) fn serve(&self) {
        self.0.store(Phase::Serving as u8, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.0.store(Phase::Stopping as u8, Ordering::Relaxed);
    }
}

/// The program runs and answers: for whatever would start it anew if it did not. It asks nothing of the database, which
/// starting anew would not mend.
pub(in crate::web) async fn alive() -> Response {
    said(StatusCode::OK, "ok")
}

/// Whether this server can do its work, for whatever sends it requests: it is neither starting up nor about to stop, its search
/// index is open (else the program would not run), and its database answers and fits.
pub(in crate::web) async fn ready(State(operation): State<Operation>) -> Response {
    match operation.0.readiness.phase() {
        Phase::Starting => return said(StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Phase::Stopping => return said(StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        Phase::Serving => {}
    }
    let error = match tokio::time::timeout(DATABASE, operation.0.library.database().check_schema()).await {
        Ok(Ok(())) => return said(StatusCode::OK, "ready"),
        Ok(Err(error)) => terminal::with_causes(&error),
        Err(late) => late.to_string(),
    };
    tracing::error!(error, "not ready");
    said(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
}

fn said(status: StatusCode, word: &str) -> Response {
    let mut response = Response::new(format!(r#"{{"status":"{word}"}}"#).into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
