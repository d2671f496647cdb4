//! Clients that ask over connections they keep, and what they are made to wait.

use std::{
    error::Error,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::body::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client as Connections, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::task::JoinSet;

use crate::{failure::Failure, process::Program};

/// How the body of a form is written.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// How that of a script is.
pub(crate) const JSON: &str = "application/json";

/// Asks one server. Cheap to clone; each request that waits has a connection of its own, and connections are used again.
#[derive(Clone)]
pub(crate) struct Client {
    connections: Connections<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

/// A request that something is written with.
pub(crate) struct Post<'a> {
    pub(crate) path: &'a str,
    pub(crate) cookie: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) body: String,
    /// The address a proxy says it comes from.
    pub(crate) from: Option<String>,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// As it came, compressed or not.
    pub(crate) body: Bytes,
}

impl Answer {
    /// The session's cookie, as it is to be sent.
    pub(crate) fn cookie(&self) -> Option<String> {
        let set = self.headers.get(header::SET_COOKIE)?.to_str().ok()?;
        set.split(';').next().map(str::to_owned)
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default()
    }
}

impl Client {
    pub(crate) fn of(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let connections =
            Connections::builder(TokioExecutor::new()).pool_max_idle_per_host(usize::MAX).build(connector);
        Self { connections, address }
    }

    /// Asks for a page as a browser does; without `compressed` as one that can't unpack.
    ///
    /// # Errors
    /// When the line breaks, or the answer is no page.
    pub(crate) async fn page(&self, path: &str, cookie: &str, compressed: bool) -> Result<Answer, Failure> {
        let encodings = if compressed { "gzip, deflate, br" } else { "identity" };
        let request = Request::builder()
            .uri(format!("http://{}{path}", self.address))
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_ENCODING, encodings)
            .header(header::ACCEPT_LANGUAGE, "ja")
            .header(header::COOKIE, cookie)
            .body(Full::default());
        let answer = self.ask(path, request).await?;
        if answer.status == StatusCode::OK {
            Ok(answer)
        } else {
            Err(Failure::Answer { path: path.to_owned(), status: answer.status })
        }
    }

    /// Sends a form or what a script says.
    ///
    /// # Errors
    /// When the line breaks.
    pub(crate) async fn post(&self, post: Post<'_>) -> Result<Answer, Failure> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}{}", self.address, post.path))
            // A form wants a page to go to, a script an answer.
            .header(header::ACCEPT, if post.kind == FORM { "text/html" } else { post.kind })
            .header(header::CONTENT_TYPE, post.kind)
            .header(header::COOKIE, post.cookie)
            .header("sec-fetch-site", "same-origin");
        if let Some(from) = post.from {
            request = request.header("x-forwarded-for", from);
        }
        self.ask(post.path, request.body(Full::from(post.body))).await
    }

    async fn ask(&self, path: &str, request: http::Result<Request<Full<Bytes>>>) -> Result<Answer, Failure> {
        let broken = |error: Box<dyn Error + Send + Sync>| Failure::Line { path: path.to_owned(), error };
        let request = request.map_err(|error| broken(error.into()))?;
        let answer = self.connections.request(request).await.map_err(|error| broken(error.into()))?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| broken(error.into()))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// What many requests of one kind took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Took {
    /// From the first to the last.
    pub(crate) all: Duration,
    /// How long each waited, the shortest first.
    each: Vec<Duration>,
    /// CPU time of the server.
    pub(crate) cpu: Duration,
    /// Bytes of the bodies.
    pub(crate) bytes: usize,
}

impl Took {
    pub(crate) fn of(all: Duration, mut each: Vec<Duration>) -> Self {
        each.sort_unstable();
        Self { all, each, ..Self::default() }
    }

    pub(crate) fn count(&self) -> usize {
        self.each.len()
    }

    /// How many a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count() as f64 / self.all.as_secs_f64().max(f64::EPSILON)
    }

    /// The wait that this share of them, from 0 to 1, did not exceed, in milliseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
        let at = ((self.count() as f64 * share).ceil() as usize).saturating_sub(1);
        self.each.get(at).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1000.0)
    }

    /// CPU time of the server for each, in milliseconds.
    pub(crate) fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1000.0 / self.count().max(1) as f64
    }

    /// Bytes of a body, on average.
    pub(crate) fn bytes_each(&self) -> usize {
        self.bytes / self.count().max(1)
    }
}

/// Has so many clients ask one thing after the other for that long. What is asked is told the number of the request.
///
/// # Errors
/// The first request that failed: a page that fails is no measure.
pub(crate) async fn load<Asked>(
    server: &Program,
    clients: usize,
    time: Duration,
    ask: impl Fn(usize) -> Asked + Clone + Send + 'static,
) -> Result<Took, Failure>
where
    Asked: Future<Output = Result<Answer, Failure>> + Send + 'static,
{
    let next = Arc::new(AtomicUsize::new(0));
    let (begun, cpu) = (Instant::now(), server.cpu());
    let mut asking = JoinSet::new();
    for _ in 0..clients {
        let (next, ask) = (Arc::clone(&next), ask.clone());
        asking.spawn(async move {
            let (mut waits, mut bytes) = (Vec::new(), 0);
            while begun.elapsed() < time {
                let asked = Instant::now();
                bytes += ask(next.fetch_add(1, Ordering::Relaxed)).await?.body.len();
                waits.push(asked.elapsed());
            }
            Ok::<_, Failure>((waits, bytes))
        });
    }
    let (mut each, mut bytes) = (Vec::new(), 0);
    for done in asking.join_all().await {
        let (waits, read) = done?;
        each.extend(waits);
        bytes += read;
    }
    let took = Took::of(begun.elapsed(), each);
    Ok(Took { cpu: server.cpu().saturating_sub(cpu), bytes, ..took })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_waits_that_were_measured() {
        let took = Took::of(Duration::from_secs(2), (1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!([0.5, 0.99, 1.0].map(|share| took.quantile(share)), [100.0, 198.0, 200.0]);
        assert_eq!((took.rate(), took.count()), (100.0, 200));
    }
}
