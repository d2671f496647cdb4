//! Taking connections: an accept loop of our own, because `axum::serve` has no time limit for headers and waits for
//! ever for the last connection to end.
//!
//! Only HTTP/1.1 is spoken: browsers use HTTP/2 under TLS alone, which is the affair of the proxy in front, and the
//! guessing between the two would be one more place in which a silent client could wait without limit.

use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::Request;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections that are open at once. Those beyond wait in the system until another ends.
    pub most: usize,
    /// How long a request's headers may take, and how long a connection may wait between two requests.
    pub headers: Duration,
    /// For how long a client may take nothing of an answer that is ready for it.
    pub unread: Duration,
}

impl ConnectionLimits {
    /// Those for so many connections.
    pub fn of(most: usize) -> Self {
        Self { most, headers: Duration::from_secs(30), unread: Duration::from_secs(30) }
    }
}

/// Most bytes of a request's headers. Ours are below 4 KiB; addresses can be longer than one thinks.
const MOST_HEADERS: usize = 32 * 1024;

/// How long requests under way are waited for after the program was told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long to wait when the system has no more connections to give.
const BREATH: Duration = Duration::from_millis(100);

/// Answers connections until `stop`, then finishes what is under way, for ten seconds at most.
pub async fn serve_connections(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) {
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(limits.headers).max_buf_size(MOST_HEADERS);
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.most));
    let mut stop = pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&room).acquire_owned() => place,
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted.and_then(|(stream, peer)| Ok((without_delay(stream)?, peer))) {
            Ok(accepted) => accepted,
            Err(error) => {
                after_failed_accept(&error).await;
                continue;
            }
        };
        let service = router.clone().map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.unread));
        let stream = TokioIo::new(Box::pin(stream));
        let connection = protocol.serve_connection(stream, TowerToHyperService::new(service));
        let connection = open.watch(connection);
        tokio::spawn(async move {
            // A browser that goes away in the middle of something is no event.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_REQUESTS, open.shutdown()).await.is_err() {
        tracing::warn!("stopping with requests still under way");
    }
}

/// Without this the system holds the last piece of each answer back for some 40 ms, in hope of more.
fn without_delay(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection that was gone before it was taken concerns nobody; when files or memory have run out, trying again at
/// once would only burn the processor.
async fn after_failed_accept(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput, NotConnected};
    // macOS answers InvalidInput when a connection was closed before its options were set.
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | InvalidInput | NotConnected) {
        tracing::error!(%error, "accepting connections");
        tokio::time::sleep(BREATH).await;
    }
}
