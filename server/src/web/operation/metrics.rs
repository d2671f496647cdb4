//! Figures for Prometheus. A label is a template of a route, a number or a word of ours; never what somebody typed.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::notices::Backlog;
use http::{StatusCode, header};
use library::Library;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _, text},
    metrics::{
        MetricType,
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};
use tracing::{Instrument as _, field};

use super::{
    Operation,
    load::{Lane, Load},
    readiness::{Phase, Readiness},
};

/// What a request that met no route is counted as.
const NO_ROUTE: &str = "none";

/// What a request for a file is counted as, of which there are many.
const FILES: &str = "files";

/// What Prometheus reads the answer as.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds of the histogram, in seconds: from a file to what somebody gives up on.
const BOUNDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Marks an answer of the files, which stand in folders and have no routes of their own.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct OfFiles;

/// The figures of a server.
#[derive(Clone)]
pub(super) struct Metrics(Arc<Kept>);

struct Kept {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram>,
    shed: Family<Reason, Counter>,
    backlog: Arc<KeptBacklog>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// The notices that wait, as they were counted last.
#[derive(Debug, Default)]
struct KeptBacklog {
    waiting: AtomicU32,
    oldest_minutes: AtomicU32,
}

impl Metrics {
    pub(super) fn new(library: &Library, load: &Arc<Load>, readiness: &Arc<Readiness>) -> Self {
        let mut registry = Registry::with_prefix("hondana");
        let (requests, shed) = (Family::default(), Family::default());
        let durations = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> Histogram);
        let backlog = Arc::new(KeptBacklog::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "From a request to the head of its answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register("requests_shed", "Requests told to come again later", shed.clone());
        registry.register_collector(Box::new(Present {
            library: library.clone(),
            load: Arc::clone(load),
            readiness: Arc::clone(readiness),
            backlog: Arc::clone(&backlog),
        }));
        Self(Arc::new(Kept { registry, requests, durations, shed, backlog }))
    }

    /// Counts a request that was told to come again.
    pub(super) fn shed(&self, reason: &'static str) {
        self.0.shed.get_or_create(&Reason { reason }).inc();
    }

    pub(super) fn keep_backlog(&self, Backlog { waiting, oldest_minutes }: Backlog) {
        self.0.backlog.waiting.store(waiting, Ordering::Relaxed);
        self.0.backlog.oldest_minutes.store(oldest_minutes, Ordering::Relaxed);
    }

    fn answered(&self, route: &str, status: StatusCode, took: Duration) {
        let asked = Answered { route: route.to_owned(), status: status.as_u16() };
        self.0.requests.get_or_create(&asked).inc();
        self.0.durations.get_or_create(&Route { route: asked.route }).observe(took.as_secs_f64());
    }
}

/// Writes a request down, in the figures, the log and the traces: by the template of its route, since in address, query and body are
/// people's words and card numbers.
pub(in crate::web) async fn observe(State(operation): State<Operation>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let matched = matched.as_ref().map(MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        otel.name = matched,
        otel.kind = "server",
        otel.status_code = field::Empty,
        http.route = matched,
        http.response.status_code = field::Empty,
    );
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let route = matched.unwrap_or_else(|| {
        let route = if response.extensions().get::<OfFiles>().is_some() { FILES } else { NO_ROUTE };
        span.record("otel.name", route).record("http.route", route);
        route
    });
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    operation.0.metrics.answered(route, status, begun.elapsed());
    tracing::debug!(%method, route, status = status.as_u16(), took = ?begun.elapsed(), "request");
    response
}

/// The figures as Prometheus reads them. Nothing here waits for the database, which may be what is wrong.
pub(super) async fn written(State(operation): State<Operation>) -> Response {
    let mut written = String::new();
    match text::encode(&mut written, &operation.0.metrics.0.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], written).into_response(),
        Err(error) => {
            tracing::error!(%error, "writing the figures");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// What is looked at when somebody asks, and counted nowhere.
struct Present {
    library: Library,
    load: Arc<Load>,
    readiness: Arc<Readiness>,
    backlog: Arc<KeptBacklog>,
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Present")
    }
}

impl Collector for Present {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut out = Out(&mut encoder);
        let Load { reading, changing, desk } = &*self.load;
        let of_lanes = |count: fn(&Lane) -> usize| [reading, changing, desk].map(|lane| (lane.name, count(lane)));
        out.gauges("requests_at_work", "Requests worked on now", "kind", of_lanes(Lane::at_work))?;
        out.gauges("requests_waiting", "Requests that wait for a place", "kind", of_lanes(Lane::waiting))?;
        let ready = self.readiness.phase() == Phase::Serving;
        out.gauge("ready", "1 when the server is neither starting up nor about to stop", i64::from(ready))?;
        out.gauge("live_streams", "Pages that follow what happens", self.library.streams())?;
        let database = self.library.database().figures();
        let connections = [("idle", database.idle), ("used", database.connections.saturating_sub(database.idle))];
        out.gauges(
            "database_connections",
            "Connections for reading (SQLite) or all (PostgreSQL)",
            "state",
            connections,
        )?;
        out.counter("database_writes", "Writes that were committed", database.writes)?;
        out.counter(
            "database_commits",
            "Commits, of which SQLite shares one between several writes",
            database.commits,
        )?;
        out.gauge("index_documents", "Titles in the search index", self.library.indexed_titles())?;
        let backlog = |of: &AtomicU32| of.load(Ordering::Relaxed);
        out.gauge(
            "notices_waiting",
            "Mails whose time has come and that are not sent",
            backlog(&self.backlog.waiting),
        )?;
        let oldest = u64::from(backlog(&self.backlog.oldest_minutes)) * 60;
        out.gauge("notices_oldest_seconds", "How long the oldest of them has waited", oldest)?;
        if let Some(memory) = Memory::read() {
            let memory = [("anonymous", memory.anonymous), ("resident", memory.resident)];
            out.gauges("memory_bytes", "Memory of the process", "kind", memory)?;
        }
        Ok(())
    }
}

/// Writes figures that are at hand.
struct Out<'a, 'e>(&'a mut DescriptorEncoder<'e>);

impl Out<'_, '_> {
    fn gauge(&mut self, name: &str, help: &str, value: impl TryInto<i64>) -> fmt::Result {
        let metric = ConstGauge::new(number(value));
        metric.encode(self.0.encode_descriptor(name, help, None, MetricType::Gauge)?)
    }

    fn gauges<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: [(&'static str, impl TryInto<i64>); N],
    ) -> fmt::Result {
        let mut descriptor = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (of, value) in values {
            let labels = [(label, of)];
            ConstGauge::new(number(value)).encode(descriptor.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        ConstCounter::new(value).encode(self.0.encode_descriptor(name, help, None, MetricType::Counter)?)
    }
}

/// As a gauge shows it. More than fits is more than anybody has.
fn number(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// Memory of this process, in bytes, where the system tells it (Linux).
struct Memory {
    /// What the program has asked for itself, without files it reads, such as those of the search index.
    anonymous: u64,
    /// All that lies in memory for it.
    resident: u64,
}

impl Memory {
    fn read() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
        };
        Some(Self { anonymous: bytes("RssAnon:")?, resident: bytes("VmRSS:")? })
    }
}
