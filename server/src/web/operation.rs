//! Running a server: how much it takes on, whether it is ready, what its operator sees of it.

mod load;
mod metrics;
mod pace;
mod readiness;

use std::sync::Arc;

use app::ssr::language;
use axum::{Router, extract::Request, routing::get};
use http::Method;
use library::Library;
use tokio::runtime::Handle;

use self::{load::Load, metrics::Metrics, pace::Pace, readiness::Readiness};
pub(super) use self::{
    load::admit,
    metrics::{OfFiles, observe},
    pace::slow_down,
    readiness::{alive, ready},
};
use super::plain::Later;
use crate::config::ServerSettings;

/// A server that runs. Cheap to clone.
#[derive(Clone)]
pub struct Operation(Arc<Inner>);

struct Inner {
    library: Library,
    load: Arc<Load>,
    pace: Pace,
    readiness: Arc<Readiness>,
    metrics: Metrics,
}

impl Operation {
    /// A server of this library that is starting up: until [`Operation::is_ready`] people are asked to wait. What changes
    /// something is done on the threads of `changing`, which have to outlive the server.
    pub fn new(library: &Library, settings: &ServerSettings, changing: &Handle) -> Self {
        let (load, readiness) = (Arc::new(Load::new(&settings.load, changing)), Arc::new(Readiness::default()));
        let metrics = Metrics::new(library, &load, &readiness);
        let pace = Pace::new(&settings.pace);
        Self(Arc::new(Inner { library: library.clone(), load, pace, readiness, metrics }))
    }

    /// Everything is there; people are answered from now on.
    pub fn is_ready(&self) {
        self.0.readiness.serve();
    }

    /// The server will stop. People are still answered, and whatever sends them here is told to stop doing so.
    pub fn is_stopping(&self) {
        self.0.readiness.stop();
    }

    /// Counts the notices that wait, for the figures: whoever asks for those shall not have to wait for the database.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn count_notices(&self) -> Result<(), library::Fault> {
        self.0.metrics.keep_backlog(self.0.library.backlog().await?);
        Ok(())
    }

    /// The figures for Prometheus, at `/metrics`. For an address of its own: they are the operator's and nobody else's.
    pub fn metrics_router(&self) -> Router {
        Router::new().route("/metrics", get(metrics::written)).with_state(self.clone())
    }
}

/// A page that tells whoever sent this request to come again.
fn later(request: &Request, seconds: u32) -> Later {
    Later {
        language: language::named_in(request.uri(), request.headers()).unwrap_or_default(),
        again: matches!(*request.method(), Method::GET | Method::HEAD),
        seconds,
    }
}
