//! The accept loop, over a real socket.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::get,
};
use futures_util::stream;
use server::web::{ConnectionLimits, serve_connections};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    time::timeout,
};

use crate::streams::HUNG;

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_new_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let begun = Arc::new(Notify::new());
    let slow = {
        let begun = Arc::clone(&begun);
        async move || {
            begun.notify_one();
            tokio::time::sleep(Duration::from_millis(200)).await;
            "finished"
        }
    };
    let router = Router::new().route("/slow", get(slow));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve_connections(listener, router, ConnectionLimits::of(10), async {
        stopped.await.expect("the test says when");
    }));

    let mut idle = TcpStream::connect(address).await.expect("taken");
    let mut busy = TcpStream::connect(address).await.expect("taken");
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
    begun.notified().await;
    stop.send(()).expect("it runs");

    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("finished"), "{answer}");
    server.await.expect("it ends by itself");
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or_default(), 0, "a connection without a request is closed");
    assert!(TcpStream::connect(address).await.is_err());
}

/// A server with these limits.
async fn serving(router: Router, limits: ConnectionLimits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve_connections(listener, router, limits, std::future::pending()));
    address
}

/// Limits so short that a test need not wait, or so long that it would.
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn half_a_head_and_silence_hold_no_connection() {
    let limits = ConnectionLimits { most: 10, headers: SHORT, unread: LONG };
    let address = serving(Router::new().route("/", get(async || "answer")), limits).await;
    for sent in ["", "GET / HTTP/1.1\r\nhost: a\r\nx-slow: ", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"] {
        let mut client = TcpStream::connect(address).await.expect("taken");
        client.write_all(sent.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let ended = timeout(HUNG, client.read_to_end(&mut answer)).await;
        ended.unwrap_or_else(|_| panic!("still open after {sent:?}")).expect("closed");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_holds_no_connection() {
    struct Told(Arc<Notify>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let dropped = Arc::new(Notify::new());
    let endless = {
        let dropped = Arc::clone(&dropped);
        async move || {
            let told = Told(Arc::clone(&dropped));
            let piece = Ok::<_, Infallible>(Bytes::from_static(&[0; 64 * 1024]));
            Body::from_stream(stream::unfold(told, move |told| {
                let piece = piece.clone();
                async move { Some((piece, told)) }
            }))
        }
    };
    let limits = ConnectionLimits { most: 10, headers: LONG, unread: SHORT };
    let address = serving(Router::new().route("/", get(endless)), limits).await;
    let mut client = TcpStream::connect(address).await.expect("taken");
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
    timeout(HUNG, dropped.notified()).await.expect("the answer is given up");
}

#[tokio::test]
async fn connections_beyond_the_most_wait_until_another_ends() {
    let limits = ConnectionLimits { most: 1, headers: LONG, unread: LONG };
    let address = serving(Router::new().route("/", get(async || "answer")), limits).await;
    let first = TcpStream::connect(address).await.expect("taken");
    let mut second = TcpStream::connect(address).await.expect("the system takes it");
    second.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("sent");
    let mut answer = [0; 15];
    // Long enough for a server that took it.
    assert!(timeout(SHORT * 4, second.read_exact(&mut answer)).await.is_err(), "{answer:?}");
    drop(first);
    timeout(HUNG, second.read_exact(&mut answer)).await.expect("it is its turn").expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}
