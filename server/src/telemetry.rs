//! What the program writes down while it runs: its log, and traces for whoever collects them.
//!
//! Both hold templates of routes, numbers and words of ours, and texts of SQL without what is bound to them; never what
//! somebody typed.

use std::{io::IsTerminal as _, time::Duration};

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tokio::{runtime::Handle, time::timeout};
use tracing::Instrument as _;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::config::{LogFormat, TraceSettings};

/// What traces hold: spans of ours, and what the database was asked, which sqlx tells as an event of the span in which it was. Those
/// of the sessions have no fields, and stand between a request and what is done for it.
const TRACED: &str = "server=info,library=info,app=info,tower_sessions=info,tower_sessions_core=info,sqlx::query=debug";

/// How long a collector may take to accept what it is sent.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most bytes of a collector's answer that are read.
const MOST_ANSWER: usize = 64 * 1024;

/// Traces that are on their way, until the program ends.
#[must_use = "what is not sent yet is lost with it"]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Begins to log, and to trace if the settings say so. Has to be called within the runtime, which sends the traces.
    ///
    /// # Errors
    /// When the collector's address is none.
    pub fn begin(log: LogFormat, traces: Option<&TraceSettings>) -> Result<Self, ExporterBuildError> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,tantivy=warn"));
        let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let written = match log {
            LogFormat::Text => written.with_ansi(std::io::stderr().is_terminal()).boxed(),
            LogFormat::Json => written.json().flatten_event(true).with_span_list(false).boxed(),
        };
        let traces = traces.map(provider).transpose()?;
        if traces.is_some() && Executor::init_custom_executor(InSpan).is_err() {
            // Only a second server in one process could have done so, and then it is there.
            tracing::debug!("tasks of pages belong to their traces already");
        }
        let traced = traces.as_ref().map(|traces| {
            let filter: Targets = TRACED.parse().unwrap_or_default();
            // Places in the source are of use to nobody who looks at a trace.
            tracing_opentelemetry::layer()
                .with_tracer(traces.tracer("hondana"))
                .with_location(false)
                .with_threads(false)
                .with_filter(filter)
        });
        tracing_subscriber::registry().with(written.with_filter(filter)).with(traced).init();
        Ok(Self { traces })
    }

    /// Sends what is still to be sent.
    pub fn end(self) {
        if let Some(traces) = self.traces
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn provider(settings: &TraceSettings) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Sender::new())
        .with_endpoint(&settings.endpoint)
        .with_timeout(PATIENCE)
        .build()?;
    Ok(SdkTracerProvider::builder()
        .with_sampler(Sampler::TraceIdRatioBased(settings.share))
        .with_resource(Resource::builder_empty().with_service_name("hondana").build())
        .with_batch_exporter(exporter)
        .build())
}

/// Sends traces by the client that is here for notices anyhow. The SDK calls it from a thread of its own, which is outside the
/// runtime that the client needs.
#[derive(Debug)]
struct Sender {
    runtime: Handle,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Sender {
    fn new() -> Self {
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Self { runtime: Handle::current(), client: Client::builder(TokioExecutor::new()).build(connector) }
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = async move {
            let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
            let bytes = Limited::new(body, MOST_ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(http::Response::from_parts(head, bytes))
        };
        // The limit begins in the runtime too, whose clock it needs.
        self.runtime.spawn(async move { timeout(PATIENCE, sent).await }).await??
    }
}

/// Begins the tasks of pages within the span of their request: else what they ask of the database belongs to no trace.
struct InSpan;

impl CustomExecutor for InSpan {
    fn spawn(&self, task: PinnedFuture<()>) {
        tokio::spawn(task.in_current_span());
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(task.in_current_span());
    }

    fn poll_local(&self) {
        // Tokio polls its tasks itself.
    }
}
